//! A new record: three answers.

use super::super::{Sheet, Working};
use crate::catalogue::text;
use crate::components::{Failure, Problems, TextField};
use crate::live;
use crate::platform::{clock, dom};
use crate::route::AsidePage;
use crate::state::Problem;
use leptos::prelude::*;
use scoring::plan::WorksheetKind;
use scoring::plan::engagement::{Change, Content, Engagement, Key, Kind, Unfit};
use std::collections::BTreeSet;

/// The form.
#[component]
pub fn NewRecord() -> impl IntoView {
    let (title, leader) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let began = RwSignal::new(clock::today());
    let failed = RwSignal::new(None::<&'static str>);
    let problems = Problems::of(move || {
        let day =
            Content::read(
                Kind::Phase,
                |code| if code == "from" { began.get() } else { String::new() },
            );
        let day = day.err().map(|_| Problem::new("began", "work.engagement.unfit.day", 0));
        let of = |id: &str, text: String| Problem::of_shown(id, &text, 120);
        [of("title", title.get()), of("leader", leader.get()), day].into_iter().flatten().collect()
    });
    let create = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !problems.none() {
            return;
        }
        match started(&title.get_untracked(), &leader.get_untracked(), &began.get_untracked()) {
            Ok(id) => {
                let kind = WorksheetKind::Engagement;
                dom::go(&AsidePage::Worksheet { kind, id, place: String::new() }.href());
            }
            Err(code) => failed.set(Some(code)),
        }
    };
    any! {
        <Working name="engagement-new" title=text("work.engagement.new")>
            <p class="lead">{text("work.engagement.new.lead")}</p>
            <form class="panel" novalidate on:submit=create>
                <TextField id="title" label="work.engagement.field.about.title" value=title problems/>
                <TextField id="leader" label="work.engagement.field.about.leader" value=leader problems/>
                <TextField id="began" label="work.engagement.field.about.began" kind="date" value=began problems/>
                <p class="hint">{text("work.engagement.new.private")}</p>
                <div role="status">{live(move || failed.get().map(|code| any! { <Failure code/> }))}</div>
                <div class="actions">
                    <button class="button" data-action="create">{text("work.engagement.new.create")}</button>
                </div>
            </form>
        </Working>
    }
}

/// A record that knows its leader and the day on which its first phase began.
fn started(title: &str, leader: &str, began: &str) -> Result<String, &'static str> {
    let mut record = Engagement::default();
    let id = || super::super::fresh_id().ok_or("no_randomness");
    let about = |code: &str| match code {
        "title" => title,
        "leader" => leader,
        _ => began,
    };
    let person = |code: &str| if code == "part" { "leader" } else { leader };
    let phase = |code: &str| if code == "from" { began } else { "" };
    let entries = [
        (
            Key::new(Kind::About, "record"),
            Content::read(Kind::About, |code| about(code).to_owned()),
        ),
        (
            Key::new(Kind::Person, &id()?),
            Content::read(Kind::Person, |code| person(code).to_owned()),
        ),
        (
            Key::new(Kind::Phase, "contracting"),
            Content::read(Kind::Phase, |code| phase(code).to_owned()),
        ),
    ];
    for (key, content) in entries {
        let content = Some(content.map_err(|(_, unfit): (_, Unfit)| unfit.code())?);
        let change = Change { key, content, version: id()?, seen: BTreeSet::new() };
        record.apply(change).map_err(|refusal| refusal.code())?;
    }
    Sheet::create(&record).map_err(|_| "no_randomness")
}
