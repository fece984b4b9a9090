//! What whoever keeps a worksheet downloads: the worksheets, and a participant's pages.

fn main() {
    plumbline_app::start(plumbline_app::pages::working, &["en", "en.aside", "en.work"]);
}
