//! A coach's keys and links: kept on this device, and opened in the engine alone.

use super::draft::Draft;
use crate::app::Device;
use crate::engine::{OpenKey, ask, survey_name};
use crate::platform::{spawn, storage, worker};
use crate::state::file_stem;
use js_sys::Uint8Array;
use leptos::prelude::*;
use litemap::LiteMap;
use scoring::cohort::{LinkClaims, Report, VerifiedLink};
use scoring::jose::{Unsigned, fixed, locked_kid};
use scoring::json::{canonical, parse};
use scoring::pair::Names;
use scoring::plan::commitment::{self, Commitment};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A key as it is kept: locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptKey {
    /// Its thumbprint.
    pub kid: String,
    /// How its coach is called in links.
    pub name: String,
    /// The locked file.
    pub file: String,
}

impl KeptKey {
    /// A locked file under a name.
    ///
    /// # Errors
    /// The code of why the file is no locked key.
    pub fn new(name: &str, file: &str) -> Result<Self, String> {
        let kid = locked_kid(file.as_bytes()).map_err(|failure| failure.code().to_owned())?;
        Ok(KeptKey { kid, name: name.trim().to_owned(), file: file.to_owned() })
    }

    /// What its file is called.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.key.jwe.json", file_stem(&self.name))
    }
}

/// A link as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLink {
    /// The link.
    pub link: VerifiedLink,
    /// The address of the app that it leads to.
    pub base: String,
}

/// What the coach's pages know of this device, and their verbs.
#[derive(Clone, Copy)]
pub struct Kept {
    device: Device,
    changed: RwSignal<u32>,
    open: RwSignal<Vec<OpenKey>>,
}

impl Kept {
    /// What is kept here; which keys are open is asked of the engine.
    #[must_use]
    pub fn here() -> Self {
        let kept = Kept {
            device: expect_context::<Device>(),
            changed: RwSignal::new(0),
            open: RwSignal::new(Vec::new()),
        };
        spawn(kept.look());
        kept
    }

    async fn look(self) {
        if let Ok(open) = worker::ask_json(ask::OPEN_KEYS, "", None).await {
            self.open.try_set(open);
        }
    }

    /// Whether what is kept lasts only as long as this tab.
    #[must_use]
    pub fn forgets(self) -> bool {
        self.device.trouble.get().is_some()
    }

    fn entries(self, of: &str) -> LiteMap<String, Value> {
        self.changed.track();
        self.device.changed_elsewhere.track();
        storage::entries(&format!("{}coach/{of}/", storage::PREFIX))
    }

    /// All keys, by name.
    #[must_use]
    pub fn keys(self) -> Vec<KeptKey> {
        let entries = self.entries("keys");
        let keys = entries.values().filter_map(|value| {
            KeptKey::new(text_of(value, "name")?, text_of(value, "file")?).ok()
        });
        let mut keys: Vec<KeptKey> = keys.collect();
        keys.sort_by(|a, b| (&a.name, &a.kid).cmp(&(&b.name, &b.kid)));
        keys
    }

    /// A key, if it is open.
    #[must_use]
    pub fn opened(self, kid: &str) -> Option<OpenKey> {
        self.open.get().into_iter().find(|open| open.kid == kid)
    }

    /// All links, the newest first.
    #[must_use]
    pub fn links(self) -> Vec<KeptLink> {
        let entries = self.entries("links");
        let links = entries.values().filter_map(|value| {
            let link = VerifiedLink::verify(text_of(value, "link")?).ok()?;
            Some(KeptLink { link, base: text_of(value, "base")?.to_owned() })
        });
        let mut links: Vec<KeptLink> = links.collect();
        links.sort_by_key(|kept| std::cmp::Reverse(kept.link.claims().iat));
        links
    }

