//! Drawing a chart model.

use super::model::{ChartModel, Mark, Shape};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Colours and scale of a drawing, taken from the page's theme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ink {
    /// Text.
    pub text: RGBColor,
    /// Grid.
    pub grid: RGBColor,
    /// The scores.
    pub accent: RGBColor,
    /// Physical pixels a CSS pixel.
    pub scale: f64,
}

type Result<DB> = std::result::Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;
type Area<DB> = DrawingArea<DB, Shift>;

/// Draws a chart over a whole area, which it does not fill first.
///
/// # Errors
/// Those of the backend.
pub fn draw<DB: DrawingBackend>(area: &Area<DB>, model: &ChartModel, ink: Ink) -> Result<DB> {
    let (width, _) = area.dim_in_pixel();
    match model.shape_at((f64::from(width) / ink.scale).round() as u32) {
        Shape::Radar => radar(area, model, ink),
        Shape::Profile => rows(area, model, ink, true),
        Shape::Bars => rows(area, model, ink, false),
        Shape::Course => course(area, model, ink),
    }
}

impl Ink {
    fn px(&self, css: f64) -> i32 {
        (css * self.scale).round() as i32
    }

    fn width(&self, css: f64) -> u32 {
        (css * self.scale).round().max(1.0) as u32
    }

    fn font(&self, css: f64, color: RGBColor, pos: Pos) -> TextStyle<'static> {
        ("system-ui, sans-serif", css * self.scale).into_font().color(&color).pos(pos)
    }
}

/// Writes the lines of a name around a point; the score follows in the accent colour.
fn label<DB: DrawingBackend>(
    area: &Area<DB>,
    mark: &Mark,
    ink: Ink,
    at: (i32, i32),
    h: HPos,
) -> Result<DB> {
    let height = ink.px(15.0);
    let n_lines = i32::try_from(mark.lines.len() + 1).unwrap_or(2);
    let top = at.1 - height * n_lines / 2;
    for (line, text) in (0..).zip(&mark.lines) {
        let style = ink.font(13.0, ink.text, Pos::new(h, VPos::Top));
        area.draw(&Text::new(text.as_str(), (at.0, top + line * height), style))?;
    }
    let style = ink.font(14.0, ink.accent, Pos::new(h, VPos::Top));
    area.draw(&Text::new(mark.printed.as_str(), (at.0, top + (n_lines - 1) * height), style))
}

fn radar<DB: DrawingBackend>(area: &Area<DB>, model: &ChartModel, ink: Ink) -> Result<DB> {
    let (width, height) = area.dim_in_pixel();
    let centre = (f64::from(width) / 2.0, f64::from(height) / 2.0);
    let n = model.marks.len() as f64;
    // The first spoke points up; canvas y grows downwards.
    let spoke = |idx: usize| {
        direction(std::f64::consts::TAU * idx as f64 / n - std::f64::consts::FRAC_PI_2)
    };
    // Names beside the chart take their width from it. It is reckoned from the number of characters:
    // asking the canvas backend would make it write inline styles, which the security policy forbids.
    let beside = model.marks.iter().enumerate().filter(|(idx, _)| spoke(*idx).0.abs() > 0.2);
    let longest = beside.flat_map(|(_, mark)| &mark.lines).map(|line| line.chars().count()).max();
    let beside = longest.unwrap_or(0) as f64 * 7.2 * ink.scale;
    let room = (f64::from(width) / 2.0 - beside - 14.0 * ink.scale)
        .min(f64::from(height) / 2.0 - 52.0 * ink.scale);
    let radius = room.max(60.0 * ink.scale);
    let point = |idx: usize, score: f64| {
        let (distance, (x, y)) = (radius * score / 100.0, spoke(idx));
        ((centre.0 + distance * x).round() as i32, (centre.1 + distance * y).round() as i32)
    };
    let ring = |score: f64| -> Vec<(i32, i32)> {
        (0..=model.marks.len()).map(|idx| point(idx % model.marks.len(), score)).collect()
    };
    for score in [25.0, 50.0, 75.0, 100.0] {
        let strong = if score == 50.0 { 1.6 } else { 1.0 };
        area.draw(&PathElement::new(ring(score), ink.grid.stroke_width(ink.width(strong))))?;
    }
    for idx in 0..model.marks.len() {
        let line = vec![point(idx, 0.0), point(idx, 100.0)];
        area.draw(&PathElement::new(line, ink.grid.stroke_width(ink.width(1.0))))?;
    }
    let corners: Vec<Option<(i32, i32)>> = model
        .marks
        .iter()
        .enumerate()
        .map(|(idx, mark)| mark.score.map(|score| point(idx, score)))
        .collect();
    // A scale without a score leaves a gap: no corner is invented for it.
    if let Some(all) = corners.iter().copied().collect::<Option<Vec<_>>>() {
        area.draw(&Polygon::new(all, ink.accent.mix(0.18).filled()))?;
    }
    for (idx, corner) in corners.iter().enumerate() {
        let next = corners.get((idx + 1) % corners.len()).copied().flatten();
        if let (Some(from), Some(to)) = (*corner, next) {
            let stroke = ink.accent.stroke_width(ink.width(2.5));
            area.draw(&PathElement::new(vec![from, to], stroke))?;
        }
        if let Some(corner) = corner {
            area.draw(&Circle::new(*corner, ink.px(4.0), ink.accent.filled()))?;
        }
    }
    for (idx, mark) in model.marks.iter().enumerate() {
        let (x, y) = spoke(idx);
        let distance = radius + 12.0 * ink.scale;
        let lift = 20.0 * ink.scale * y;
        let at = (
            (centre.0 + distance * x).round() as i32,
            (centre.1 + distance * y + lift).round() as i32,
        );
        let h = match x {
            cos if cos > 0.2 => HPos::Left,
            cos if cos < -0.2 => HPos::Right,
            _ => HPos::Center,
        };
        label(area, mark, ink, at, h)?;
    }
    Ok(())
}

