//! The result as text.

use super::args::Store;
use super::clocks::Clocks;
use super::figures::Quantiles;
use super::idle::Idle;
use super::latency::Latency;
use super::machine::Machine;
use super::process::Spent;
use super::report::Report;
use super::rooms::Tally;
use super::startup::Startup;
use super::throughput::Throughput;

pub(crate) mod churn;
pub(crate) mod cluster;
pub(crate) mod compare;
pub(crate) mod grow;
pub(crate) mod join;
pub(crate) mod load;
pub(crate) mod slow;

const KIBIBYTE: f64 = 1024.0;
const MEBIBYTE: f64 = 1024.0 * KIBIBYTE;
const GIBIBYTE: f64 = 1024.0 * MEBIBYTE;

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
    lines.extend(report.clocks.iter().flat_map(clocks));
    lines.join("\n")
}

fn head(report: &Report) -> Vec<String> {
    let facts = [
        ("machine", Some(machine(&report.machine))),
        ("store", store(report)),
        ("binary", report.binary_bytes.map(mebibytes)),
        ("start-up", report.startup.as_ref().map(startup)),
        ("memory", report.idle.as_ref().map(memory)),
    ];
    let known = facts
        .into_iter()
        .filter_map(|(name, fact)| Some((name, fact?)));
    known
        .map(|(name, fact)| format!("{name:<10}{fact}"))
        .collect()
}

fn machine(machine: &Machine) -> String {
    let Machine {
        cores, cpu, kernel, ..
    } = machine;
    let gibibytes = machine.memory_bytes as f64 / GIBIBYTE;
    format!("{cores} cores, {cpu}, {gibibytes:.1} GiB, {kernel}")
}

fn startup(startup: &Startup) -> String {
    let Startup {
        starts,
        median_ms,
        max_ms,
    } = startup;
    format!("median {median_ms:.1} ms, worst {max_ms:.1} ms of {starts} (spawn to healthy)")
}

fn memory(idle: &Idle) -> String {
    let each = idle.bytes_per_connection as f64 / KIBIBYTE;
    format!(
        "{} after start, {} with {}, {} with all of them connected: {each:.1} KiB per connection",
        mebibytes(idle.start_bytes),
        mebibytes(idle.open_bytes),
        idle.shape,
        mebibytes(idle.connected_bytes)
    )
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

fn clocks(run: &Clocks) -> [String; 4] {
    let line = |name: &str, times: Quantiles| {
        let (p50, p99, max) = (times.p50_ms, times.p99_ms, times.max_ms);
        format!("{name:<NAME_WIDTH$}p50 {p50:.2} ms, p99 {p99:.2} ms, max {max:.2} ms")
    };
    let held = &run.held;
    let minute = 60.0 / held.spent.elapsed_seconds;
    let cpu = held.spent.server_seconds.map_or_else(
        || "unknown".to_owned(),
        |seconds| format!("{:.2} s", seconds * minute),
    );
    [
        "\nturn clocks: from sending a switch to its update at a viewer, one after the other"
            .to_owned(),
        line("switch", run.update),
        line("health probe", run.health),
        format!(
            "{:<NAME_WIDTH$}{} viewers of {} clocks, {} remained: server cpu per minute {cpu}",
            "held", held.viewers, held.clocks, held.remaining
        ),
    ]
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
