//! Leaders and their managers: links for both, whose files are here, what each pair says side by side.

use super::Coaching;
use super::add_up::Desk;
use super::kept::{Kept, KeptLink};
use super::report::Pattern;
use super::unlock::with_key;
use crate::catalogue::{fill, plural, text};
use crate::components::{
    Commitments, EngineFailure, Failure, FileButton, PairPage, PairPart, Problems, TextField,
};
use crate::engine::{PairView, ask};
use crate::live;
use crate::pages::load::{instrument, later};
use crate::platform::files::{self, Chosen};
use crate::platform::{crypto, dom, spawn, worker};
use crate::route::{AsidePage, join_address};
use crate::state::{Problem, file_stem};
use leptos::prelude::*;
use scoring::cohort::{Asked, Invitation, MAX_LINK_CHARS, Seat};
use scoring::instrument::Rater;
use scoring::jose::base64url;
use scoring::pair::{
    InvitedPair, MAX_PAIRS, Names, PairReport, invited_csv, names_by_pair, read_names,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Far more than the names of a thousand pairs with their links take.
const MAX_TABLE_BYTES: u64 = 8 << 20;

/// Whether one of these surveys compares two people.
pub async fn compares(asked: Vec<Asked>) -> bool {
    for asked in asked {
        if let Ok((instrument, _)) = instrument(&asked.id, &asked.version).await
            && instrument.definition().pair.is_some()
        {
            return true;
        }
    }
    false
}

/// The form that makes links for pairs.
#[component]
pub fn InvitePairs(kept: Kept, link: KeptLink) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let made = RwSignal::new(None::<usize>);
    let failed = RwSignal::new(None::<String>);
    let problems = Problems::of(move || {
        let problem = match read_names(&typed.read()) {
            Ok(names) if names.is_empty() => Problem::new("pair-names", "field.missing", 0),
            Ok(_) => return Vec::new(),
            Err(fault) => {
                let line = usize::try_from(fault.0).unwrap_or(MAX_PAIRS);
                Problem::new("pair-names", "field.pair_names", line)
            }
        };
        vec![problem]
    });
    let kid = link.link.kid().to_owned();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !problems.none() {
            return;
        }
        let Ok(names) = read_names(&typed.get_untracked()) else { return };
        busy.set(true);
        made.set(None);
        failed.set(None);
        let link = link.clone();
        spawn(async move {
            let pairs = invited(kept, &link, names).await;
            busy.try_set(false);
            match pairs {
                Ok(pairs) => {
                    let named = pairs.iter().map(|pair| (pair.pair.clone(), pair.names.clone()));
                    kept.keep_names(&link.link.slug(), named);
                    let name = format!("{}-pairs.csv", file_stem(&link.link.claims().title));
                    files::download(&name, "text/csv;charset=utf-8", &invited_csv(&pairs));
                    typed.try_set(String::new());
                    made.try_set(Some(pairs.len()));
                }
                Err(reason) => {
                    failed.try_set(Some(reason));
                }
            }
        });
    };
    any! {
        <section class="panel" data-invite-pairs="">
            <h2>{text("pairs.invite")}</h2>
            <p>{text("pairs.invite.what")}</p>
            <p class="hint">{text("pairs.invite.names")}</p>
            {with_key(kept, kid, move || any! {
                <form on:submit=submit.clone() novalidate>
                    <TextField id="pair-names" label="pairs.names" hint=text("pairs.names.hint") rows=6 value=typed problems/>
                    <div class="actions">
                        <button class="button" data-action="make-pairs" aria-disabled=move || busy.get().then_some("true")>{text("pairs.make")}</button>
                    </div>
                </form>
            })}
            <div role="status">
                {live(move || made.get().map(|n| any! { <p class="notice" data-made=n.to_string()>{plural("pairs.made", n, &[])}</p> }))}
                {live(move || failed.get().map(|reason| any! { <EngineFailure reason/> }))}
            </div>
        </section>
    }
}

