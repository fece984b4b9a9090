//! What a participant downloads.

fn main() {
    plumbline_app::start();
}
