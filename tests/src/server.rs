//! A static file server as strict as a careful host: it serves the files of a folder below a path,
//! with the app's content security policy as a header as well, and remembers every request.
//!
//! Two of the three engines keep their console to themselves. For those the server can bring a
//! script into the page, before any other: it is a file from the same origin, which the policy
//! allows, and it sends what it hears back here. Nothing else is changed on the way.
//!
//! Beside the app, each server has a page that frames an address of somebody else, and a folder
//! that takes files.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use url::Url;

/// What the app's own `<meta>` says, and the one directive that only a header can say.
pub const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; \
     worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

const FIRST_SCRIPT: &str = "e2e-first.js";
const HEARD: &str = "e2e-heard";
const SAID: &str = "e2e-said";
const AROUND: &str = "e2e-around.html";
const AROUND_SCRIPT: &str = "e2e-around.js";

/// The folder that takes files by PUT, relative to the app.
pub const DROP: &str = "drop/";

/// Reports what a person with the console open would see in red.
pub const LISTENER: &str = r#"(() => {
  const heard = new URL("e2e-heard", document.currentScript.src).href;
  const kept = (window.__e2eHeard = []);
  const say = (text) => { kept.push(text); navigator.sendBeacon(heard, text); };
  const words = (value) => value instanceof Error ? `${value}\n${value.stack}` : String(value);
  const error = console.error;
  console.error = (...args) => { say("console.error: " + args.map(words).join(" ")); error.apply(console, args); };
  addEventListener("error", (event) => {
    const at = event.target;
    say(at === window || !at?.tagName ? `uncaught: ${words(event.error ?? event.message)}`
      : `${at.tagName} did not load: ${at.src ?? at.href}`);
  }, true);
  addEventListener("unhandledrejection", (event) => say(`rejected promise: ${words(event.reason)}`));
  addEventListener("securitypolicyviolation", (event) =>
    say(`against the content security policy (${event.effectiveDirective}): ${event.blockedURI}`));
})();
"#;

const AROUND_POLICY: &str = "default-src 'none'; script-src 'self'; frame-src http://127.0.0.1:*";
const AROUND_PAGE: &str = "<!doctype html><html lang=en><title>Around</title><body>
    <script src=./e2e-around.js></script>";

/// Frames the page that the query names, keeps the messages that come from it, and answers them.
const AROUND_PROGRAM: &str = r#"
const asked = new URLSearchParams(location.search);
window.received = [];
addEventListener("message", (event) => {
  received.push({ origin: event.origin, data: event.data });
  event.ports[0]?.postMessage(true);
});
const frame = document.createElement("iframe");
frame.title = "survey";
frame.width = 1200;
frame.height = 800;
if (asked.has("sandbox")) frame.setAttribute("sandbox", asked.get("sandbox"));
frame.src = asked.get("page");
document.body.append(frame);
"#;

/// What a server does that the strictest host would not.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// A script that runs in the app's page before its own; none if empty.
    pub first_script: String,
    /// Whether pages of other origins may frame the app. In a sandboxed frame a page is of no origin
    /// at all, so its own modules must be there for anyone, as they are on public hosts.
    pub may_be_framed: bool,
}

/// One request and how it was answered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// Path as asked for, without query.
    pub path: String,
    /// HTTP status of the answer.
    pub status: u16,
}

#[derive(Debug, Default)]
struct Seen {
    requests: Vec<Request>,
    heard: Vec<String>,
    said: Vec<String>,
    dropped: Vec<(String, String)>,
}

/// A running server; it ends when dropped. Every server is an origin of its own, so that no test
/// finds anything that another one stored.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    mount: String,
    seen: Arc<Mutex<Seen>>,
    ends: Arc<AtomicBool>,
}

struct Folder {
    root: PathBuf,
    mount: String,
    manner: Manner,
}

impl Server {
    /// Serves a folder below a path such as `/` or `/intranet/plumbline/`.
    #[must_use]
    pub fn start(root: &Path, mount: &str, manner: Manner) -> Self {
        assert!(mount.starts_with('/') && mount.ends_with('/'), "a mount is a folder: {mount}");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let server = Server {
            address: listener.local_addr().expect("the listener has an address"),
            mount: mount.to_owned(),
            seen: Arc::default(),
            ends: Arc::default(),
        };
        let folder = Arc::new(Folder { root: root.to_owned(), mount: mount.to_owned(), manner });
        let (seen, ends) = (Arc::clone(&server.seen), Arc::clone(&server.ends));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::Relaxed) {
                    return;
                }
                let (folder, seen) = (Arc::clone(&folder), Arc::clone(&seen));
                // A browser may hang up at any time, which is no concern of a server.
                thread::spawn(move || stream.and_then(|stream| converse(stream, &folder, &seen)));
            }
        });
        server
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address of a page of the app, given its fragment such as `#/coach`.
    #[must_use]
    pub fn url(&self, fragment: &str) -> String {
        format!("{}{}{fragment}", self.origin(), self.mount)
    }

    /// What was asked for so far, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().expect("no test died holding the log").requests.clone()
    }

    /// The address of a page that frames another address, in a sandbox if one is said.
    #[must_use]
    pub fn around(&self, page: &str, sandbox: Option<&str>) -> String {
        let mut address = Url::parse(&self.url(AROUND)).expect("an address of our own");
        address.query_pairs_mut().append_pair("page", page);
        if let Some(sandbox) = sandbox {
            address.query_pairs_mut().append_pair("sandbox", sandbox);
        }
        address.into()
    }

    /// What the listening script heard so far.
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        self.seen.lock().expect("no test died holding the log").heard.clone()
    }

    /// What a test's own script said so far, by `navigator.sendBeacon("e2e-said", …)`.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        self.seen.lock().expect("no test died holding the log").said.clone()
    }

    /// Files that were put into the folder [`DROP`]: name and content.
    #[must_use]
    pub fn dropped(&self) -> Vec<(String, String)> {
        self.seen.lock().expect("no test died holding the log").dropped.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        // Wakes the listener, so that it sees that it is over.
        TcpStream::connect(self.address).ok();
    }
}

