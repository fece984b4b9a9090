//! The form of a new cohort, which becomes a signed link.

use super::Coaching;
use super::draft::{Draft, DraftCut, Settled};
use super::kept::{Kept, KeptLink};
use super::keys::KeyWords;
use super::unlock::Unlock;
use crate::catalogue::{fill, plural, text};
use crate::components::{Choice, EngineFailure, Failure, FieldError, Problems, TextField};
use crate::live;
use crate::pages::load::{Entry, LoadError, index, instrument, later};
use crate::platform::{clock, crypto, dom, intl, spawn};
use crate::route::{AsidePage, join_address};
use crate::state::Problem;
use leptos::prelude::*;
use scoring::cohort::{
    Asked, Invitation, LinkClaims, MAX_CUT_OPTIONS, MAX_CUTS, MAX_LINK_CHARS, VerifiedLink,
};
use scoring::instrument::{Instrument, ItemKind};
use scoring::jose::base64url;
use scoring::words::key_words;
use std::sync::Arc;

/// An instrument that can be chosen.
#[derive(Clone)]
struct Offered {
    entry: Entry,
    instrument: Arc<Instrument>,
}

impl Offered {
    fn id(&self) -> String {
        format!("{}/{}", self.entry.id, self.entry.version)
    }

    fn asked(&self) -> Asked {
        Asked {
            id: self.entry.id.clone(),
            version: self.entry.version.clone(),
            sha256: *self.instrument.sha256(),
        }
    }

    fn has_cut(&self) -> bool {
        let mut items = self.instrument.definition().items.iter();
        items.any(|item| matches!(item.kind, ItemKind::Choice { cut: true, .. }))
    }
}

async fn offered() -> Result<Vec<Offered>, LoadError> {
    let mut offered = Vec::new();
    for entry in index().await? {
        let (instrument, _) = instrument(&entry.id, &entry.version).await?;
        offered.push(Offered { entry, instrument });
    }
    Ok(offered)
}

/// The page; `last` is the link of the wave before, whose cohort goes on.
#[component]
pub fn NewCohort(last: Option<String>) -> impl IntoView {
    let kept = Kept::here();
    let offered = later(offered());
    let last = StoredValue::new(last);
    let has_keys = Memo::new(move |_| !kept.keys().is_empty());
    let anew = RwSignal::new(());
    any! {
        <Coaching name="coach-new" title=text("new.title") at=AsidePage::Cohorts>
            <p class="lead">{text("new.lead")}</p>
            {live(move || {
                anew.track();
                if !has_keys.get() {
                    return any! {
                        <div class="notice" data-needs-key="">
                            <p>{text("new.needs_key")}</p>
                            <p><a class="button" href=AsidePage::Key.href()>{text("new.to_key")}</a></p>
                        </div>
                    };
                }
                // What other tabs keep must not throw away what was typed here.
                let links = untrack(move || kept.links());
                let last = last.with_value(|slug| {
                    links.into_iter().find(|kept| Some(kept.link.slug()) == *slug)
                });
                match offered.get() {
                    None => any! { <p data-busy="">{text("new.loading")}</p> },
                    Some(Err(error)) => any! { <Failure code=error.code() detail=error.detail()/> },
                    Some(Ok(offered)) => any! { <Form kept offered last anew/> },
                }
            })}
        </Coaching>
    }
}

/// What was typed, field by field.
#[derive(Clone, Copy)]
struct Typed {
    title: RwSignal<String>,
    wave: RwSignal<String>,
    instruments: RwSignal<Vec<String>>,
    /// All that there are, until one is unticked.
    languages: RwSignal<Option<Vec<String>>>,
    closes: RwSignal<String>,
    cuts: RwSignal<Vec<TypedCut>>,
    min_group: RwSignal<String>,
    min_comments: RwSignal<String>,
    seal: RwSignal<bool>,
    by: RwSignal<String>,
    origin: RwSignal<String>,
    path: RwSignal<String>,
    invitation: RwSignal<bool>,
}

#[derive(Clone, PartialEq)]
struct TypedCut {
    id: String,
    title: RwSignal<String>,
    options: RwSignal<String>,
}

