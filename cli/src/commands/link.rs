//! `plumbline link`: the link that invites a cohort, made and explained.

use crate::Finding;
use crate::catalog::Catalog;
use crate::clock;
use crate::commands::verify::{write_advice, write_rejected};
use crate::failure::Failure;
use crate::known::{GivenLink, Passphrase};
use crate::output::{Output, note, printable, write_new};
use crate::random;
use crate::texts::Texts;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use scoring::cohort::{
    Asked, Delivery, Invitation, LinkClaims, LinkCut, MAX_LINK_CHARS, VerifiedLink,
};
use scoring::jose::{Curve, base64url};
use scoring::result::Policy;
use scoring::words::key_words;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// Make the link that invites a cohort, or say what one pins
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    New(Box<NewArgs>),
    Show(ShowArgs),
}

/// Make and sign a cohort's link
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Prints the link and nothing else, so that it can go into a file; which key signed it goes to standard error.
What the link pins holds for everyone who answers through it. Another wave of a cohort has the same --cohort
and another --wave: the answers of one person in both can then be matched, and those of other cohorts cannot.

Results are sealed for the key, unless --no-seal: only who has the key file and its passphrase can read them.

Examples:
  plumbline link new --key team.key.jwe.json --title 'Team check' --coach 'A. Coach' --instrument ops \\
      --wave 2026-spring --closes 2026-12-31 --base https://example.org/survey/ > team.link
  plumbline link new … --cut 'site: Where do you work? = North | South | At home' --qr team.svg
  plumbline link new … --wave 2027-spring --cohort wXkQnYk4VvC1cR3m0yq8Sg")]
pub struct NewArgs {
    /// The coach's key file
    #[arg(long, value_name = "FILE")]
    key: PathBuf,

    #[command(flatten)]
    passphrase: Passphrase,

    /// What people are invited to, as they will read it
    #[arg(long)]
    title: String,

    /// Who asks, as people know you
    #[arg(long, value_name = "NAME")]
    coach: String,

    /// What to answer: an instrument's id, or id/version for another than the newest. May be repeated
    #[arg(long = "instrument", value_name = "ID[/VERSION]", required = true)]
    asked: Vec<String>,

    /// Name of this wave
    #[arg(long, value_name = "NAME")]
    wave: String,

    /// Languages offered, the first by default. May be repeated
    #[arg(long = "language", value_name = "TAG", default_value = "en")]
    languages: Vec<String>,

    /// The last day for answers; it ends at midnight UTC
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = closing)]
    closes: Option<i64>,

    /// A closed question of your own to divide the cohort by. May be repeated
    #[arg(long = "cut", value_name = "ID: QUESTION = OPTION | OPTION", value_parser = cut)]
    cuts: Vec<LinkCut>,

    /// Fewest people a number may rest on
    #[arg(long, value_name = "N", default_value_t = Policy::default().min_group)]
    min_group: i64,

    /// Fewest people who wrote before comments are shown
    #[arg(long, value_name = "N", default_value_t = Policy::default().min_comments)]
    min_comments: i64,

    /// Let results be readable by everybody who gets hold of the file
    #[arg(long)]
    no_seal: bool,

    /// How results come back: file, message:ORIGIN (to the page that embeds the survey) or drop:PATH
    /// (by HTTP PUT into a folder beside the app)
    #[arg(long, value_name = "WAY", default_value = "file", value_parser = delivery)]
    delivery: Delivery,

    /// Let only people with a one-time invitation answer; `plumbline invite` makes them
    #[arg(long)]
    invitations: bool,

    /// Make another wave of this cohort
    // One id in 64 begins with a hyphen.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    cohort: Option<String>,

    /// Address of the app
    #[arg(long, value_name = "URL", value_parser = base)]
    base: String,

    /// Draw the link as a QR code
    #[arg(long, value_name = "FILE.svg", conflicts_with = "invitations")]
    qr: Option<PathBuf>,

    /// Replace the QR code's file if it exists
    #[arg(long, requires = "qr")]
    force: bool,

    /// Print an object with link, token, sha256, cohort, kid and words
    #[arg(long)]
    json: bool,
}

