//! Members coming in, at a given rate or as fast as the storm can have them.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use tokio::time::{sleep_until, timeout};

use super::member::Member;
use super::venue::{Place, Venue};
use crate::storm::figures::{Durations, Quantiles, per_second};
use crate::storm::rooms::Shape;
use crate::storm::stand::Stand;

/// Rooms that are opened at the same time.
const OPENED_AT_ONCE: usize = 16;
/// Members that come in at the same time.
const CONNECTED_AT_ONCE: usize = 256;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the members came in.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Arrival {
    pub(crate) connections: usize,
    pub(crate) per_second: f64,
    /// From being due, or from the attempt if there is no rate, to being welcome.
    pub(crate) took: Quantiles,
    pub(crate) server_ms_each: Option<f64>,
}

/// Opens so many rooms.
pub(crate) async fn open(venue: &Venue, shape: Shape) -> Result<Vec<Place>> {
    stream::iter(0..shape.rooms)
        .map(|_| venue.open(shape.members))
        .buffered(OPENED_AT_ONCE)
        .try_collect()
        .await
}

/// Connects all members, `rate` of them per second.
pub(crate) async fn connect(
    stand: &Stand,
    places: &[Place],
    shape: Shape,
    rate: Option<u32>,
) -> Result<(Vec<Vec<Member>>, Arrival)> {
    let (meter, start) = (stand.meter()?, Instant::now());
    let connections = shape.rooms * shape.members;
    let mut times = Durations::new();
    let mut members = Vec::with_capacity(connections);
    let connecting = stream::iter(0..connections).map(|number| {
        let (room, member) = (number / shape.members, number % shape.members);
        let due = rate.map(|rate| due(start, number, rate));
        connect_one(&places[room], (stand, room, member), due)
    });
    let mut connecting = connecting.buffered(CONNECTED_AT_ONCE);
    while let Some(connected) = connecting.next().await {
        let (member, took) = connected?;
        times.record(took);
        members.push(member);
    }
    let spent = meter.read(0)?.server_seconds;
    let arrival = Arrival {
        connections,
        per_second: per_second(connections as u64, start.elapsed()),
        took: times.quantiles(),
        server_ms_each: spent.map(|seconds| 1000.0 * seconds / connections as f64),
    };
    Ok((in_rooms(members, shape), arrival))
}

/// When the member of that number is due.
pub(crate) fn due(start: Instant, number: usize, rate: u32) -> Instant {
    start + Duration::from_secs_f64(number as f64 / f64::from(rate))
}

async fn connect_one(
    place: &Place,
    (stand, room, member): (&Stand, usize, usize),
    due: Option<Instant>,
) -> Result<(Member, Duration)> {
    let since = due.unwrap_or_else(Instant::now);
    sleep_until(since.into()).await;
    let connecting = place.connect(stand.address_of(room, member), member);
    let connected = timeout(PATIENCE, connecting).await;
    ensure!(connected.is_ok(), "a member was not let in in time");
    Ok((connected??, since.elapsed()))
}

fn in_rooms(members: Vec<Member>, shape: Shape) -> Vec<Vec<Member>> {
    let mut members = members.into_iter();
    (0..shape.rooms)
        .map(|_| members.by_ref().take(shape.members).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_due_at_the_rate_that_was_asked_for() {
        let start = Instant::now();
        assert_eq!(due(start, 0, 4), start);
        assert_eq!(due(start, 6, 4), start + Duration::from_millis(1500));
    }
}
