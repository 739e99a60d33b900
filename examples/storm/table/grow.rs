//! How the cost grows, as text.

use super::machine;
use crate::storm::grow::{Curve, Point};

/// The whole result.
pub(crate) fn print(curve: &Curve) -> String {
    let mut lines = vec![
        format!("machine   {}", machine(&curve.machine)),
        format!(
            "\n{:20}{:30}{:>13}{:>15}{:>10}{:>10}{:>6}",
            "", "", "deliveries/s", "cpu s/million", "p50 ms", "p99 ms", "lost"
        ),
    ];
    lines.extend(curve.points.iter().map(row));
    lines.join("\n")
}

fn row(point: &Point) -> String {
    let run = point.paced;
    format!(
        "{:20}{:30}{:>13.0}{:>15.2}{:>10.2}{:>10.2}{:>6}",
        run.shape.to_string(),
        point.contender.name(),
        run.deliveries_per_second,
        run.spent.server_seconds_per_million.unwrap_or(f64::NAN),
        run.delivered.p50_ms,
        run.delivered.p99_ms,
        run.tally.flaws()
    )
}
