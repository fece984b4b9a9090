//! What a coach's link leads to: joining, answering, one key a cohort, a file that only the coach
//! opens, and what happens where browsers keep nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

use e2e::browser::{Setting, World, in_browser};
use e2e::cohort::{claims, coach, fragment, invitation, link, read};
use e2e::engine::{Engine, Privacy};
use e2e::in_every_engine;
use e2e::pages::{Coaching, Cohort, link_in};
use e2e::respondent::{Draw, Plan, instrument};
use e2e::server::DROP;
use scoring::cohort::{Delivery, GroupReport, LinkClaims, VerifiedLink};
use scoring::instrument::Rater;
use scoring::jose::{Unsigned, base64url, from_base64url};
use scoring::result::Policy;
use scoring::words::key_words;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;

const OPS: (&str, &str) = ("ops", "1.0");

/// Where the address bar or the history could show a link's token: the address, and the entry that
/// the browser goes back to.
async fn address(world: &World) -> String {
    world.browser.ask("return location.href", vec![]).await
}

in_every_engine!(a_link_leads_to_a_file_that_only_the_coach_opens);

fn a_link_leads_to_a_file_that_only_the_coach_opens(engine: Engine) {
    in_browser(engine, "link", Setting::default(), async |world| {
        let key = coach(1);
        let link = link(&LinkClaims { seal: Some(key.seal_public()), ..claims(1, &[OPS]) }, &key);
        world.open("", "home").await;
        let cohort = Cohort::follow(world, &world.server.url(&fragment(&link)), &link).await;

        let said = cohort.text().await;
        for wanted in
            ["How we lead together", "Coach & Partners", "Spring 2027", "6", "12", "locked"]
        {
            assert!(said.contains(wanted), "the page does not say “{wanted}”: {said}");
        }
        assert_eq!(cohort.words().await, key_words(link.kid()).unwrap());
        assert_eq!(cohort.starts().await, [("ops".to_owned(), "self".to_owned())]);

        let clean = world.server.url(&format!("#/cohort/{}", link.slug()));
        assert_eq!(address(world).await, clean, "the token stays in the address bar");
        world.browser.reload().await;
        let cohort = Cohort::arrived(world, &link).await;
        world.browser.ask::<Value>("setTimeout(() => history.back())", vec![]).await;
        world.browser.page("home").await;
        world.browser.ask::<Value>("setTimeout(() => history.forward())", vec![]).await;
        Cohort::arrived(world, &link).await;
        assert_eq!(address(world).await, clean, "the token stays in the history");

        cohort.choose_cut("site", 2).await;
        world.browser.reload().await;
        let cohort = Cohort::arrived(world, &link).await;
        assert_eq!(cohort.chosen_cut("site").await, Some(2), "the choice after a reload");

        let ops = instrument("ops", "1.0");
        let plan = Plan::draw(&ops, Rater::Own, &mut Draw::named(engine.name()));
        let kept = cohort.survey("ops", "1.0");
        let survey = cohort.start("ops", "self").await;
        let review = survey
            .answer_all(&plan, async |survey, n_answers| {
                if n_answers == 5 {
                    assert_eq!(survey.n_kept(&kept, "self").await, 5);
                    let saved = "return document.querySelector('.saved').dataset.saved === 'true'";
                    world.browser.until::<bool>("word that all is saved", saved, vec![]).await;
                }
            })
            .await;
        let export = review.finish().await.to_export().await;
        assert!(export.claims().await.contains("Coach & Partners"), "who can open the file");
        let file = export.sign().await;
        let code = export.recovery_code().await.expect("a new key comes with a recovery code");
        assert!(scoring::participant::from_recovery_code(&code).is_some(), "{code}");
        if engine != Engine::Webkit {
            assert_eq!(
                export.download_sealed().await,
                file,
                "the download is not what the page shows"
            );
        }
        assert!(!file.contains("payload"), "the file is not sealed: {file}");

        let result = read(&file, &[&link], key);
        let claims = result.claims();
        assert_eq!(claims.survey.sheet, plan.sheet);
        assert_eq!(claims.aud, scoring::result::audience(&link.claims().id));
        let from = claims.survey.cohort.as_ref().expect("a cohort's result says so");
        assert_eq!((&from.id, &from.wave), (&link.claims().id, &link.claims().wave));
        assert_eq!(from.link_sha256, link.sha256_hex());
        assert_eq!(claims.survey.policy, Policy { min_group: 6, min_comments: 12 });
        assert_eq!(claims.survey.cuts.get("site"), Some(&2));

        // Another look shows neither the code again nor a need to sign again.
        world.browser.reload().await;
        world.browser.page("export").await;
        assert_eq!(export.recovery_code().await, None, "a recovery code is shown once");
        world.open("", "home").await;
        world.browser.click("the joined cohort", "a[data-cohort]").await;
        Cohort::arrived(world, &link).await;
    });
}

