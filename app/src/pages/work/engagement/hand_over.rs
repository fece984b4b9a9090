//! The file of a record: saved, brought back and put together; the record printed or deleted.

use super::super::kept::{Remove, SaveSigned};
use super::{DOSSIER, Sheet, address, named, place_of, word};
use crate::catalogue::text;
use crate::components::{DropArea, Failure};
use crate::live;
use crate::platform::files::Chosen;
use crate::platform::{dom, spawn};
use leptos::prelude::*;
use scoring::plan::engagement::{Engagement, Key};
use scoring::plan::{self, MAX_WORKSHEET_BYTES};

/// The section.
#[component]
pub fn HandOver(sheet: Sheet<Engagement>) -> impl IntoView {
    any! {
        <section class="handover">
            <h2>{text("work.engagement.hand.title")}</h2>
            <p>{text("work.engagement.hand.lead")}</p>
            <SaveSigned sheet>
                <a class="button secondary" data-action="dossier" href=address(sheet, DOSSIER)>{text("work.engagement.dossier.open")}</a>
            </SaveSigned>
            <BringBack sheet/>
            <Remove sheet/>
        </section>
    }
}

/// Taking a file of this record in: what it brought is listed.
#[component]
fn BringBack(sheet: Sheet<Engagement>) -> impl IntoView {
    let brought = RwSignal::new(None::<Result<Vec<(&'static str, Key)>, (&'static str, String)>>);
    let take = Callback::new(move |chosen: Vec<Chosen>| {
        let id = sheet.id();
        spawn(async move {
            let Some(file) = chosen.first() else { return };
            let opened = opened(file, &id).await;
            // With the page the sheet is gone.
            if brought.is_disposed() {
                return;
            }
            brought.set(Some(opened.map(|content| put_together(sheet, &content))));
            dom::after_render(|| dom::focus(".merged"));
        });
    });
    any! {
        <DropArea id="record-file" title=text("work.engagement.hand.drop") label=text("work.engagement.hand.drop")
            hint=text("work.engagement.hand.drop.hint") take/>
        <div role="status">
            {live(move || brought.get().map(|brought| match brought {
                Err((code, detail)) => any! { <Failure code detail/> },
                Ok(differences) => any! { <Brought sheet differences/> },
            }))}
        </div>
    }
}

/// What a file brought.
#[component]
fn Brought(sheet: Sheet<Engagement>, differences: Vec<(&'static str, Key)>) -> impl IntoView {
    if differences.is_empty() {
        return any! { <p class="notice merged" tabindex="-1" data-merged="0">{text("work.engagement.merged.none")}</p> };
    }
    let n = differences.len();
    let items = untrack(move || sheet.content()).map(|record| {
        let item = |(code, key): (&str, Key)| {
            let difference = word(&format!("difference.{code}"));
            let href = address(sheet, place_of(&record, &key));
            any! { <li data-difference=code.to_owned()><strong>{difference}</strong>" · "<a href=href>{named(&record, &key)}</a></li> }
        };
        differences.into_iter().map(item).collect_view()
    });
    any! {
        <div class="notice merged" tabindex="-1" data-merged=n.to_string()>
            <h3>{text("work.engagement.merged.title")}</h3>
            <p>{text("work.engagement.merged.do")}</p>
            <ul class="link-list">{items}</ul>
        </div>
    }
}

/// What a file says of the record with this id.
async fn opened(file: &Chosen, id: &str) -> Result<Engagement, (&'static str, String)> {
    if usize::try_from(file.size).map_or(true, |size| size > MAX_WORKSHEET_BYTES) {
        return Err(("too_large", String::new()));
    }
    let bytes = file.read().await.map_err(|reason| ("file_unreadable", reason))?.to_vec();
    let signed = plan::verify::<Engagement>(&bytes);
    let signed = signed.map_err(|fault| (fault.code(), fault.to_string()))?;
    if signed.id == id { Ok(signed.content) } else { Err(("engagement_other", String::new())) }
}

/// Takes another state of the record in; returns what it brought.
fn put_together(sheet: Sheet<Engagement>, content: &Engagement) -> Vec<(&'static str, Key)> {
    let mut differences = Vec::new();
    sheet.change(|record| {
        let merged = record.merge(content);
        differences = merged.differences(record);
        *record = merged;
    });
    differences.into_iter().map(|(difference, key)| (difference.code(), key)).collect()
}
