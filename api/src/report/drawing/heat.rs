//! Rows by columns, in six shades that keep their words readable; a frame and a sign beside the
//! color.

use super::canvas::{Canvas, escape, fit_text, lines, text_width};

/// A cell: how dark (0 to 1), what stands in it, and whether it is framed.
#[derive(Clone, Debug, Default)]
pub struct HeatCell {
    /// Shade.
    pub level: Option<f64>,
    /// Text.
    pub text: String,
    /// Framed, as a sign beside the color.
    pub framed: bool,
}

/// The map.
#[derive(Clone, Debug, Default)]
pub struct Heat {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows: name, where it leads, cells.
    pub rows: Vec<(String, String, Vec<HeatCell>)>,
}

/// Shade of a level: 0 for nothing, then 1 to 6.
pub fn shade(level: Option<f64>) -> usize {
    level
        .filter(|level| level.is_finite())
        .map_or(0, |level| 1 + (level.clamp(0.0, 0.999) * 6.0) as usize)
}

impl Heat {
    /// As SVG.
    pub fn svg(&self, width: f64, title: &str) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let longest = self.rows.iter().map(|(label, ..)| text_width(label)).fold(0.0, f64::max);
        // What stands in the cells decides how much is left for the names.
        let cell = self
            .rows
            .iter()
            .flat_map(|(_, _, cells)| cells.iter().map(|cell| text_width(&cell.text)))
            .chain(self.columns.iter().map(|column| text_width(column)))
            .fold(24.0, f64::max)
            + 8.0;
        // Long names stand above their row where cells would leave them no room.
        let room = width - cell * self.columns.len() as f64;
        let above = longest + 16.0 > room.max(width * 0.3) && width < 360.0;
        let left = if above { 0.0 } else { (longest + 16.0).min(room.max(width * 0.36)) };
        let tall = if above { 54.0 } else { 32.0 };
        let step = (width - left) / self.columns.len().max(1) as f64;
        let mut canvas = Canvas::new(width);
        for (at, column) in self.columns.iter().enumerate() {
            canvas.text(
                left + step * (at as f64 + 0.5),
                16.0,
                "middle",
                "small strong",
                &fit_text(column, step + 4.0),
            );
        }
        let mut linked = false;
        for (line, (label, href, cells)) in self.rows.iter().enumerate() {
            let y = 26.0 + tall * line as f64 + if above { 20.0 } else { 0.0 };
            if !href.is_empty() {
                linked = true;
                // The whole name, where its place is too narrow for it.
                canvas.raw(&format!(
                    "<a href=\"page:{}\"><title>{}</title>",
                    escape(href),
                    escape(label)
                ));
            }
            if above {
                canvas.text(0.0, y - 6.0, "start", "label", &fit_text(label, width));
            } else {
                let text = lines(label, left - 10.0);
                let top = if text.len() == 1 { 18.0 } else { 12.0 };
                for (at, line) in text.iter().enumerate() {
                    canvas.text(left - 12.0, y + top + 12.5 * at as f64, "end", "label", line);
                }
            }
            if !href.is_empty() {
                canvas.raw("</a>");
            }
            for (at, cell) in cells.iter().enumerate() {
                let shade = shade(cell.level);
                let x = left + step * at as f64;
                canvas.rect(&format!("heat h{shade}"), (x + 1.0, y), (step - 2.0, 28.0), 3.0);
                if cell.framed {
                    canvas.rect("framed", (x + 2.5, y + 1.5), (step - 5.0, 25.0), 3.0);
                }
                canvas.text(
                    x + step / 2.0,
                    y + 18.0,
                    "middle",
                    &format!("value on-h{shade}"),
                    &cell.text,
                );
            }
        }
        let height = 28.0 + tall * self.rows.len() as f64;
        if linked { canvas.finish_with_links(height, title) } else { canvas.finish(height, title) }
    }
}

#[cfg(test)]
mod tests {
    use super::shade;

    #[test]
    fn shades_run_from_one_to_six_and_nothing_has_none() {
        let found: Vec<usize> =
            [None, Some(0.0), Some(0.5), Some(1.0), Some(7.0)].into_iter().map(shade).collect();
        assert_eq!(found, [0, 1, 4, 6, 6]);
    }
}
