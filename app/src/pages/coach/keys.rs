//! A coach's keys: made, saved, restored, opened and closed.

use super::Coaching;
use super::kept::{Kept, KeptKey};
use super::unlock::Unlock;
use crate::catalogue::text;
use crate::components::{Confirm, EngineFailure, FieldError, FileButton, Problems, TextField};
use crate::live;
use crate::platform::dom;
use crate::platform::files::{self, Chosen};
use crate::platform::spawn;
use crate::route::AsidePage;
use crate::state::Problem;
use leptos::prelude::*;
use scoring::coach::MIN_PASSPHRASE_CHARS;
use scoring::cohort::MAX_COACH_CHARS;
use scoring::words::key_words;

const MEDIA_TYPE: &str = "application/jose+json";

/// The page of a coach's keys.
#[component]
pub fn Keys() -> impl IntoView {
    let kept = Kept::here();
    let keys = Memo::new(move |_| kept.keys());
    let has_keys = move || !keys.read().is_empty();
    any! {
        <Coaching name="coach-key" title=text("key.title") at=AsidePage::Key>
            <p class="lead">{text("key.lead")}</p>
            <Show when=move || kept.forgets()>
                <p class="notice warning" data-notice="key-memory">{text("key.memory")}</p>
            </Show>
            <Show when=has_keys>
                <section>
                    <h2>{text("key.here")}</h2>
                    <ul class="key-cards">
                        <For each=move || keys.get() key=|key| key.kid.clone() let:key>
                            <KeyCard kept key/>
                        </For>
                    </ul>
                    <p><a class="button" data-action="to-new" href=AsidePage::NewCohort(None).href()>{text("cohorts.new")}</a></p>
                </section>
            </Show>
            <MakeKey kept/>
            <RestoreKey kept/>
        </Coaching>
    }
}

/// A key of this device.
#[component]
fn KeyCard(kept: Kept, key: KeptKey) -> impl IntoView {
    let asked = RwSignal::new(false);
    let kid = StoredValue::new(key.kid.clone());
    let is_open = Memo::new(move |_| kid.with_value(|kid| kept.opened(kid).is_some()));
    let state = move || if is_open.get() { "true" } else { "false" };
    let words = key_words(&key.kid);
    let key = StoredValue::new(key);
    any! {
        <li class="card" data-key=kid.get_value() data-open=state>
            <h3>{key.with_value(|key| key.name.clone())}</h3>
            <KeyWords words/>
            <p class="hint">{live(move || if is_open.get() { text("key.open") } else { text("key.locked") })}</p>
            {live(move || if is_open.get() {
                any! {
                    <button type="button" class="button secondary" data-action="lock"
                        on:click=move |_| kid.with_value(|kid| kept.close(kid))>{text("key.lock")}</button>
                }
            } else {
                any! { <Unlock kept key=key.get_value()/> }
            })}
            <p class="card-status">
                <button type="button" class="quiet" data-action="save-again" on:click=move |_| key.with_value(save)>{text("key.save_again")}</button>
                <button type="button" class="quiet" data-action="remove-key" on:click=move |_| {
                    asked.set(true);
                    dom::after_render(|| dom::focus("[data-action='cancel']"));
                }>{text("key.remove")}</button>
            </p>
            <Confirm question=text("key.remove.ask") asked yes=Callback::new(move |()| kid.with_value(|kid| kept.remove_key(kid)))/>
        </li>
    }
}

/// A key as words, which two people can compare.
#[component]
pub fn KeyWords(words: Option<String>) -> impl IntoView {
    words.map(|words| {
        let words = words.split(' ').map(|word| any! { <li>{word.to_owned()}</li> }).collect_view();
        any! { <ul class="words" data-words="" aria-label=text("key.words")>{words}</ul> }
    })
}

fn save(key: &KeptKey) {
    files::download(&key.file_name(), MEDIA_TYPE, &key.file);
}

/// What is wrong with a new passphrase that was typed twice.
fn passphrase_problems(field: &str, passphrase: &str, again: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if passphrase.chars().count() < MIN_PASSPHRASE_CHARS {
        problems.push(Problem::new(field, "field.short_passphrase", MIN_PASSPHRASE_CHARS));
    } else if passphrase != again {
        problems.push(Problem::new(&format!("{field}-again"), "field.other_passphrase", 0));
    }
    problems
}

