//! Reconnection storms, as text.

use super::{MEBIBYTE, machine};
use crate::storm::churn::{Churned, Wave};

/// The whole result.
pub(crate) fn print(churned: &Churned) -> String {
    let shape = churned.shape;
    let mut lines = vec![
        format!("machine   {}", machine(&churned.machine)),
        format!(
            "\n{shape}: all lines break at once, everybody is back within {} s, others vote meanwhile",
            churned.within_seconds
        ),
        format!(
            "{:8}{:>10}{:>10}{:>10}{:>9}{:>14}{:>12}{:>11}{:>9}{:>8}{:>10}{:>12}",
            "wave",
            "p50 ms",
            "p99 ms",
            "max ms",
            "retries",
            "votes acked",
            "votes lost",
            "overtaken",
            "missing",
            "cpu s",
            "others' s",
            "memory MiB"
        ),
        format!("{:8}{:>115}", "before", mebibytes(churned.resident_bytes)),
    ];
    lines.extend((1..).zip(&churned.waves).map(row));
    lines.join("\n")
}

fn row((number, wave): (usize, &Wave)) -> String {
    let cpu = wave.server_seconds;
    format!(
        "{number:<8}{:>10.2}{:>10.2}{:>10.2}{:>9}{:>14}{:>12}{:>11}{:>9}{:>8}{:>10.2}{:>12}",
        wave.back.p50_ms,
        wave.back.p99_ms,
        wave.back.max_ms,
        wave.retries,
        wave.votes_acknowledged,
        wave.votes_lost,
        wave.votes_overtaken,
        wave.players_missing,
        cpu.map_or_else(|| "-".to_owned(), |it| format!("{it:.2}")),
        wave.others_seconds,
        mebibytes(wave.resident_bytes)
    )
}

fn mebibytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(
        || "-".to_owned(),
        |it| format!("{:.1}", it as f64 / MEBIBYTE),
    )
}
