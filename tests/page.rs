//! The page that comes with the server, and the path below which it is found.

#[expect(dead_code, reason = "other tests need the rest")]
mod common;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use bytes::Bytes;
use common::{DEADLINE, serve};
use futures_util::StreamExt;
use reqwest::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use roundtable::http::base::BasePath;
use roundtable::http::ui::{Site, dashboard, router};
use serde_json::Value;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tower::ServiceExt;

const INDEX: &str = "<html><head><base href=\"/\"><script src=\"./assets/index-1.js\"></script>";
const POLICY: &str = "default-src 'self'; connect-src 'self'; img-src 'self' data:; \
    object-src 'none'; base-uri 'self'; frame-ancestors 'none'";
const MAX_ANSWER_BYTES: usize = 1_000_000;

/// An answer: its status, its headers, its body.
struct Answer(u16, HashMap<String, String>, Bytes);

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.1.get(name).map_or("", String::as_str)
    }
}

/// A built page below this path.
fn site(base: &str) -> Arc<Site> {
    let base: BasePath = base.parse().expect("a base path");
    let files = [
        ("index.html", INDEX),
        ("index.html.br", "compressed"),
        ("dashboard.html", "<html>operators"),
        ("assets/index-1.js", "let x;"),
        ("assets/index-1.js.br", "compressed"),
        ("client/socket.io.min.js", "io"),
        ("client/socket.io.min.js.map.gz", "packed"),
        ("secret.txt", "not served"),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), Bytes::from_static(text.as_bytes())));
    Site::of(files, &base)
}

async fn ask(app: Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers
        .iter()
        .fold(Request::builder().uri(path), |it, (name, value)| {
            it.header(*name, *value)
        });
    let request = request.body(Body::empty()).expect("a request");
    let (parts, body) = app.oneshot(request).await.expect("infallible").into_parts();
    let texts = parts.headers.iter().map(|(name, value)| {
        let value = value.to_str().expect("a text");
        (name.to_string(), value.to_owned())
    });
    let bytes = to_bytes(body, MAX_ANSWER_BYTES).await.expect("a body");
    Answer(parts.status.as_u16(), texts.collect(), bytes)
}

#[tokio::test]
async fn the_page_of_a_session_is_checked_each_time_and_may_do_little() {
    let page = ask(router(site("/")), "/s/3f6d0c1e", &[]).await;
    assert_eq!((page.0, &page.2[..]), (200, INDEX.as_bytes()));
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-cache");
    assert_eq!(page.header("content-security-policy"), POLICY);
    assert_eq!(page.header("x-frame-options"), "DENY");
    let tag = page.header("etag").to_owned();
    let again = ask(router(site("/")), "/s/other", &[("if-none-match", &tag)]).await;
    assert_eq!((again.0, again.2.len()), (304, 0));
}

