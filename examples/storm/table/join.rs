//! Rooms that come together, as text.

use super::{KIBIBYTE, MEBIBYTE, machine};
use crate::storm::join::{Joins, Row};

/// The whole result.
pub(crate) fn print(joins: &Joins) -> String {
    let mut lines = vec![
        format!("machine   {}", machine(&joins.machine)),
        "everybody is due within one second, over REST and then over a socket; bytes are those of packets".to_owned(),
        format!(
            "\n{:16}{:30}{:>10}{:>10}{:>10}{:>10}{:>12}{:>8}{:>10}{:>12}",
            "", "", "all in s", "p50 ms", "p99 ms", "MiB sent", "KiB/client", "cpu s", "others' s", "memory MiB"
        ),
    ];
    lines.extend(joins.rows.iter().map(row));
    lines.join("\n")
}

fn row(row: &Row) -> String {
    let clients = (row.shape.rooms * row.shape.members) as f64;
    let received = row.received_bytes as f64;
    format!(
        "{:16}{:30}{:>10.2}{:>10.1}{:>10.1}{:>10.1}{:>12.1}{:>8.2}{:>10.2}{:>12.1}",
        row.shape.to_string(),
        row.contender.name(),
        row.all_in_seconds,
        row.welcome.p50_ms,
        row.welcome.p99_ms,
        received / MEBIBYTE,
        received / KIBIBYTE / clients,
        row.server_seconds.unwrap_or(f64::NAN),
        row.others_seconds,
        row.resident_bytes as f64 / MEBIBYTE
    )
}
