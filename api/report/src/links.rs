//! Links between pages: paths of the server, or files of a folder.

use crate::pages::find;
use crate::parameters::url_encoded;

/// Target of links: the server, or the files of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// Paths of the server; parameters shared by all pages are added.
    Server,
    /// Names of files in one folder.
    Files,
}

impl Links {
    /// Returns a link to a path, which may have parameters of its own. `None` if the folder has no
    /// such page.
    pub fn to(self, href: &str, shared: &[(String, String)]) -> Option<String> {
        let (path, own) = href.split_once('?').unwrap_or((href, ""));
        match self {
            Self::Server => {
                let mine: Vec<&str> = own.split('&').filter(|pair| !pair.is_empty()).collect();
                let named =
                    |name: &str| mine.iter().any(|pair| pair.split('=').next() == Some(name));
                let pairs: Vec<String> = mine
                    .iter()
                    .filter(|pair| !pair.ends_with('='))
                    .map(|pair| (*pair).to_owned())
                    .chain(
                        // A file has no query string.
                        shared
                            .iter()
                            .filter(|(name, _)| !named(name) && !path.ends_with(".csv"))
                            .map(|(name, value)| format!("{name}={}", url_encoded(value))),
                    )
                    .collect();
                Some(if pairs.is_empty() {
                    path.to_owned()
                } else {
                    format!("{path}?{}", pairs.join("&"))
                })
            }
            // Other pages, exports and queries need the server; a file has no query string.
            Self::Files if path.ends_with(".csv") || !own.is_empty() => None,
            Self::Files if find(path).is_none_or(|(page, _)| !page.copied) => None,
            Self::Files => Some(format!("{}.html", file_name(path))),
        }
    }
}

/// Name of a page's file, without its ending.
pub fn file_name(path: &str) -> String {
    let plain = path.trim_matches('/').replace(['/', ':'], "-");
    if plain.is_empty() { "index".into() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_links_own_pairs_come_before_those_that_all_pages_share() {
        let shared = vec![
            ("region".to_owned(), "3".to_owned()),
            ("as_of".to_owned(), "2026-06-30".to_owned()),
        ];
        for (links, href, expected) in [
            (Links::Server, "/risks", Some("/risks?region=3&as_of=2026-06-30")),
            (Links::Server, "/records/x?region=1", Some("/records/x?region=1&as_of=2026-06-30")),
            (Links::Server, "/actions?region=", Some("/actions?as_of=2026-06-30")),
            (
                Links::Server,
                "/metrics/x.csv?asOf=2025-12-31",
                Some("/metrics/x.csv?asOf=2025-12-31"),
            ),
            (Links::Files, "/regions/4AB", Some("regions-4AB.html")),
            (Links::Files, "/", Some("index.html")),
            (Links::Files, "/records/x?region=1", None),
            (Links::Files, "/metrics/action_closure.csv", None),
        ] {
            assert_eq!(links.to(href, &shared).as_deref(), expected, "{href}");
        }
        assert_eq!(crate::parameters::query_string(&shared), "region=3&as_of=2026-06-30");
    }
}