/// Two links for each pair.
async fn invited(
    kept: Kept,
    link: &KeptLink,
    names: Vec<Names>,
) -> Result<Vec<InvitedPair>, String> {
    let mut pairs = Vec::new();
    for names in names {
        let pair = base64url(&crypto::random::<16>().ok_or("no randomness")?);
        let leader_link = seat(kept, link, &pair, Rater::Own).await?;
        let manager_link = seat(kept, link, &pair, Rater::Manager).await?;
        pairs.push(InvitedPair { names, pair, leader_link, manager_link });
    }
    Ok(pairs)
}

async fn seat(kept: Kept, to: &KeptLink, pair: &str, rater: Rater) -> Result<String, String> {
    let KeptLink { link, base } = to;
    let id = crypto::random().ok_or("no randomness")?;
    let seat = Seat { pair: pair.to_owned(), rater };
    let unsigned = Invitation::unsigned(&link.claims().id, &id, Some(&seat));
    let token = unsigned.compact(&kept.sign(link.kid(), &unsigned).await?);
    let address = join_address(base, link.token(), Some(&token));
    // A cohort may have been made without room for invitations.
    let fits = address.chars().count() <= MAX_LINK_CHARS;
    fits.then_some(address).ok_or_else(|| "pair_link_length".to_owned())
}

