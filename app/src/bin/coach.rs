//! What a coach downloads, and whoever looks after their data: every page.

fn main() {
    plumbline_app::start(plumbline_app::pages::all_here, &["en", "en.aside"]);
}
