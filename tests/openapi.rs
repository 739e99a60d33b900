//! The documents say what the server answers: no more, no less.

#[expect(dead_code, reason = "other tests need the rest")]
mod common;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;

use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use roundtable::http::docs;
use serde_json::Value;

use self::common::serve;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// A well-formed id of nobody and nothing.
const ID: &str = "3f6d0c1e-8a2b-4c57-9a3e-5a0c6d9b1f20";
/// What the documents do not list: the metrics, and the documents themselves.
const UNLISTED: [&str; 1] = ["/metrics"];

/// Asks without following anybody.
async fn ask(address: &str, method: &str, path: &str) -> Response {
    let client = Client::builder().redirect(Policy::none()).build();
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
    client
        .expect("a client")
        .request(method, format!("{address}{path}"))
        .header("content-type", "application/json")
        .send()
        .await
        .expect("an answer")
}

/// A server and the address of a listener for clocks.
async fn clocks() -> (roundtable::server::Server, String) {
    let server = serve(&["--listen", "127.0.0.1:0=sync", "--rate-limits", "off"]).await;
    let address = format!("http://{}", server.addresses()[1]);
    (server, address)
}

/// The operations of a document, with all ids named alike.
fn listed(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().expect("paths");
    let methods = |(path, item): (&String, &Value)| {
        let methods: Vec<_> = item.as_object().expect("methods").keys().cloned().collect();
        let path = anonymous(path);
        methods.into_iter().map(move |it| (it, path.clone()))
    };
    paths.iter().flat_map(methods).collect()
}

fn anonymous(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|it| if it.starts_with('{') { "{}" } else { it });
    segments.collect::<Vec<_>>().join("/")
}

/// The paths in the sources of a router, each with what it is mounted below.
fn routed(file: &str, mount: impl Fn(&str) -> String) -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = fs::read_to_string(file).expect("a source");
    let calls = source.split(".route(").skip(1);
    let literal = |call: &str| call.split('"').nth(1).map(str::to_owned);
    let paths = calls.filter_map(literal);
    // Upgrades are not REST.
    let paths = paths.filter(|path| !path.starts_with("/ws"));
    paths.map(|path| mount(&path)).collect()
}

/// Which of these paths the server knows, and by which methods.
async fn known(address: &str, paths: &BTreeSet<String>) -> BTreeSet<(String, String)> {
    let mut known = BTreeSet::new();
    for path in paths {
        for method in METHODS {
            let asked = anonymous(path).replace("{}", ID);
            let answer = ask(address, method, &asked).await;
            let text = answer.text().await.expect("a text");
            if !text.contains("Route not found") && !text.contains("Resource not found") {
                known.insert((method.to_owned(), anonymous(path)));
            }
        }
        let is_known = known.iter().any(|(_, it)| *it == anonymous(path));
        assert!(is_known, "{path} is not where this test looks for it");
    }
    known
}

#[test]
fn the_openapi_snapshot_holds_both_documents() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let text = serde_json::to_string_pretty(&docs::combined()).expect("a text") + "\n";
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&file, &text).expect("a writable snapshot");
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == text,
        "docs/openapi.json is out of date: UPDATE_SNAPSHOTS=1 cargo nextest run openapi"
    );
}

#[test]
fn references_lead_somewhere_and_nothing_is_newer_than_3_0() {
    let document = docs::combined();
    let text = document.to_string();
    for place in text.split("\"$ref\":\"#").skip(1) {
        let place = place.split('"').next().unwrap_or_default();
        assert!(document.pointer(place).is_some(), "{place}");
    }
    for word in [
        "\"type\":[",
        "\"null\"",
        "\"const\":",
        "\"examples\":",
        "\"propertyNames\":",
    ] {
        assert!(!text.contains(word), "{word}");
    }
}

#[tokio::test]
async fn every_route_of_clocks_is_documented_and_every_documented_route_is_there() {
    let (_server, address) = clocks().await;
    let document: Value = ask(&address, "get", "/api-docs.json")
        .await
        .json()
        .await
        .expect("JSON");
    let mount = |path: &str| match path {
        "/health" | "/ready" | "/metrics" => path.to_owned(),
        path => format!("/v1{path}"),
    };
    let routes = routed("src/http/turns.rs", mount);
    let mut known = known(&address, &routes).await;
    known.retain(|(_, path)| !UNLISTED.contains(&path.as_str()));
    assert_eq!(known, listed(&document));
}

#[tokio::test]
async fn every_route_of_poker_is_documented_and_every_documented_route_is_there() {
    let server = serve(&["--rate-limits", "off"]).await;
    let address = format!("http://{}", server.addresses()[0]);
    let document = ask(&address, "get", "/poker/api-docs.json").await;
    let document: Value = document.json().await.expect("JSON");
    const OF_SESSIONS: [&str; 9] = [
        "/join",
        "/vote",
        "/votes",
        "/reveal",
        "/reset-voting",
        "/reset",
        "/players",
        "/rounds",
        "/export",
    ];
    let mount = |path: &str| {
        let is_nested = OF_SESSIONS.contains(&path)
            || path == "/stories"
            || path == "/stories/import"
            || path == "/stories/{story}/move"
            || path == "/stories/{story}/activate";
        let base = if is_nested {
            "/api/sessions/{session}"
        } else {
            "/api"
        };
        format!("{base}{path}")
    };
    let routes = routed("src/http/poker.rs", mount);
    assert_eq!(known(&address, &routes).await, listed(&document));
}

#[tokio::test]
async fn a_page_is_found_without_its_slash_and_does_not_send_anybody_round_in_circles() {
    let (server, clocks) = clocks().await;
    let poker = format!("http://{}", server.addresses()[0]);
    let title = "<title>SyncKairos API Documentation</title>";
    for (address, path, to, title) in [
        (&clocks, "/api-docs", "/api-docs/", title),
        (&clocks, "/API-Docs", "/api-docs/", title),
        (&clocks, "/sync/api-docs", "/sync/api-docs/", title),
        (&poker, "/sync/api-docs", "/sync/api-docs/", title),
        (
            &poker,
            "/poker/api-docs",
            "/poker/api-docs/",
            "<title>Planning Poker API",
        ),
        (
            &clocks,
            "/Poker/Api-Docs",
            "/poker/api-docs/",
            "<title>Planning Poker API",
        ),
    ] {
        let moved = ask(address, "get", path).await;
        assert_eq!(
            (
                moved.status().as_u16(),
                moved.headers()[LOCATION].as_bytes()
            ),
            (301, to.as_bytes())
        );
        let page = ask(address, "get", to).await;
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        let policy = page.headers()["content-security-policy"]
            .to_str()
            .expect("a text");
        assert!(
            policy.starts_with("default-src 'none';style-src 'sha256-"),
            "{policy}"
        );
        assert!(page.text().await.expect("a page").contains(title), "{path}");
    }
    let elsewhere = ask(&poker, "get", "/api-docs.json").await;
    assert_eq!(elsewhere.status(), 404);
}
