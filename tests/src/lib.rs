//! Plumbline as its users meet it: a built app on a plain file server, driven in real browsers, and
//! everything it writes checked by programs that share no code with it.
//!
//! | module | what it holds |
//! |---|---|
//! | [`server`] | a static file server with strict headers that remembers what was asked of it |
//! | [`engine`] | the three browser engines, their drivers, and their end |
//! | [`browser`] | one browser session: going places, clicking, waiting, listening for errors |
//! | [`mortal`] | a browser without a driver, to be killed at any moment |
//! | [`pages`] | page objects: the only place that knows selectors |
//! | [`respondent`] | answers drawn from a seed |
//! | [`oracle`] | the command line, Node and Python: what the app's output is compared with |
//! | [`forge`] | result files made outside the app, good and bad |
//! | [`cohort`] | coaches' keys, links and invitations |
//! | [`place`] | where things lie on this machine |
//!
//! A test gets a browser from [`in_browser`]. What a browser's console said fails the test, however
//! well the page looked: Chromium hands its console to the driver; into Firefox and WebKit, which
//! do not, the server brings a first script that reports errors, rejected promises and violations
//! of the content security policy (see [`server`]).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

pub mod browser;
pub mod cohort;
pub mod engine;
pub mod forge;
pub mod mortal;
pub mod oracle;
pub mod pages;
pub mod place;
pub mod respondent;
pub mod server;

pub use browser::{Browser, Setting, World, in_browser};
pub use engine::Engine;
