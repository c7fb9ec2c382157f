//! Typst source being written, with the images that it uses.

use typst::foundations::Bytes;

use super::fonts::printable;
use crate::drawing::style;
use crate::page::ONE_PIECE;

/// Font of the charts: that of the text.
const FONT: &str = "'Roboto'";

/// Typst source and its images.
#[derive(Default)]
pub struct Source {
    /// Text of the source.
    pub text: String,
    /// Images by file name.
    pub images: Vec<(String, Bytes)>,
}

impl Source {
    /// Creates a source with the definitions of the layout.
    pub fn with_prelude() -> Self {
        let mut source = Self::default();
        source.put(&format!("#let one-piece = {ONE_PIECE}"));
        source.put(include_str!("prelude.typ"));
        source
    }

    /// Adds a line.
    pub fn put(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Adds a call of a function of the prelude.
    pub fn call(&mut self, function: &str, arguments: &[String]) {
        self.put(&format!("#{function}({})", arguments.join(", ")));
    }

    /// Adds a chart and returns its name as a typst value; `none` for an empty chart.
    pub fn drawing(&mut self, svg: &str) -> String {
        if svg.is_empty() {
            return "none".to_owned();
        }
        let svg = printable(svg);
        let styled = svg.replacen('>', &format!("><style>{}</style>", style(FONT)), 1);
        let bytes = Bytes::from_string(styled);
        let known = self.images.iter().find(|(_, known)| *known == bytes);
        let name = match known {
            Some((name, _)) => name.clone(),
            None => format!("drawing{}.svg", self.images.len()),
        };
        if known.is_none() {
            self.images.push((name.clone(), bytes));
        }
        quoted(&name)
    }
}

/// Quotes a text as a typst string on one line.
pub fn quoted(text: &str) -> String {
    lines_quoted(&text.replace('\n', " "))
}

/// Quotes a text as a typst string with its line breaks.
pub fn lines_quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

/// Writes values as a typst array.
pub fn array(values: impl IntoIterator<Item = String>) -> String {
    let values: String = values.into_iter().map(|value| format!("{value}, ")).collect();
    format!("({})", values.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cannot_leave_their_quotes() {
        assert_eq!(quoted("a \"b\" \\ c\nd"), r#""a \"b\" \\ c d""#);
        assert_eq!(lines_quoted("a\nb"), r#""a\nb""#);
    }

    #[test]
    fn an_array_of_one_value_stays_an_array() {
        assert_eq!(array(["1".to_owned()]), "(1,)");
        assert_eq!(array([]), "()");
    }
}
