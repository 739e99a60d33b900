//! What the REST dialects say of themselves: a document each, and a page that shows it.
//!
//! A dialect lists its operations beside its routes; the schemas are derived from the types that
//! it sends. The documents are OpenAPI 3.0, because the sync protocol asks for that version. They
//! and their pages are made once per listener, and nothing that a page needs comes from elsewhere.

mod document;
mod operation;
mod page;
mod schemas;

use std::future::ready;

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use serde_json::{Value, json};

use super::json::Json;

pub(super) use document::{About, Document};
pub(super) use operation::{Body, Operation};
pub(super) use schemas::Schemas;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// The documents of all dialects in one, as `docs/openapi.json` keeps it.
#[must_use]
pub fn combined() -> Value {
    let about = About {
        title: "Roundtable API",
        version: env!("CARGO_PKG_VERSION"),
        description: "Planning poker below /api and shared turn clocks below /v1.",
    };
    let both = [super::poker::document(), super::turns::document()];
    Document::combined(&about, both).into_value()
}

/// The header `Retry-After`, the same everywhere.
pub(super) fn retry_after() -> Value {
    let text = "Seconds until the next request may be answered.";
    json!({ "description": text, "schema": { "type": "integer", "minimum": 1 } })
}

/// Serves a document and its page below `place`, the path at which these routes are mounted.
pub(super) fn routes<S>(document: &Document, place: &str) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let (text, page) = (document.text(), Page::of(document));
    let location = format!("{place}/api-docs/");
    let moved = move || {
        let location = [(LOCATION, location.clone())];
        ready((StatusCode::MOVED_PERMANENTLY, location))
    };
    Router::new()
        .route(
            "/api-docs.json",
            get(move || ready(Json::text(200, text.clone()))),
        )
        .route("/api-docs", get(moved))
        .route("/api-docs/", get(move || ready(page.show())))
}

/// A page as it is sent.
#[derive(Clone)]
struct Page {
    html: Bytes,
    policy: HeaderValue,
}

impl Page {
    fn of(document: &Document) -> Self {
        let policy = HeaderValue::try_from(page::policy());
        Self {
            html: page::render(document.as_value()).into(),
            policy: policy.expect("a policy is plain text"),
        }
    }

    fn show(&self) -> impl IntoResponse + use<> {
        let headers = [
            (CONTENT_TYPE, HTML),
            (CONTENT_SECURITY_POLICY, self.policy.clone()),
        ];
        (headers, self.html.clone())
    }
}
