//! All drawings, as what they show first and as SVG second: a writer draws each at the width it
//! has, so that letters keep their size on a phone, on a projector and on paper. Classes instead of
//! colors serve light, dark and print. Direct labels instead of legends; a letter or a shape stands
//! beside every color, for color is never the only sign.

mod backlog;
mod bands;
mod bars;
mod canvas;
mod control;
mod curve;
mod dots;
mod heat;
mod icon;
mod map;
mod spark;
mod stacked;

pub use backlog::Backlog;
pub use bands::BandChart;
pub use bars::{Bar, Bars};
pub use canvas::escape;
pub use control::Control;
pub use curve::{Curve, CurveStep};
pub use dots::{Dot, Dots};
pub use heat::{Heat, HeatCell};
pub use icon::Icon;
pub use map::{Map, RegionShape};
pub use spark::Spark;
pub use stacked::Stacked;

/// Drawing of a figure.
#[derive(Clone, Debug, Default)]
pub enum Drawing {
    /// Nothing: a table speaks for itself.
    #[default]
    None,
    /// Values with intervals on one scale.
    Dots(Dots),
    /// Bars with their values.
    Bars(Bars),
    /// Bars made of parts.
    Bands(BandChart),
    /// Shares of P, S, M and U by period.
    Stacked(Stacked),
    /// A falling curve with its band.
    Curve(Curve),
    /// Open, opened and closed actions.
    Backlog(Backlog),
    /// A control chart.
    Control(Control),
    /// Rows by columns.
    Heat(Heat),
    /// The regions on the map.
    Map(Map),
}

impl Drawing {
    /// As SVG of this width in pixels, named by its title; empty where there is nothing to draw.
    pub fn svg(&self, width: f64, title: &str) -> String {
        match self {
            Self::None => String::new(),
            Self::Dots(dots) => dots.svg(width, title),
            Self::Bars(bars) => bars.svg(width, title),
            Self::Bands(bands) => bands.svg(width, title),
            Self::Stacked(stacked) => stacked.svg(width, title),
            Self::Curve(curve) => curve.svg(width, title),
            Self::Backlog(backlog) => backlog.svg(width, title),
            Self::Control(control) => control.svg(width, title),
            Self::Heat(heat) => heat.svg(width, title),
            Self::Map(map) => map.svg(width, title),
        }
    }
}