/// A link with another payload, signed like the first.
fn with_payload(link: &VerifiedLink, change: impl Fn(&mut Value)) -> String {
    let key = coach(1);
    let payload = link.token().split('.').nth(1).and_then(from_base64url).expect("a payload");
    let mut payload: Value = serde_json::from_slice(&payload).expect("JSON");
    change(&mut payload);
    let unsigned = Unsigned::self_signed("survey-cohort+jwt", &key.public(), &payload);
    unsigned.compact(&key.sign(&unsigned.signing_input()))
}

in_every_engine!(each_broken_link_is_explained);

fn each_broken_link_is_explained(engine: Engine) {
    in_browser(engine, "broken-links", Setting::default(), async |world| {
        let (key, good) = (coach(1), link(&claims(1, &[OPS]), &coach(1)));
        let parts: Vec<&str> = good.token().split('.').collect();
        let [head, payload, signature] = parts.as_slice() else { panic!("a compact JWS") };
        let other =
            with_payload(&good, |payload| payload["cohort"]["policy"]["min_group"] = json!(3));
        let other = other.split('.').nth(1).expect("a payload");
        let one_letter = if signature.starts_with('A') { "B" } else { "A" };
        let invited = link(&LinkClaims { invitation: true, ..claims(2, &[OPS]) }, &key);
        let foreign = invitation(&good, &key, 1);
        let broken = [
            (format!("{head}.{payload}.{one_letter}{}", &signature[1..]), "link_changed"),
            (format!("{head}.{other}.{signature}"), "link_changed"),
            (format!("{head}.{}", &payload[..payload.len() / 2]), "link_damaged"),
            (with_payload(&good, |payload| payload["cohort"]["v"] = json!(2)), "link_version"),
            (with_payload(&good, |payload| payload["cohort"]["title"] = json!("")), "link_content"),
            (format!("{head}.{payload}{}.{signature}", "A".repeat(1500)), "link_too_long"),
            (invited.token().to_owned(), "link_invitation"),
            (format!("{}/{foreign}", invited.token()), "link_invitation"),
        ];
        for (token, code) in broken {
            world.browser.go(&world.server.url("#/about")).await;
            world.browser.page("about").await;
            world.browser.go(&world.server.url(&format!("#/join/{token}"))).await;
            world.browser.page("link-failed").await;
            explains(world, code).await;
            assert!(
                !address(world).await.contains(&token),
                "{code}: the token stays in the address"
            );
        }
        world.open(&format!("#/cohort/{}", good.slug()), "link-failed").await;
        explains(world, "link_forgotten").await;

        let closed = link(&LinkClaims { closes: Some(1_790_000_001), ..claims(3, &[OPS]) }, &key);
        let cohort = Cohort::follow(world, &world.server.url(&fragment(&closed)), &closed).await;
        explains(world, "link_closed").await;
        assert!(cohort.starts().await.is_empty(), "a closed survey can be begun");
    });
}

/// The page says what happened, in words of its own, and what to do.
async fn explains(world: &World, code: &str) {
    let script =
        "return [...document.querySelectorAll('[data-error]')].map((error) => [error.dataset.error,
        ...[...error.querySelectorAll('p')].map((words) => words.textContent.trim())])";
    let said: Vec<Vec<String>> = world.browser.ask(script, vec![]).await;
    let [error] = said.as_slice() else { panic!("{code}: {said:?}") };
    assert_eq!(error[0], code);
    assert!(error.len() >= 3 && error.iter().all(|words| words.len() > 5), "{error:?}");
}

