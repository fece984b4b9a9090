//! The worksheets of one kind on this device, and taking in files of that kind.

use super::sheet::{Found, keep, kept, place};
use crate::app::Device;
use crate::platform::storage;
use scoring::plan::{self, Worksheet, WorksheetFault, WorksheetKind};

/// A worksheet in the list of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// What its owner calls it, or nothing where it cannot be read.
    pub title: Option<String>,
}

/// A worksheet that came in a file.
pub struct Taken {
    /// Which kind.
    pub kind: WorksheetKind,
    /// Its id.
    pub id: String,
    /// What its owner calls it.
    pub title: String,
    /// Puts it in the place of the other one that is kept under its id; nothing where it is kept already.
    pub replace: Option<Box<dyn Fn() + Send + Sync>>,
}

/// A kind of worksheet, for pages that show all kinds.
#[derive(Clone, Copy)]
pub struct Shelf {
    /// Which kind.
    pub kind: WorksheetKind,
    /// Those on this device.
    pub list: fn() -> Vec<Listed>,
    /// Takes in a file of this kind.
    pub take: fn(&[u8], Device) -> Result<Taken, WorksheetFault>,
}

impl Shelf {
    /// The shelf of a kind.
    #[must_use]
    pub const fn of<T: Worksheet + Send + Sync + 'static>() -> Self {
        Shelf { kind: T::KIND, list: list::<T>, take: take::<T> }
    }
}

fn list<T: Worksheet>() -> Vec<Listed> {
    let entries = storage::entries(&place::<T>()).into_iter();
    entries
        .map(|(id, content)| {
            let title = T::from_json(&content).ok().map(|content| content.title().to_owned());
            Listed { id, title }
        })
        .collect()
}

/// A worksheet that is not here is kept at once; one that is here in another state is put together with it, if
/// its kind can do that, and waits for its owner's word if not.
fn take<T: Worksheet + Send + Sync + 'static>(
    file: &[u8],
    device: Device,
) -> Result<Taken, WorksheetFault> {
    let signed = plan::verify::<T>(file)?;
    let (id, title) = (signed.id, signed.content.title().to_owned());
    let mut replace = None;
    match kept::<T>(&id) {
        Found::Missing => keep(device, &id, Some(&signed.content)),
        Found::Here(own) if own == signed.content => {}
        Found::Here(own) if let Some(both) = own.merged(&signed.content) => {
            keep(device, &id, Some(&both));
        }
        Found::Here(_) | Found::Broken { .. } => {
            let (id, content) = (id.clone(), signed.content);
            let put: Box<dyn Fn() + Send + Sync> =
                Box::new(move || keep(device, &id, Some(&content)));
            replace = Some(put);
        }
    }
    Ok(Taken { kind: T::KIND, id, title, replace })
}
