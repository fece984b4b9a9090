//! What a chart shows, before any drawing.

use scoring::instrument::{Chart, Instrument, Wording};
use scoring::score::Scores;
use scoring::stats::{decimal, to_f64, widen};

/// One scale of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Its name, broken into lines that fit a chart.
    pub lines: Vec<String>,
    /// Its score 0–100, if it has one.
    pub score: Option<f64>,
    /// The score as printed.
    pub printed: String,
}

/// How the marks are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Around a centre.
    Radar,
    /// Stacked, the first at the bottom, joined by a line.
    Profile,
    /// Stacked, the first at the top, one bar each.
    Bars,
    /// Beside each other from the first in time to the last, joined by a line; the edge is where it began.
    Course,
}

/// A chart of one group of scales.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartModel {
    /// Arrangement.
    pub shape: Shape,
    /// The scales in the definition's order.
    pub marks: Vec<Mark>,
    /// Where bands begin, other than at 0.
    pub edges: Vec<i64>,
}

impl ChartModel {
    /// The chart of a group.
    #[must_use]
    pub fn new(
        instrument: &Instrument,
        wording: &Wording,
        scores: &Scores,
        group: &str,
    ) -> Option<Self> {
        let definition = instrument.definition();
        let chart = definition.groups.iter().find(|known| known.id == group)?.chart;
        let scales = || definition.scales.iter().filter(|scale| scale.group == group);
        let marks = scales().map(|scale| {
            let pomp = scores.pomp(&scale.id);
            Mark {
                lines: broken(wording.scale_name(&scale.id), 16),
                score: pomp.map(|pomp| to_f64(widen(pomp))),
                printed: pomp.map_or_else(|| "–".to_owned(), |pomp| decimal(pomp, 0)),
            }
        });
        let edges = scales().next().map(|scale| scale.bands.iter().map(|band| band.from));
        Some(ChartModel {
            shape: match chart {
                Chart::Radar => Shape::Radar,
                Chart::Profile => Shape::Profile,
                Chart::Bars => Shape::Bars,
            },
            marks: marks.collect(),
            edges: edges.into_iter().flatten().filter(|from| *from > 0).collect(),
        })
    }

    /// The highest and the lowest mark, for the sentence beside the chart; ties are not resolved
    /// but named together.
    #[must_use]
    pub fn extremes(&self) -> Option<(Vec<&Mark>, Vec<&Mark>)> {
        let scores = || self.marks.iter().filter_map(|mark| mark.score);
        let (high, low) = (scores().reduce(f64::max)?, scores().reduce(f64::min)?);
        let at = |score| self.marks.iter().filter(|mark| mark.score == Some(score)).collect();
        Some((at(high), at(low)))
    }

    /// The arrangement at this width: many names around a radar do not fit on a phone.
    #[must_use]
    pub fn shape_at(&self, width: u32) -> Shape {
        match self.shape {
            Shape::Radar if width < 420 && self.marks.len() > 6 => Shape::Bars,
            shape => shape,
        }
    }

    /// How tall a drawing of this width should be.
    #[must_use]
    pub fn height(&self, width: u32) -> u32 {
        match self.shape_at(width) {
            Shape::Radar => (width * 4 / 5).clamp(290, 420),
            Shape::Course => 240,
            Shape::Profile | Shape::Bars => 44 + 58 * u32::try_from(self.marks.len()).unwrap_or(8),
        }
    }
}

/// Breaks a name at spaces into lines of about so many characters.
fn broken(name: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in name.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
