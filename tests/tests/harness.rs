//! The tests' own ears and gates: what must fail a test does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

use e2e::browser::{Setting, in_browser};
use e2e::engine::Engine;
use e2e::place;
use e2e::server::{DROP, LISTENER, Manner, POLICY, Request, Server};
use std::io::{Read, Write};
use std::net::TcpStream;

#[test]
fn faults_are_heard_in_chromium() {
    faults_are_heard(Engine::Chromium);
}

#[test]
fn faults_are_heard_in_firefox() {
    faults_are_heard(Engine::Firefox);
}

#[test]
fn faults_are_heard_in_webkit() {
    faults_are_heard(Engine::Webkit);
}

/// Errors from the very first moment of a page, before any driver could ask for them.
fn faults_are_heard(engine: Engine) {
    let stub = place::tests().join("stub");
    let setting =
        Setting { root: Some(&stub), may_be_loud: true, own_session: true, ..Setting::default() };
    in_browser(engine, "faults", setting, async |world| {
        world.open("", "home").await;
        let wanted =
            ["fault one", "fault two", "fault three", "127.0.0.1:9/elsewhere", "no-such-picture"];
        let mut heard = String::new();
        // Chromium hands each message out once.
        for _ in 0..200 {
            heard += &world.console_errors().await.join("\n");
            if wanted.iter().all(|fault| heard.contains(fault)) {
                return;
            }
            world.browser.settle().await;
        }
        let missed: Vec<_> = wanted.iter().filter(|fault| !heard.contains(**fault)).collect();
        panic!("{} did not report {missed:?}, only:\n{heard}", engine.name());
    });
}

fn ask(server: &Server, method: &str, path: &str) -> String {
    let address = server.origin().replace("http://", "");
    let mut stream = TcpStream::connect(address).expect("the server listens");
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .expect("it takes requests");
    stream.shutdown(std::net::Shutdown::Write).expect("the request ends");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers in text");
    answer
}

#[test]
fn the_server_is_strict_and_remembers() {
    let server = Server::start(&place::tests().join("stub"), "/a/b/", Manner::default());
    let page = ask(&server, "GET", "/a/b/?query");
    assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("every fault"), "{page}");
    assert!(page.contains(&format!("Content-Security-Policy: {POLICY}\r\n")), "{page}");
    assert!(page.contains("Content-Type: text/html; charset=utf-8\r\n"), "{page}");
    assert!(ask(&server, "GET", "/a/b/icon.svg").contains("Content-Type: image/svg+xml\r\n"));
    let refused = [
        ("GET", "/", 404),
        ("GET", "/a/b", 404),
        ("GET", "/a/b/../../package.json", 404),
        ("GET", "/a/b//etc/passwd", 404),
        ("GET", "/a/b/e2e-first.js", 404),
        ("POST", "/a/b/index.html", 405),
        ("PUT", "/a/b/other/file", 405),
    ];
    for (method, path, status) in refused {
        let answer = ask(&server, method, path);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
    }
    let mut log = server.requests();
    assert_eq!(log.remove(0), Request { path: "/a/b/".to_owned(), status: 200 });
    assert_eq!(log.len(), 1 + refused.len());
    assert!(ask(&server, "PUT", &format!("/a/b/{DROP}file")).starts_with("HTTP/1.1 201 "));
    assert_eq!(server.dropped(), [("file".to_owned(), String::new())]);
}

#[test]
fn the_listener_comes_first() {
    let manner = Manner { first_script: LISTENER.to_owned(), ..Manner::default() };
    let server = Server::start(&place::tests().join("stub"), "/", manner);
    let page = ask(&server, "GET", "/");
    let first = page.find("<script").map(|place| &page[place..]);
    assert!(first.is_some_and(|rest| rest.starts_with("<script src=./e2e-first.js>")));
    assert!(ask(&server, "GET", "/e2e-first.js").contains("sendBeacon"));
    assert!(server.requests().iter().all(|request| request.path == "/"));
}
