//! `plumbline keys`: a coach's keys, made, named and tried.

use crate::Finding;
use crate::commands::verify::write_rejected;
use crate::failure::Failure;
use crate::known::{Passphrase, read_small};
use crate::output::{Output, note, printable, write_private};
use crate::random;
use crate::texts::Texts;
use scoring::coach::CoachKey;
use scoring::jose::{Locking, locked_kid};
use scoring::words::key_words;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Make a coach's keys, say which ones a file holds, or try a passphrase
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    New(NewArgs),
    Show(ShowArgs),
    Check(CheckArgs),
}

/// Make new keys, locked with a passphrase
#[derive(Debug, clap::Args)]
#[command(after_help = "\
One key signs links, invitations and group reports; the other opens sealed results. Both are in the file,
which only the passphrase opens. Keep a copy of it and of the passphrase: whoever loses either can never
open the results that were sealed for it.

The passphrase is asked for, or comes from --passphrase-file, or from the variable PLUMBLINE_PASSPHRASE.

Examples:
  plumbline keys new --out team.key.jwe.json
  plumbline keys new --out team.key.jwe.json --passphrase-file /run/secrets/passphrase")]
pub struct NewArgs {
    /// The file to make; by custom its name ends in .key.jwe.json
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Replace a file that exists. The keys in it are lost
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    passphrase: Passphrase,
}

/// Say which keys a file holds, without opening it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Until the file is opened its name is only what the file says of itself; `keys check` makes sure.

Examples:
  plumbline keys show team.key.jwe.json

Exit codes: 0 shown, 1 it is not a key file, 2 it could not be read.")]
pub struct ShowArgs {
    /// The key file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Open a key file, to see that it is whole and the passphrase is right
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plumbline keys check team.key.jwe.json

Exit codes: 0 it opens, 1 it does not, 2 it could not be read or there was no passphrase.")]
pub struct CheckArgs {
    /// The key file
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[command(flatten)]
    passphrase: Passphrase,
}

/// Carries the command out.
pub fn run(args: &Args, out: &mut Output) -> Result<Finding, Failure> {
    match &args.command {
        Command::New(args) => new(args, out),
        Command::Show(args) => show(args, out),
        Command::Check(args) => check(args, out),
    }
}

fn new(args: &NewArgs, out: &mut Output) -> Result<Finding, Failure> {
    if args.out.exists() && !args.force {
        return Err(Failure::Exists(args.out.clone()));
    }
    let passphrase = args.passphrase.choose()?;
    let key = CoachKey::from_seeds(random::bytes()?, random::bytes()?);
    let fresh = Locking { salt: random::bytes()?, key: random::bytes()?, iv: random::bytes()? };
    let locked = key.lock(&passphrase, &fresh).ok_or(Failure::Lock)?;
    write_private(&args.out, locked.as_bytes(), args.force)?;
    write_name(&key.kid(), out)?;
    note(format_args!(
        "{} holds the keys. Keep a copy of it, and the passphrase, where you will find them again: nobody \
         can open sealed results without both.",
        args.out.display()
    ));
    Ok(Finding::Clean)
}

fn show(args: &ShowArgs, out: &mut Output) -> Result<Finding, Failure> {
    match locked_kid(&read_small(&args.file)?) {
        Ok(kid) => write_name(&kid, out).map(|()| Finding::Clean),
        Err(fault) => refused(&args.file, fault.code(), &fault.to_string(), out),
    }
}

fn check(args: &CheckArgs, out: &mut Output) -> Result<Finding, Failure> {
    match args.passphrase.open(&args.file) {
        Ok(key) => {
            write_name(&key.kid(), out)?;
            writeln!(out, "The file is whole, and the passphrase opens it.")?;
            Ok(Finding::Clean)
        }
        Err(Failure::Locked { fault, .. }) => {
            refused(&args.file, fault.code(), &fault.to_string(), out)
        }
        Err(other) => Err(other),
    }
}

fn refused(file: &Path, code: &str, message: &str, out: &mut Output) -> Result<Finding, Failure> {
    write_rejected(&Texts::english(), &file.to_string_lossy(), code, message, out)?;
    Ok(Finding::Problems)
}

/// A key's thumbprint and words.
pub fn write_name(kid: &str, out: &mut Output) -> Result<(), Failure> {
    writeln!(out, "key    {}", printable(kid))?;
    // Whatever is no thumbprint has no words.
    if let Some(words) = key_words(kid) {
        writeln!(out, "words  {words}")?;
    }
    Ok(())
}
