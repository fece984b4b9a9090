//! An area that files are dropped on, with buttons that choose them.

use crate::catalogue::text;
use crate::platform::files::{self, Chosen};
use crate::platform::spawn;
use leptos::html::Input;
use leptos::prelude::*;

/// The area.
#[component]
pub fn DropArea(
    /// Id of the input that chooses files.
    id: &'static str,
    /// Whether a folder may be chosen, too.
    #[prop(optional)]
    folder: bool,
    /// What stands in it.
    title: &'static str,
    /// Its name for those who do not see it.
    label: &'static str,
    /// What happens to the files.
    hint: &'static str,
    /// Takes the files.
    take: Callback<Vec<Chosen>>,
) -> impl IntoView {
    let over = RwSignal::new(false);
    let drop = move |event: web_sys::DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(transfer) = event.data_transfer() {
            let entries = files::dropped(&transfer);
            spawn(async move { take.run(files::walk(entries).await) });
        }
    };
    any! {
        <section
            class="drop"
            class:over=move || over.get()
            aria-label=label
            on:dragover=move |event: web_sys::DragEvent| { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
            on:drop=drop
        >
            <p class="drop-title">{title}</p>
            <div class="actions">
                <FileButton id label=text("coach.choose") take/>
                {folder.then(|| any! { <FileButton id="folder" folder=true label=text("coach.choose_folder") take/> })}
            </div>
            <p class="hint">{hint}</p>
        </section>
    }
}

/// A button that chooses files.
#[component]
pub fn FileButton(
    /// Id of the input.
    id: &'static str,
    /// Whether it chooses a whole folder.
    #[prop(optional)]
    folder: bool,
    /// What stands on it.
    label: &'static str,
    /// Takes the files.
    take: Callback<Vec<Chosen>>,
) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let choose = move |_| {
        if let Some(element) = input.get_untracked() {
            take.run(files::from_list(element.files()));
            // The same file may be chosen again.
            element.set_value("");
        }
    };
    let class = if folder { "button secondary file-button" } else { "button file-button" };
    any! {
        <label class=class>
            <input type="file" id=id multiple prop:webkitdirectory=folder node_ref=input on:change=choose/>
            <span>{label}</span>
        </label>
    }
}
