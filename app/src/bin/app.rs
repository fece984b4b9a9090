//! What a participant downloads: every page of the way from the start to the file.

fn main() {
    plumbline_app::start(plumbline_app::pages::elsewhere, &["en"]);
}