in_every_engine!(an_invitation_comes_with_the_result);

fn an_invitation_comes_with_the_result(engine: Engine) {
    in_browser(engine, "invitation", Setting::default(), async |world| {
        let key = coach(1);
        let link = link(&LinkClaims { invitation: true, ..claims(4, &[OPS]) }, &key);
        let token = invitation(&link, &key, 9);
        let address = world.server.url(&format!("{}/{token}", fragment(&link)));
        let cohort = Cohort::follow(world, &address, &link).await;
        let export = cohort.finished("ops", "1.0", &some_answers(3)).await;
        let file = export.sign().await;
        let result = read(&file, &[&link], key);
        let from = result.claims().survey.cohort.as_ref().expect("a cohort's result says so");
        assert_eq!(from.invitation.as_deref(), Some(token.as_str()));
        assert_eq!(
            result.invitation().map(|invitation| invitation.id()),
            Some(base64url(&[9; 16]).as_str())
        );
    });
}

fn some_answers(code: i64) -> BTreeMap<String, i64> {
    [("strategy_internal_1".to_owned(), code), ("strategy_internal_2".to_owned(), 1)].into()
}

/// Whoever signs for a cohort here: the thumbprint in the file, and the recovery code if one came.
async fn signer(world: &World, at: &str, link: &VerifiedLink) -> (String, Option<String>) {
    let cohort = Cohort::follow(world, &format!("{at}{}", fragment(link)), link).await;
    let export = cohort.finished("ops", "1.0", &some_answers(2)).await;
    let file = export.sign().await;
    (read(&file, &[link], coach(1)).claims().iss.clone(), export.recovery_code().await)
}

in_every_engine!(one_person_a_cohort);

/// The waves of a cohort are linked and cohorts are not; a recovery code makes the same person on a
/// device that knows nothing, and whoever wants to be somebody else is.
fn one_person_a_cohort(engine: Engine) {
    in_browser(engine, "recovery", Setting::default(), async |world| {
        let (here, there) = (world.server.url(""), world.elsewhere.url(""));
        let key = coach(1);
        let first = link(&claims(5, &[OPS]), &key);
        let second =
            link(&LinkClaims { wave: "Autumn 2027".to_owned(), ..claims(5, &[OPS]) }, &key);
        let third = link(&LinkClaims { wave: "Spring 2028".to_owned(), ..claims(5, &[OPS]) }, &key);
        let other = link(&claims(6, &[OPS]), &key);

        let (person, code) = signer(world, &here, &first).await;
        let code = code.expect("a new key comes with a recovery code");
        assert_eq!(signer(world, &here, &second).await, (person.clone(), None), "the second wave");
        let (elsewhere, new_code) = signer(world, &here, &other).await;
        assert!(elsewhere != person && new_code.is_some(), "two cohorts share a key");

        let cohort = Cohort::follow(world, &format!("{there}{}", fragment(&first)), &first).await;
        let export = cohort.finished("ops", "1.0", &some_answers(4)).await;
        let mistyped = code.replacen(|c: char| c != '-', "U", 1);
        assert_eq!(export.recover(&mistyped).await.as_deref(), Some("recovery"));
        assert_eq!(export.recover(&code.to_lowercase().replace('-', " ")).await, None);
        let file = export.sign().await;
        assert_eq!(read(&file, &[&first], coach(1)).claims().iss, person, "the recovered person");
        assert_eq!(export.recovery_code().await, None, "no new key, no new code");

        let cohort = Cohort::follow(world, &format!("{there}{}", fragment(&third)), &third).await;
        let export = cohort.finished("ops", "1.0", &some_answers(1)).await;
        assert_eq!(export.become_new().await, None);
        let file = export.sign().await;
        assert_ne!(read(&file, &[&third], coach(1)).claims().iss, person, "still the same person");
        assert!(export.recovery_code().await.is_some(), "a new key comes with a recovery code");
    });
}

in_every_engine!(two_tabs_make_one_key);

