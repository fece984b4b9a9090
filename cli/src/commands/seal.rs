//! `plumbline seal`: a signed result that only the coach can read.

use crate::Finding;
use crate::catalog::Catalog;
use crate::commands::verify::write_rejected;
use crate::failure::Failure;
use crate::files::read_whole;
use crate::known::GivenLink;
use crate::output::{Output, note, write_private};
use crate::random;
use crate::texts::Texts;
use scoring::jose::{MAX_SEALED_BYTES, Sealing, seal};
use scoring::result::Reader;
use std::path::PathBuf;
use std::sync::Arc;

/// Seal a signed result, so that only the coach of a link can read it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The result is verified first: a file that its coach would refuse is not worth sealing. Sealing cannot be
undone without the coach's key, so keep the signed file if you want to read it again.

Examples:
  plumbline seal ops-1.result.jws.json --link team.link --out ops-1.result.jwe.json

Exit codes: 0 sealed, 1 the result was refused, 2 something could not be read or written.")]
pub struct Args {
    /// The signed result
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The link of its coach: an address, a bare token, or a file that holds one
    #[arg(long, value_name = "LINK")]
    link: String,

    /// The file to make; by custom its name ends in .result.jwe.json
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// Carries the command out.
pub fn run(args: &Args, catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    let link = GivenLink::read(&args.link)?.link;
    let to = link.claims().seal.ok_or(Failure::NoSeal)?;
    let file = read_whole(&args.file, MAX_SEALED_BYTES)?;
    let reader = Reader { links: vec![Arc::new(link)], ..catalog.reader() };
    // This reader has no key: a file that is sealed already is refused, too.
    if let Err(refusal) = reader.verify(&file) {
        let name = args.file.to_string_lossy();
        write_rejected(&Texts::english(), &name, refusal.code(), &refusal.to_string(), out)?;
        return Ok(Finding::Problems);
    }
    let fresh = Sealing { ephemeral: random::bytes()?, iv: random::bytes()? };
    // A verified result is UTF-8 throughout.
    let sealed = seal(&String::from_utf8_lossy(&file), &to, &fresh).ok_or(Failure::WeakSeal)?;
    write_private(&args.out, sealed.as_bytes(), args.force)?;
    note(format_args!(
        "{} can be opened with the key of that link's coach only.",
        args.out.display()
    ));
    Ok(Finding::Clean)
}
