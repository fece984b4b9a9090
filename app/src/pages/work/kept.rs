//! What the pages of every kind of worksheet have in common: nothing to show, undoing, the signed file, deleting.

use super::{Found, Sheet, Working};
use crate::catalogue::{fill, text};
use crate::components::{Confirm, Failure};
use crate::live;
use crate::platform::{dom, files, spawn};
use crate::route::Route;
use leptos::prelude::*;
use scoring::json;
use scoring::plan::Worksheet;

/// Where nothing can be shown: what there is, and what to do.
#[component]
pub fn Absent<T: Worksheet + Send + Sync + 'static>(
    sheet: Sheet<T>,
    /// Stable name, for tests and styles.
    name: &'static str,
    /// What such a worksheet is called.
    title: &'static str,
) -> impl IntoView {
    let broken = move || match sheet.found().get() {
        Found::Broken { at, raw } => Some((at, raw)),
        Found::Here(_) | Found::Missing => None,
    };
    any! {
        <Working name title>
            {live(move || match broken() {
                Some((at, raw)) => any! {
                    <Failure code="worksheet_broken" detail=at/>
                    <div class="actions">
                        <button type="button" class="button" data-action="save-raw" on:click=move |_| {
                            files::download("plumbline-worksheet.json", "application/json", &json::canonical(&raw));
                        }>{text("work.save_raw")}</button>
                    </div>
                },
                None => any! {
                    <Failure code="worksheet_gone"/>
                    <p><a class="button" href=Route::work().href()>{text("work.all")}</a></p>
                },
            })}
        </Working>
    }
}

/// What is kept, and how to take the last change back.
#[component]
pub fn Undo<T: Worksheet + Send + Sync + 'static>(sheet: Sheet<T>) -> impl IntoView {
    let undone = RwSignal::new(false);
    let undo = move |_| {
        sheet.undo();
        undone.set(true);
        if !untrack(|| sheet.can_undo()) {
            // The button goes, and with it the focus.
            dom::after_render(|| dom::focus(".kept [role='status']"));
        }
    };
    any! {
        <div class="kept actions">
            <p class="hint">{text("work.kept")}</p>
            <Show when=move || sheet.can_undo()>
                <button type="button" class="button secondary" data-action="undo" on:click=undo>{text("work.undo")}</button>
            </Show>
            <p role="status" tabindex="-1">{live(move || (undone.get() && !sheet.can_undo()).then(|| text("work.undone")))}</p>
        </div>
    }
}

/// The button that saves the signed file, and what became of it.
#[component]
pub fn SaveSigned<T: Worksheet + Send + Sync + 'static>(
    sheet: Sheet<T>,
    /// Other ways out, beside it.
    children: Children,
) -> impl IntoView {
    let saved = RwSignal::new(None::<Option<String>>);
    let save = move |_| {
        spawn(async move {
            let made = sheet.export().await.ok();
            if let Some((name, file)) = &made {
                files::download(name, "application/jose+json", file);
            }
            saved.try_set(Some(made.map(|(name, _)| name)));
        });
    };
    any! {
        <div class="actions">
            <button type="button" class="button" data-action="export" on:click=save>{text("work.save")}</button>
            {children()}
        </div>
        <div role="status">
            {live(move || saved.get().map(|made| match made {
                Some(name) => any! { <p class="notice" data-saved="">{fill("work.saved", &[("name", &name)])}</p> },
                None => any! { <Failure code="worksheet_unsigned"/> },
            }))}
        </div>
    }
}

/// Deleting it from this device, after a second yes.
#[component]
pub fn Remove<T: Worksheet + Send + Sync + 'static>(sheet: Sheet<T>) -> impl IntoView {
    let asked = RwSignal::new(false);
    let remove = Callback::new(move |()| {
        sheet.remove();
        dom::go(&Route::work().href());
    });
    any! {
        <p><button type="button" class="quiet" data-action="remove" on:click=move |_| {
            asked.set(true);
            dom::after_render(|| dom::focus("[data-action='confirm']"));
        }>{text("work.remove")}</button></p>
        <Confirm question=text("work.remove.ask") asked yes=remove/>
    }
}