/// Say what a link pins, who signed it, and whether it is open
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A valid signature shows that the link is unchanged since the key it names signed it. It does not show who
holds that key: compare the words with the coach, by voice.

Examples:
  plumbline link show 'https://example.org/survey/#/join/eyJhbGci…'
  plumbline link show team.link

Exit codes: 0 it is valid, 1 it is not, or its invitation is not, 2 there is no link.")]
pub struct ShowArgs {
    /// The link: an address, a bare token, or a file that holds one
    #[arg(value_name = "LINK")]
    link: String,
}

/// Carries the command out.
pub fn run(args: &Args, catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    match &args.command {
        Command::New(args) => new(args, catalog, out),
        Command::Show(args) => show(args, catalog, out),
    }
}

fn closing(text: &str) -> Result<i64, String> {
    clock::end_of_day(text).ok_or_else(|| "a day is written YYYY-MM-DD".to_owned())
}

fn cut(text: &str) -> Result<LinkCut, String> {
    let parts = text.split_once(':').and_then(|(id, rest)| Some((id, rest.split_once('=')?)));
    let (id, (title, options)) =
        parts.ok_or("a question is written 'id: Question? = Option | Option'")?;
    Ok(LinkCut {
        id: id.trim().to_owned(),
        title: title.trim().to_owned(),
        options: options.split('|').map(|option| option.trim().to_owned()).collect(),
    })
}

fn delivery(text: &str) -> Result<Delivery, String> {
    match text.split_once(':') {
        None if text == "file" => Ok(Delivery::File),
        Some(("message", origin)) => Ok(Delivery::Message { origin: origin.to_owned() }),
        Some(("drop", path)) => Ok(Delivery::Drop { path: path.to_owned() }),
        _ => Err("one of file, message:ORIGIN, drop:PATH".to_owned()),
    }
}

/// The address of the app, without the fragment: that is where the link goes.
pub fn base(text: &str) -> Result<String, String> {
    let base = text.split_once('#').map_or(text, |(base, _)| base);
    let is_web = ["https://", "http://"].iter().any(|scheme| base.starts_with(scheme));
    // Neither of these belongs in an address as it is, and a table of links has them as its own.
    let is_plain =
        !base.contains(|c: char| c.is_whitespace() || c.is_control() || "\",<>".contains(c));
    if is_web && is_plain {
        Ok(base.to_owned())
    } else {
        Err("an address begins with https:// or http:// and has no spaces".to_owned())
    }
}

/// The address that a token is sent as.
pub fn address(base: &str, token: &str) -> String {
    format!("{base}#/join/{token}")
}

