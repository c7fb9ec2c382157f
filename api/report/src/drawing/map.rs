//! Map of the regions, shaded; each links to its page. Labels of small regions are placed outside.

use super::canvas::{Canvas, escape, text_width};
use super::heat::{shade, shades};
use crate::outlines::Outline;

/// A region.
#[derive(Clone, Debug, Default)]
pub struct RegionShape {
    /// Name and code.
    pub name: String,
    /// Shade.
    pub level: Option<f64>,
    /// Text.
    pub text: String,
    /// Link.
    pub href: String,
    /// Outline on the grid.
    pub outline: Outline,
}

/// A map.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// Width and height of the outlines' grid.
    pub grid: (f64, f64),
    /// Regions.
    pub shapes: Vec<RegionShape>,
    /// Meaning of the first and the last shade.
    pub ends: (String, String),
}

impl Map {
    /// Returns what the regions show, with their headings.
    pub fn numbers(&self) -> Vec<Vec<String>> {
        let rows = self.shapes.iter().map(|shape| vec![shape.name.clone(), shape.text.clone()]);
        std::iter::once(["label", "value"].map(str::to_owned).to_vec()).chain(rows).collect()
    }

    /// Renders the map as SVG.
    pub fn svg(&self, width: f64, title: &str) -> String {
        if self.shapes.iter().all(|shape| shape.outline.rings.is_empty()) {
            return String::new();
        }
        let scale = width / self.grid.0;
        let height = self.grid.1 * scale;
        let mut canvas = Canvas::new(width);
        for shape in &self.shapes {
            let path = shape.outline.path(scale);
            canvas.raw(&format!(
                "<a href=\"page:{}\" aria-label=\"{words}\"><path class=\"region h{}\" \
                 data-value=\"{words}\" fill-rule=\"evenodd\" d=\"{path}\"/></a>",
                escape(&shape.href),
                shade(shape.level),
                words = escape(&format!("{}: {}", shape.name, shape.text)),
            ));
        }
        let mut outside: Vec<(f64, &RegionShape, (f64, f64))> = Vec::new();
        for shape in &self.shapes {
            let (center, (across, tall)) = (shape.outline.center(), shape.outline.size());
            let at = (center.0 * scale, center.1 * scale);
            if across * scale > text_width(&shape.text).max(text_width(&shape.name) * 1.3) + 16.0
                && tall * scale > 84.0
            {
                let class = format!("on-h{}", shade(shape.level));
                canvas.text(at.0, at.1 - 2.0, "middle", &format!("place {class}"), &shape.name);
                canvas.text(at.0, at.1 + 15.0, "middle", &class, &shape.text);
            } else {
                outside.push((at.1, shape, at));
            }
        }
        outside.sort_by(|one, two| one.0.total_cmp(&two.0));
        let mut free = 16.0;
        for (wanted, shape, at) in outside {
            let text = format!("{}  {}", shape.name, shape.text);
            let y = wanted.clamp(free, height - 8.0);
            free = y + 22.0;
            let x = width - text_width(&text);
            canvas.line("leader", at, (x - 6.0, y - 4.0));
            canvas.circle("pin", at, 2.5);
            canvas.text(width, y, "end", "strong outside", &text);
        }
        let bottom = shades(&mut canvas, height + 8.0, &self.ends, "");
        canvas.finish_with_links(bottom, title)
    }
}
