//! `plumbline invite`: one-time links, one a person.

use crate::Finding;
use crate::commands::link::{address, base};
use crate::failure::Failure;
use crate::files::read_whole;
use crate::known::{GivenLink, Passphrase};
use crate::output::{Output, note, write_private};
use crate::random;
use scoring::coach::CoachKey;
use scoring::cohort::{Invitation, MAX_LINK_CHARS, Seat, VerifiedLink};
use scoring::instrument::Rater;
use scoring::jose::base64url;
use scoring::pair::{InvitedPair, Names, NamesFault, invited_csv, read_names};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Far more than names take.
const MAX_NAMES_BYTES: usize = 1 << 20;

/// Make one-time links for a cohort that is invited one by one
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Prints CSV with the columns number and link. Give each person one line's link: only the newest result that
comes with an invitation is counted. Whoever keeps a list of who got which number can tell who answered, and
participants are told so.

With --pairs there are two links a line, one for the leader and one for their manager, which say by a random id
that both belong together. Names stay in the file that you get; no link and no result holds one.

Examples:
  plumbline invite --key team.key.jwe.json --link team.link --n 40 --out invitations.csv
  plumbline invite --key team.key.jwe.json --link TOKEN --base https://example.org/survey/ --n 1
  plumbline invite --key team.key.jwe.json --link team.link --pairs names.csv --out pairs.csv")]
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
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000), required_unless_present = "pairs")]
    n: Option<u32>,

    /// Invite leaders with their managers: a file with two names a line, divided by a comma
    #[arg(long, value_name = "FILE", conflicts_with = "n")]
    pairs: Option<PathBuf>,

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
    // A pair's invitation says who belongs to whom, whether or not the link asks for one.
    if args.pairs.is_none() && !given.link.claims().invitation {
        return Err(Failure::NoInvitations);
    }
    let base = args.base.clone().or(given.base).ok_or(Failure::NoBase)?;
    let key = args.passphrase.open(&args.key)?;
    check_coach(&key, &given.link)?;
    let address = address(&base, given.link.token());
    let invited = |seat: Option<&Seat>| {
        let token = invitation(&key, &given.link, &random::bytes()?, seat);
        let link = format!("{address}/{token}");
        let chars = link.chars().count();
        if chars > MAX_LINK_CHARS {
            let parts = format!("address: {}", base.chars().count());
            return Err(Failure::LinkLength { chars, parts });
        }
        Ok(link)
    };
    let (table, made) = match &args.pairs {
        None => {
            let n = args.n.unwrap_or(0);
            let mut table = "number,link\r\n".to_owned();
            for number in 1..=n {
                table.push_str(&format!("{number},{}\r\n", invited(None)?));
            }
            (table, format!("{n} invitations"))
        }
        Some(path) => {
            let pairs = pairs(path, invited)?;
            (invited_csv(&pairs), format!("links of {} pairs", pairs.len()))
        }
    };
    match &args.out {
        None => out.write_all(table.as_bytes())?,
        Some(path) => {
            write_private(path, table.as_bytes(), args.force)?;
            note(format_args!("{made} in {}", path.display()));
        }
    }
    Ok(Finding::Clean)
}

/// Two links for each line of names.
fn pairs(
    path: &Path,
    invited: impl Fn(Option<&Seat>) -> Result<String, Failure>,
) -> Result<Vec<InvitedPair>, Failure> {
    let failed = |fault| Failure::Names { path: path.to_owned(), fault };
    let text = read_whole(path, MAX_NAMES_BYTES)?;
    let text = String::from_utf8(text).map_err(|_| failed(NamesFault(1)))?;
    let names = read_names(text.trim_start_matches('\u{feff}')).map_err(failed)?;
    if names.is_empty() {
        return Err(failed(NamesFault(1)));
    }
    let invite = |names: Names| {
        let pair = base64url(&random::bytes::<16>()?);
        let link = |rater| invited(Some(&Seat { pair: pair.clone(), rater }));
        let (leader_link, manager_link) = (link(Rater::Own)?, link(Rater::Manager)?);
        Ok(InvitedPair { names, pair, leader_link, manager_link })
    };
    names.into_iter().map(invite).collect()
}

/// Fails if another key signed the link.
pub fn check_coach(key: &CoachKey, link: &VerifiedLink) -> Result<(), Failure> {
    if key.kid() == link.kid() {
        return Ok(());
    }
    Err(Failure::OtherCoach { signer: link.kid().to_owned(), kid: key.kid() })
}

/// An invitation to a link's cohort, to a place in a pair if one is given.
pub fn invitation(
    key: &CoachKey,
    link: &VerifiedLink,
    id: &[u8; 16],
    seat: Option<&Seat>,
) -> String {
    let unsigned = Invitation::unsigned(&link.claims().id, id, seat);
    unsigned.compact(&key.sign(&unsigned.signing_input()))
}
