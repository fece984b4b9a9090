//! Invitations: a link of their own for everyone.

use super::kept::{Kept, KeptLink};
use super::unlock::with_key;
use crate::catalogue::{plural, text};
use crate::components::{EngineFailure, Problems, TextField};
use crate::live;
use crate::platform::{crypto, files, spawn};
use crate::route::join_address;
use crate::state::{Problem, file_stem};
use leptos::prelude::*;
use scoring::cohort::Invitation;

/// Most invitations that are made at once.
const MAX_AT_ONCE: usize = 1000;

/// The form that makes them.
#[component]
pub fn Invitations(kept: Kept, link: KeptLink) -> impl IntoView {
    let wanted = RwSignal::new("10".to_owned());
    let busy = RwSignal::new(false);
    let made = RwSignal::new(None::<usize>);
    let failed = RwSignal::new(None::<String>);
    let count = move || {
        let typed = wanted.read().trim().parse::<usize>();
        typed.ok().filter(|n| (1..=MAX_AT_ONCE).contains(n))
    };
    let problems = Problems::of(move || {
        let problem = Problem::new("invitation-count", "field.count", MAX_AT_ONCE);
        count().is_none().then_some(problem).into_iter().collect()
    });
    let kid = link.link.kid().to_owned();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !problems.none() {
            return;
        }
        let Some(n) = untrack(count) else { return };
        busy.set(true);
        made.set(None);
        failed.set(None);
        let link = link.clone();
        spawn(async move {
            let table = invitations(kept, &link, n).await;
            busy.try_set(false);
            match table {
                Ok(table) => {
                    let stem = file_stem(&link.link.claims().title);
                    let name = format!("{stem}-invitations.csv");
                    files::download(&name, "text/csv;charset=utf-8", &table);
                    made.try_set(Some(n));
                }
                Err(reason) => {
                    failed.try_set(Some(reason));
                }
            }
        });
    };
    any! {
        <section class="panel" data-invitations="">
            <h2>{text("invite.title")}</h2>
            <p>{text("invite.what")}</p>
            {with_key(kept, kid, move || any! {
                <form on:submit=submit.clone() novalidate>
                    <TextField id="invitation-count" label="invite.count" kind="number" value=wanted problems/>
                    <div class="actions">
                        <button class="button" data-action="make-invitations" aria-disabled=move || busy.get().then_some("true")>{text("invite.make")}</button>
                    </div>
                </form>
            })}
            <div role="status">
                {live(move || made.get().map(|n| any! { <p class="notice" data-made=n.to_string()>{plural("invite.made", n, &[])}</p> }))}
                {live(move || failed.get().map(|reason| any! { <EngineFailure reason/> }))}
            </div>
        </section>
    }
}

/// A table with an address a line.
async fn invitations(kept: Kept, link: &KeptLink, n: usize) -> Result<String, String> {
    let KeptLink { link, base } = link;
    let mut table = "number,link\r\n".to_owned();
    for number in 1..=n {
        let id = crypto::random().ok_or("no randomness")?;
        let unsigned = Invitation::unsigned(&link.claims().id, &id, None);
        let signature = kept.sign(link.kid(), &unsigned).await?;
        let token = unsigned.compact(&signature);
        table += &format!("{number},{}\r\n", join_address(base, link.token(), Some(&token)));
    }
    Ok(table)
}
