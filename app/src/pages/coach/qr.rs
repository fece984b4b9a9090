//! A link as a QR code, drawn as elements of the page.

use crate::catalogue::text;
use leptos::prelude::*;
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write;

/// Empty modules around a code (ISO/IEC 18004 section 6.3.8).
const QUIET_ZONE: usize = 4;

/// The QR code of a text; nothing if the text is longer than a code can be.
#[component]
pub fn Qr(content: String) -> impl IntoView {
    // A link is long: the lowest level of error correction keeps the modules large enough to print.
    let Ok(code) = QrCode::with_error_correction_level(content.as_bytes(), EcLevel::L) else {
        return ().into_any();
    };
    let size = code.width() + 2 * QUIET_ZONE;
    let view_box = format!("0 0 {size} {size}");
    any! {
        <svg class="qr" role="img" aria-label=text("coach.qr") viewBox=view_box shape-rendering="crispEdges">
            <rect width="100%" height="100%" fill="#fff"></rect>
            <path d=path(&code) fill="#000"></path>
        </svg>
    }
}

/// Every run of dark modules of a row as one rectangle.
fn path(code: &QrCode) -> String {
    let (width, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let (left, top, n) = (x + QUIET_ZONE, y + QUIET_ZONE, run.len());
                // Writing to a string cannot fail.
                let _ = write!(path, "M{left} {top}h{n}v1h-{n}z");
            }
            x += run.len();
        }
    }
    path
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test should stop at the line that failed")]
mod tests {
    use super::*;

    #[test]
    fn the_longest_link_fits_and_every_dark_module_is_drawn_once() {
        let code = QrCode::with_error_correction_level("x".repeat(1500), EcLevel::L).unwrap();
        let dark = code.to_colors().iter().filter(|color| **color == Color::Dark).count();
        let drawn = path(&code);
        let runs = drawn.split('h').skip(1).filter_map(|part| part.split('v').next());
        let drawn: usize = runs.filter_map(|n| n.parse::<usize>().ok()).sum();
        assert_eq!(drawn, dark);
    }
}