/// Both tabs sign within a few milliseconds: one key is made, one recovery code is shown, and what
/// either tab answered is in the file.
fn two_tabs_make_one_key(engine: Engine) {
    // Each tab notes the files it signs: the tab that is second replaces what the first shows.
    let script = "const setItem = Storage.prototype.setItem; window.signed = [];
        Storage.prototype.setItem = function (key, value) {
            if (key.endsWith('/signed')) window.signed.push(JSON.parse(value));
            return setItem.call(this, key, value);
        };";
    let setting = Setting { first_script: script, ..Setting::default() };
    in_browser(engine, "two-tabs-one-key", setting, async |world| {
        let link = link(&claims(7, &[OPS]), &coach(1));
        let address = world.server.url(&fragment(&link));
        let cohort = Cohort::follow(world, &address, &link).await;
        let survey = cohort.start("ops", "self").await;
        survey.choose("strategy_internal_1", "2").await;

        let first_tab = world.browser.open_tab().await;
        let cohort = Cohort::follow(world, &address, &link).await;
        let kept = cohort.survey("ops", "1.0");
        let survey = cohort.start("ops", "self").await;
        survey.choose("strategy_internal_2", "4").await;
        let cohort = Cohort::follow(world, &address, &link).await;
        cohort.finished("ops", "1.0", &BTreeMap::new()).await;

        let second_tab = world.browser.switch_to(&first_tab).await;
        assert_eq!(survey.n_kept(&kept, "self").await, 2, "an answer is lost");
        cohort.export("ops", "1.0").await;
        let sign = "document.querySelector('[data-action=sign]').click()";
        let wait = format!(
            "addEventListener('storage', (event) => {{ if (event.key === 'e2e') {sign}; }})"
        );
        world.browser.ask::<Value>(&wait, vec![]).await;
        world.browser.switch_to(&second_tab).await;
        world
            .browser
            .ask::<Value>(&format!("localStorage.setItem('e2e', '1'); {sign}"), vec![])
            .await;

        let files = "return window.signed.length > 0 && { files: window.signed,
            code: document.querySelector('[data-recovery-code]')?.textContent ?? null }";
        let mut signed = Vec::new();
        for tab in [&second_tab, &first_tab] {
            world.browser.switch_to(tab).await;
            signed.push(world.browser.until::<Value>("the signed file", files, vec![]).await);
        }
        let mut persons = Vec::new();
        for file in signed.iter().flat_map(|tab| tab["files"].as_array().expect("files")) {
            let result = read(file.as_str().expect("a file"), &[&link], coach(1));
            persons.push(result.claims().iss.clone());
            let said = |item: &str| result.claims().survey.sheet.answers.get(item).copied();
            let code = |code| Some(scoring::answers::Answer::Code(code));
            assert_eq!(said("strategy_internal_1"), code(2), "the first tab's answer");
            assert_eq!(said("strategy_internal_2"), code(4), "the second tab's answer");
        }
        assert_eq!(persons.len(), 2, "each tab signed once");
        assert_eq!(persons[0], persons[1], "two tabs, two keys");
        let codes: Vec<_> = signed.iter().filter(|tab| !tab["code"].is_null()).collect();
        assert_eq!(codes.len(), 1, "exactly one tab made the key and shows its code");
    });
}

in_every_engine!(leaving_in_the_middle_of_a_write);

/// A page that is left while it writes must not keep the next one from starting: WebKit suspends
/// it with its transaction, which then nobody can end.
fn leaving_in_the_middle_of_a_write(engine: Engine) {
    in_browser(engine, "leaving", Setting::default(), async |world| {
        let address = |query| world.server.url(&format!("{query}#/survey/ops/1.0/self/1"));
        world.browser.go(&address("?0")).await;
        for (value, query) in [(2, "?1"), (4, "?2")] {
            world.browser.page("answer").await;
            let script = "document.querySelector(`input[name=strategy_internal_1][value='${arguments[0]}']`).click();
                location.href = arguments[1]";
            let args = vec![json!(value), json!(address(query))];
            world.browser.ask::<Value>(script, args).await;
            let arrived = "return location.search === arguments[0]
                && document.querySelector('input[name=strategy_internal_1]:checked')?.value === arguments[1]";
            let args = vec![json!(query), json!(value.to_string())];
            world.browser.until::<bool>("the answer after coming back", arrived, args).await;
        }
    });
}

