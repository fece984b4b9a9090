//! What runs in the worker: reading and adding up files, which only coaches need.

fn main() {
    plumbline_app::engine::start();
}
