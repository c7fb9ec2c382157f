//! Media types a client accepts, from its `Accept` header.

use actix_web::http::header::{ACCEPT, HeaderMap};

/// Returns the offered media type that the client prefers, or `None` if it accepts none of them.
/// Without an `Accept` header the first is returned. `*/*` and `type/*` match the first that fits.
pub fn best(headers: &HeaderMap, offered: &[&'static str]) -> Option<&'static str> {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    let mut best: Option<(f32, &'static str)> = None;
    for part in accept.split(',') {
        let mut pieces = part.split(';').map(str::trim);
        let name = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let weight = pieces
            .find_map(|piece| piece.strip_prefix("q=").and_then(|q| q.parse().ok()))
            .unwrap_or(1.0_f32);
        let fits = |media: &&&'static str| {
            name == "*/*"
                || name == **media
                || name.strip_suffix('*').is_some_and(|kind| media.starts_with(kind))
        };
        let Some(media) = offered.iter().find(fits) else { continue };
        if weight > 0.0 && best.is_none_or(|(known, _)| weight > known) {
            best = Some((weight, media));
        }
    }
    best.map(|(_, media)| media)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn the_best_liked_is_taken_and_what_is_not_liked_at_all_is_not() {
        let offered = ["text/html", "application/json", "text/csv"];
        for (accept, expected) in [
            ("*/*", Some("text/html")),
            ("text/csv, application/json;q=0.5", Some("text/csv")),
            ("application/json;q=0.5, text/csv;q=0.9", Some("text/csv")),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Some("text/html")),
            ("application/*", Some("application/json")),
            ("image/png", None),
            ("text/csv;q=0", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(best(&headers, &offered), expected, "{accept}");
        }
        assert_eq!(best(&HeaderMap::new(), &offered), Some("text/html"));
    }
}