/// A participant's whole way by a link with the fewest questions.
async fn short_way(world: &World, link: &VerifiedLink, keeps: bool) {
    let (id, version) = ("five_factor_demo", "1.0");
    let cohort = Cohort::arrived(world, link).await;
    let plan = Plan::draw(&instrument(id, version), Rater::Own, &mut Draw::named("short way"));
    let survey = cohort.start(id, "self").await;
    let review = survey
        .answer_all(&plan, async |_, n_answers| {
            if n_answers == 1 {
                let script =
                    "return document.querySelector('.saved').dataset.saved === arguments[0]";
                let args = vec![json!(keeps.to_string())];
                world.browser.until::<bool>("a true word on what is saved", script, args).await;
            }
        })
        .await;
    let notice = "return !!document.querySelector('[data-notice=memory]')?.checkVisibility()";
    assert_eq!(
        world.browser.ask::<bool>(notice, vec![]).await,
        !keeps,
        "word that nothing is kept"
    );
    let export = review.finish().await.to_export().await;
    let file = export.sign().await;
    assert!(export.recovery_code().await.is_some(), "a new key comes with a recovery code");
    let result = read(&file, &[link], coach(1));
    assert_eq!(result.claims().survey.sheet, plan.sheet);
}

fn short_link() -> VerifiedLink {
    let key = coach(1);
    let claims = claims(8, &[("five_factor_demo", "1.0")]);
    link(&LinkClaims { seal: Some(key.seal_public()), ..claims }, &key)
}

/// A private window keeps everything until it closes, as its own notice says; the page cannot know.
fn private_window(engine: Engine) {
    let setting = Setting { privacy: Privacy::Private, ..Setting::default() };
    in_browser(engine, "private", setting, async |world| {
        let link = short_link();
        world.browser.go(&world.server.url(&fragment(&link))).await;
        short_way(world, &link, true).await;
        world.browser.reload().await;
        world.browser.page("export").await;
        let script = "return document.querySelector('pre[data-file]') !== null";
        world.browser.until::<bool>("the file after a reload", script, vec![]).await;
    });
}

#[test]
fn private_window_chromium() {
    private_window(Engine::Chromium);
}

#[test]
fn private_window_firefox() {
    private_window(Engine::Firefox);
}

const DENIED: &str = "for (const name of ['localStorage', 'indexedDB']) {
    Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } });
}";

in_every_engine!(storage_denied);

fn storage_denied(engine: Engine) {
    let setting = if engine == Engine::Firefox {
        Setting { privacy: Privacy::NoStorage, ..Setting::default() }
    } else {
        Setting { first_script: DENIED, ..Setting::default() }
    };
    in_browser(engine, "link-storage-denied", setting, async |world| {
        let link = short_link();
        world.browser.go(&world.server.url(&fragment(&link))).await;
        short_way(world, &link, false).await;
        let said = "return [...document.querySelectorAll('.notice.warning')].map((notice) => notice.innerText).join(' ')";
        let said: String = world.browser.ask(said, vec![]).await;
        assert!(said.contains("does not keep keys"), "{said}");
    });
}

/// A sandboxed frame without `allow-same-origin` is of no origin, and nothing is kept for it. In WebKit
/// the policy's `'self'` then matches no file, ours neither, and the app cannot start there.
fn sandboxed_frame(engine: Engine) {
    let setting = Setting { may_be_framed: true, ..Setting::default() };
    in_browser(engine, "sandbox", setting, async |world| {
        let link = short_link();
        let page = world.server.url(&fragment(&link));
        let sandbox = Some("allow-scripts allow-downloads");
        world.browser.go(&world.elsewhere.around(&page, sandbox)).await;
        world.browser.enter_frame().await;
        short_way(world, &link, false).await;
    });
}

#[test]
fn sandboxed_frame_chromium() {
    sandboxed_frame(Engine::Chromium);
}

#[test]
fn sandboxed_frame_firefox() {
    sandboxed_frame(Engine::Firefox);
}

in_every_engine!(the_page_around_gets_the_file);