#[tokio::test]
async fn the_page_is_told_the_base_path_in_every_copy() {
    let moved = INDEX.replace("href=\"/\"", "href=\"/team/poker/\"");
    for encodings in ["identity", "br"] {
        let asked = [("accept-encoding", encodings)];
        let page = ask(router(site("/team/poker")), "/s/1", &asked).await;
        assert_eq!(&page.2[..], moved.as_bytes(), "{encodings}");
        assert_eq!(page.header("content-encoding"), "");
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_and_sent_compressed_to_who_takes_that() {
    let path = "/assets/index-1.js";
    let plain = ask(router(site("/")), path, &[]).await;
    assert_eq!((plain.0, &plain.2[..]), (200, &b"let x;"[..]));
    assert_eq!(
        plain.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(
        plain.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    for (asked, encoding) in [
        ("gzip, deflate, br", "br"),
        ("BR;q=0.5", "br"),
        ("gzip, br;q=0", ""),
        ("gzip", ""),
    ] {
        let answer = ask(router(site("/")), path, &[("accept-encoding", asked)]).await;
        assert_eq!(answer.header("content-encoding"), encoding, "{asked}");
        assert_eq!(answer.header("vary"), "Accept-Encoding");
        assert_eq!(encoding == "br", answer.2 == "compressed");
        assert_eq!(
            encoding == "br",
            answer.header("etag") != plain.header("etag")
        );
    }
    for path in [
        "/assets/index-2.js",
        "/assets/../secret.txt",
        "/secret.txt",
        "/s/",
        "/s/1/2",
    ] {
        assert_eq!(ask(router(site("/")), path, &[]).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn pages_of_others_find_the_client_where_socket_io_servers_have_it() {
    let client = ask(router(site("/")), "/socket.io/socket.io.min.js", &[]).await;
    assert_eq!((client.0, &client.2[..]), (200, &b"io"[..]));
    assert_eq!(
        client.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(
        client.header("cross-origin-resource-policy"),
        "cross-origin"
    );
    assert_ne!(client.header("etag"), "");
    let map = ask(router(site("/")), "/socket.io/socket.io.min.js.map", &[]).await;
    assert_eq!((map.0, &map.2[..]), (200, &b"packed"[..]));
    assert_eq!(map.header("content-encoding"), "gzip");
    assert_eq!(
        map.header("content-type"),
        "application/json; charset=utf-8"
    );
    for missing in ["/socket.io/socket.io.js", "/socket.io/socket.io.esm.min.js"] {
        assert_eq!(
            ask(router(site("/")), missing, &[]).await.0,
            404,
            "{missing}"
        );
    }
}

#[tokio::test]
async fn the_operators_page_has_the_same_policy() {
    let page = ask(dashboard(site("/team")), "/dashboard", &[]).await;
    assert_eq!((page.0, &page.2[..]), (200, &b"<html>operators"[..]));
    assert_eq!(page.header("content-security-policy"), POLICY);
    assert_eq!(
        ask(dashboard(site("/")), "/assets/index-1.js", &[]).await.0,
        200
    );
}

#[tokio::test]
async fn a_server_without_its_pages_says_how_to_build_them() {
    let page = ask(router(Arc::default()), "/s/1", &[]).await;
    assert_eq!(page.0, 200);
    assert_eq!(page.header("content-security-policy"), POLICY);
    let text = String::from_utf8_lossy(&page.2);
    assert!(text.contains("npm run build"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_served_below_the_base_path_and_at_the_root() {
    let listeners = [
        "--listen",
        "127.0.0.1:0=signal",
        "--listen",
        "127.0.0.1:0=sync",
    ];
    let server = serve(&[&listeners[..], &["--base-path", "/poker/"]].concat()).await;
    let [poker, signal, sync] = server.addresses() else {
        panic!("three listeners");
    };
    let get = async |path: String| reqwest::get(path).await.expect("an answer");
    for base in ["", "/poker"] {
        for address in [poker, signal] {
            for path in ["/", "/s/3f6d0c1e"] {
                let page = get(format!("http://{address}{base}{path}")).await;
                assert_eq!(page.status(), 200, "{base}{path}");
                assert_eq!(page.headers()[CONTENT_SECURITY_POLICY], POLICY);
            }
            let (greeting, _) = connect_async(format!("ws://{address}{base}/"))
                .await
                .expect("a WebSocket");
            let mut page = greeting;
            let first = timeout(DEADLINE, page.next()).await.expect("in time");
            let first = first.expect("it is open").expect("a message");
            assert!(first.to_text().expect("a text").contains("heartbeat_ack"));
        }
        let health = get(format!("http://{poker}{base}/api/health")).await;
        let health: Value = health.json().await.expect("JSON");
        assert_eq!(health["status"], "ok");
        let polled = get(format!(
            "http://{poker}{base}/socket.io/?EIO=4&transport=polling"
        ))
        .await;
        assert!(
            polled
                .text()
                .await
                .expect("a text")
                .starts_with("0{\"sid\"")
        );
        let docs = get(format!("http://{poker}{base}/poker/api-docs/")).await;
        assert_eq!(docs.status(), 200);
        let time = get(format!("http://{sync}{base}/v1/time")).await;
        assert_eq!(time.status(), 200);
    }
    let page = get(format!("http://{poker}/poker")).await;
    assert_eq!(page.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(
        get(format!("http://{sync}/")).await.status(),
        404,
        "all there is theirs"
    );
    server.shut_down().await.expect("it ends in time");
}
