//! The form that opens a locked key.

use super::kept::{Kept, KeptKey};
use crate::catalogue::{fill, text};
use crate::components::EngineFailure;
use crate::live;
use crate::platform::spawn;
use leptos::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many forms there were: a page may show several for the same key.
static FORMS: AtomicUsize = AtomicUsize::new(0);

/// The form that opens a locked key.
#[component]
pub fn Unlock(
    kept: Kept,
    key: KeptKey,
    /// Called once the key is open.
    #[prop(optional)]
    then: Option<Callback<()>>,
) -> impl IntoView {
    let passphrase = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<String>);
    let id = format!("unlock-{}", FORMS.fetch_add(1, Ordering::Relaxed));
    let name = key.name.clone();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(None);
        let key = key.clone();
        spawn(async move {
            let opened = kept.unlock(&key, &passphrase.get_untracked()).await;
            // Once it is open this form is gone.
            busy.try_set(false);
            match opened {
                Ok(()) => {
                    passphrase.try_set(String::new());
                    if let Some(then) = then {
                        then.run(());
                    }
                }
                Err(reason) => {
                    failed.try_set(Some(reason));
                }
            }
        });
    };
    any! {
        <form class="unlock" on:submit=submit>
            <label for=id.clone()>{fill("key.unlock.label", &[("name", &name)])}</label>
            <div class="inline-form">
                <input id=id type="password" autocomplete="current-password"
                    prop:value=move || passphrase.get() on:input=move |event| passphrase.set(event_target_value(&event))/>
                <button class="button secondary" data-action="unlock" aria-disabled=move || busy.get().then_some("true")>
                    {text("key.unlock")}
                </button>
            </div>
            <div role="status">
                {live(move || busy.get().then(|| any! { <p class="hint" data-busy="">{text("key.busy")}</p> }))}
                {live(move || failed.get().map(|reason| any! { <EngineFailure reason/> }))}
            </div>
        </form>
    }
}

/// What is done with an open key; until then the form that opens it, or word that it is not here.
pub fn with_key(
    kept: Kept,
    kid: String,
    content: impl Fn() -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let kid = StoredValue::new(kid);
    let is_open = Memo::new(move |_| kid.with_value(|kid| kept.opened(kid).is_some()));
    let key = move || kid.with_value(|kid| kept.keys().into_iter().find(|key| key.kid == *kid));
    live(move || match (is_open.get(), key()) {
        (true, _) => content(),
        (false, Some(key)) => any! { <Unlock kept key/> },
        (false, None) => any! { <p class="notice">{text("cohort.no_key")}</p> },
    })
}
