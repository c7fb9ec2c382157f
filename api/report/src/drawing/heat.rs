//! Heat map in six shades, dark enough to keep text readable. Framed cells are marked by shape as
//! well as color.

use super::canvas::{Canvas, Swatch, escape, fit_text, lines, text_width};

/// Height of a line of a column's name.
const LINE: f64 = 13.0;

/// A cell: shade (0 to 1), text and frame.
#[derive(Clone, Debug, Default)]
pub struct HeatCell {
    /// Shade.
    pub level: Option<f64>,
    /// Text.
    pub text: String,
    /// True for a frame.
    pub framed: bool,
}

/// A heat map.
#[derive(Clone, Debug, Default)]
pub struct Heat {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows: label, link, cells.
    pub rows: Vec<(String, String, Vec<HeatCell>)>,
    /// Meaning of the first and the last shade.
    pub ends: (String, String),
    /// Meaning of a frame; empty without frames.
    pub framed: String,
}

/// Returns the meaning of the shades of a share.
pub fn shares_ends() -> (String, String) {
    ("0%".into(), "100%".into())
}

/// Draws the scale of shades with the meaning of its ends, and of a frame. Returns the height
/// below it.
pub fn shades(canvas: &mut Canvas, top: f64, ends: &(String, String), framed: &str) -> f64 {
    let mut entries: Vec<(Swatch, &str, &str)> = Vec::new();
    let classes: Vec<String> = (1..=6).map(|shade| format!("heat h{shade}")).collect();
    let (mut x, y) = (text_width(&ends.0) + 8.0, top + 12.0);
    canvas.text(0.0, y, "start", "small", &ends.0);
    for class in &classes {
        canvas.rect(class, (x, y - 11.0), (20.0, 14.0), 0.0);
        x += 20.0;
    }
    canvas.text(x + 8.0, y, "start", "small", &ends.1);
    if !framed.is_empty() {
        entries.push((Swatch::Rect, "framed", framed));
    }
    canvas.legend(y + 6.0, &entries)
}

/// Returns the shade of a level: 1 to 6, or 0 without a level.
pub fn shade(level: Option<f64>) -> usize {
    level
        .filter(|level| level.is_finite())
        .map_or(0, |level| 1 + (level.clamp(0.0, 0.999) * 6.0) as usize)
}

/// Returns the lines of each column's name. A name such as `Central (2)` or `FY2026` that does not
/// fit takes two lines; if these do not fit either, the columns have their codes alone.
fn heads(columns: &[String], width: f64) -> Vec<Vec<&str>> {
    let fits = |lines: &[Vec<&str>]| lines.iter().flatten().all(|line| text_width(line) <= width);
    let all: [Vec<Vec<&str>>; 2] = [
        columns.iter().map(|column| vec![column.as_str()]).collect(),
        columns
            .iter()
            .map(|column| match column.rfind(" (") {
                Some(at) => vec![&column[..at], &column[at + 1..]],
                None => match column.split_at_checked(2) {
                    Some(("FY", year)) => vec!["FY", year],
                    _ => vec![column.as_str()],
                },
            })
            .collect(),
    ];
    let code = |column| str::rsplit_once(column, " (")?.1.strip_suffix(')');
    let codes = || columns.iter().map(|column| vec![code(column).unwrap_or(column)]).collect();
    all.into_iter().find(|lines| fits(lines)).unwrap_or_else(codes)
}

impl Heat {
    /// Returns what the cells show, with their headings.
    pub fn numbers(&self) -> Vec<Vec<String>> {
        let headings = std::iter::once("label".to_owned()).chain(self.columns.iter().cloned());
        let rows = self.rows.iter().map(|(label, _, cells)| {
            let texts = cells.iter().map(|cell| cell.text.clone());
            std::iter::once(label.clone()).chain(texts).collect()
        });
        std::iter::once(headings.collect()).chain(rows).collect()
    }

