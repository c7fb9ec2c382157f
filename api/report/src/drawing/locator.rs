//! Locator: a small map without text that shows where one region lies.

use super::canvas::Canvas;
use crate::outlines::Outline;

/// A locator map.
#[derive(Clone, Debug, Default)]
pub struct Locator {
    /// Width and height of the outlines' grid.
    pub grid: (f64, f64),
    /// Outlines of all regions; true for the one to show.
    pub shapes: Vec<(Outline, bool)>,
}

impl Locator {
    /// Renders the map as SVG; empty without the region's outline.
    pub fn svg(&self, width: f64, title: &str) -> String {
        if !self.shapes.iter().any(|(outline, is_shown)| *is_shown && !outline.rings.is_empty()) {
            return String::new();
        }
        let scale = width / self.grid.0;
        let mut canvas = Canvas::new(width);
        for (outline, is_shown) in &self.shapes {
            let class = if *is_shown { "region h6" } else { "region h0" };
            canvas.raw(&format!(
                "<path class=\"{class}\" fill-rule=\"evenodd\" d=\"{}\"/>",
                outline.path(scale)
            ));
        }
        canvas.finish(self.grid.1 * scale, title)
    }
}
