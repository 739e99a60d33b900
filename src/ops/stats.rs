//! `/stats.json`: what a dashboard shows of this node.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::Ops;
use super::samples::Samples;
use crate::wire::poker::objects::{Iso, Number};

/// Where the system tells how much memory this process has.
const PROCESS_STATUS: &str = "/proc/self/status";

/// `GET /stats.json`
pub(super) async fn show(State(ops): State<Arc<Ops>>) -> Json<Value> {
    ops.count_connections();
    let failure = ops.store_failure().await;
    let text = ops.metrics.render();
    let samples = Samples::of(&text);
    let uptime = (ops.started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
    Json(json!({
        "node": ops.node.to_string(),
        "version": env!("CARGO_PKG_VERSION"),
        "timestamp": Iso(crate::room::now()),
        "uptimeSeconds": Number(uptime),
        "draining": ops.draining.is_cancelled(),
        "memory": { "residentBytes": resident_bytes() },
        "store": { "kind": ops.store_kind, "isUp": failure.is_none(), "error": failure },
        "connections": samples.list("connections", "count"),
        "sessions": { "poker": ops.rooms.rooms(), "sync": ops.clocks.rooms() },
        "seats": samples.total("seats"),
        "eventsIn": {
            "total": samples.total("events_in_total"),
            "byEvent": samples.by("events_in_total", "event"),
        },
        "broadcasts": {
            "total": samples.total("events_out_total"),
            "byEvent": samples.by("events_out_total", "event"),
        },
        "append": {
            "count": samples.total("append_seconds_count"),
            "sumSeconds": samples.total("append_seconds_sum"),
            "buckets": samples.list("append_seconds_bucket", "count"),
        },
        "resynchronised": samples.total("lagging_recipients_total"),
        "cut": samples.total("stalled_connections_total"),
        "rateLimited": {
            "total": samples.total("rate_limited_total"),
            "byEvent": samples.by("rate_limited_total", "event"),
        },
        "rejections": samples.by("rejections_total", "code"),
    }))
}

/// Bytes of memory that this process has; `None` where the system does not tell.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string(PROCESS_STATUS).ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
