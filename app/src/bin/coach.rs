//! What a coach downloads, and whoever looks after their data: every page but the worksheets.

fn main() {
    plumbline_app::start(plumbline_app::pages::coaching, &["en", "en.aside"]);
}
