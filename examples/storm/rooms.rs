//! Rooms full of connected members with a story to vote on, and what became of their votes.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use tokio::time::sleep;

use super::client::Client;
use super::rest::{Rest, Seat};
use super::stand::Stand;

/// Rooms that are opened at the same time.
const OPENED_AT_ONCE: usize = 16;
/// How long what is still under way may take to arrive.
const SETTLING: Duration = Duration::from_secs(3);
/// Pause between two looks at what has arrived.
const PAUSE: Duration = Duration::from_millis(20);
/// Members that connect at the same time.
const CONNECTED_AT_ONCE: usize = 64;

/// How many rooms, and how many members in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Shape {
    pub(crate) rooms: usize,
    pub(crate) members: usize,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.rooms == 1 { "room" } else { "rooms" };
        write!(f, "{} {noun} of {}", self.rooms, self.members)
    }
}

/// The members of one session.
pub(crate) struct Room {
    pub(crate) members: Vec<Client>,
}

/// What became of the votes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    /// Votes and reactions.
    pub(crate) emissions: u64,
    /// Those received, by all members together.
    pub(crate) deliveries: u64,
    /// Those that a member should have received and has not.
    pub(crate) lost: u64,
    /// Those that a member has received once too often.
    pub(crate) doubled: u64,
    /// Times a member was shown the state anew instead.
    pub(crate) resyncs: u64,
}

/// Opens rooms and connects their members.
pub(crate) async fn fill(stand: &Stand, shape: Shape) -> Result<Vec<Room>> {
    let seats = open(stand, shape).await?;
    connect(stand, seats).await
}

/// Opens rooms; all members join before anybody connects, so that nobody is told of arrivals.
pub(crate) async fn open(stand: &Stand, shape: Shape) -> Result<Vec<Vec<Seat>>> {
    let rest = Rest::new(stand.address())?;
    stream::iter(0..shape.rooms)
        .map(|_| open_one(&rest, shape.members))
        .buffer_unordered(OPENED_AT_ONCE)
        .try_collect()
        .await
}

/// Opens a room with a story; the host's seat is the last one.
pub(crate) async fn open_one(rest: &Rest, members: usize) -> Result<Vec<Seat>> {
    let host = rest.open_session().await?;
    rest.add_story(&host, "Story").await?;
    let mut seats = Vec::with_capacity(members);
    for number in 1..members {
        seats.push(rest.join(&host, &format!("Player {number}")).await?);
    }
    seats.push(host);
    Ok(seats)
}

/// Connects the members of open rooms, to several servers as the stand spreads them.
pub(crate) async fn connect(stand: &Stand, rooms: Vec<Vec<Seat>>) -> Result<Vec<Room>> {
    let members = rooms.first().map_or(1, Vec::len);
    let at_once = CONNECTED_AT_ONCE.div_ceil(members);
    stream::iter(rooms.into_iter().enumerate())
        .map(|(room, seats)| connect_one(stand, room, seats))
        .buffered(at_once)
        .try_collect()
        .await
}

async fn connect_one(stand: &Stand, room: usize, seats: Vec<Seat>) -> Result<Room> {
    let connecting = seats.iter().enumerate();
    let members = stream::iter(connecting)
        .map(|(number, seat)| Client::connect(stand.address_of(room, number), seat))
        .buffered(CONNECTED_AT_ONCE)
        .try_collect()
        .await?;
    Ok(Room { members })
}

/// Waits for what is still under way and counts. All votes must have been acknowledged.
pub(crate) async fn settle(rooms: &mut [Room]) -> Result<Tally> {
    let tallies = try_join_all(rooms.iter_mut().map(settle_one)).await?;
    Ok(tallies.iter().fold(Tally::default(), Tally::plus))
}

async fn settle_one(room: &mut Room) -> Result<Tally> {
    let emissions = room.members.iter().map(Client::emissions).sum();
    let settling = room
        .members
        .iter_mut()
        .map(|it| settle_member(it, emissions));
    try_join_all(settling).await?;
    let mut tally = Tally {
        emissions,
        ..Tally::default()
    };
    for member in &room.members {
        tally.deliveries += member.deliveries();
        tally.lost += emissions.saturating_sub(member.deliveries());
        tally.doubled += member.deliveries().saturating_sub(emissions);
        tally.resyncs += member.resyncs();
    }
    Ok(tally)
}

/// What came from the member's own server is here with the answer to a heartbeat; what comes from
/// another one may take a little longer.
async fn settle_member(member: &mut Client, emissions: u64) -> Result<()> {
    let deadline = Instant::now() + SETTLING;
    member.drain().await?;
    while member.deliveries() < emissions && Instant::now() < deadline {
        sleep(PAUSE).await;
        member.drain().await?;
    }
    Ok(())
}

impl Tally {
    fn plus(self, other: &Self) -> Self {
        Self {
            emissions: self.emissions + other.emissions,
            deliveries: self.deliveries + other.deliveries,
            lost: self.lost + other.lost,
            doubled: self.doubled + other.doubled,
            resyncs: self.resyncs + other.resyncs,
        }
    }

    /// What came after an earlier tally of the same rooms.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            emissions: self.emissions - earlier.emissions,
            deliveries: self.deliveries - earlier.deliveries,
            lost: self.lost.saturating_sub(earlier.lost),
            doubled: self.doubled.saturating_sub(earlier.doubled),
            resyncs: self.resyncs.saturating_sub(earlier.resyncs),
        }
    }

    /// Everything that must not happen.
    pub(crate) fn flaws(&self) -> u64 {
        self.lost + self.doubled + self.resyncs
    }
}