/// The point of the unit circle at an angle between −π/2 and 3π/2, to a millionth: far below a pixel.
/// By series, because the platform's functions for any angle are 6 kB of a participant's download.
fn direction(angle: f64) -> (f64, f64) {
    let sine = |x: f64| {
        let (mut term, mut sum) = (x, x);
        for k in 1..10_u32 {
            term *= -x * x / f64::from(2 * k * (2 * k + 1));
            sum += term;
        }
        sum
    };
    // Both arguments stay within π of zero, where the series is short.
    let half_turn = std::f64::consts::PI;
    let down = if angle > half_turn { -sine(angle - half_turn) } else { sine(angle) };
    (sine(std::f64::consts::FRAC_PI_2 - angle), down)
}

/// A row a scale over a common axis from 0 to 100; `upward` joins them and puts the first lowest.
fn rows<DB: DrawingBackend>(
    area: &Area<DB>,
    model: &ChartModel,
    ink: Ink,
    upward: bool,
) -> Result<DB> {
    let (width, height) = area.dim_in_pixel();
    let (width, height) = (width as i32, height as i32);
    let (left, right) = (ink.px(132.0), width - ink.px(22.0));
    let (top, bottom) = (ink.px(8.0), height - ink.px(28.0));
    let n = i32::try_from(model.marks.len()).unwrap_or(1).max(1);
    let x = |score: f64| left + (f64::from(right - left) * score / 100.0).round() as i32;
    let y = |idx: i32| {
        let row = if upward { n - 1 - idx } else { idx };
        top + (bottom - top) * (2 * row + 1) / (2 * n)
    };
    for score in [0, 25, 50, 75, 100] {
        let strong = if model.edges.contains(&score) { 1.6 } else { 1.0 };
        let line = vec![(x(f64::from(score as i32)), top), (x(f64::from(score as i32)), bottom)];
        area.draw(&PathElement::new(line, ink.grid.stroke_width(ink.width(strong))))?;
        let style = ink.font(12.0, ink.text, Pos::new(HPos::Center, VPos::Top));
        area.draw(&Text::new(
            score.to_string(),
            (x(f64::from(score as i32)), bottom + ink.px(8.0)),
            style,
        ))?;
    }
    let mut previous = None;
    for (idx, mark) in (0..).zip(&model.marks) {
        label(area, mark, ink, (left - ink.px(12.0), y(idx)), HPos::Right)?;
        let here = mark.score.map(|score| (x(score), y(idx)));
        if let Some(here) = here {
            if upward {
                if let Some(from) = previous {
                    let stroke = ink.accent.stroke_width(ink.width(2.5));
                    area.draw(&PathElement::new(vec![from, here], stroke))?;
                }
                area.draw(&Circle::new(here, ink.px(6.0), ink.accent.filled()))?;
            } else {
                let bar = [(left, here.1 - ink.px(9.0)), (here.0, here.1 + ink.px(9.0))];
                area.draw(&Rectangle::new(bar, ink.accent.filled()))?;
            }
        }
        previous = here;
    }
    Ok(())
}

