//! Reconnection storms: everybody's line breaks at the same moment, without a goodbye, and everybody is
//! back with his seat within some seconds, while those who are there vote. Afterwards the cards are
//! opened: what was acknowledged has to lie on the table.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use tokio::time::timeout;

use self::ballot::{Finding, opened};
use self::regular::{Plan, Regular};
use super::args::Common;
use super::args::scenarios::Churn;
use super::figures::{Durations, Quantiles};
use super::idle::settled_bytes;
use super::machine::Machine;
use super::rest::{Rest, Seat};
use super::rooms::{self, Shape};
use super::say;
use super::stand::Stand;

mod ballot;
mod regular;

/// Votes before the lines break.
const BEFORE: Duration = Duration::from_secs(1);
/// Votes after the last one is due back.
const AFTER: Duration = Duration::from_secs(1);
/// Rooms that are checked at the same time.
const CHECKED_AT_ONCE: usize = 16;
/// Members that connect at the same time at first.
const CONNECTED_AT_ONCE: usize = 64;
/// How long opening the cards may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Everything that was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Churned {
    pub(crate) machine: Machine,
    pub(crate) shape: Shape,
    pub(crate) within_seconds: u64,
    /// The server's memory before the first wave, if its process is known.
    pub(crate) resident_bytes: Option<u64>,
    pub(crate) waves: Vec<Wave>,
}

/// One time that all lines broke.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Wave {
    /// From the moment a member was due back until it was welcome.
    pub(crate) back: Quantiles,
    /// Attempts that failed and were made again.
    pub(crate) retries: u64,
    pub(crate) votes_acknowledged: u64,
    /// Members whose acknowledged vote is not on the table.
    pub(crate) votes_lost: u64,
    /// Members on whose place an older vote lies, from the line that broke.
    pub(crate) votes_overtaken: u64,
    /// Members that the session no longer has.
    pub(crate) players_missing: u64,
    /// From the break until all are back and a second more.
    pub(crate) server_seconds: Option<f64>,
    /// Of everybody else on the machine.
    pub(crate) others_seconds: f64,
    /// Memory after the wave.
    pub(crate) resident_bytes: Option<u64>,
}

/// Measures all waves.
pub(crate) async fn run(common: &Common, args: &Churn) -> Result<Churned> {
    let (shape, stand) = (args.shape()?, args.place.stand(common)?);
    say(&format!("opening {shape} and connecting"));
    let seats = rooms::open(&stand, shape).await?;
    let mut storm = Storm {
        address: stand.address(),
        rest: Rest::new(stand.address())?,
        stand,
        shape,
        within: Duration::from_secs(args.within),
    };
    let mut rooms = storm.connect(seats).await.context("connecting")?;
    let mut churned = Churned {
        machine: Machine::describe()?,
        shape,
        within_seconds: args.within,
        resident_bytes: storm.resident_bytes().await?,
        waves: Vec::new(),
    };
    for wave in 1..=args.waves {
        say(&format!("wave {wave} of {}", args.waves));
        let (back, measured) = storm.wave(rooms, wave).await?;
        rooms = back;
        churned.waves.push(measured);
    }
    Ok(churned)
}

type Room = Vec<Regular>;

/// What all waves have in common.
struct Storm {
    address: SocketAddr,
    rest: Rest,
    stand: Stand,
    shape: Shape,
    within: Duration,
}

impl Storm {
    async fn connect(&self, rooms: Vec<Vec<Seat>>) -> Result<Vec<Room>> {
        let seats = rooms.into_iter().flatten();
        let connecting = stream::iter(seats).map(|seat| Regular::connect(self.address, seat));
        let connected = connecting.buffered(CONNECTED_AT_ONCE).try_collect();
        let members: Vec<Regular> = connected.await?;
        Ok(self.in_rooms(members))
    }

    fn in_rooms(&self, members: Vec<Regular>) -> Vec<Room> {
        let mut members = members.into_iter();
        let rooms = 0..self.shape.rooms;
        rooms
            .map(|_| members.by_ref().take(self.shape.members).collect())
            .collect()
    }

