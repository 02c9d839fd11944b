//! What other machines answer.

use std::convert::Infallible;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::needs::Address;
use crate::run::protocol::Page;

type Answer = Response<Full<Bytes>>;

/// Answers what comes over a connection to a port, and whether that is in secret. Says what there is no answer
/// to.
pub async fn serve(
    connection: impl AsyncRead + AsyncWrite + Unpin,
    pages: &[Page],
    (port, secure): (u16, bool),
    missed: impl Fn(&str),
) {
    let service = service_fn(|request: Request<Incoming>| {
        let (host, target) = (host_of(&request), target_of(&request));
        let asked = Address { secure, host, port, target };
        let answer = find(pages, &asked).map_or_else(
            || {
                missed(&asked.to_string());
                missing(pages, &asked)
            },
            found,
        );
        async { Ok::<_, Infallible>(answer) }
    });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
}

/// The machine that a request is meant for.
fn host_of(request: &Request<Incoming>) -> String {
    let header = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = header.rsplit_once(':').map_or(header, |(name, _)| name);
    name.trim_end_matches('.').to_lowercase()
}

fn target_of(request: &Request<Incoming>) -> String {
    request.uri().path_and_query().map_or_else(String::new, ToString::to_string)
}

/// The page for a target: with what follows its question mark, else without.
fn find<'p>(pages: &'p [Page], asked: &Address) -> Option<&'p Page> {
    let here = |page: &&Page| {
        let Address { secure, host, port, .. } = &page.address;
        (*secure, host.trim_end_matches('.'), *port) == (asked.secure, asked.host.as_str(), asked.port)
    };
    let named = |target: &str| pages.iter().filter(here).find(|page| page.address.target == target);
    named(&asked.target).or_else(|| named(asked.target.split('?').next().unwrap_or_default()))
}

fn found(page: &Page) -> Answer {
    let mut answer = Response::new(Full::from(page.body.clone()));
    *answer.status_mut() = StatusCode::from_u16(page.status).unwrap_or_default();
    for (name, value) in &page.headers {
        // One that is none is left out; the configuration has refused most of them.
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            answer.headers_mut().append(name, value);
        }
    }
    let kind = HeaderValue::from_static(look(&page.body));
    answer.headers_mut().entry(CONTENT_TYPE).or_insert(kind);
    answer
}

fn missing(pages: &[Page], asked: &Address) -> Answer {
    let mut text = format!("No answer is given for {asked}. Answers are given for:\n");
    text.extend(pages.iter().map(|page| format!("{}\n", page.address)));
    let mut answer = Response::new(Full::from(text));
    *answer.status_mut() = StatusCode::NOT_FOUND;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}

/// What a body looks like.
fn look(body: &[u8]) -> &'static str {
    match std::str::from_utf8(body) {
        Err(_) => "application/octet-stream",
        Ok(_) if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() => "application/json",
        Ok(text) if text.trim_start().starts_with('<') => "text/html; charset=utf-8",
        Ok(_) => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(host: &str, port: u16, target: &str) -> Page {
        let address = Address { secure: port == 443, host: host.into(), port, target: target.into() };
        Page { address, status: 200, headers: vec![], body: target.into() }
    }

    #[test]
    fn a_page_is_found_by_machine_port_and_target() {
        let pages = [
            page("a.com", 80, "/"),
            page("b.com", 80, "/x"),
            page("b.com", 80, "/x?y=1"),
            page("b.com", 81, "/z"),
            page("c.com", 443, "/"),
        ];
        let target = |host: &str, port, target: &str| {
            let asked = Address { secure: port == 443, host: host.into(), port, target: target.into() };
            find(&pages, &asked).map(|page| page.address.target.clone())
        };
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(target("a.com", 80, "/"), is("/"));
        assert_eq!(target("a.com", 80, "/?q=1"), is("/"));
        assert_eq!(target("b.com", 80, "/x?y=1"), is("/x?y=1"));
        assert_eq!(target("b.com", 80, "/x?y=2"), is("/x"));
        assert_eq!(target("c.com", 443, "/"), is("/"));
        for (host, port, path) in
            [("b.com", 80, "/"), ("b.com", 80, "/z"), ("c.com", 80, "/"), ("d.com", 80, "/")]
        {
            assert_eq!(target(host, port, path), None, "{host}:{port}{path}");
        }
    }

    #[test]
    fn a_body_is_called_what_it_looks_like() {
        assert_eq!(look(b"{\"a\": [1]}"), "application/json");
        assert_eq!(look(b" <p>Hi</p>"), "text/html; charset=utf-8");
        assert_eq!(look("Grüße".as_bytes()), "text/plain; charset=utf-8");
        assert_eq!(look(&[0xff, 0x00]), "application/octet-stream");
    }
}
