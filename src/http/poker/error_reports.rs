//! Error reports of clients: always taken, whatever they are. The
//! client reports a report that was refused as a new error, without end.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Json;
use serde_json::{Value, json};

use super::PokerRest;
use super::request::Origin;
use super::stations::{Read, read};
use crate::http::ceilings::Kind;

/// Largest body that is looked at, in bytes.
const MAX_BYTES: usize = 1024 * 1024;
/// Reports of one request that are logged; all are counted.
const MAX_LOGGED: usize = 5;
/// Characters of a report's message that are logged.
const MAX_MESSAGE_CHARS: usize = 200;

/// `POST /errors`
pub(super) async fn take(
    State(desk): State<Arc<PokerRest>>,
    Origin(peer): Origin,
    body: Body,
) -> Json<Value> {
    let body = read(body, MAX_BYTES).await;
    let welcome = desk.counters.count(peer, Kind::ErrorReport).is_ok();
    let logged = match body {
        Read::All(bytes) if welcome => log(&bytes),
        _ => 0,
    };
    Json(json!({ "success": true, "logged": logged }))
}

/// Logs a summary of the reports and returns how many there are.
fn log(bytes: &[u8]) -> usize {
    let reports: Vec<Value> = match serde_json::from_slice(bytes) {
        Ok(Value::Array(reports)) => reports.into_iter().filter(Value::is_object).collect(),
        Ok(report @ Value::Object(_)) => vec![report],
        _ => Vec::new(),
    };
    for report in reports.iter().take(MAX_LOGGED) {
        log_one(report);
    }
    reports.len()
}

fn log_one(report: &Value) {
    let text = |field: &str| report.get(field).and_then(Value::as_str);
    let level = match text("level") {
        Some("warn") => "warn",
        Some("info") => "info",
        _ => "error",
    };
    let message: String = text("message")
        .unwrap_or_default()
        .chars()
        .take(MAX_MESSAGE_CHARS)
        .collect();
    // As `Debug`, so that no control character gets into the log.
    tracing::info!(client.level = level, client.message = ?message, "a client reported an error");
}
