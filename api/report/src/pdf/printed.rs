//! Pages of a board pack in print order, for its reader.

use hotwash_metrics::MetricError;
use hotwash_schema::access::Role;

use crate::context::PageContext;
use crate::definition::{Part, PathValues, Sheet};
use crate::drawing::Locator;
use crate::page::Page;
use crate::pages::{PAGES, find_page};

/// A page with its sheet, and the map that shows where its region lies.
pub struct Printed {
    /// Sheet.
    pub sheet: &'static Sheet,
    /// Page.
    pub page: Page,
    /// Map.
    pub locator: Option<Locator>,
}

impl Printed {
    /// Returns its title in print.
    pub fn title(&self) -> &str {
        self.sheet.title.unwrap_or(&self.page.title)
    }
}

/// Returns the pages in print order.
///
/// # Errors
/// Fails when a metric cannot be computed.
pub fn pages(context: &PageContext<'_>) -> Result<Vec<Printed>, MetricError> {
    let mut found = Vec::new();
    let printed = PAGES.iter().filter_map(|page| Some((page, page.print.as_ref()?)));
    for (definition, sheet) in printed {
        for path in definition.all_paths(context)? {
            let values = definition.values(&path).unwrap_or_default();
            if sheet.part == Part::Region && !has_own_page(context, &values) {
                continue;
            }
            let locator = sheet.locator.map(|locator| locator(context, &values));
            let page = find_page(&path, context)?;
            found.extend(page.map(|page| Printed { sheet, page, locator }));
        }
    }
    found.sort_by_key(|printed| printed.sheet.part);
    Ok(found)
}

/// Reports whether a region has a page in this reader's pack. For members of a region these are
/// their own; of the others, comparisons show what is published.
fn has_own_page(context: &PageContext<'_>, values: PathValues<'_>) -> bool {
    context.viewer.role != Role::Region
        || values.iter().any(|code| context.viewer.sees_region(code))
}
