//! All worksheets on this device, new ones, and those that come in a file.

use super::{Listed, SHELVES, Shelf, Taken, Working};
use crate::app::Device;
use crate::catalogue::{fill, find, text};
use crate::components::{DropArea, Failure};
use crate::live;
use crate::platform::files::Chosen;
use crate::platform::{dom, spawn};
use crate::route::AsidePage;
use leptos::prelude::*;
use scoring::jose::EnvelopeFault;
use scoring::plan::{MAX_WORKSHEET_BYTES, WorksheetFault, WorksheetKind};
use std::sync::Arc;

/// Why a file was not taken in: a code that has texts, and particulars.
type Refused = (&'static str, String);

/// The page.
#[component]
pub fn Overview() -> impl IntoView {
    let device = expect_context::<Device>();
    let shelves = move || {
        device.changed_elsewhere.track();
        SHELVES.into_iter().map(|shelf| any! { <Kind shelf/> }).collect_view()
    };
    any! {
        <Working name="work" title=text("work.title")>
            <p class="lead">{text("work.lead")}</p>
            {live(shelves)}
            <section>
                <h2>{text("work.open.title")}</h2>
                <Open device/>
            </section>
        </Working>
    }
}

/// A kind of worksheet: what it is for, those on this device, a new one.
#[component]
fn Kind(shelf: Shelf) -> impl IntoView {
    let kind = shelf.kind;
    let words = |part: &str| find(&format!("work.{}.{part}", kind.code())).unwrap_or_default();
    let card = |listed: Listed| {
        let title = match listed.title {
            Some(title) if title.is_empty() => text("work.untitled").to_owned(),
            Some(title) => title,
            None => text("work.unreadable").to_owned(),
        };
        let href = AsidePage::Worksheet { kind, id: listed.id, place: String::new() }.href();
        any! { <li class="card"><h3><a href=href>{title}</a></h3></li> }
    };
    let cards = (shelf.list)().into_iter().map(card).collect_view();
    any! {
        <section data-shelf=kind.code()>
            <h2>{words("title")}</h2>
            <p>{words("what")}</p>
            <ul class="cards">{cards}</ul>
            <p><a class="button" data-action="new" href=AsidePage::NewWorksheet(kind).href()>{words("new")}</a></p>
        </section>
    }
}

/// Where a worksheet's file is dropped or chosen, and what became of it.
#[component]
fn Open(device: Device) -> impl IntoView {
    let refused = RwSignal::new(None::<Refused>);
    let asked = RwSignal::new(None::<Arc<Taken>>);
    let take = Callback::new(move |chosen: Vec<Chosen>| {
        refused.set(None);
        asked.set(None);
        spawn(async move {
            let Some(file) = chosen.first() else { return };
            match read(file, device).await {
                Err(why) => {
                    refused.try_set(Some(why));
                }
                Ok(taken) if taken.replace.is_some() => {
                    asked.try_set(Some(Arc::new(taken)));
                    dom::after_render(|| dom::focus("[data-action='replace']"));
                }
                Ok(taken) => dom::go(&address(&taken)),
            }
        });
    });
    any! {
        <DropArea id="worksheet-file" title=text("work.open.drop") label=text("work.open.drop") hint=text("work.open.hint") take/>
        <div role="status">
            {live(move || refused.get().map(|(code, detail)| any! { <Failure code detail/> }))}
            {live(move || asked.get().map(|taken| any! { <Replace taken asked/> }))}
        </div>
    }
}

/// The question whether the file or what is here shall stay.
#[component]
fn Replace(taken: Arc<Taken>, asked: RwSignal<Option<Arc<Taken>>>) -> impl IntoView {
    let title = if taken.title.is_empty() { text("work.untitled") } else { &taken.title };
    let question = fill("work.open.differs", &[("title", title)]);
    let href = address(&taken);
    let replace = move |_| {
        if let Some(replace) = &taken.replace {
            replace();
        }
        dom::go(&href);
    };
    any! {
        <div class="notice warning" role="alert">
            <p>{question}</p>
            <div class="actions">
                <button type="button" class="button danger" data-action="replace" on:click=replace>{text("work.open.replace")}</button>
                <button type="button" class="button secondary" data-action="keep" on:click=move |_| asked.set(None)>{text("work.open.keep")}</button>
            </div>
        </div>
    }
}

fn address(taken: &Taken) -> String {
    let (kind, id) = (taken.kind, taken.id.clone());
    AsidePage::Worksheet { kind, id, place: String::new() }.href()
}

/// Each shelf is asked in turn; a file of another purpose says whose it is.
async fn read(file: &Chosen, device: Device) -> Result<Taken, Refused> {
    let refuse = |fault: WorksheetFault| (fault.code(), fault.to_string());
    let too_large = usize::try_from(file.size).map_or(true, |size| size > MAX_WORKSHEET_BYTES);
    if too_large {
        return Err(refuse(EnvelopeFault::TooLarge.into()));
    }
    let bytes = file.read().await.map_err(|reason| ("file_unreadable", reason))?.to_vec();
    let mut refusal = ("not_a_worksheet", String::new());
    for shelf in SHELVES {
        match (shelf.take)(&bytes, device) {
            Ok(taken) => return Ok(taken),
            Err(WorksheetFault::Envelope(EnvelopeFault::Purpose(typ))) => {
                if WorksheetKind::of_typ(&typ).is_none() {
                    refusal = ("not_a_worksheet", typ);
                }
            }
            Err(fault) => return Err(refuse(fault)),
        }
    }
    Err(refusal)
}
