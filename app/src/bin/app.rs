//! What a participant downloads: every page but the coach's.

fn main() {
    plumbline_app::start(plumbline_app::pages::coach_elsewhere);
}
