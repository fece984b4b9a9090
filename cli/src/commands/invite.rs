//! `plumbline invite`: one-time links, one a person.

use crate::Finding;
use crate::commands::link::{address, base};
use crate::failure::Failure;
use crate::known::{GivenLink, Passphrase};
use crate::output::{Output, note, write_private};
use crate::random;
use scoring::coach::CoachKey;
use scoring::cohort::{Invitation, MAX_LINK_CHARS, VerifiedLink};
use std::io::Write;
use std::path::PathBuf;

/// Make one-time links for a cohort that is invited one by one
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Prints CSV with the columns number and link. Give each person one line's link: only the newest result that
comes with an invitation is counted. Whoever keeps a list of who got which number can tell who answered, and
participants are told so.

Examples:
  plumbline invite --key team.key.jwe.json --link team.link --n 40 --out invitations.csv
  plumbline invite --key team.key.jwe.json --link TOKEN --base https://example.org/survey/ --n 1")]
pub struct Args {
    /// The key file of the coach who made the link
    #[arg(long, value_name = "FILE")]
    key: PathBuf,

    #[command(flatten)]
    passphrase: Passphrase,

    /// The link: an address, a bare token, or a file that holds one
    #[arg(long, value_name = "LINK")]
    link: String,

    /// Number of invitations
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    n: u32,

    /// Address of the app, if LINK has none or another
    #[arg(long, value_name = "URL", value_parser = base)]
    base: Option<String>,

    /// Write to a file that only you may read, instead of standard output
    #[arg(long, value_name = "FILE.csv")]
    out: Option<PathBuf>,

    /// Replace the file if it exists
    #[arg(long, requires = "out")]
    force: bool,
}

/// Carries the command out.
pub fn run(args: &Args, out: &mut Output) -> Result<Finding, Failure> {
    let given = GivenLink::read(&args.link)?;
    if !given.link.claims().invitation {
        return Err(Failure::NoInvitations);
    }
    let base = args.base.clone().or(given.base).ok_or(Failure::NoBase)?;
    let key = args.passphrase.open(&args.key)?;
    check_coach(&key, &given.link)?;
    let address = address(&base, given.link.token());
    let mut table = "number,link\r\n".to_owned();
    for number in 1..=args.n {
        let link = format!("{address}/{}", invitation(&key, &given.link, &random::bytes()?));
        let chars = link.chars().count();
        if chars > MAX_LINK_CHARS {
            let parts = format!("address: {}", base.chars().count());
            return Err(Failure::LinkLength { chars, parts });
        }
        table.push_str(&format!("{number},{link}\r\n"));
    }
    match &args.out {
        None => out.write_all(table.as_bytes())?,
        Some(path) => {
            write_private(path, table.as_bytes(), args.force)?;
            note(format_args!("{} invitations in {}", args.n, path.display()));
        }
    }
    Ok(Finding::Clean)
}

/// Fails if another key signed the link.
pub fn check_coach(key: &CoachKey, link: &VerifiedLink) -> Result<(), Failure> {
    if key.kid() == link.kid() {
        return Ok(());
    }
    Err(Failure::OtherCoach { signer: link.kid().to_owned(), kid: key.kid() })
}

/// An invitation to a link's cohort.
pub fn invitation(key: &CoachKey, link: &VerifiedLink, id: &[u8; 16]) -> String {
    let unsigned = Invitation::unsigned(&link.claims().id, id);
    unsigned.compact(&key.sign(&unsigned.signing_input()))
}
