//! A new map: empty, from the example, or from a file.

use super::{Bring, address, fresh_id};
use crate::catalogue::text;
use crate::components::Failure;
use crate::live;
use crate::pages::work::{Sheet, TitleField, Working};
use crate::platform::{dom, http, spawn};
use crate::route::EXAMPLE_MAP;
use leptos::prelude::*;
use scoring::plan::decision_map::{DecisionMap, Event, MAX_TITLE_CHARS, read_file};

/// The page.
#[component]
pub fn NewMap() -> impl IntoView {
    let title = RwSignal::new(String::new());
    let failed = RwSignal::new(None::<&'static str>);
    let keep = move |map: DecisionMap| match Sheet::create(&map) {
        Ok(id) => dom::go(&address(id, "")),
        Err(_) => failed.set(Some("no_randomness")),
    };
    let create = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let mut map = DecisionMap::default();
        map.apply(Event::Title(title.get_untracked()));
        keep(map);
    };
    let owner = Owner::current();
    let example = move |_| {
        let owner = owner.clone();
        spawn(async move {
            let example = example().await;
            // Whoever went elsewhere meanwhile stays there.
            if failed.try_get_untracked().is_none() {
                return;
            }
            // Keeping a worksheet asks for the device, which pages have from their owner.
            let keep = || match example {
                Some(map) => keep(map),
                None => failed.set(Some("map_example")),
            };
            match owner {
                Some(owner) => owner.with(keep),
                None => keep(),
            }
        });
    };
    any! {
        <Working name="map-new" title=text("work.decision_map.new")>
            <p class="lead">{text("work.decision_map.new.lead")}</p>
            <form class="panel" on:submit=create>
                <TitleField id="map-title" label="work.decision_map.name" hint="work.decision_map.name.hint" max=MAX_TITLE_CHARS value=title/>
                <div class="actions">
                    <button class="button" data-action="create-empty">{text("work.decision_map.new.create")}</button>
                    <button type="button" class="button secondary" data-action="example" on:click=example>{text("work.decision_map.new.example")}</button>
                </div>
                <p class="hint">{text("work.decision_map.new.example.hint")}</p>
                <div role="status">{live(move || failed.get().map(|code| any! { <Failure code/> }))}</div>
            </form>
            <section>
                <h2>{text("work.decision_map.new.file")}</h2>
                <Bring into=None/>
            </section>
        </Working>
    }
}

/// The example, with ids of its own.
pub async fn example() -> Option<DecisionMap> {
    let file = http::get(EXAMPLE_MAP).await.ok()?;
    let read = read_file(&file, String::new).ok()?;
    fresh_id()?;
    Some(read.map.renewed(|| fresh_id().unwrap_or_default()))
}