fn new(args: &NewArgs, catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    let now = clock::now();
    if let Some(closes) = args.closes.filter(|closes| *closes < now) {
        return Err(Failure::Closed(clock::date(closes)));
    }
    let instruments = args.asked.iter().map(|name| asked(name, &args.languages, catalog));
    let instruments = instruments.collect::<Result<_, _>>()?;
    let key = args.passphrase.open(&args.key)?;
    let claims = LinkClaims {
        iat: now,
        id: match &args.cohort {
            Some(id) => id.clone(),
            None => base64url(&random::bytes::<16>()?),
        },
        title: args.title.clone(),
        coach: args.coach.clone(),
        wave: args.wave.clone(),
        nonce: base64url(&random::bytes::<16>()?),
        instruments,
        languages: args.languages.clone(),
        closes: args.closes,
        cuts: args.cuts.clone(),
        policy: Policy { min_group: args.min_group, min_comments: args.min_comments },
        seal: (!args.no_seal).then(|| key.seal_public()),
        delivery: args.delivery.clone(),
        invitation: args.invitations,
    };
    let unsigned = claims.unsigned(&key.public()).map_err(Failure::LinkContent)?;
    let token = unsigned.compact(&key.sign(&unsigned.signing_input()));
    let address = address(&args.base, &token);
    let mut asked = claims.instruments.iter().filter_map(|asked| catalog.find(&asked.id, None));
    let of_pairs = asked.any(|entry| entry.instrument.definition().pair.is_some());
    check_length(&address, &args.base, &claims, of_pairs)?;
    // What its readers will do with it; a link that they refuse must not leave the house.
    let link = VerifiedLink::verify(&token)
        .map_err(|fault| Failure::Link { given: "the new link".to_owned(), fault })?;
    if let Some(path) = &args.qr {
        write_new(path, qr(&address)?.as_bytes(), args.force)?;
    }
    let words = key_words(link.kid()).unwrap_or_default();
    if args.json {
        let object = json!({
            "link": address,
            "token": token,
            "sha256": link.sha256_hex(),
            "cohort": claims.id,
            "kid": link.kid(),
            "words": words,
        });
        let text = serde_json::to_string_pretty(&object).map_err(std::io::Error::from)?;
        writeln!(out, "{text}")?;
    } else {
        writeln!(out, "{address}")?;
        note(format_args!(
            "Signed by the key {}. Participants see it as these words; tell them over another way:\n  {words}\n\
             Cohort {}, {} characters.",
            link.kid(),
            claims.id,
            address.chars().count()
        ));
    }
    Ok(Finding::Clean)
}

fn asked(name: &str, languages: &[String], catalog: &Catalog) -> Result<Asked, Failure> {
    let instrument = &catalog.named(name)?.instrument;
    let definition = instrument.definition();
    match languages.iter().find(|language| !definition.languages.contains(language)) {
        Some(language) => {
            Err(Failure::Language { instrument: definition.id.clone(), language: language.clone() })
        }
        None => Ok(Asked {
            id: definition.id.clone(),
            version: definition.version.clone(),
            sha256: *instrument.sha256(),
        }),
    }
}

fn check_length(
    address: &str,
    base: &str,
    claims: &LinkClaims,
    of_pairs: bool,
) -> Result<(), Failure> {
    let invitation =
        if claims.invitation { 1 + Invitation::max_chars(&claims.id, of_pairs) } else { 0 };
    let chars = address.chars().count() + invitation;
    if chars <= MAX_LINK_CHARS {
        return Ok(());
    }
    // Base64 writes three bytes as four characters.
    let encoded = |bytes: usize| (bytes * 4).div_ceil(3);
    let sum = |texts: &mut dyn Iterator<Item = &String>| texts.map(String::len).sum::<usize>();
    let names = sum(&mut [&claims.title, &claims.coach, &claims.wave].into_iter());
    let cuts = claims.cuts.iter().map(|cut| {
        let marks = 33 + 3 * cut.options.len();
        cut.id.len() + cut.title.len() + sum(&mut cut.options.iter()) + marks
    });
    let asked = claims.instruments.iter().map(|asked| {
        let (marks, sha256) = (35, 43);
        asked.id.len() + asked.version.len() + sha256 + marks
    });
    let mut parts = [
        (encoded(cuts.sum()), "cuts"),
        (encoded(asked.sum()), "instruments"),
        (encoded(names), "title, coach and wave"),
        (base.chars().count(), "address"),
        (invitation, "room for an invitation"),
    ];
    parts.sort_by(|a, b| b.cmp(a));
    let parts = parts.iter().filter(|(chars, _)| *chars > 0);
    let parts: Vec<String> = parts.map(|(chars, name)| format!("{name}: about {chars}")).collect();
    Err(Failure::LinkLength { chars, parts: parts.join(", ") })
}

