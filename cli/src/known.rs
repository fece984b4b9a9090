//! What the user brings besides instruments: cohort links, coach keys, and the passphrases that open
//! them.

use crate::catalog::Catalog;
use crate::failure::Failure;
use crate::output::note;
use scoring::coach::{CoachKey, MIN_PASSPHRASE_CHARS};
use scoring::cohort::{LinkFault, VerifiedLink, link_tokens};
use scoring::result::Reader;
use std::env;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The environment variable that a passphrase may come from.
pub const PASSPHRASE_VARIABLE: &str = "PLUMBLINE_PASSPHRASE";

/// What stands before the token in an address.
const JOIN: &str = "#/join/";

/// Far more than a key, a passphrase or a link takes.
const MAX_SMALL_FILE: u64 = 64 * 1024;

/// Links and keys that results are read with.
#[derive(Debug, clap::Args)]
pub struct Known {
    /// Expects results of this cohort: its link as an address, as a bare token, or a file that holds one
    #[arg(long = "link", value_name = "LINK")]
    links: Vec<String>,

    /// Opens results that are sealed for this coach's key
    #[arg(long = "key", value_name = "FILE")]
    keys: Vec<PathBuf>,

    #[command(flatten)]
    passphrase: Passphrase,
}

impl Known {
    /// A reader that knows the catalog's instruments and these links and keys.
    pub fn reader(&self, catalog: &Catalog) -> Result<Reader, Failure> {
        let links = self.links.iter().map(|link| Ok(Arc::new(GivenLink::read(link)?.link)));
        let keys = self.keys.iter().map(|key| Ok(Arc::new(self.passphrase.open(key)?)));
        Ok(Reader {
            links: links.collect::<Result<_, Failure>>()?,
            keys: keys.collect::<Result<_, Failure>>()?,
            ..catalog.reader()
        })
    }
}

/// A link as the user gave it.
pub struct GivenLink {
    /// The link, verified.
    pub link: VerifiedLink,
    /// The address of the app it was given with, if it was.
    pub base: Option<String>,
    /// The invitation that followed it.
    pub invitation: Option<String>,
}

impl GivenLink {
    /// Reads and verifies a link: an address, a bare token, or a file that holds one of them.
    pub fn read(given: &str) -> Result<Self, Failure> {
        let text = link_text(given)?;
        // What is meant to be a link, and is cut off, is damaged rather than none.
        let cut_off = || Some((text.split_once(JOIN)?.1, None));
        let not_a_link = || Failure::NotALink(short(given));
        let (token, invitation) = link_tokens(&text).or_else(cut_off).ok_or_else(not_a_link)?;
        let link = VerifiedLink::verify(token)
            .map_err(|fault: LinkFault| Failure::Link { given: short(given), fault })?;
        Ok(GivenLink {
            link,
            base: text.split_once('#').map(|(base, _)| base.to_owned()),
            invitation: invitation.map(str::to_owned),
        })
    }
}

/// The word that has the form of a link, in the text that was given or in the file it names. A file
/// goes first: its name may have two dots, as a token has.
pub fn link_text(given: &str) -> Result<String, Failure> {
    let not_a_link = || Failure::NotALink(short(given));
    let path = Path::new(given);
    let text = if path.is_file() {
        String::from_utf8(read_small(path)?.to_vec()).map_err(|_| not_a_link())?
    } else {
        given.to_owned()
    };
    let mut words = text.split_whitespace();
    let is_meant = |word: &&str| link_tokens(word).is_some() || word.contains(JOIN);
    words.find(is_meant).map(str::to_owned).ok_or_else(not_a_link)
}

/// A link is too long to be repeated in a message.
fn short(given: &str) -> String {
    match given.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", given.get(..end).unwrap_or_default()),
        None => given.to_owned(),
    }
}

/// Where a passphrase comes from. Never from an argument: other users of a machine can see those.
#[derive(Debug, clap::Args)]
pub struct Passphrase {
    /// Takes the passphrase from the first line of a file, instead of PLUMBLINE_PASSPHRASE or a prompt
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Passphrase {
    /// Opens a coach's locked keys.
    pub fn open(&self, path: &Path) -> Result<CoachKey, Failure> {
        let locked = read_small(path)?;
        let failed = |fault| Failure::Locked { path: path.to_owned(), fault };
        // What is no locked key needs no passphrase.
        scoring::jose::locked_kid(&locked).map_err(failed)?;
        let passphrase = match self.given()? {
            Some(passphrase) => passphrase,
            None => prompt(&format!("Passphrase of {}: ", path.display()))?,
        };
        CoachKey::unlock(&locked, &passphrase).map_err(failed)
    }

    /// A passphrase for a new file: long enough, and typed twice if it is typed.
    pub fn choose(&self) -> Result<Zeroizing<String>, Failure> {
        let given = self.given()?;
        let is_typed = given.is_none();
        let passphrase = match given {
            Some(passphrase) => passphrase,
            None => {
                note(format_args!(
                    "Choose a passphrase of {MIN_PASSPHRASE_CHARS} characters or more. Without it nobody can \
                     open the key file: write it down."
                ));
                prompt("Passphrase: ")?
            }
        };
        if passphrase.chars().count() < MIN_PASSPHRASE_CHARS {
            return Err(Failure::PassphraseShort);
        }
        if is_typed && *prompt("The same again: ")? != *passphrase {
            return Err(Failure::PassphraseDiffers);
        }
        Ok(passphrase)
    }

    fn given(&self) -> Result<Option<Zeroizing<String>>, Failure> {
        if let Some(path) = &self.passphrase_file {
            let content = read_small(path)?;
            let line = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let line =
                std::str::from_utf8(line).map_err(|_| Failure::PassphraseText(path.to_owned()))?;
            return Ok(Some(Zeroizing::new(line.to_owned())));
        }
        let variable = env::var(PASSPHRASE_VARIABLE).ok().filter(|value| !value.is_empty());
        Ok(variable.map(Zeroizing::new))
    }
}

fn prompt(text: &str) -> Result<Zeroizing<String>, Failure> {
    rpassword::prompt_password(text).map(Zeroizing::new).map_err(|_| Failure::NoPassphrase)
}

/// Reads a file that cannot be large. Its content may be secret.
pub fn read_small(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut content = Zeroizing::new(Vec::new());
    File::open(path)
        .and_then(|file| file.take(MAX_SMALL_FILE).read_to_end(&mut content))
        .map_err(|source| Failure::Read { path: path.to_owned(), source })?;
    Ok(content)
}
