//! Definition of a report page: all that routes, menu, static copy, PDF and prerendering need.

use hotwash_metrics::MetricError;

use crate::context::PageContext;
use crate::drawing::Locator;
use crate::page::{FigureCell, Page};
use crate::query::PageQuery;

/// Values of the variable segments of an address, in order.
pub type PathValues<'a> = &'a [&'a str];

/// Function that builds the only page of a definition.
type BuildOne = fn(&PageContext<'_>) -> Result<Page, MetricError>;

/// Function that builds one of several pages; `None` if there is no such page.
type BuildEach = fn(&PageContext<'_>, PathValues<'_>) -> Result<Option<Page>, MetricError>;

/// Definition of a report page, or of pages of one kind such as one page per region.
pub struct ReportPage {
    /// Path on the server. A segment in braces is variable, e.g. `/regions/{code}`.
    pub path: &'static str,
    /// Title in the menu, if the page has an entry.
    pub menu: Option<&'static str>,
    /// Path of the menu entry that this page belongs to, if its first segment differs.
    pub below: Option<&'static str>,
    /// Sheet in the PDF, if the page is printed.
    pub print: Option<Sheet>,
    /// True if the page is prerendered.
    pub prerendered: bool,
    /// True if the static copy contains the page.
    pub copied: bool,
    /// True if a warehouse without ratings and actions shows what to load instead.
    pub needs_records: bool,
    /// True if the page shows a single record, which only the database has.
    pub single_record: bool,
    /// Returns the values of the variable segments of every path. Empty if only the database knows
    /// them.
    pub all_values: fn(&PageContext<'_>) -> Result<Vec<Vec<String>>, MetricError>,
    /// Returns advice for a path without a page.
    pub advice: Option<fn(&PageContext<'_>) -> Advice>,
    /// Returns the GraphQL queries that the page needs.
    pub queries: fn(&PageContext<'_>, PathValues<'_>) -> Result<Vec<PageQuery>, MetricError>,
    /// Builds the page.
    pub build: Build,
}

/// Function that builds a page.
#[derive(Clone, Copy)]
pub enum Build {
    /// One page.
    One(BuildOne),
    /// A page for each path.
    Each(BuildEach),
}

/// Sheet of a page in the PDF.
pub struct Sheet {
    /// Title in print, if it differs from the page's.
    pub title: Option<&'static str>,
    /// Part of the PDF.
    pub part: Part,
    /// Metrics whose figures are not printed.
    pub omitted: &'static [&'static str],
    /// Draws where the region of the page lies.
    pub locator: Option<DrawLocator>,
}

/// Function that draws where the region of a page lies.
type DrawLocator = fn(&PageContext<'_>, PathValues<'_>) -> Locator;

impl Sheet {
    /// Sheet like the page itself.
    pub const PLAIN: Self = Self { title: None, part: Part::State, omitted: &[], locator: None };
}

/// Part of the PDF, in order of print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Chapters about the state, one after another.
    State,
    /// Regions, each on a page of its own.
    Region,
    /// Data quality and methods.
    Appendix,
}

/// Advice for a path without a page.
pub struct Advice {
    /// Sentence for the reader.
    pub text: String,
    /// Links to related pages.
    pub links: Vec<FigureCell>,
}

impl ReportPage {
    /// Defines one page. It is neither printed nor copied, and has no menu entry.
    pub const fn one(path: &'static str, build: BuildOne) -> Self {
        Self::new(path, Build::One(build))
    }

    /// Defines pages of one kind. They are neither printed nor copied, and have no menu entry.
    pub const fn each(path: &'static str, build: BuildEach) -> Self {
        Self::new(path, Build::Each(build))
    }

    const fn new(path: &'static str, build: Build) -> Self {
        Self {
            path,
            menu: None,
            below: None,
            print: None,
            prerendered: false,
            copied: false,
            needs_records: false,
            single_record: false,
            all_values: |_| Ok(Vec::new()),
            advice: None,
            queries: |_, _| Ok(Vec::new()),
            build,
        }
    }

    /// Returns the first segment of its paths; empty for the overview.
    pub fn first_segment(&self) -> &'static str {
        segments(self.path)[0]
    }

    /// Returns all its paths.
    ///
    /// # Errors
    /// Fails when a metric that knows them cannot be computed.
    pub fn all_paths(&self, context: &PageContext<'_>) -> Result<Vec<String>, MetricError> {
        if let Build::One(_) = self.build {
            return Ok(vec![self.path.to_owned()]);
        }
        let fill = |values: Vec<String>| {
            let mut values = values.into_iter();
            let filled = segments(self.path).into_iter().map(|segment| {
                if is_variable(segment) { values.next() } else { None }
                    .unwrap_or_else(|| segment.to_owned())
            });
            format!("/{}", filled.collect::<Vec<_>>().join("/"))
        };
        Ok((self.all_values)(context)?.into_iter().map(fill).collect())
    }

    /// Returns the values of the variable segments of a path; `None` if it is another page's.
    pub fn values<'a>(&self, path: &'a str) -> Option<Vec<&'a str>> {
        let (pattern, given) = (segments(self.path), segments(path));
        let fits = pattern.len() == given.len()
            && pattern.iter().zip(&given).all(|(one, two)| is_variable(one) || one == two);
        fits.then(|| {
            let pairs = pattern.into_iter().zip(given);
            pairs.filter(|(one, _)| is_variable(one)).map(|(_, value)| value).collect()
        })
    }
}

fn is_variable(segment: &str) -> bool {
    segment.starts_with('{')
}

/// Splits a path at its slashes; at least one segment.
pub fn segments(path: &str) -> Vec<&str> {
    path.trim_matches('/').split('/').collect()
}