/// As drawn for paper and screens: the least correction, because a long link has many modules already.
fn qr(address: &str) -> Result<String, Failure> {
    let code = QrCode::with_error_correction_level(address, EcLevel::L)
        .map_err(|error| Failure::Qr(error.to_string()))?;
    Ok(code.render::<svg::Color<'_>>().module_dimensions(4, 4).build())
}

fn show(args: &ShowArgs, catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    let given = match GivenLink::read(&args.link) {
        Err(Failure::Link { given, fault }) => {
            write_rejected(&Texts::english(), &given, fault.code(), &fault.to_string(), out)?;
            return Ok(Finding::Problems);
        }
        other => other?,
    };
    for (name, value) in pinned(&given.link, catalog) {
        writeln!(out, "{name:<12} {}", printable(&value))?;
    }
    match given.invitation.as_deref().map(|token| Invitation::verify(token, &given.link)) {
        None => Ok(Finding::Clean),
        Some(Ok(invitation)) => {
            writeln!(out, "{:<12} {}, valid for one person", "invitation", invitation.id())?;
            Ok(Finding::Clean)
        }
        Some(Err(fault)) => {
            writeln!(out, "{:<12} not valid: {}", "invitation", printable(&fault.to_string()))?;
            write_advice(&Texts::english(), "invitation", out)?;
            Ok(Finding::Problems)
        }
    }
}

/// What a link pins, by name.
fn pinned(link: &VerifiedLink, catalog: &Catalog) -> Vec<(&'static str, String)> {
    let claims = link.claims();
    let mut lines = vec![
        ("title", claims.title.clone()),
        ("coach", claims.coach.clone()),
        ("key", link.kid().to_owned()),
        ("words", key_words(link.kid()).unwrap_or_default()),
        ("cohort", claims.id.clone()),
        ("wave", claims.wave.clone()),
    ];
    lines.extend(claims.instruments.iter().map(|asked| ("instrument", described(asked, catalog))));
    lines.push(("languages", claims.languages.join(", ")));
    lines.extend(
        claims
            .cuts
            .iter()
            .map(|cut| ("cut", format!("{}: {} = {}", cut.id, cut.title, cut.options.join(" | ")))),
    );
    let day = clock::date;
    let Policy { min_group, min_comments } = claims.policy;
    lines.extend([
        ("made", day(claims.iat)),
        (
            "state",
            match claims.closes {
                None => "open, without an end".to_owned(),
                Some(closes) if link.is_closed(clock::now()) => {
                    format!("closed since the end of {} (UTC)", day(closes))
                }
                Some(closes) => format!("open to the end of {} (UTC)", day(closes)),
            },
        ),
        ("policy", format!("numbers from {min_group} people on, comments from {min_comments}")),
        (
            "sealed",
            match claims.seal {
                None => "no: whoever gets a file can read it".to_owned(),
                Some(public) => {
                    format!("yes, for the key {}", Curve::X25519.thumbprint(&base64url(&public)))
                }
            },
        ),
        (
            "delivery",
            match &claims.delivery {
                Delivery::File => "a file that each participant hands over".to_owned(),
                Delivery::Message { origin } => {
                    format!("to the page of {origin} that embeds the survey")
                }
                Delivery::Drop { path } => format!("into the folder {path} beside the app"),
            },
        ),
        (
            "invitations",
            if claims.invitation {
                "one for each participant"
            } else {
                "none: the link is for all"
            }
            .to_owned(),
        ),
        ("sha256", link.sha256_hex()),
    ]);
    lines
}

fn described(asked: &Asked, catalog: &Catalog) -> String {
    let name = format!("{} {}", asked.id, asked.version);
    match catalog.find(&asked.id, Some(&asked.version)) {
        None => format!("{name}, not known to this program"),
        Some(entry) if *entry.instrument.sha256() != asked.sha256 => {
            format!("{name}, with another definition than this program knows")
        }
        Some(entry) => match entry.wording("en") {
            Ok(wording) => format!("{name}, {}", wording.text("title")),
            Err(_) => name,
        },
    }
}