    /// Coach names that come with more than one key, in links or among the keys of this device.
    #[must_use]
    pub fn ambiguous_names(self) -> BTreeSet<String> {
        let of_links = self.links().into_iter();
        let of_links =
            of_links.map(|kept| (kept.link.claims().coach.clone(), kept.link.kid().to_owned()));
        let of_keys = self.keys().into_iter().map(|key| (key.name, key.kid));
        let mut kids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, kid) in of_links.chain(of_keys) {
            kids.entry(name).or_default().insert(kid);
        }
        kids.into_iter().filter(|(_, kids)| kids.len() > 1).map(|(name, _)| name).collect()
    }

    fn write(self, key: &str, value: Option<&Value>) {
        self.device.write(&format!("{}coach/{key}", storage::PREFIX), value);
        self.changed.update(|n| *n = n.wrapping_add(1));
    }

    /// Keeps a locked key.
    pub fn keep_key(self, key: &KeptKey) {
        let value = json!({"file": key.file, "name": key.name});
        self.write(&format!("keys/{}", key.kid), Some(&value));
    }

    /// Removes a key from this device and from the engine.
    pub fn remove_key(self, kid: &str) {
        self.write(&format!("keys/{kid}"), None);
        self.close(kid);
    }

    /// Keeps a link.
    pub fn keep_link(self, link: &VerifiedLink, base: &str) {
        let value = json!({"base": base, "link": link.token()});
        self.write(&format!("links/{}", link.slug()), Some(&value));
    }

    /// Removes a link, the names of its pairs, what they commit to, and how many people were asked.
    pub fn remove_link(self, slug: &str) {
        let links = untrack(|| self.links());
        if let Some(kept) = links.iter().find(|kept| kept.link.slug() == slug) {
            let LinkClaims { id, wave, .. } = kept.link.claims();
            storage::remove_all(&format!("{}coach/rosters/{id}/{wave}/", storage::PREFIX));
        }
        self.write(&format!("links/{slug}"), None);
        self.write(&format!("pairs/{slug}"), None);
        storage::remove_all(&format!("{}coach/commitments/{slug}/", storage::PREFIX));
    }

    /// Who the pairs of a link are, by their ids.
    #[must_use]
    pub fn names(self, slug: &str) -> BTreeMap<String, Names> {
        let entries = self.entries("pairs");
        let pairs = entries.get(slug).and_then(Value::as_object).into_iter().flatten();
        let named = pairs.filter_map(|(pair, names)| {
            let name = |of| text_of(names, of).map(str::to_owned);
            let names = Names { leader: name("leader")?, manager: name("manager")? };
            Some((pair.clone(), names))
        });
        named.collect()
    }

    /// Keeps the names of some more pairs.
    pub fn keep_names(self, slug: &str, named: impl IntoIterator<Item = (String, Names)>) {
        let mut names = untrack(|| self.names(slug));
        names.extend(named);
        let names: Map<String, Value> = names
            .into_iter()
            .map(|(pair, names)| (pair, json!({"leader": names.leader, "manager": names.manager})))
            .collect();
        self.write(&format!("pairs/{slug}"), Some(&Value::Object(names)));
    }

    /// What a pair commits to, as far as it was written down here.
    #[must_use]
    pub fn commitments(self, slug: &str, pair: &str) -> Vec<Commitment> {
        let of = format!("commitments/{slug}");
        self.entries(&of).get(pair).map(commitment::read).unwrap_or_default()
    }

    /// Keeps what a pair commits to.
    pub fn keep_commitments(self, slug: &str, pair: &str, commitments: &[Commitment]) {
        let list = (!commitments.is_empty()).then(|| commitment::write(commitments));
        self.write(&format!("commitments/{slug}/{pair}"), list.as_ref());
    }

    /// What was typed for a new cohort, or for the next wave of one, and not made into a link yet.
    #[must_use]
    pub fn draft(self, of: &str) -> Option<Draft> {
        let kept = storage::read(&format!("{}coach/drafts/{of}", storage::PREFIX))?;
        serde_json::from_value(kept).ok()
    }

    /// Keeps what was typed, or forgets it.
    pub fn keep_draft(self, of: &str, draft: Option<&Draft>) {
        let draft = draft.and_then(|draft| serde_json::to_value(draft).ok());
        self.device.write(&format!("{}coach/drafts/{of}", storage::PREFIX), draft.as_ref());
    }

    /// What was released of a cohort before, as the ledger's file; empty if nothing was.
    #[must_use]
    pub fn ledger(self, cohort: &str) -> String {
        self.entries("released").get(cohort).map(canonical).unwrap_or_default()
    }

    /// Keeps what was released of a cohort. It stays when a link is removed: what was given away stays known.
    pub fn keep_ledger(self, cohort: &str, ledger: &str) {
        if let Ok(ledger) = parse(ledger.as_bytes()) {
            self.write(&format!("released/{cohort}"), Some(&ledger));
        }
    }

    /// How many people were asked to answer the survey of a report.
    #[must_use]
    pub fn roster(self, report: &Report) -> Option<u64> {
        self.entries("rosters").get(survey_name(report).as_str())?.as_u64()
    }

    /// Keeps how many were asked, or forgets it.
    pub fn keep_roster(self, report: &Report, roster: Option<u64>) {
        let key = format!("rosters/{}", survey_name(report));
        self.write(&key, roster.map(Value::from).as_ref());
    }

    /// Makes a key, open from now on. It is not kept until its file was saved.
    ///
    /// # Errors
    /// The engine's reason.
    pub async fn make_key(self, name: &str, passphrase: &str) -> Result<KeptKey, String> {
        let file = worker::ask(ask::MAKE_KEY, passphrase, None).await?;
        self.look().await;
        KeptKey::new(name, &file)
    }

    /// Opens a locked key in the engine.
    ///
    /// # Errors
    /// A [`scoring::jose::LockFailure`]'s code, or the engine's reason.
    pub async fn unlock(self, key: &KeptKey, passphrase: &str) -> Result<(), String> {
        let file = Uint8Array::from(key.file.as_bytes());
        worker::ask(ask::UNLOCK, passphrase, Some(&file)).await?;
        self.look().await;
        Ok(())
    }

    /// Signs with an open key.
    ///
    /// # Errors
    /// When it is not open.
    pub async fn sign(self, kid: &str, unsigned: &Unsigned) -> Result<[u8; 64], String> {
        let message = Uint8Array::from(unsigned.signing_input().as_slice());
        let signature = worker::ask(ask::SIGN_AS, kid, Some(&message)).await?;
        fixed(&signature).ok_or_else(|| "unexpected answer".to_owned())
    }

    /// Closes a key.
    pub fn close(self, kid: &str) {
        let kid = kid.to_owned();
        spawn(async move {
            if worker::ask(ask::LOCK, &kid, None).await.is_ok() {
                self.look().await;
            }
        });
    }
}

