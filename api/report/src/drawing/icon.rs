//! Icons of variation and assurance, as the NHS uses them on control charts: the direction of a
//! trend, and whether a target is reliably met. Each icon has its own shape, so that color is not
//! needed.

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Improving; true when the value rises.
    Better(bool),
    /// Getting worse; true when the value rises.
    Worse(bool),
    /// No change beyond chance.
    Steady,
    /// A signal that deserves a question.
    Signal,
    /// Too few records to judge.
    Unknown,
    /// Reliably meets the target.
    Meets,
    /// Reliably misses the target.
    Misses,
    /// Meets or misses the target by chance.
    HitAndMiss,
}

impl Icon {
    /// Renders the icon as SVG, 32 pixels square. The text next to it states its meaning.
    pub fn svg(self) -> String {
        let (class, inside) = match self {
            Self::Better(rises) => ("better", arrow(rises)),
            Self::Worse(rises) => ("worse", arrow(rises)),
            Self::Steady => (
                "steady",
                "<circle cx=\"8\" cy=\"17\" r=\"2\"/><circle cx=\"13.5\" cy=\"14\" \
                 r=\"2\"/><circle cx=\"19\" cy=\"18\" r=\"2\"/><circle cx=\"24.5\" cy=\"15\" \
                 r=\"2\"/>"
                    .to_owned(),
            ),
            Self::Signal => ("worse", "<path d=\"M16 7l8 14H8z\"/>".to_owned()),
            Self::Unknown => (
                "unknown",
                "<circle cx=\"11\" cy=\"16\" r=\"1.8\"/><circle cx=\"16\" cy=\"16\" \
                 r=\"1.8\"/><circle cx=\"21\" cy=\"16\" r=\"1.8\"/>"
                    .to_owned(),
            ),
            Self::Meets => ("better", "<path class=\"stroke\" d=\"M9 17l5 5 10-11\"/>".to_owned()),
            Self::Misses => {
                ("worse", "<path class=\"stroke\" d=\"M10 10l12 12M22 10L10 22\"/>".to_owned())
            }
            Self::HitAndMiss => {
                ("steady", "<path class=\"stroke\" d=\"M8 18q4-9 8-2t8-2\"/>".to_owned())
            }
        };
        format!(
            "<svg class=\"icon {class}\" viewBox=\"0 0 32 32\" width=\"32\" height=\"32\" \
             aria-hidden=\"true\" xmlns=\"http://www.w3.org/2000/svg\"><circle class=\"ring\" \
             cx=\"16\" cy=\"16\" r=\"14.5\"/>{inside}</svg>"
        )
    }
}

fn arrow(rises: bool) -> String {
    let rotation = if rises { "" } else { " transform=\"rotate(180 16 16)\"" };
    format!("<path{rotation} d=\"M16 7l7.5 8.5h-4.7V25h-5.6v-9.5H8.5z\"/>")
}
