//! One scenario, as text.

use super::{KIBIBYTE, machine};
use crate::storm::args::scenarios::Course;
use crate::storm::figures::Quantiles;
use crate::storm::load::Scenario;
use crate::storm::meeting::Meeting;

/// Width of the names.
const NAME_WIDTH: usize = 14;

/// The whole result.
pub(crate) fn print(scenario: &Scenario) -> String {
    let Scenario { arrival, shape, .. } = scenario;
    let course = match scenario.course {
        Course::Open => "open loop: from being due to arriving at each member",
        Course::Closed => "closed loop: from being emitted to arriving at each member",
    };
    let mut lines = vec![
        line("machine", &machine(&scenario.machine)),
        line("scenario", &format!("{shape}, {}", scenario.dialect.name())),
        line(
            "connected",
            &format!(
                "{} at {:.0} a second, each in {}{}",
                arrival.connections,
                arrival.per_second,
                times(arrival.took),
                of_server(arrival.server_ms_each, "ms"),
            ),
        ),
        line("meeting", &format!("{} s, {course}", scenario.seconds)),
    ];
    lines.extend(meeting(&scenario.meeting));
    lines.extend(memory(scenario));
    lines.join("\n")
}

fn meeting(meeting: &Meeting) -> Vec<String> {
    let Meeting { tally, spent, .. } = meeting;
    let (steps, deliveries) = (meeting.steps_per_second, meeting.deliveries_per_second);
    let per_million = spent.server_seconds_per_million;
    vec![
        line(
            "throughput",
            &format!("{steps:.0} steps and {deliveries:.0} deliveries a second"),
        ),
        line("delivered", &times(meeting.delivered)),
        line("emitted late", &times(meeting.emitted_late)),
        line(
            "standstill",
            &format!(
                "of the storm itself {:.2} ms at most",
                meeting.standstill_ms
            ),
        ),
        line(
            "accounts",
            &format!(
                "{} steps, {} deliveries, {} lost, {} doubled, {} resynchronised, {} never taken, {} members failed",
                tally.emissions,
                tally.deliveries,
                tally.lost,
                tally.doubled,
                tally.resyncs,
                meeting.undone,
                meeting.failed
            ),
        ),
        line(
            "processor",
            &format!(
                "{:.2} s of the storm{}, {:.2} s of others{}",
                spent.storm_seconds,
                of_server(spent.server_seconds, "s"),
                spent.others_seconds,
                per_million.map_or_else(String::new, |it| format!(
                    ", {it:.1} s per million deliveries"
                )),
            ),
        ),
    ]
}

fn memory(scenario: &Scenario) -> Vec<String> {
    let kibibytes = |bytes: u64| format!("{:.1} KiB", bytes as f64 / KIBIBYTE);
    let (idle, active) = (scenario.idle, scenario.active);
    let mut lines = Vec::new();
    if scenario.watched {
        let (idle, active) = (kibibytes(idle.resident), kibibytes(active.resident));
        let text = format!("{idle} per connection before, {active} after the meeting");
        lines.push(line("memory", &text));
    }
    let (idle, active) = (kibibytes(idle.sockets), kibibytes(active.sockets));
    let text = format!("{idle} per connection before, {active} after the meeting, both ends");
    lines.push(line("kernel", &text));
    lines
}

fn of_server(figure: Option<f64>, unit: &str) -> String {
    figure.map_or_else(String::new, |it| format!(", {it:.2} {unit} of the server"))
}

/// A distribution in one line.
pub(crate) fn times(times: Quantiles) -> String {
    format!(
        "p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, max {:.2} ms",
        times.p50_ms, times.p99_ms, times.p999_ms, times.max_ms
    )
}

fn line(name: &str, text: &str) -> String {
    format!("{name:<NAME_WIDTH$}{text}")
}
