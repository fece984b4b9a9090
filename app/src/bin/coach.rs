//! What a coach downloads: every page.

fn main() {
    plumbline_app::start(plumbline_app::pages::coach_here);
}
