//! A drawn signature: an SVG path from a person's pen, made into a picture of its own.

use kurbo::{BezPath, Shape as _};

/// Longest path that is drawn, in characters.
const PATH_CHARS_MAX: usize = 100_000;
/// Room around the strokes, as a share of their longer side.
const MARGIN: f64 = 0.05;

/// An SVG with the strokes alone; `None` for what is no path, or no line at all. The path is written anew from its
/// numbers, so that nothing else of the text gets into the picture.
pub(crate) fn svg(path: &str) -> Option<String> {
    // The reader of paths stops at what it does not know, and keeps what it has read.
    let is_path = path.chars().all(|c| c.is_ascii_digit() || "MmLlHhVvCcSsQqTtAaZz+-.,eE \n".contains(c));
    if path.len() > PATH_CHARS_MAX || !is_path {
        return None;
    }
    let strokes = BezPath::from_svg(path).ok().filter(|strokes| !strokes.is_empty() && strokes.is_finite())?;
    let bounds = strokes.bounding_box();
    let side = bounds.width().max(bounds.height());
    if !(side > 0.0 && side < 1e6) {
        return None;
    }
    let room = side * MARGIN;
    let (x, y) = (bounds.x0 - room, bounds.y0 - room);
    let (width, height) = (bounds.width() + 2.0 * room, bounds.height() + 2.0 * room);
    let pen = side / 90.0;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{x} {y} {width} {height}\" width=\"{width}\" height=\"{height}\">\
         <path d=\"{}\" fill=\"none\" stroke=\"#1d2733\" stroke-width=\"{pen}\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/></svg>",
        strokes.to_svg()
    ))
}