/// Making a key. Saving its file is part of making it: before, it is not kept.
#[component]
fn MakeKey(kept: Kept) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let passphrase = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let made = RwSignal::new(None::<KeptKey>);
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<String>);
    let problems = Problems::of(move || {
        let mut problems = Vec::new();
        problems.extend(Problem::of_shown("key-name", &name.read(), MAX_COACH_CHARS));
        problems.extend(passphrase_problems("key-passphrase", &passphrase.read(), &again.read()));
        problems
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !problems.none() {
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn(async move {
            let key = kept.make_key(&name.get_untracked(), &passphrase.get_untracked()).await;
            busy.try_set(false);
            match key {
                Ok(key) => {
                    passphrase.try_set(String::new());
                    again.try_set(String::new());
                    made.try_set(Some(key));
                    dom::after_render(|| dom::focus("[data-action='save-key']"));
                }
                Err(reason) => {
                    failed.try_set(Some(reason));
                }
            }
        });
    };
    let form = move || {
        any! {
            <form id="make-key" class="panel" on:submit=submit novalidate>
                <TextField id="key-name" label="key.name" hint=text("key.name.hint") autocomplete="name" value=name problems/>
                <TextField id="key-passphrase" label="key.passphrase" hint=text("key.passphrase.hint") kind="password" autocomplete="new-password" value=passphrase problems/>
                <TextField id="key-passphrase-again" label="key.again" kind="password" autocomplete="new-password" value=again problems/>
                <p class="notice warning">{text("key.no_reset")}</p>
                <div class="actions">
                    <button class="button" data-action="make-key" aria-disabled=move || busy.get().then_some("true")>{text("key.make")}</button>
                </div>
                <div role="status">
                    {live(move || busy.get().then(|| any! { <p class="hint" data-busy="">{text("key.busy_make")}</p> }))}
                    {live(move || failed.get().map(|reason| any! { <EngineFailure reason/> }))}
                </div>
            </form>
        }
    };
    any! {
        <section>
            <h2>{text("key.make.title")}</h2>
            <p class="prose">{text("key.make.what")}</p>
            {live(move || match made.get() {
                None => form().into_any(),
                Some(key) => any! { <SaveKey kept key made/> },
            })}
        </section>
    }
}

/// A key that was made and not saved yet.
#[component]
fn SaveKey(kept: Kept, key: KeptKey, made: RwSignal<Option<KeptKey>>) -> impl IntoView {
    let words = key_words(&key.kid);
    let file_name = key.file_name();
    let keep = move |_| {
        save(&key);
        kept.keep_key(&key);
        made.set(None);
        dom::after_render(|| dom::focus("[data-action='to-new']"));
    };
    any! {
        <div class="panel" data-key-made="" role="status">
            <h3>{text("key.made.title")}</h3>
            <KeyWords words/>
            <p>{text("key.made.why")}</p>
            <p class="file-name">{file_name}</p>
            <div class="actions">
                <button type="button" class="button" data-action="save-key" on:click=keep>{text("key.save")}</button>
            </div>
        </div>
    }
}

/// Bringing a key back from its file.
#[component]
fn RestoreKey(kept: Kept) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let passphrase = RwSignal::new(String::new());
    let file = RwSignal::new(None::<(String, String)>);
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<String>);
    let problems = Problems::of(move || {
        let mut problems = Vec::new();
        if file.read().is_none() {
            problems.push(Problem::new("restore-file", "field.choose_file", 0));
        }
        problems.extend(Problem::of_shown("restore-name", &name.read(), MAX_COACH_CHARS));
        if passphrase.read().is_empty() {
            problems.push(Problem::new("restore-passphrase", "field.missing", 0));
        }
        problems
    });
    let take = Callback::new(move |chosen: Vec<Chosen>| {
        let Some(chosen) = chosen.into_iter().next() else { return };
        spawn(async move {
            failed.try_set(None);
            match chosen.read().await {
                Ok(bytes) => {
                    let content = String::from_utf8_lossy(&bytes.to_vec()).into_owned();
                    if name.with_untracked(|name| name.trim().is_empty()) {
                        let stem = chosen.name.split(".key.").next().unwrap_or_default();
                        name.try_set(stem.replace('-', " "));
                    }
                    file.try_set(Some((chosen.name, content)));
                }
                Err(_) => {
                    failed.try_set(Some("unreadable".to_owned()));
                }
            }
        });
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !problems.none() {
            return;
        }
        let Some((_, content)) = file.get_untracked() else { return };
        busy.set(true);
        failed.set(None);
        spawn(async move {
            let restored = match KeptKey::new(&name.get_untracked(), &content) {
                Ok(key) => {
                    let opened = kept.unlock(&key, &passphrase.get_untracked()).await;
                    opened.map(|()| kept.keep_key(&key))
                }
                Err(code) => Err(code),
            };
            busy.try_set(false);
            match restored {
                Ok(()) => {
                    passphrase.try_set(String::new());
                    name.try_set(String::new());
                    file.try_set(None);
                    dom::after_render(|| dom::focus("[data-action='to-new']"));
                }
                Err(reason) => {
                    failed.try_set(Some(reason));
                }
            }
        });
    };
    any! {
        <section>
            <details class="panel">
                <summary>{text("key.restore.title")}</summary>
                <form id="restore-key" on:submit=submit novalidate>
                    <div class="field">
                        <p>{text("key.restore.what")}</p>
                        <div class="actions start">
                            <FileButton id="restore-file" label=text("key.restore.choose") take/>
                            <span class="file-name" data-chosen="">{live(move || file.get().map(|(name, _)| name))}</span>
                        </div>
                        <FieldError id="restore-file".to_owned() problems/>
                    </div>
                    <TextField id="restore-name" label="key.name" hint=text("key.restore.name") autocomplete="name" value=name problems/>
                    <TextField id="restore-passphrase" label="key.passphrase" kind="password" autocomplete="current-password" value=passphrase problems/>
                    <div class="actions">
                        <button class="button" data-action="restore-key" aria-disabled=move || busy.get().then_some("true")>{text("key.restore")}</button>
                    </div>
                    <div role="status">
                        {live(move || busy.get().then(|| any! { <p class="hint" data-busy="">{text("key.busy")}</p> }))}
                        {live(move || failed.get().map(|reason| any! { <EngineFailure reason/> }))}
                    </div>
                </form>
            </details>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(passphrase: &str, again: &str, expected: &[(&str, &str)]) {
        let problems = passphrase_problems("p", passphrase, again);
        let found: Vec<_> = problems.iter().map(|p| (p.field.as_str(), p.key)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_passphrase_is_long_and_typed_twice_alike() {
        check("twelve chars", "twelve chars", &[]);
        check("short", "short", &[("p", "field.short_passphrase")]);
        check("twelve chars", "twelve char", &[("p-again", "field.other_passphrase")]);
    }
}