    /// Renders the chart as SVG.
    pub fn svg(&self, width: f64, title: &str) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let longest = self.rows.iter().map(|(label, ..)| text_width(label)).fold(0.0, f64::max);
        // The widest cell text determines the width left for labels.
        let cell = self
            .rows
            .iter()
            .flat_map(|(_, _, cells)| cells.iter().map(|cell| text_width(&cell.text)))
            .chain(self.columns.iter().map(|column| text_width(column)))
            .fold(24.0, f64::max)
            + 8.0;
        // Put long labels above their row if cells would leave them no room.
        let room = width - cell * self.columns.len() as f64;
        let above = longest + 16.0 > room.max(width * 0.3) && width < 360.0;
        let left = if above { 0.0 } else { (longest + 16.0).min(room.max(width * 0.36)) };
        let labels: Vec<Vec<String>> =
            self.rows.iter().map(|(label, ..)| lines(label, left - 10.0)).collect();
        let most_lines = labels.iter().map(Vec::len).max().unwrap_or(1);
        let tall = if above { 54.0 } else { (12.5 * most_lines as f64 + 4.0).max(32.0) };
        let step = (width - left) / self.columns.len().max(1) as f64;
        let mut canvas = Canvas::new(width);
        let mut top = shades(&mut canvas, 0.0, &self.ends, &self.framed) + 4.0;
        // Between two names is a gap.
        let heads = heads(&self.columns, step - 5.0);
        for (at, lines) in heads.iter().enumerate() {
            for (line, text) in lines.iter().enumerate() {
                canvas.text(
                    left + step * (at as f64 + 0.5),
                    top + 16.0 + LINE * line as f64,
                    "middle",
                    "small strong",
                    &fit_text(text, step + 4.0),
                );
            }
        }
        top += LINE * (heads.iter().map(Vec::len).max().unwrap_or(1) - 1) as f64;
        let mut linked = false;
        for (line, (label, href, cells)) in self.rows.iter().enumerate() {
            let y = top + 26.0 + tall * line as f64 + if above { 20.0 } else { 0.0 };
            if !href.is_empty() {
                linked = true;
                // Full name as a tooltip, where the label was shortened.
                canvas.raw(&format!(
                    "<a href=\"page:{}\"><title>{}</title>",
                    escape(href),
                    escape(label)
                ));
            }
            if above {
                canvas.text(0.0, y - 6.0, "start", "label", &fit_text(label, width));
            } else {
                let first = 18.0 - 6.25 * (labels[line].len() - 1) as f64;
                for (at, text) in labels[line].iter().enumerate() {
                    canvas.text(left - 12.0, y + first + 12.5 * at as f64, "end", "label", text);
                }
            }
            if !href.is_empty() {
                canvas.raw("</a>");
            }
            for (at, cell) in cells.iter().enumerate() {
                let shade = shade(cell.level);
                let x = left + step * at as f64;
                if !cell.text.is_empty() {
                    let column = self.columns.get(at).map_or("", String::as_str);
                    canvas.name_next(&format!("{label}, {column}: {}", cell.text));
                }
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
        let height = top + 28.0 + tall * self.rows.len() as f64;
        if linked { canvas.finish_with_links(height, title) } else { canvas.finish(height, title) }
    }
}

#[cfg(test)]
mod tests {
    use super::{heads, shade, text_width};

    #[test]
    fn names_of_narrow_columns_take_two_lines_or_are_their_codes() {
        let columns = ["West (1)", "Northeast (3)", "State"].map(str::to_owned);
        let at = |width| heads(&columns, width);
        assert_eq!(at(40.0), [["1"], ["3"], ["State"]]);
        let two_lines = [vec!["West", "(1)"], vec!["Northeast", "(3)"], vec!["State"]];
        assert_eq!(at(text_width("Northeast")), two_lines);
        let years = ["FY2026", "Period"].map(str::to_owned);
        assert_eq!(heads(&years, 41.5), [vec!["FY", "2026"], vec!["Period"]]);
        assert_eq!(at(154.0), columns.each_ref().map(|column| vec![column.as_str()]));
    }

    #[test]
    fn shades_run_from_one_to_six_and_nothing_has_none() {
        let found: Vec<usize> =
            [None, Some(0.0), Some(0.5), Some(1.0), Some(7.0)].into_iter().map(shade).collect();
        assert_eq!(found, [0, 1, 4, 6, 6]);
    }
}
