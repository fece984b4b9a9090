use crate::support::{PASSPHRASE, folder, key, program, run, run_as_coach, text};
use std::fs;
use std::process::Stdio;

#[test]
fn new_keys_are_locked_and_named() {
    let out = folder("keys_new");
    let file = out.join("team.key.jwe.json");
    let made = run_as_coach(["keys", "new", "--out", text(&file)]).exits(0);
    let words = made.stdout.lines().nth(1).unwrap().split_whitespace().count();
    assert_eq!((made.stdout.lines().count(), words), (2, 9), "{}", made.stdout);

    // The same name, without the passphrase and with it.
    assert_eq!(run(["keys", "show", text(&file)]).exits(0).stdout, made.stdout);
    let checked = run_as_coach(["keys", "check", text(&file)]).exits(0);
    assert!(checked.stdout.starts_with(&made.stdout) && checked.stdout.contains("opens it"));

    // Another run makes other keys, and never over these ones by accident.
    let content = fs::read(&file).unwrap();
    let refused = run_as_coach(["keys", "new", "--out", text(&file)]).exits(2);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(fs::read(&file).unwrap(), content);
    let again = run_as_coach(["keys", "new", "--out", text(&file), "--force"]).exits(0);
    assert_ne!(again.stdout, made.stdout);
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_keys() {
    use std::os::unix::fs::PermissionsExt;
    let file = folder("keys_mode").join("team.key.jwe.json");
    fs::write(&file, "readable by all").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    run_as_coach(["keys", "new", "--out", text(&file), "--force"]).exits(0);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_passphrase_comes_from_a_file_or_the_environment_and_never_too_short() {
    let out = folder("keys_passphrase");
    let file = out.join("passphrase.txt");
    let coach = key("coach");
    fs::write(&file, format!("{PASSPHRASE}\r\nanother line\n")).unwrap();
    let check = ["keys", "check", text(&coach), "--passphrase-file", text(&file)];
    run(check).exits(0);
    // The file goes before the environment.
    fs::write(&file, "not the right one\n").unwrap();
    let wrong = run_as_coach(check).exits(1);
    assert!(wrong.stdout.contains("(lock_passphrase)") && wrong.stdout.contains("What to do"));

    let new = out.join("new.key.jwe.json");
    fs::write(&file, "elevenchars\n").unwrap();
    let args = ["keys", "new", "--out", text(&new), "--passphrase-file", text(&file)];
    let refused = run(args).exits(2);
    assert!(refused.stderr.contains("fewer than 12 characters"), "{}", refused.stderr);
    assert!(!new.exists());
    fs::write(&file, "zwölf Zeichen\n").unwrap();
    run(args).exits(0);
}

/// Where nobody can type, the program says what else there is instead of waiting.
#[cfg(unix)]
#[test]
fn without_a_terminal_nothing_is_asked() {
    let (new, coach) = (folder("keys_terminal").join("new.key.jwe.json"), key("coach"));
    for args in [["keys", "check", text(&coach)].as_slice(), &["keys", "new", "--out", text(&new)]]
    {
        // A session of its own has no terminal, whoever runs the tests.
        let mut setsid = std::process::Command::new("setsid");
        let program = program();
        setsid.arg("--wait").arg(program.get_program()).args(args);
        setsid.env_remove("PLUMBLINE_PASSPHRASE").stdin(Stdio::null());
        let ran = crate::support::Ran::from(setsid.output().unwrap()).exits(2);
        assert!(ran.stderr.contains("--passphrase-file"), "{}", ran.stderr);
    }
    assert!(!new.exists());
}

#[test]
fn what_is_no_key_file_needs_no_passphrase() {
    let file = folder("keys_form").join("x.key.jwe.json");
    fs::write(&file, "{}").unwrap();
    for command in ["show", "check"] {
        let refused = run(["keys", command, text(&file)]).exits(1);
        assert!(refused.stdout.contains("(lock_form)"), "{}", refused.stdout);
    }
    run(["keys", "show", "/no/such/file"]).exits(2);
}
