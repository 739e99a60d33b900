//! Roundtable beside Node as text: medians of all passes, and ratios of what a processor second buys.

use super::KIBIBYTE;
use super::machine;
use crate::storm::compare::{Comparison, Contender, Pass};
use crate::storm::figures::Quantiles;
use crate::storm::process::Spent;
use crate::storm::rooms::Tally;
use crate::storm::visit::Visit;

/// Width of the contenders' names.
const NAME_WIDTH: usize = 30;

/// The whole result.
pub(crate) fn print(comparison: &Comparison) -> String {
    let mut lines = vec![
        format!("machine   {}", machine(&comparison.machine)),
        format!("node      {}", comparison.node_version),
        format!(
            "passes    {}, in turn; figures are medians, ratios are to Node in the same pass",
            comparison.passes.len() / Contender::ALL.len()
        ),
    ];
    let first = &comparison.passes[0];
    lines.extend(first.visit.iter().flat_map(|it| votes(comparison, it)));
    for (number, storm) in first.storms.iter().enumerate() {
        let (shape, reacting) = (storm.shape, storm.reacting);
        lines.push(format!(
            "\n{shape}: reactions, {reacting} members of each react again as soon as their last one is back"
        ));
        lines.extend(loads(comparison, |pass| Load::of_storm(pass, number)));
    }
    let connecting = first.visit.iter().map(|it| it.connecting.connections);
    lines.extend(connecting.flat_map(|count| connections_of(comparison, count)));
    lines.join("\n")
}

fn votes(comparison: &Comparison, first: &Visit) -> Vec<String> {
    let (rounds, rate) = (first.rounds.shape, first.paced.rate);
    let mut lines = vec![format!(
        "\n{rounds}: votes, the next as soon as everybody has the last"
    )];
    lines.extend(loads(comparison, |pass| Load::of_rounds(visit(pass))));
    lines.push(format!("\n{rounds}: {rate} votes a second"));
    lines.extend(loads(comparison, |pass| Load::of_paced(visit(pass))));
    lines
}

/// The visit that every pass has if the first one does.
fn visit(pass: &Pass) -> &Visit {
    pass.visit.as_ref().expect("all passes are alike")
}

/// What a run says about a server under load.
struct Load {
    deliveries_per_second: f64,
    seconds_per_million: f64,
    p50_ms: f64,
    p99_ms: f64,
    lost: u64,
}

impl Load {
    fn of_rounds(visit: &Visit) -> Self {
        let run = visit.rounds;
        Self::of(
            (run.deliveries_per_second, run.delivered),
            run.spent,
            run.tally,
        )
    }

    fn of_paced(visit: &Visit) -> Self {
        let run = visit.paced;
        Self::of(
            (run.deliveries_per_second, run.delivered),
            run.spent,
            run.tally,
        )
    }

    fn of_storm(pass: &Pass, number: usize) -> Self {
        let run = pass.storms[number];
        Self::of(
            (run.deliveries_per_second, run.delivered),
            run.spent,
            run.tally,
        )
    }

    fn of((per_second, delivered): (f64, Quantiles), spent: Spent, tally: Tally) -> Self {
        Self {
            deliveries_per_second: per_second,
            seconds_per_million: spent.server_seconds_per_million.unwrap_or(f64::NAN),
            p50_ms: delivered.p50_ms,
            p99_ms: delivered.p99_ms,
            lost: tally.flaws(),
        }
    }
}

fn loads(comparison: &Comparison, load: impl Fn(&Pass) -> Load) -> Vec<String> {
    let head = format!(
        "{:NAME_WIDTH$}{:>13}{:>15}{:>9}{:>10}{:>10}{:>6}",
        "", "deliveries/s", "cpu s/million", "x Node", "p50 ms", "p99 ms", "lost"
    );
    let rows = Contender::ALL.map(|contender| {
        let of = |figure: fn(&Load) -> f64| {
            median(&figures(comparison, contender, |it| figure(&load(it))))
        };
        let lost: u64 = comparison
            .passes
            .iter()
            .filter(|pass| pass.contender == contender)
            .map(|pass| load(pass).lost)
            .sum();
        format!(
            "{:NAME_WIDTH$}{:>13.0}{:>15.2}{:>9.2}{:>10.2}{:>10.2}{:>6}",
            contender.name(),
            of(|it| it.deliveries_per_second),
            of(|it| it.seconds_per_million),
            median(&ratios(comparison, contender, |it| load(it).seconds_per_million)),
            of(|it| it.p50_ms),
            of(|it| it.p99_ms),
            lost
        )
    });
    [head].into_iter().chain(rows).collect()
}

fn connections_of(comparison: &Comparison, count: usize) -> Vec<String> {
    let title = format!("\n{count} connections");
    let head = format!(
        "{:NAME_WIDTH$}{:>13}{:>15}{:>9}{:>10}{:>10}{:>14}",
        "", "connects/s", "cpu ms each", "x Node", "KiB idle", "KiB active", "kernel KiB"
    );
    let rows = Contender::ALL.map(|contender| {
        let of = |figure: fn(&Visit) -> f64| {
            median(&figures(comparison, contender, |pass| figure(visit(pass))))
        };
        format!(
            "{:NAME_WIDTH$}{:>13.0}{:>15.3}{:>9.2}{:>10.1}{:>10.1}{:>14.1}",
            contender.name(),
            of(|it| it.connecting.per_second),
            of(|it| it.connecting.server_ms_each),
            median(&ratios(comparison, contender, |pass| {
                visit(pass).connecting.server_ms_each
            })),
            of(|it| it.idle.resident as f64 / KIBIBYTE),
            of(|it| it.active.resident as f64 / KIBIBYTE),
            of(|it| it.active.sockets as f64 / KIBIBYTE),
        )
    });
    [title, head].into_iter().chain(rows).collect()
}

fn figures(
    comparison: &Comparison,
    contender: Contender,
    figure: impl Fn(&Pass) -> f64,
) -> Vec<f64> {
    let passes = comparison.passes.iter();
    let his = passes.filter(|pass| pass.contender == contender);
    his.map(figure).collect()
}

/// How many times less than Node in the same pass.
fn ratios(comparison: &Comparison, contender: Contender, cost: impl Fn(&Pass) -> f64) -> Vec<f64> {
    let node = figures(comparison, Contender::Node, &cost);
    let his = figures(comparison, contender, &cost);
    node.iter().zip(his).map(|(node, his)| node / his).collect()
}

fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    }
}