/// A coach's own site frames the survey and takes the file, if it is the site that the link names.
fn the_page_around_gets_the_file(engine: Engine) {
    // Browsers complain of a message that they do not deliver.
    let setting = Setting { may_be_framed: true, may_be_loud: true, ..Setting::default() };
    in_browser(engine, "message", setting, async |world| {
        let received = "return window.received";
        for (id, pinned) in
            [(9, world.elsewhere.origin()), (10, "https://coach.example".to_owned())]
        {
            let is_around = pinned == world.elsewhere.origin();
            let delivery = Delivery::Message { origin: pinned };
            let link = link(&LinkClaims { delivery, ..claims(id, &[OPS]) }, &coach(1));
            let page = world.server.url(&fragment(&link));
            world.browser.go(&world.elsewhere.around(&page, None)).await;
            world.browser.enter_frame().await;
            let cohort = Cohort::arrived(world, &link).await;
            let export = cohort.finished("ops", "1.0", &some_answers(5)).await;
            let file = export.sign().await;
            let failure = export.send().await;
            world.browser.leave_frame().await;
            if is_around {
                assert_eq!(failure, None);
                let got: Value = world.browser.ask(received, vec![]).await;
                assert_eq!(got[0]["origin"], json!(world.server.origin()));
                assert_eq!(got[0]["data"]["type"], "plumbline-result");
                assert_eq!(got[0]["data"]["content"], json!(file));
                let name = got[0]["data"]["name"].as_str().expect("a name");
                assert!(name.ends_with(".result.jws.json"), "{name}");
                assert_eq!(got.as_array().map(Vec::len), Some(1), "the file came once");
            } else {
                let got: Vec<Value> = world.browser.ask(received, vec![]).await;
                assert!(got.is_empty(), "another site got the file");
                assert_eq!(failure.as_deref(), Some("send"), "what the page says");
            }
        }
        // Without a page around it, there is nobody to give the file to.
        let delivery = Delivery::Message { origin: world.elsewhere.origin() };
        let link = link(&LinkClaims { delivery, ..claims(11, &[OPS]) }, &coach(1));
        let cohort = Cohort::follow(world, &world.server.url(&fragment(&link)), &link).await;
        let export = cohort.finished("ops", "1.0", &some_answers(5)).await;
        export.sign().await;
        assert_eq!(export.send().await.as_deref(), Some("send"));
    });
}

in_every_engine!(a_folder_takes_the_file);

fn a_folder_takes_the_file(engine: Engine) {
    // Browsers complain of an answer other than success.
    let setting = Setting { may_be_loud: true, ..Setting::default() };
    in_browser(engine, "drop", setting, async |world| {
        let refusing = "closed/".to_owned();
        for (id, path) in [(12, DROP.to_owned()), (13, refusing)] {
            let takes = path == DROP;
            let link = link(
                &LinkClaims { delivery: Delivery::Drop { path }, ..claims(id, &[OPS]) },
                &coach(1),
            );
            let cohort = Cohort::follow(world, &world.server.url(&fragment(&link)), &link).await;
            let export = cohort.finished("ops", "1.0", &some_answers(5)).await;
            let file = export.sign().await;
            let failure = export.send().await;
            if takes {
                assert_eq!(failure, None);
                let [(name, content)] = &world.server.dropped()[..] else { panic!("one file") };
                assert!(name.ends_with(".result.jws.json"), "{name}");
                assert_eq!(*content, file);
            } else {
                assert_eq!(failure.as_deref(), Some("send"));
            }
        }
        assert_eq!(world.server.dropped().len(), 1, "a refused file was taken");
    });
}

in_every_engine!(from_a_coach_to_a_participant_and_back);