struct Answer {
    status: u16,
    media_type: &'static str,
    body: Vec<u8>,
    policy: String,
}

/// Answers requests on one connection until the browser hangs up.
fn converse(stream: TcpStream, folder: &Folder, seen: &Mutex<Seen>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request)? == 0 {
            return Ok(());
        }
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            match header.trim().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap_or(0);
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;

        let mut words = request.split_whitespace();
        let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or("/"));
        let path = target.split(['?', '#']).next().unwrap_or("/");
        let answer = answer(method, path, body, folder, seen);
        let head = format!(
            "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
             Content-Security-Policy: {}\r\nX-Content-Type-Options: nosniff\r\n\
             Referrer-Policy: no-referrer\r\nCross-Origin-Opener-Policy: same-origin\r\n{}\r\n",
            answer.status,
            if answer.status < 400 { "OK" } else { "Refused" },
            answer.media_type,
            answer.body.len(),
            answer.policy,
            if folder.manner.may_be_framed { "Access-Control-Allow-Origin: *\r\n" } else { "" },
        );
        writer.write_all(head.as_bytes())?;
        if method != "HEAD" {
            writer.write_all(&answer.body)?;
        }
        writer.flush()?;
    }
}

fn answer(method: &str, path: &str, body: Vec<u8>, folder: &Folder, seen: &Mutex<Seen>) -> Answer {
    let relative = path.strip_prefix(folder.mount.as_str());
    let plain = |status, media_type, body| Answer {
        status,
        media_type,
        body,
        policy: folder.policy(relative),
    };
    let text = || String::from_utf8_lossy(&body).into_owned();
    let seen = || seen.lock().expect("no test died holding the log");
    match relative {
        Some(HEARD) if method == "POST" => {
            seen().heard.push(text());
            return plain(204, "text/plain", Vec::new());
        }
        Some(SAID) if method == "POST" => {
            seen().said.push(text());
            return plain(204, "text/plain", Vec::new());
        }
        Some(FIRST_SCRIPT) if !folder.manner.first_script.is_empty() => {
            return plain(200, "text/javascript", folder.manner.first_script.clone().into());
        }
        Some(AROUND) => return plain(200, "text/html", AROUND_PAGE.into()),
        Some(AROUND_SCRIPT) => return plain(200, "text/javascript", AROUND_PROGRAM.into()),
        _ => {}
    }
    let answer = match (method, relative) {
        ("GET" | "HEAD", _) => match relative.and_then(|relative| folder.read(relative)) {
            Some((media_type, content)) => plain(200, media_type, content),
            None => plain(404, "text/plain", b"no such file".to_vec()),
        },
        ("PUT", Some(relative)) if relative.starts_with(DROP) => {
            seen().dropped.push((relative[DROP.len()..].to_owned(), text()));
            plain(201, "text/plain", Vec::new())
        }
        _ => plain(405, "text/plain", b"this server only hands out files".to_vec()),
    };
    let request = Request { path: path.to_owned(), status: answer.status };
    seen().requests.push(request);
    answer
}

impl Folder {
    fn policy(&self, relative: Option<&str>) -> String {
        match relative {
            Some(AROUND) => AROUND_POLICY.to_owned(),
            _ if self.manner.may_be_framed => {
                POLICY.replace("frame-ancestors 'none'", "frame-ancestors http://127.0.0.1:*")
            }
            _ => POLICY.to_owned(),
        }
    }

    fn read(&self, relative: &str) -> Option<(&'static str, Vec<u8>)> {
        let file = self.file(relative)?;
        let (media_type, content) = (media_type(&file), fs::read(&file).ok()?);
        if media_type.starts_with("text/html") && !self.manner.first_script.is_empty() {
            return Some((media_type, with_first_script(&content)));
        }
        Some((media_type, content))
    }

    fn file(&self, relative: &str) -> Option<PathBuf> {
        let relative = if relative.is_empty() { "index.html" } else { relative };
        let path = Path::new(relative);
        // Neither `..` nor an absolute path: only what lies in the folder.
        let stays = path.components().all(|part| matches!(part, Component::Normal(_)));
        stays.then(|| self.root.join(path)).filter(|file| file.is_file())
    }
}

/// Before the first other script, whatever a minifier left of the page's skeleton.
fn with_first_script(page: &[u8]) -> Vec<u8> {
    let page = String::from_utf8_lossy(page);
    let place = ["<head>", "<meta", "<script"].iter().find_map(|tag| page.find(tag));
    let place = place.expect("a page with a head or a script");
    let (before, after) = page.split_at(place);
    let head = after.strip_prefix("<head>").map_or("", |_| "<head>");
    let after = after.strip_prefix("<head>").unwrap_or(after);
    format!("{before}{head}<script src=./{FIRST_SCRIPT}></script>{after}").into_bytes()
}

/// The media type of a file. An unknown extension is served as bytes, which `nosniff` makes useless
/// as script or style.
fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()).unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
