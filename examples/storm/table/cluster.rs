//! Nodes over Redis beside one with SQLite, as text.

use super::machine;
use crate::storm::cluster::{Growth, Row};

/// Width of the set-ups' names.
const NAME_WIDTH: usize = 22;

/// The whole result.
pub(crate) fn print(growth: &Growth) -> String {
    let shape = growth.shape;
    let mut lines = vec![
        format!("machine   {}", machine(&growth.machine)),
        "nodes, Redis and the storm share its cores; every vote is synced before it is acknowledged"
            .to_owned(),
        "mixed: the members of every room are spread over all nodes; else each room is at one".to_owned(),
        format!("\n{shape}: votes, each member's next as soon as its last is acknowledged"),
        format!(
            "{:NAME_WIDTH$}{:>9}{:>10}{:>10}{:>16}{:>13}{:>6}",
            "", "votes/s", "p50 ms", "p99 ms", "nodes s/million", "Redis cpu s", "lost"
        ),
    ];
    lines.extend(growth.rows.iter().map(votes));
    let rate = growth.rows.first().map_or(0, |row| row.paced.rate);
    lines.push(format!(
        "\n{shape}: {rate} votes a second, from being due to being received by every member"
    ));
    lines.push(format!(
        "{:NAME_WIDTH$}{:>9}{:>10}{:>10}{:>16}{:>6}",
        "", "votes/s", "p50 ms", "p99 ms", "nodes s/million", "lost"
    ));
    lines.extend(growth.rows.iter().map(paced));
    lines.join("\n")
}

fn votes(row: &Row) -> String {
    let run = row.votes;
    format!(
        "{:NAME_WIDTH$}{:>9.0}{:>10.2}{:>10.2}{:>16.1}{:>13}{:>6}",
        row.setup.name(),
        run.votes_per_second,
        run.acknowledged.p50_ms,
        run.acknowledged.p99_ms,
        run.spent.server_seconds_per_million.unwrap_or(f64::NAN),
        row.redis_seconds
            .map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.1}")),
        run.tally.flaws()
    )
}

fn paced(row: &Row) -> String {
    let run = row.paced;
    format!(
        "{:NAME_WIDTH$}{:>9}{:>10.2}{:>10.2}{:>16.1}{:>6}",
        row.setup.name(),
        run.rate,
        run.delivered.p50_ms,
        run.delivered.p99_ms,
        run.spent.server_seconds_per_million.unwrap_or(f64::NAN),
        run.tally.flaws()
    )
}