/// Tells the engine how many people were asked.
///
/// # Errors
/// When the engine cannot start.
pub async fn give_rosters() -> Result<(), String> {
    let rosters = storage::entries(&format!("{}coach/rosters/", storage::PREFIX));
    let rosters = rosters.into_iter().filter(|(_, roster)| roster.is_u64());
    let rosters = Value::Object(rosters.collect()).to_string();
    worker::ask(ask::SET_ROSTERS, &rosters, None).await.map(|_| ())
}

/// Every link that this device knows, a coach's and a participant's.
#[must_use]
pub fn known_links() -> Vec<VerifiedLink> {
    tokens().iter().filter_map(|token| VerifiedLink::verify(token).ok()).collect()
}

/// Tells them to the engine.
///
/// # Errors
/// When the engine cannot start.
pub async fn give_links() -> Result<(), String> {
    give_links_and(&[]).await
}

/// [`give_links`] with more that are not kept.
///
/// # Errors
/// When the engine cannot start.
pub async fn give_links_and(more: &[String]) -> Result<(), String> {
    let tokens = Value::from([&tokens(), more].concat()).to_string();
    worker::ask(ask::SET_LINKS, &tokens, None).await.map(|_| ())
}

fn tokens() -> Vec<String> {
    let tokens = storage::entries(storage::PREFIX).into_iter().filter_map(|(key, value)| {
        let member = match key.split('/').collect::<Vec<_>>().as_slice() {
            ["coach", "links", _] => "link",
            ["cohort", _, "link"] => "token",
            // A leader's link for their manager.
            [_, _, "self", "asked"] => "link",
            _ => return None,
        };
        text_of(&value, member).map(str::to_owned)
    });
    tokens.collect()
}

fn text_of<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member)?.as_str()
}