/// Points beside each other, joined where none is missing between them. Names that would not fit are left to the
/// table; the last one always stands.
fn course<DB: DrawingBackend>(area: &Area<DB>, model: &ChartModel, ink: Ink) -> Result<DB> {
    let (width, height) = area.dim_in_pixel();
    let (width, height) = (width as i32, height as i32);
    let (left, right) = (ink.px(36.0), width - ink.px(36.0));
    let (top, bottom) = (ink.px(30.0), height - ink.px(52.0));
    let steps = i32::try_from(model.marks.len()).unwrap_or(1).saturating_sub(1).max(1);
    let x = |idx: i32| left + (right - left) * idx / steps;
    let y = |score: f64| bottom - (f64::from(bottom - top) * score / 100.0).round() as i32;
    for edge in &model.edges {
        let line = vec![(left, y(f64::from(*edge as i32))), (right, y(f64::from(*edge as i32)))];
        area.draw(&PathElement::new(line, ink.grid.stroke_width(ink.width(1.6))))?;
    }
    let every = (steps * ink.px(62.0) / (right - left).max(1)).max(0) + 1;
    let mut previous = None;
    for (idx, mark) in (0..).zip(&model.marks) {
        let here = mark.score.map(|score| (x(idx), y(score)));
        if let (Some(from), Some(to)) = (previous, here) {
            let stroke = ink.accent.stroke_width(ink.width(2.5));
            area.draw(&PathElement::new(vec![from, to], stroke))?;
        }
        previous = here;
        let Some(at) = here else { continue };
        area.draw(&Circle::new(at, ink.px(5.0), ink.accent.filled()))?;
        if (steps - idx) % every != 0 {
            continue;
        }
        let value = ink.font(14.0, ink.accent, Pos::new(HPos::Center, VPos::Bottom));
        area.draw(&Text::new(mark.printed.as_str(), (at.0, at.1 - ink.px(9.0)), value))?;
        for (line, text) in (0..).zip(&mark.lines) {
            let name = ink.font(12.0, ink.text, Pos::new(HPos::Center, VPos::Top));
            let below = bottom + ink.px(14.0) + line * ink.px(15.0);
            area.draw(&Text::new(text.as_str(), (at.0, below), name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(shape: Shape, scores: &[Option<f64>]) -> ChartModel {
        let mark = |score: &Option<f64>| Mark {
            lines: vec!["A name".to_owned()],
            score: *score,
            printed: score.map_or_else(|| "–".to_owned(), |score| format!("{score}")),
        };
        ChartModel { shape, marks: scores.iter().map(mark).collect(), edges: vec![50, 75] }
    }

    fn svg(model: &ChartModel) -> String {
        let ink = Ink { text: BLACK, grid: RGBColor(200, 200, 200), accent: RED, scale: 1.0 };
        let mut out = String::new();
        let area = SVGBackend::with_string(&mut out, (400, 400)).into_drawing_area();
        draw(&area, model, ink).unwrap_or_else(|error| unreachable!("{error}"));
        drop(area);
        out
    }

    #[test]
    fn a_missing_score_leaves_a_gap_and_no_corner() {
        let whole = svg(&model(Shape::Radar, &[Some(10.0), Some(50.0), Some(90.0)]));
        let gap = svg(&model(Shape::Radar, &[Some(10.0), None, Some(90.0)]));
        assert_eq!(whole.matches("<circle").count(), 3);
        assert_eq!(gap.matches("<circle").count(), 2);
        assert_eq!((whole.matches("<polygon").count(), gap.matches("<polygon").count()), (1, 0));
        assert!(gap.contains('–'));
    }

    #[test]
    fn directions_are_those_of_the_platform() {
        for step in 0..=100 {
            let angle =
                f64::from(step) / 100.0 * std::f64::consts::TAU - std::f64::consts::FRAC_PI_2;
            let (x, y) = direction(angle);
            assert!((x - angle.cos()).abs() < 1e-6 && (y - angle.sin()).abs() < 1e-6, "{angle}");
        }
    }

    #[test]
    fn a_course_goes_from_left_to_right_and_names_what_fits() {
        let few = svg(&model(Shape::Course, &[Some(100.0), Some(50.0), Some(0.0)]));
        for place in ["cx=\"36\" cy=\"30\"", "cx=\"200\" cy=\"189\"", "cx=\"364\" cy=\"348\""] {
            assert!(few.contains(place), "{few}");
        }
        assert_eq!(few.matches("A name").count(), 3);
        let many = svg(&model(Shape::Course, &[Some(50.0); 24]));
        assert_eq!(many.matches("<circle").count(), 24);
        // Every fifth, so that they stand 62 apart, from the last one back.
        assert_eq!(many.matches("A name").count(), 5);
    }

    #[test]
    fn the_axis_runs_from_0_to_100() {
        let drawn = svg(&model(Shape::Profile, &[Some(0.0), Some(100.0)]));
        for x in [132, 378] {
            assert!(drawn.contains(&format!("cx=\"{x}\"")), "{drawn}");
        }
    }
}
