//! The result as text.

use super::args::Store;
use super::figures::Quantiles;
use super::latency::Latency;
use super::process::Spent;
use super::report::Report;
use super::rooms::Tally;
use super::throughput::Throughput;

const MEBIBYTE: f64 = 1024.0 * 1024.0;
const KIBIBYTE: f64 = 1024.0;

/// The headings of the runs' columns, each as wide as its values.
const HEADINGS: [&str; 9] = [
    "votes/s",
    "  p50 ms",
    "  p99 ms",
    "   max ms",
    "deliveries",
    "lost",
    "server cpu",
    "storm cpu",
    "cpu s/million",
];
/// Width of the runs' names.
const NAME_WIDTH: usize = 16;

/// The whole result.
pub(crate) fn print(report: &Report) -> String {
    let mut lines = head(report);
    lines.push(title(
        "durable votes, closed loop: from emitting to being acknowledged",
    ));
    lines.extend(report.throughput.iter().map(throughput));
    lines.push(title(
        "delivery, open loop: from being due to being received, over all members",
    ));
    lines.extend(report.latency.iter().map(latency));
    lines.push(String::new());
    lines.extend(report.latency.iter().map(lateness));
    lines.join("\n")
}

fn head(report: &Report) -> Vec<String> {
    let machine = &report.machine;
    let mut lines = vec![fact(
        "machine",
        &format!(
            "{} cores, {}, {:.1} GiB, {}",
            machine.cores,
            machine.cpu,
            machine.memory_bytes as f64 / MEBIBYTE / KIBIBYTE,
            machine.kernel
        ),
    )];
    lines.extend(store(report).map(|text| fact("store", &text)));
    if let Some(bytes) = report.binary_bytes {
        lines.push(fact("binary", &mebibytes(bytes)));
    }
    if let Some(it) = &report.startup {
        let text = format!(
            "median {:.1} ms, worst {:.1} ms of {} (spawn to healthy)",
            it.median_ms, it.max_ms, it.starts
        );
        lines.push(fact("start-up", &text));
    }
    if let Some(it) = &report.idle {
        let text = format!(
            "{} after start, {} with {} idle connections in {} rooms: {:.1} KiB each",
            mebibytes(it.start_bytes),
            mebibytes(it.connected_bytes),
            it.connections,
            it.rooms,
            it.bytes_per_connection as f64 / KIBIBYTE
        );
        lines.push(fact("memory", &text));
    }
    lines
}

fn store(report: &Report) -> Option<String> {
    let disk = report.disk.as_ref().map(|disk| {
        let Quantiles { p50_ms, p99_ms, .. } = disk.sync;
        format!(
            "SQLite on {}; a synced page takes p50 {p50_ms:.2} ms, p99 {p99_ms:.2} ms",
            disk.filesystem
        )
    });
    let memory = (report.store? == Store::Memory).then(|| "memory".to_owned());
    disk.or(memory)
}

fn fact(name: &str, text: &str) -> String {
    format!("{name:<10}{text}")
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / MEBIBYTE)
}

fn title(text: &str) -> String {
    format!("\n{text}\n{}", row("", HEADINGS.map(str::to_owned)))
}

fn throughput(run: &Throughput) -> String {
    let figures = (run.votes_per_second, run.acknowledged);
    row(&run.shape.to_string(), cells(figures, run.tally, run.spent))
}

fn latency(run: &Latency) -> String {
    let figures = (f64::from(run.rate), run.delivered);
    row(&run.shape.to_string(), cells(figures, run.tally, run.spent))
}

/// How much of the delivery times is the storm's own doing.
fn lateness(run: &Latency) -> String {
    let late = run.emitted_late;
    let (p50, p99, max) = (late.p50_ms, late.p99_ms, late.max_ms);
    let text =
        format!("of this, before emitting: p50 {p50:.2} ms, p99 {p99:.2} ms, max {max:.2} ms");
    format!("{:<NAME_WIDTH$}{text}", run.shape.to_string())
}

fn row(name: &str, cells: [String; HEADINGS.len()]) -> String {
    let mut line = format!("{name:<NAME_WIDTH$}");
    for (cell, heading) in cells.iter().zip(HEADINGS) {
        let width = heading.len() + 2;
        line += &format!("{cell:>width$}");
    }
    line
}

fn cells(
    (votes_per_second, times): (f64, Quantiles),
    tally: Tally,
    spent: Spent,
) -> [String; HEADINGS.len()] {
    let share = |seconds: f64| format!("{:.0} %", 100.0 * seconds / spent.elapsed_seconds);
    let unknown = || "-".to_owned();
    let per_million = spent.server_seconds_per_million;
    [
        format!("{votes_per_second:.0}"),
        format!("{:.2}", times.p50_ms),
        format!("{:.2}", times.p99_ms),
        format!("{:.2}", times.max_ms),
        tally.deliveries.to_string(),
        tally.flaws().to_string(),
        spent.server_seconds.map_or_else(unknown, share),
        share(spent.storm_seconds),
        per_million.map_or_else(unknown, |it| format!("{it:.1}")),
    ]
}