/// A coach makes a key and a link in the app, a participant on another device answers and hands over
/// a sealed file, and the coach, back later, opens it and sees it counted once.
fn from_a_coach_to_a_participant_and_back(engine: Engine) {
    const PASSPHRASE: &str = "Seven quiet herons, 1 pond";
    in_browser(engine, "coach-and-back", Setting::default(), async |world| {
        let coaching = Coaching::open(world).await;
        coaching.make_key("Coach & Partners", PASSPHRASE).await;
        let address = coaching.make_cohort("How we lead", "Spring 2027", "ops").await;
        assert!(address.starts_with(&world.server.url("#/join/")), "{address}");
        assert!(address.len() <= scoring::cohort::MAX_LINK_CHARS, "{} characters", address.len());
        let link = link_in(&address);
        let claims = link.claims();
        assert_eq!(
            (claims.coach.as_str(), claims.wave.as_str()),
            ("Coach & Partners", "Spring 2027")
        );

        let elsewhere = address.replace(&world.server.origin(), &world.elsewhere.origin());
        let cohort = Cohort::follow(world, &elsewhere, &link).await;
        let cut = claims.cuts.first().expect("the coach's question");
        assert_eq!(cut.options, ["North", "South"]);
        cohort.choose_cut(&cut.id, 2).await;
        let export = cohort.finished("ops", "1.0", &some_answers(4)).await;
        let file = export.sign().await;
        let path = world.folder.join("a.result.jwe.json");
        fs::write(&path, &file).expect("the file can be written");
        let copy = world.folder.join("again.result.jwe.json");
        fs::write(&copy, &file).expect("the file can be written");

        coaching.come_back(&link).await;
        coaching.count(&[path], PASSPHRASE, 1).await;
        world.browser.hand_over("#files", &[copy]).await;
        let script = "return document.querySelector('tr[data-status=duplicate]') !== null";
        world.browser.until::<bool>("the copy among the duplicates", script, vec![]).await;
        coaching.counted(1).await;
        coaching.publish().await;
        let script =
            "return localStorage.getItem(`plumbline.1/coach/released/${arguments[0]}`) !== null";
        let cohort = vec![json!(claims.id)];
        world.browser.until::<bool>("a note of what was released", script, cohort).await;
        if engine != Engine::Webkit {
            let (_, report) = world.browser.downloaded(".report.jws.json").await;
            assert_eq!(
                coaching.verify(&report).await,
                ("group_report".to_owned(), String::new(), vec![])
            );
        }
        assert_eq!(coaching.verify(&address).await, ("link".to_owned(), String::new(), vec![]));
    });
}

in_every_engine!(a_cohort_that_was_begun_is_still_there);

fn a_cohort_that_was_begun_is_still_there(engine: Engine) {
    in_browser(engine, "begun", Setting::default(), async |world| {
        let coaching = Coaching::open(world).await;
        coaching.make_key("A coach", "correct horse battery").await;
        let questions = ["Which site?", "Which shift?", "Which language?", "Which trade?"];
        coaching.begin_cohort("How we lead", questions).await;
        let begun = [&["How we lead"], &questions[..]].concat();
        assert_eq!(coaching.begun_cohort().await, begun);
        assert_eq!(coaching.start_over().await, [""]);
        world.open("#/coach/cohorts", "coach-cohorts").await;
        assert_eq!(coaching.begun_cohort().await, [""], "thrown away, and yet back");
    });
}

in_every_engine!(a_report_waits_for_the_link_of_its_group);

/// Where nobody knows a group's link, its report proves a key alone; a link that is handed over settles whose.
fn a_report_waits_for_the_link_of_its_group(engine: Engine) {
    in_browser(engine, "report-link", Setting::default(), async |world| {
        let key = coach(44);
        let link = link(&claims(44, &[OPS]), &key);
        let unsigned = GroupReport::unsigned(&link, &[], &[], 1_790_000_000);
        let report = unsigned.signed(&key.sign(&unsigned.signing_input()));
        let coaching = Coaching::open(world).await;
        let unknown = ("group_report".to_owned(), "unknown_cohort".to_owned(), vec![]);
        assert_eq!(coaching.verify(&report).await, unknown);
        let said = "const report = document.querySelector('article[data-kind=group_report]');
            return [report.dataset.refusal, report.querySelector('[data-proves]').dataset.proves,
                report.querySelector('[data-check=coach]').dataset.passed]";
        let got: [String; 3] = world.browser.ask(said, vec![]).await;
        assert_eq!(got, ["unknown_cohort", "key_alone", "none"]);
        let address = world.server.url(&fragment(&link));
        assert_eq!(coaching.verify_too(&address).await, ("link".to_owned(), String::new(), vec![]));
        let script = "return document.querySelector('article[data-kind=group_report][data-refusal=\"\"]') !== null";
        world.browser.until::<bool>("the report, checked again", script, vec![]).await;
        let got: [String; 3] = world.browser.ask(said, vec![]).await;
        assert_eq!(got, ["", "group_report", "true"]);
    });
}
