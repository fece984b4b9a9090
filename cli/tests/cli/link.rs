use crate::support::{folder, key, link, run, run_as_coach, text};
use scoring::cohort::{Invitation, VerifiedLink, link_tokens};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn token(file: &Path) -> String {
    let address = fs::read_to_string(file).unwrap();
    let (token, invitation) = link_tokens(address.trim()).unwrap();
    assert_eq!(invitation, None);
    token.to_owned()
}

/// A refused attempt to make a link.
#[track_caller]
fn refused(more: &[&str], expected: &str) {
    let key = key("coach");
    let args = ["link", "new", "--key", text(&key), "--coach", "A. Coach", "--wave", "1"];
    let ran = run_as_coach(args.iter().chain(more)).exits(2);
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

const GOOD: [&str; 6] =
    ["--title", "Team check", "--instrument", "ops", "--base", "https://example.org/survey/"];

#[track_caller]
fn refused_with(more: &[&str], expected: &str) {
    refused(&[&GOOD, more].concat(), expected);
}

#[test]
fn a_link_pins_what_was_asked_for() {
    let out = folder("link_pins");
    let qr = out.join("team.svg");
    let made = link(
        &out,
        "team.link",
        &[
            "--cut",
            "site: Where do you work? = North | South | At home",
            "--closes",
            "2099-12-31",
            "--min-group",
            "7",
            "--delivery",
            "drop:results/",
            "--qr",
            text(&qr),
        ],
    );
    let address = fs::read_to_string(&made).unwrap();
    assert!(address.starts_with("https://example.org/survey/#/join/") && address.len() <= 1501);
    assert!(fs::read_to_string(qr).unwrap().contains("<svg"));

    let shown = run(["link", "show", text(&made)]).exits(0).stdout;
    for expected in [
        "title        Team check\n",
        "coach        A. Coach\n",
        "words        volcano puzzle lemon pelican fox ruby kiwi sandal\n",
        "instrument   ops 1.0, Organizational Performance Survey\n",
        "cut          site: Where do you work? = North | South | At home\n",
        "state        open to the end of 2099-12-31 (UTC)\n",
        "policy       numbers from 7 people on, comments from 10\n",
        "sealed       yes",
        "delivery     into the folder results/ beside the app\n",
        "invitations  none",
    ] {
        assert!(shown.contains(expected), "{expected} is not in\n{shown}");
    }
    // An address and a bare token are links as well as a file is.
    assert_eq!(run(["link", "show", address.trim()]).exits(0).stdout, shown);
    assert_eq!(run(["link", "show", &token(&made)]).exits(0).stdout, shown);
}

#[test]
fn waves_of_a_cohort_share_its_id() {
    let out = folder("link_waves");
    let first = VerifiedLink::verify(&token(&link(&out, "1.link", &["--no-seal"]))).unwrap();
    let id = first.claims().id.as_str();
    let second = link(&out, "2.link", &["--cohort", id]);
    let second = VerifiedLink::verify(&token(&second)).unwrap();
    assert_eq!(second.claims().id, id);
    assert_ne!(second.claims().nonce, first.claims().nonce);
    assert_eq!((first.claims().seal, second.claims().seal.is_some()), (None, true));
    refused_with(&["--cohort", "team"], "cohort.id");

    let id = "-vN5SOlkUrf7k3T24H8nbA";
    let hyphen = link(&out, "3.link", &["--cohort", id]);
    assert_eq!(VerifiedLink::verify(&token(&hyphen)).unwrap().claims().id, id);
}

#[test]
fn json_names_all_that_a_program_needs() {
    let key = key("coach");
    let args = ["link", "new", "--key", text(&key), "--coach", "A. Coach", "--wave", "1", "--json"];
    let made = run_as_coach(args.iter().chain(&GOOD)).exits(0).json();
    let text = |name: &str| made[name].as_str().unwrap();
    let link = VerifiedLink::verify(text("token")).unwrap();
    assert_eq!(text("link"), format!("https://example.org/survey/#/join/{}", text("token")));
    assert_eq!((text("sha256"), text("kid")), (link.sha256_hex().as_str(), link.kid()));
    assert_eq!((text("cohort"), text("words").split(' ').count()), (&*link.claims().id, 8));
}

#[test]
fn a_link_that_no_reader_would_accept_is_not_made() {
    refused_with(&["--min-group", "2"], "cohort.policy.min_group");
    refused_with(&["--cut", "site: Where? = North"], "cohort.cuts[0].options");
    refused_with(&["--cut", "a: A? = 1 | 2", "--cut", "a: B? = 1 | 2"], "cohort.cuts");
    refused_with(&["--cut", "no question"], "id: Question? = Option | Option");
    refused_with(&["--delivery", "message:ftp://example.org"], "cohort.delivery.origin");
    refused_with(&["--delivery", "drop:/etc/"], "cohort.delivery.path");
    refused_with(&["--delivery", "pigeon"], "message:ORIGIN");
    refused_with(&["--closes", "2099-02-30"], "YYYY-MM-DD");
    refused_with(&["--closes", "2020-01-01"], "2020-01-01 has passed");
    refused_with(&["--language", "tlh"], "no texts in \"tlh\"");
    let base = ["--title", "Team check", "--instrument", "ops", "--base"];
    refused(&[&base[..], &["example.org"]].concat(), "https://");
    refused(&[&base[..2], &GOOD[4..], &["--instrument", "nothing"]].concat(), "\"nothing\"");
    let hidden = ["--title", "Team \u{202e}kcehc"];
    refused(&[&hidden[..], &GOOD[2..]].concat(), "cohort.title");
}

#[test]
fn a_link_that_is_too_long_says_what_takes_the_room() {
    let cut = |n_options| {
        let options = (1..=n_options).map(|n| format!("{}{n}", "x".repeat(35)));
        format!("team: Which team are you in? = {}", options.collect::<Vec<_>>().join(" | "))
    };
    refused_with(&["--cut", &cut(12)], "more than fit (cuts: about ");
    // A link that leaves no room for its invitations is too long as well.
    link(&folder("link_long"), "long.link", &["--cut", &cut(6)]);
    refused_with(&["--cut", &cut(6), "--invitations"], "room for an invitation: about ");
}

#[test]
fn a_link_that_cannot_be_believed_is_named_for_what_it_is() {
    let out = folder("link_bad");
    let good = fs::read_to_string(link(&out, "good.link", &[])).unwrap();
    let changed = good.trim().replacen(".eyJ", ".eyK", 1);
    for (name, given, code) in [
        ("changed", changed.as_str(), "(link_changed)"),
        ("cut off", &good[..700], "(link_damaged)"),
        ("long", &format!("{}{}", good.trim(), "A".repeat(2000)), "(link_too_long)"),
    ] {
        let shown = run(["link", "show", given]).exits(1).stdout;
        assert!(shown.contains(code) && shown.contains("What to do"), "{name}: {shown}");
        // Nothing is read with it.
        let ran = run(["verify", text(&out), "--link", given]).exits(2);
        assert!(ran.stderr.contains("What to do: ") && ran.stdout.is_empty(), "{}", ran.stderr);
    }
    let none = run(["link", "show", "/no/such.link"]).exits(2);
    assert!(none.stderr.contains("there is no link in"), "{}", none.stderr);
}

#[test]
fn every_invitation_is_for_one_person() {
    let out = folder("link_invite");
    let (coach, other) = (key("coach"), key("other"));
    let link_file = link(&out, "team.link", &["--invitations"]);
    let table = out.join("invitations.csv");
    let invite = |key: &Path, link: &str, more: &[&str]| {
        let args = ["invite", "--key", text(key), "--link", link, "--n", "5"];
        run_as_coach(args.iter().chain(more))
    };
    invite(&coach, text(&link_file), &["--out", text(&table)]).exits(0);
    let rows = fs::read_to_string(&table).unwrap();
    let mut rows = rows.lines();
    assert_eq!(rows.next(), Some("number,link"));
    let link = VerifiedLink::verify(&token(&link_file)).unwrap();
    let mut ids = BTreeSet::new();
    for (idx, row) in rows.enumerate() {
        let (number, address) = row.split_once(',').unwrap();
        assert_eq!(number, (idx + 1).to_string());
        assert!(address.starts_with("https://example.org/survey/#/join/") && address.len() <= 1500);
        let (token, invitation) = link_tokens(address).unwrap();
        assert_eq!(token, link.token());
        ids.insert(Invitation::verify(invitation.unwrap(), &link).unwrap().id().to_owned());
        let shown = run(["link", "show", address]).exits(0).stdout;
        assert!(shown.contains("valid for one person"), "{shown}");
    }
    assert_eq!(ids.len(), 5);

    // Never twice into one file, and never by somebody else.
    invite(&coach, text(&link_file), &["--out", text(&table)]).exits(2);
    let refused = invite(&other, text(&link_file), &[]).exits(2);
    assert!(refused.stderr.contains("another key"), "{}", refused.stderr);
    let open = crate::support::link(&out, "open.link", &[]);
    let refused = invite(&coach, text(&open), &[]).exits(2);
    assert!(refused.stderr.contains("--invitations"), "{}", refused.stderr);
    // A bare token does not say where the survey is.
    let refused = invite(&coach, link.token(), &[]).exits(2);
    assert!(refused.stderr.contains("--base"), "{}", refused.stderr);
    let made = invite(&coach, link.token(), &["--base", "https://other.example/"]).exits(0);
    assert!(made.stdout.contains("1,https://other.example/#/join/"));
}
