//! How long the statistics of rows take that are in memory, without reading them: for
//! `tests/python/bench_statistics.py`, which compares it with what others need for less.
//!
//! `cargo run --release -p plumbline --example statistics DEFINITION ROWS` where DEFINITION is a definition.json
//! and ROWS holds one byte an answer, row by row, counted from the lowest code, with 254 for a missing one.
//! Prints the seconds of each of ten runs.

use scoring::instrument::Instrument;
use scoring::json;
use scoring::tally::{Cell, Gathering, Layout, statistics};
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;
use std::{env, fs, thread};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let (Some(definition), Some(rows)) = (args.next(), args.next()) else {
        return Err("usage: statistics DEFINITION ROWS".into());
    };
    let definition = json::canonical(&json::parse(&fs::read(definition)?)?);
    let instrument = Instrument::load(definition.as_bytes()).map_err(|p| format!("{p:?}"))?;
    let layout = Layout::of(&instrument);
    let rows = fs::read(rows)?;
    for _ in 0..10 {
        let start = Instant::now();
        black_box(statistics(&layout, &counted(&layout, &rows), None));
        println!("{}", start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// Everybody, each core a part of them.
fn counted(layout: &Layout, rows: &[u8]) -> Cell {
    let width = layout.items.len();
    let n_cores = thread::available_parallelism().map_or(1, usize::from);
    let part = (rows.len() / width).div_ceil(n_cores).max(1) * width;
    thread::scope(|scope| {
        let count = |rows: &[u8]| {
            let mut gathering = Gathering::new(layout);
            rows.chunks_exact(width).for_each(|row| gathering.add(layout, row, &[]));
            gathering.finish(layout)
        };
        let parts: Vec<_> =
            rows.chunks(part).map(|rows| scope.spawn(move || count(rows))).collect();
        let mut all = Cell::new(layout);
        for part in parts {
            match part.join() {
                Ok(cell) => all.merge(&cell),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}