impl TypedCut {
    fn of(cut: DraftCut) -> Self {
        TypedCut {
            id: cut.id,
            title: RwSignal::new(cut.title),
            options: RwSignal::new(cut.options),
        }
    }
}

impl Typed {
    fn of(draft: Draft) -> Self {
        Typed {
            title: RwSignal::new(draft.title),
            wave: RwSignal::new(draft.wave),
            instruments: RwSignal::new(draft.instruments),
            languages: RwSignal::new((!draft.languages.is_empty()).then_some(draft.languages)),
            closes: RwSignal::new(draft.closes),
            cuts: RwSignal::new(draft.cuts.into_iter().map(TypedCut::of).collect()),
            min_group: RwSignal::new(draft.min_group),
            min_comments: RwSignal::new(draft.min_comments),
            seal: RwSignal::new(draft.seal),
            by: RwSignal::new(draft.by),
            origin: RwSignal::new(draft.origin),
            path: RwSignal::new(draft.path),
            invitation: RwSignal::new(draft.invitation),
        }
    }

    fn draft(self) -> Draft {
        let cuts = self.cuts.get().into_iter().map(|cut| DraftCut {
            id: cut.id,
            title: cut.title.get(),
            options: cut.options.get(),
        });
        Draft {
            title: self.title.get(),
            wave: self.wave.get(),
            instruments: self.instruments.get(),
            languages: self.languages.get().unwrap_or_default(),
            closes: self.closes.get(),
            cuts: cuts.collect(),
            min_group: self.min_group.get(),
            min_comments: self.min_comments.get(),
            seal: self.seal.get(),
            by: self.by.get(),
            origin: self.origin.get(),
            path: self.path.get(),
            invitation: self.invitation.get(),
        }
    }
}

/// A box that puts its value into a list, in the list's own order.
fn tick(list: RwSignal<Vec<String>>, value: String) -> (Signal<bool>, Callback<bool>) {
    let own = value.clone();
    let checked = Signal::derive(move || list.read().contains(&own));
    let change = Callback::new(move |on: bool| {
        list.update(|list| {
            list.retain(|other| *other != value);
            if on {
                list.push(value.clone());
            }
        });
    });
    (checked, change)
}

