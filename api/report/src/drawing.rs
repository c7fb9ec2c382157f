//! Charts: first the data they show, then SVG. Each chart is drawn at its final width, so that text
//! keeps its size on phones, projectors and paper. CSS classes instead of colors serve light mode,
//! dark mode and print. A chart draws its own legend. Orange always means worse, and blue never
//! does. Color is never the only sign: a letter or a shape goes with it.

mod backlog;
mod bands;
mod bars;
mod canvas;
mod control;
mod curve;
mod dots;
mod heat;
mod icon;
mod line;
mod locator;
mod map;
mod marks;
mod spark;
mod stacked;
pub mod standalone;

pub use backlog::Backlog;
pub use bands::BandChart;
pub use bars::{Bar, Bars};
pub use canvas::escape;
pub use control::{Control, ControlPart, ControlPoint};
pub use curve::{Curve, CurveStep};
pub use dots::{Dot, Dots, Tone};
pub use heat::{Heat, HeatCell, shares_ends};
pub use icon::Icon;
pub use line::{Line, LinePoint};
pub use locator::Locator;
pub use map::{Map, RegionShape};
pub use marks::DrawnMark;
pub use spark::Spark;
pub use stacked::Stacked;
pub use standalone::style;

/// Drawing of a figure.
#[derive(Clone, Debug, Default)]
pub enum Drawing {
    /// No chart, only a table.
    #[default]
    None,
    /// Values with intervals on one scale.
    Dots(Dots),
    /// Bars with their values.
    Bars(Bars),
    /// Bars with several parts.
    Bands(BandChart),
    /// Shares of P, S, M and U by period.
    Stacked(Stacked),
    /// Falling curve with its confidence band.
    Curve(Curve),
    /// Values of periods with their intervals.
    Line(Line),
    /// Open, opened and closed actions.
    Backlog(Backlog),
    /// A control chart.
    Control(Control),
    /// Rows by columns.
    Heat(Heat),
    /// Map of the regions.
    Map(Map),
}

impl Drawing {
    /// Returns the numbers that the chart shows, headings first. Empty without a chart.
    pub fn numbers(&self) -> Vec<Vec<String>> {
        match self {
            Self::None => Vec::new(),
            Self::Dots(dots) => dots.numbers(),
            Self::Bars(bars) => bars.numbers(),
            Self::Bands(bands) => bands.numbers(),
            Self::Stacked(stacked) => stacked.numbers(),
            Self::Curve(curve) => curve.numbers(),
            Self::Line(line) => line.numbers(),
            Self::Backlog(backlog) => backlog.numbers(),
            Self::Control(control) => control.numbers(),
            Self::Heat(heat) => heat.numbers(),
            Self::Map(map) => map.numbers(),
        }
    }

    /// Renders the chart as SVG of a width in pixels, with an accessible title. Empty without data.
    pub fn svg(&self, width: f64, title: &str) -> String {
        match self {
            Self::None => String::new(),
            Self::Dots(dots) => dots.svg(width, title),
            Self::Bars(bars) => bars.svg(width, title),
            Self::Bands(bands) => bands.svg(width, title),
            Self::Stacked(stacked) => stacked.svg(width, title),
            Self::Curve(curve) => curve.svg(width, title),
            Self::Line(line) => line.svg(width, title),
            Self::Backlog(backlog) => backlog.svg(width, title),
            Self::Control(control) => control.svg(width, title),
            Self::Heat(heat) => heat.svg(width, title),
            Self::Map(map) => map.svg(width, title),
        }
    }
}