    async fn wave(&mut self, rooms: Vec<Room>, wave: usize) -> Result<(Vec<Room>, Wave)> {
        let count = self.shape.rooms * self.shape.members;
        let breaks = Instant::now() + BEFORE;
        let mut playing = Vec::with_capacity(count);
        for (number, member) in rooms.into_iter().flatten().enumerate() {
            let plan = Plan {
                breaks,
                back: breaks + self.within.mul_f64(place(number, count)),
                ends: breaks + self.within + AFTER,
                // The votes of the others have to survive their absence.
                votes_again: (number + wave).is_multiple_of(2),
            };
            playing.push(tokio::spawn(member.live_through(plan)));
        }
        tokio::time::sleep_until(breaks.into()).await;
        let meter = self.stand.meter()?;
        let (mut times, mut retries, mut members) = (Durations::new(), 0, Vec::new());
        for member in playing {
            let (member, took) = member.await??;
            times.record(took.back);
            retries += took.retries;
            members.push(member);
        }
        let spent = meter.read(0)?;
        let mut rooms = self.in_rooms(members);
        let tables = self.check(&mut rooms).await?;
        let measured = Wave {
            back: times.quantiles(),
            retries,
            votes_acknowledged: tables.iter().map(|it| it.acknowledged).sum(),
            votes_lost: tables.iter().map(|it| it.lost).sum(),
            votes_overtaken: tables.iter().map(|it| it.overtaken).sum(),
            players_missing: tables.iter().map(|it| it.missing).sum(),
            server_seconds: spent.server_seconds,
            others_seconds: spent.others_seconds,
            resident_bytes: self.resident_bytes().await?,
        };
        Ok((rooms, measured))
    }

    async fn check(&self, rooms: &mut [Room]) -> Result<Vec<Table>> {
        stream::iter(rooms)
            .map(|room| check_one(&self.rest, room))
            .buffered(CHECKED_AT_ONCE)
            .try_collect()
            .await
    }

    async fn resident_bytes(&self) -> Result<Option<u64>> {
        if !self.stand.is_watched() {
            return Ok(None);
        }
        Ok(Some(settled_bytes(&self.stand).await?))
    }
}

/// Where in the span a member comes back, from 0 to 1: the members of a room are spread over it.
fn place(number: usize, count: usize) -> f64 {
    /// A prime, so that neighbours are far apart.
    const STRIDE: usize = 7919;
    (number * STRIDE % count) as f64 / count as f64
}

/// What lies on the table of a room.
struct Table {
    acknowledged: u64,
    lost: u64,
    overtaken: u64,
    missing: u64,
}

/// The host, whose seat is the last one, opens the cards, and a new round begins.
async fn check_one(rest: &Rest, room: &mut Room) -> Result<Table> {
    let members = room.len() as u64;
    let host = room.last_mut().context("a room of nobody")?;
    let shown = timeout(PATIENCE, host.client.reveal()).await;
    let shown = shown.context("the cards were not opened")??;
    let votes = opened(&shown)?;
    let players = rest.players(&host.seat).await?;
    timeout(PATIENCE, host.client.reset())
        .await
        .context("no round began")??;
    let count = |finding| room.iter().filter(|it| it.find(&votes) == finding).count() as u64;
    let table = Table {
        acknowledged: room.iter().map(|it| it.ballot.acknowledged_count()).sum(),
        lost: count(Finding::Lost),
        overtaken: count(Finding::Overtaken),
        missing: members.saturating_sub(players),
    };
    let clearing = room.iter_mut().map(Regular::begin_round);
    try_join_all(clearing).await?;
    Ok(table)
}

impl Churned {
    /// Everything that must not happen.
    pub(crate) fn flaws(&self) -> u64 {
        let flaws = |wave: &Wave| wave.votes_lost + wave.players_missing;
        self.waves.iter().map(flaws).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_back_one_by_one_over_the_whole_span() {
        let mut places: Vec<_> = (0..8).map(|number| place(number, 8)).collect();
        assert!((places[0] - places[1]).abs() > 0.1);
        places.sort_by(f64::total_cmp);
        let even: Vec<_> = (0..8).map(|number| f64::from(number) / 8.0).collect();
        assert_eq!(places, even);
    }
}