#[component]
fn Form(
    kept: Kept,
    offered: Vec<Offered>,
    last: Option<KeptLink>,
    /// Told to make this form again.
    anew: RwSignal<()>,
) -> impl IntoView {
    let fresh = last.as_ref().map(|last| Draft::next_wave(last.link.claims())).unwrap_or_default();
    // A cohort's next wave is typed in a place of its own.
    let of = last.as_ref().map_or_else(|| "new".to_owned(), |last| last.link.slug());
    let typed_before = kept.draft(&of);
    let was_kept = typed_before.is_some();
    let mut draft = typed_before.unwrap_or_else(|| fresh.clone());
    // A version that is no longer published cannot be asked for again.
    draft.instruments.retain(|chosen| offered.iter().any(|offered| offered.id() == *chosen));
    let typed = Typed::of(draft);
    let cohort_id = last.as_ref().map(|last| last.link.claims().id.clone());
    let bound_to = last.as_ref().map(|last| last.link.kid().to_owned());
    // A participant's key belongs to coach and cohort: with another key the waves would not be linked.
    let may_sign = move |kid: &str| bound_to.as_deref().is_none_or(|bound| bound == kid);
    let keys: Vec<_> =
        untrack(move || kept.keys()).into_iter().filter(|key| may_sign(&key.kid)).collect();
    if keys.is_empty() {
        return any! { <p class="notice danger" data-needs-key="">{text("new.other_key")}</p> };
    }
    let first = keys.first().map(|key| key.kid.clone()).unwrap_or_default();
    let kid = RwSignal::new(first);
    let keys = StoredValue::new(keys);
    let key = move || {
        let kid = kid.get();
        keys.with_value(|keys| keys.iter().find(|key| key.kid == kid).cloned())
    };
    let is_open = Memo::new(move |_| kept.opened(&kid.get()).is_some());

    let chosen = {
        let offered = offered.clone();
        move || {
            let ids = typed.instruments.get();
            offered.iter().filter(|o| ids.contains(&o.id())).cloned().collect::<Vec<_>>()
        }
    };
    // Only languages in which every chosen instrument can be read.
    let languages = {
        let chosen = chosen.clone();
        Memo::new(move |_| {
            let chosen = chosen();
            let all = |o: &Offered| o.instrument.definition().languages.clone();
            let mut common = chosen.first().map(all).unwrap_or_default();
            common.retain(|tag| chosen.iter().all(|o| all(o).contains(tag)));
            common
        })
    };
    let draft = {
        Memo::new(move |_| {
            let mut draft = typed.draft();
            draft.languages = languages.get();
            if let Some(ticked) = typed.languages.get() {
                draft.languages.retain(|tag| ticked.contains(tag));
            }
            draft
        })
    };
    {
        let of = of.clone();
        Effect::new(move |_| {
            let draft =
                Draft { languages: typed.languages.get().unwrap_or_default(), ..draft.get() };
            kept.keep_draft(&of, (draft != fresh).then_some(&draft));
        });
    }
    let start_over = {
        let of = of.clone();
        move |_| {
            kept.keep_draft(&of, None);
            anew.set(());
            dom::after_render(|| dom::focus("#cohort-title"));
        }
    };
    let settle = {
        let chosen = chosen.clone();
        move || {
            let unset = "A".repeat(22);
            Settled {
                iat: clock::now(),
                id: cohort_id.clone().unwrap_or_else(|| unset.clone()),
                nonce: unset,
                coach: key().map(|key| key.name).unwrap_or_default(),
                instruments: chosen().iter().map(Offered::asked).collect(),
                closes: clock::end_of_day(&typed.closes.get()),
                seal: kept.opened(&kid.get()).map_or([0; 32], |key| key.seal),
            }
        }
    };
    let base = dom::app_address();
    let length = {
        let (settle, base, chosen) = (settle.clone(), base.clone(), chosen.clone());
        Memo::new(move |_| {
            let claims = draft.get().claims(settle());
            let of_pairs = chosen().iter().any(|o| o.instrument.definition().pair.is_some());
            let invitation = Invitation::max_chars(&claims.id, of_pairs);
            let invitation = claims.invitation.then(|| "x".repeat(invitation));
            let token = "x".repeat(claims.n_token_chars());
            join_address(&base, &token, invitation.as_deref()).chars().count()
        })
    };
    let problems = Problems::of(move || {
        let mut problems =
            draft.get().problems(clock::now(), clock::end_of_day(&typed.closes.get()));
        if length.get() > MAX_LINK_CHARS {
            problems.push(Problem::new("cohort-length", "field.link_too_long", MAX_LINK_CHARS));
        }
        problems
    });
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<String>);
    let is_first = last.is_none();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !problems.none() {
            return;
        }
        if !is_open.get_untracked() {
            dom::focus("form.unlock input");
            return;
        }
        let settled = untrack(&settle);
        let claims = draft.get_untracked().claims(settled);
        let (kid, base, of) = (kid.get_untracked(), base.clone(), of.clone());
        busy.set(true);
        failed.set(None);
        spawn(async move {
            let link = make_link(kept, claims, is_first, &kid).await;
            busy.try_set(false);
            match link {
                Ok(link) => {
                    kept.keep_link(&link, &base);
                    kept.keep_draft(&of, None);
                    dom::go(&AsidePage::Cohort(link.slug()).href());
                }
                Err(reason) => {
                    failed.try_set(Some(reason));
                }
            }
        });
    };

    let instrument_boxes = offered
        .iter()
        .map(|offered| {
            let (checked, on_change) = tick(typed.instruments, offered.id());
            let minutes = plural("unit.minutes", offered.entry.minutes, &[]);
            let questions = plural("unit.questions", offered.entry.n_items, &[]);
            let hint = fill("home.facts", &[("minutes", &minutes), ("questions", &questions)]);
            any! { <Choice name="instrument" value=offered.id() label=offered.entry.title.clone() hint checked on_change/> }
        })
        .collect_view();
    let language_boxes = move || {
        let tags = languages.get();
        tags.into_iter()
            .map(|tag| {
                let own = tag.clone();
                let checked = Signal::derive(move || draft.read().languages.contains(&own));
                let own = tag.clone();
                let on_change = Callback::new(move |on: bool| {
                    let mut ticked = draft.get_untracked().languages;
                    ticked.retain(|other| *other != own);
                    if on {
                        ticked.push(own.clone());
                    }
                    typed.languages.set(Some(ticked));
                });
                any! { <Choice name="language" value=tag.clone() label=intl::language_name(&tag) checked on_change/> }
            })
            .collect_view()
    };
    let built_in_cut = move || chosen().iter().any(Offered::has_cut);
    let key_options = keys.with_value(|keys| {
        let option = |(name, value): (String, String)| any! { <option value=value>{name}</option> };
        let named = keys.iter().map(|key| (key.name.clone(), key.kid.clone()));
        named.map(option).collect_view()
    });
    let delivery = |by: &'static str, label: &'static str, hint: &'static str| {
        let checked = Signal::derive(move || typed.by.with(|chosen| chosen == by));
        let on_change = Callback::new(move |on: bool| {
            if on {
                typed.by.set(by.to_owned());
            }
        });
        any! { <Choice kind="radio" name="delivery" value=by label=text(label) hint=text(hint) checked on_change/> }
    };
    let is_by = move |by: &'static str| move || typed.by.with(|chosen| chosen == by);
    let flag = |id: &'static str,
                signal: RwSignal<bool>,
                label: &'static str,
                hint: &'static str| {
        let on_change = Callback::new(move |on: bool| signal.set(on));
        any! { <Choice id name=id value="yes" label=text(label) hint=text(hint) checked=signal.into() on_change/> }
    };
    any! {
        {was_kept.then(|| any! {
            <div class="notice calm" data-restored="">
                <p>{text("new.restored")}</p>
                <button type="button" class="quiet" data-action="start-over" on:click=start_over>{text("new.start_over")}</button>
            </div>
        })}
        <form id="new-cohort" class="sections" on:submit=submit novalidate>
            <fieldset class="panel">
                <legend>{text("new.who")}</legend>
                <TextField id="cohort-title" label="new.cohort_title" hint=text("new.cohort_title.hint") value=typed.title problems/>
                <div class="field">
                    <label for="cohort-key">{text("new.key")}</label>
                    <select id="cohort-key" on:change=move |event| kid.set(event_target_value(&event))>{key_options}</select>
                    {live(move || any! { <KeyWords words=key_words(&kid.get())/> })}
                    <p class="hint">{text("new.key.hint")}</p>
                </div>
                <TextField id="cohort-wave" label="new.wave" hint=if is_first { text("new.wave.hint") } else { text("new.wave.next") } value=typed.wave problems/>
                <TextField id="cohort-closes" label="new.closes" hint=text("new.closes.hint") kind="date" value=typed.closes problems/>
            </fieldset>
            <fieldset class="panel" id="cohort-instruments">
                <legend>{text("new.instruments")}</legend>
                <div class="options">{instrument_boxes}</div>
                <FieldError id="cohort-instruments".to_owned() problems/>
                <Show when=move || !languages.read().is_empty()>
                    <fieldset id="cohort-languages">
                        <legend>{text("new.languages")}</legend>
                        <div class="options">{language_boxes}</div>
                        <FieldError id="cohort-languages".to_owned() problems/>
                    </fieldset>
                </Show>
            </fieldset>
            <fieldset class="panel">
                <legend>{text("new.cuts")}</legend>
                <p class="hint">{fill("new.cuts.hint", &[("max", &MAX_CUTS.to_string())])}</p>
                <Show when=built_in_cut><p class="hint">{text("new.cuts.built_in")}</p></Show>
                <For each=move || typed.cuts.get() key=|cut| cut.id.clone() let:cut>
                    <CutFields cut cuts=typed.cuts problems/>
                </For>
                // What it makes room for belongs to the form: hidden, and not taken away, after the last one.
                <button type="button" class="button secondary" data-action="add-cut" hidden=move || draft.read().free_cut_id().is_none() on:click=move |_| {
                    if let Some(id) = draft.get_untracked().free_cut_id() {
                        let field = format!("#cut-{id}-title");
                        let cut = DraftCut { id, title: String::new(), options: String::new() };
                        typed.cuts.update(|cuts| cuts.push(TypedCut::of(cut)));
                        dom::after_render(move || dom::focus(&field));
                    }
                }>{text("new.cuts.add")}</button>
            </fieldset>
            <fieldset class="panel">
                <legend>{text("new.privacy")}</legend>
                {flag("cohort-seal", typed.seal, "new.seal", "new.seal.hint")}
                <div class="pair">
                    <TextField id="cohort-min-group" label="new.min_group" hint=text("new.min_group.hint") kind="number" value=typed.min_group problems/>
                    <TextField id="cohort-min-comments" label="new.min_comments" hint=text("new.min_comments.hint") kind="number" value=typed.min_comments problems/>
                </div>
                {flag("cohort-invitation", typed.invitation, "new.invitation", "new.invitation.hint")}
            </fieldset>
            <fieldset class="panel">
                <legend>{text("new.delivery")}</legend>
                <div class="options">
                    {delivery("file", "new.delivery.file", "new.delivery.file.hint")}
                    {delivery("message", "new.delivery.message", "new.delivery.message.hint")}
                    <Show when=is_by("message")>
                        <TextField id="cohort-origin" label="new.origin" hint=text("new.origin.hint") kind="url" value=typed.origin problems/>
                    </Show>
                    {delivery("drop", "new.delivery.drop", "new.delivery.drop.hint")}
                    <Show when=is_by("drop")>
                        <TextField id="cohort-path" label="new.path" hint=text("new.path.hint") value=typed.path problems/>
                    </Show>
                </div>
            </fieldset>
        </form>
        <section class="panel" id="cohort-length" tabindex="-1">
            <p data-link-length=move || length.get().to_string()>
                {live(move || fill("new.length", &[("n", &length.get().to_string()), ("max", &MAX_LINK_CHARS.to_string())]))}
            </p>
            <progress max=MAX_LINK_CHARS.to_string() value=move || length.get().to_string() aria-label=text("new.length.label")></progress>
            <Show when=move || { length.get() > MAX_LINK_CHARS }>
                <p class="notice warning" data-too-long="">{text("new.shorten")}</p>
            </Show>
            <FieldError id="cohort-length".to_owned() problems/>
            {live(move || (!is_open.get()).then(key).flatten().map(|key| any! {
                <p>{text("new.unlock")}</p>
                <Unlock kept key/>
            }))}
            <div class="actions">
                <button class="button" form="new-cohort" data-action="make-link" aria-disabled=move || busy.get().then_some("true")>{text("new.make")}</button>
            </div>
            <div role="status">
                {live(move || failed.get().map(|reason| any! { <EngineFailure reason/> }))}
            </div>
        </section>
    }
}

