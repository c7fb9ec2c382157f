//! Host, sending page and proxies of a request.
//!
//! HTTP/1.1 names the server in the header `Host`, HTTP/2 in `:authority`. Every check reads it
//! here. Host names in headers that proxies add are never trusted.

use actix_web::HttpRequest;
use actix_web::http::Version;
use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use actix_web::http::uri::{Authority, Uri};

/// Returns the name and port by which the client knows this server; none when it gives none, or
/// two.
pub fn authority(request: &HttpRequest) -> Option<Authority> {
    let given = request
        .uri()
        .authority()
        .cloned()
        .or_else(|| single(request.headers(), &HOST)?.parse().ok());
    given.filter(|authority| !authority.as_str().contains('@'))
}

/// Returns the scheme by which the client knows this server: ours, or the one that a proxy reports.
pub fn scheme(request: &HttpRequest) -> &'static str {
    if request.connection_info().scheme() == "https" { "https" } else { "http" }
}

/// Returns the address by which the client knows this server, for redirects back to it.
pub fn base_url(request: &HttpRequest) -> Option<String> {
    Some(format!("{}://{}", scheme(request), authority(request)?))
}

/// Returns whether the request comes from a page of this server. Programs send no `Origin` and
/// pass.
///
/// Browsers send forms and open WebSockets for pages of any site, with the reader's cookies.
pub fn same_origin(request: &HttpRequest) -> bool {
    if !request.headers().contains_key(ORIGIN) {
        return true;
    }
    let page = single(request.headers(), &ORIGIN).and_then(|origin| origin.parse::<Uri>().ok());
    let (Some(page), Some(own)) = (page, authority(request)) else { return false };
    let (Some(page_scheme), Some(page)) = (page.scheme_str(), page.authority()) else {
        return false;
    };
    let default_port = if page_scheme == "https" { 443 } else { 80 };
    let port = |authority: &Authority| authority.port_u16().unwrap_or(default_port);
    // Behind a proxy that does not forward the scheme, we see "http" even if the page uses HTTPS.
    let same_scheme =
        page_scheme == "https" || (page_scheme == "http" && scheme(request) == "http");
    same_scheme && page.host().eq_ignore_ascii_case(own.host()) && port(page) == port(&own)
}

/// Returns whether the request addresses this machine by a local name. Pages of other sites may use
/// their own name for it (DNS rebinding).
pub fn names_this_machine(request: &HttpRequest) -> bool {
    authority(request).is_some_and(|own| matches!(own.host(), "localhost" | "127.0.0.1" | "[::1]"))
}

/// Returns whether a proxy forwarded the request, so that the client may be anyone.
///
/// HTTP/1.0 counts as forwarded: nginx uses it by default and adds no header.
pub fn is_forwarded(request: &HttpRequest) -> bool {
    let added_by_proxies = |name: &str| {
        matches!(name, "forwarded" | "via" | "x-real-ip") || name.starts_with("x-forwarded-")
    };
    request.version() <= Version::HTTP_10
        || request.headers().keys().any(|name| added_by_proxies(name.as_str()))
}

/// Returns the value of a header that stands once.
fn single<'a>(
    headers: &'a HeaderMap,
    name: &actix_web::http::header::HeaderName,
) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    values.next().filter(|_| values.next().is_none()).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    /// Builds an HTTP/1.1 request if a host is given, HTTP/2 if an authority is given.
    fn request(
        host: Option<&'static str>,
        target: &str,
        more: &[(&'static str, &'static str)],
    ) -> HttpRequest {
        let mut request = TestRequest::default().uri(target);
        if let Some(host) = host {
            request = request.insert_header((HOST, host));
        }
        for header in more {
            request = request.append_header(*header);
        }
        request.to_http_request()
    }

    #[test]
    fn a_page_is_ours_when_its_origin_is_where_the_request_goes() {
        let h1 = Some("hotwash.example.org");
        let h2 = "https://hotwash.example.org/sign-in";
        for (host, target, origin, ours) in [
            (h1, "/sign-in", "https://hotwash.example.org", true),
            (h1, "/sign-in", "http://hotwash.example.org", true),
            (h1, "/sign-in", "https://HOTWASH.example.org:443", true),
            (h1, "/sign-in", "https://hotwash.example.org:8443", false),
            (h1, "/sign-in", "https://evil.example.org", false),
            (h1, "/sign-in", "null", false),
            (h1, "/sign-in", "https://hotwash.example.org.evil.example", false),
            (Some("hotwash.example.org:443"), "/sign-in", "https://hotwash.example.org", true),
            (None, h2, "https://hotwash.example.org", true),
            (None, h2, "http://hotwash.example.org", false),
            (None, h2, "https://evil.example.org", false),
            (None, "https://hotwash.example.org:8443/", "https://hotwash.example.org:8443", true),
            (None, "/", "https://hotwash.example.org", false),
            (Some("x@hotwash.example.org"), "/", "https://hotwash.example.org", false),
        ] {
            let request = request(host, target, &[("origin", origin)]);
            assert_eq!(same_origin(&request), ours, "{host:?} {target} from {origin}");
        }
        assert!(same_origin(&request(h1, "/", &[])), "programs name no origin");
        let twice =
            [("origin", "https://hotwash.example.org"), ("origin", "https://evil.example.org")];
        assert!(!same_origin(&request(h1, "/", &twice)));
        let named =
            [("origin", "https://evil.example.org"), ("x-forwarded-host", "evil.example.org")];
        assert!(!same_origin(&request(h1, "/", &named)), "a proxy's header names no host");
    }

    #[test]
    fn this_machine_is_named_in_either_version_and_a_proxy_is_seen() {
        for (host, target, local) in [
            (Some("127.0.0.1:8080"), "/", true),
            (Some("localhost"), "/", true),
            (Some("[::1]:8080"), "/", true),
            (None, "https://127.0.0.1:8443/", true),
            (None, "https://evil.example.org/", false),
            (Some("127.0.0.1.evil.example"), "/", false),
            (None, "/", false),
        ] {
            assert_eq!(names_this_machine(&request(host, target, &[])), local, "{host:?} {target}");
        }
        for header in [
            "forwarded",
            "via",
            "x-real-ip",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-anything",
        ] {
            assert!(is_forwarded(&request(Some("127.0.0.1"), "/", &[(header, "x")])), "{header}");
        }
        assert!(!is_forwarded(&request(Some("127.0.0.1"), "/", &[("x-request-id", "1")])));
    }
}
