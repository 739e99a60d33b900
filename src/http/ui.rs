//! The pages that come with the server, and the Socket.IO client for pages of others.

mod site;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::poker::not_found;

pub use site::Site;

/// What a page may do: load and reach what is of its own origin.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; connect-src 'self'; img-src 'self' data:; object-src 'none'; \
     base-uri 'self'; frame-ancestors 'none'",
);
const CONTENT_SECURITY_POLICY: HeaderName = HeaderName::from_static("content-security-policy");
const FRAME_OPTIONS: HeaderName = HeaderName::from_static("x-frame-options");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// Names carry a hash of what is in the file.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Asked for anew each time, and sent if it has changed.
const CHECKED: &str = "no-cache";
/// Builds of the Socket.IO client, each with its map.
const CLIENTS: [&str; 4] = [
    "socket.io.js",
    "socket.io.min.js",
    "socket.io.esm.min.js",
    "socket.io.msgpack.min.js",
];
const UNBUILT: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Roundtable</title>\n\
    <h1>Roundtable</h1>\n\
    <p>This server was built without its pages. To have them, run <code>npm ci</code> and \
    <code>npm run build</code> in <code>ui/</code>, then build the server again.</p>\n\
    <p>Everything else is there; see <a href=\"poker/api-docs/\">the REST calls</a>.</p>\n</html>\n";

/// The page of a session, and what the pages load. The page at `/` shares its path with upgrades:
/// see [`page`].
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/s/{session}", get(session_page))
        .merge(assets())
        .method_not_allowed_fallback(not_found)
        .with_state(site.clone())
        .merge(clients(site))
}

/// The builds of the Socket.IO client, where Socket.IO servers have them.
pub fn clients(site: Arc<Site>) -> Router {
    let mut router = Router::new();
    for name in CLIENTS {
        for file in [name.to_owned(), format!("{name}.map")] {
            let place = format!("/socket.io/{file}");
            let answer = async move |State(site): State<Arc<Site>>, headers: HeaderMap| {
                client(&site, &file, &headers).await
            };
            router = router.route(&place, get(answer));
        }
    }
    router
        .method_not_allowed_fallback(not_found)
        .with_state(site)
}

/// The operator's page, and what it loads.
pub fn dashboard(site: Arc<Site>) -> Router {
    Router::new()
        .route("/dashboard", get(dashboard_page))
        .merge(assets())
        .with_state(site)
}

/// The page at `/`.
#[must_use]
pub fn page(site: &Site, headers: &HeaderMap) -> Response {
    show(site, "index.html", headers)
}

async fn session_page(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    page(&site, &headers)
}

async fn dashboard_page(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    show(&site, "dashboard.html", &headers)
}

fn assets() -> Router<Arc<Site>> {
    Router::new().route("/assets/{*file}", get(asset))
}

async fn asset(
    State(site): State<Arc<Site>>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    match site.answer(&format!("assets/{file}"), &headers, FOR_EVER) {
        Some(answer) => answer,
        None => not_found().await,
    }
}

async fn client(site: &Site, file: &str, headers: &HeaderMap) -> Response {
    let Some(mut answer) = site.answer(&format!("client/{file}"), headers, CHECKED) else {
        return not_found().await;
    };
    // Pages of other origins load it.
    let anybody = HeaderValue::from_static("cross-origin");
    answer.headers_mut().insert(RESOURCE_POLICY, anybody);
    answer
}

fn show(site: &Site, name: &str, headers: &HeaderMap) -> Response {
    let unbuilt = || {
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        ([(CONTENT_TYPE, html)], UNBUILT).into_response()
    };
    let answer = site.answer(name, headers, CHECKED);
    let mut answer = answer.unwrap_or_else(unbuilt);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    answer
}