#[component]
fn CutFields(cut: TypedCut, cuts: RwSignal<Vec<TypedCut>>, problems: Problems) -> impl IntoView {
    let TypedCut { id, title, options } = cut;
    let own = id.clone();
    let remove = move |_| {
        cuts.update(|cuts| cuts.retain(|cut| cut.id != own));
        dom::after_render(|| dom::focus("[data-action='add-cut']"));
    };
    let hint = fill("new.cut.options.hint", &[("max", &MAX_CUT_OPTIONS.to_string())]);
    any! {
        <fieldset class="cut" data-cut=id.clone()>
            <TextField id=format!("cut-{id}-title") label="new.cut.title" value=title problems/>
            <TextField id=format!("cut-{id}-options") label="new.cut.options" hint rows=4 value=options problems/>
            <button type="button" class="quiet" data-action="remove-cut" on:click=remove>{text("new.cut.remove")}</button>
        </fieldset>
    }
}

/// The signed link, read back as any participant's browser will.
async fn make_link(
    kept: Kept,
    mut claims: LinkClaims,
    is_first: bool,
    kid: &str,
) -> Result<VerifiedLink, String> {
    let random = || crypto::random::<16>().map(|bits| base64url(&bits)).ok_or("no randomness");
    if is_first {
        claims.id = random()?;
    }
    claims.nonce = random()?;
    let key = untrack(|| kept.opened(kid)).ok_or("key_locked")?;
    let unsigned = claims.unsigned(&key.public)?;
    let signature = kept.sign(kid, &unsigned).await?;
    VerifiedLink::verify(&unsigned.compact(&signature)).map_err(|fault| fault.code().to_owned())
}