/// Every pair that was invited here or of whom a file is here.
#[component]
pub fn PairList(kept: Kept, link: KeptLink, desk: Desk) -> impl IntoView {
    let slug = StoredValue::new(link.link.slug());
    let (id, wave) = (link.link.claims().id.clone(), link.link.claims().wave.clone());
    let failed = RwSignal::new(None::<(&'static str, String)>);
    let take = Callback::new(move |chosen: Vec<Chosen>| {
        failed.set(None);
        let slug = slug.get_value();
        spawn(async move {
            let Some(file) = chosen.first() else { return };
            match names_in(file).await {
                Ok(named) => kept.keep_names(&slug, named),
                Err(why) => {
                    failed.try_set(Some(why));
                }
            }
        });
    });
    let table = move || {
        desk.view.track();
        let of = slug.get_value();
        let views = later(async move {
            let views = worker::ask_json::<Vec<PairView>>(ask::PAIRS, &of, None).await;
            // A fresh engine knows no links yet, and has no files either.
            views.unwrap_or_default()
        });
        live(move || {
            let names = slug.with_value(|slug| kept.names(slug));
            any! { <Table slug=slug.get_value() names views=views.get().unwrap_or_default()/> }
        })
    };
    let pattern = move || {
        let view = desk.view.get()?;
        let with_gaps = view.reports.into_iter().find(|report| {
            let of = report.cohort.as_ref();
            report.gaps.is_some() && of.is_some_and(|of| of.id == id && of.wave == wave)
        });
        with_gaps.map(|report| any! { <Pattern report/> })
    };
    any! {
        <section data-pairs="">
            <h2>{text("pairs.title")}</h2>
            <p>{text("pairs.what")}</p>
            {live(table)}
            {live(pattern)}
            <details>
                <summary>{text("pairs.table")}</summary>
                <p>{text("pairs.table.what")}</p>
                <FileButton id="pair-table" label=text("coach.choose") take/>
                <div role="status">
                    {live(move || failed.get().map(|(code, detail)| any! { <Failure code detail/> }))}
                </div>
            </details>
        </section>
    }
}

/// Who the pairs are, from a table that was made with their links.
async fn names_in(file: &Chosen) -> Result<Vec<(String, Names)>, (&'static str, String)> {
    if file.size > MAX_TABLE_BYTES {
        return Err(("pair_table", String::new()));
    }
    let bytes = file.read().await.map_err(|reason| ("file_unreadable", reason))?;
    let table = String::from_utf8_lossy(&bytes.to_vec()).into_owned();
    names_by_pair(&table).map_err(|fault| ("pair_table", fault.0.to_string()))
}

/// What a pair is called: by its names, or by the beginning of its id.
fn title(names: Option<&Names>, pair: &str) -> String {
    let start: String = pair.chars().take(6).collect();
    names.map_or_else(|| fill("pairs.unnamed", &[("id", &start)]), Names::to_string)
}

#[component]
fn Table(slug: String, names: BTreeMap<String, Names>, views: Vec<PairView>) -> impl IntoView {
    let mut rows: BTreeMap<String, [bool; 2]> =
        names.keys().map(|pair| (pair.clone(), [false; 2])).collect();
    rows.extend(views.into_iter().map(|view| (view.pair, view.here)));
    if rows.is_empty() {
        return any! { <p class="hint" data-no-pairs="">{text("pairs.none")}</p> };
    }
    let mut rows: Vec<(String, String, [bool; 2])> =
        rows.into_iter().map(|(pair, here)| (title(names.get(&pair), &pair), pair, here)).collect();
    rows.sort();
    let n_complete = rows.iter().filter(|(.., here)| *here == [true, true]).count();
    let state = |here: bool| {
        let label = text(if here { "pairs.here" } else { "pairs.missing" });
        any! { <td data-here=here.to_string()>{label}</td> }
    };
    let total = rows.len();
    let rows = rows.into_iter().map(|(name, pair, [own, manager])| {
        let report = match (own, manager) {
            (true, true) => {
                let href = AsidePage::Pair { slug: slug.clone(), pair: pair.clone() }.href();
                let hidden = format!(": {name}");
                any! { <a href=href>{text("pairs.read")}<span class="visually-hidden">{hidden}</span></a> }
            }
            (true, false) => text("pairs.wait_manager").into_any(),
            (false, true) => text("pairs.wait_leader").into_any(),
            (false, false) => text("pairs.wait_both").into_any(),
        };
        any! {
            <tr data-pair=pair>
                <th scope="row">{name}</th>
                {state(own)}
                {state(manager)}
                <td>{report}</td>
            </tr>
        }
    });
    let (rows, caption) = (rows.collect_view(), text("pairs.title"));
    any! {
        <p data-complete-pairs=n_complete.to_string()>
            {plural("pairs.complete", n_complete, &[("of", &total.to_string())])}
        </p>
        <div class="table-scroll" tabindex="0" role="region" aria-label=caption>
            <table>
                <caption class="visually-hidden">{caption}</caption>
                <thead><tr>
                    <th scope="col">{text("pairs.who")}</th>
                    <th scope="col">{text("pair.leader")}</th>
                    <th scope="col">{text("pair.manager")}</th>
                    <th scope="col">{text("pairs.next")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// The report of one pair.
#[component]
pub fn Pair(slug: String, pair: String) -> impl IntoView {
    let kept = Kept::here();
    let names = untrack(|| kept.names(&slug));
    let name = title(names.get(&pair), &pair);
    let back = AsidePage::Cohort(slug.clone()).href();
    let of = format!("{slug}/{pair}");
    let loaded = later(async move {
        let report = worker::ask_json::<PairReport>(ask::PAIR, &of, None).await.ok()?;
        let loaded = instrument(&report.instrument, &report.version).await;
        Some(loaded.map(|(instrument, wording)| PairPage {
            report: Arc::new(report),
            instrument,
            wording,
            reader: Rater::Manager,
        }))
    });
    let to_cohort = back.clone();
    let keep = {
        let (slug, pair) = (slug.clone(), pair.clone());
        Callback::new(move |commitments: Vec<_>| kept.keep_commitments(&slug, &pair, &commitments))
    };
    let content = move || {
        Some(match loaded.get()? {
            None => any! {
                <p data-no-report="">{text("pairs.no_report")}</p>
                <p><a class="button" href=to_cohort.clone()>{text("pairs.back")}</a></p>
            },
            Some(Err(error)) => any! { <Failure code=error.code() detail=error.detail()/> },
            Some(Ok(page)) => {
                let commitments = untrack(|| kept.commitments(&slug, &pair));
                any! {
                    <p class="hint">{text("pair.by_invitation")}</p>
                    <div class="actions">
                        <button type="button" class="button secondary" data-action="print" on:click=|_| dom::print()>{text("report.print")}</button>
                    </div>
                    <PairPart page=page.clone()/>
                    <Commitments page kept=commitments keep/>
                }
            }
        })
    };
    any! {
        <Coaching name="coach-pair" title=name at=AsidePage::Cohorts>
            <p class="back"><a href=back>{text("pairs.back")}</a></p>
            {live(content)}
        </Coaching>
    }
}
