//! Rooms full of connected members with a story to vote on, and what became of their votes.

use std::fmt;
use std::net::SocketAddr;

use anyhow::Result;
use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::client::Client;
use super::rest::{Rest, Seat};

/// Rooms that are filled at the same time.
const FILLED_AT_ONCE: usize = 16;

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
    /// Durable votes.
    pub(crate) votes: u64,
    /// Votes received, by all members together.
    pub(crate) deliveries: u64,
    /// Votes that a member should have received and has not.
    pub(crate) lost: u64,
    /// Votes that a member has received once too often.
    pub(crate) doubled: u64,
    /// Times a member was shown the state anew instead.
    pub(crate) resyncs: u64,
}

/// Opens rooms and connects their members.
pub(crate) async fn fill(address: SocketAddr, shape: Shape) -> Result<Vec<Room>> {
    let seats = open(address, shape).await?;
    connect(address, seats).await
}

/// Opens rooms; all members join before anybody connects, so that nobody is told of arrivals.
pub(crate) async fn open(address: SocketAddr, shape: Shape) -> Result<Vec<Vec<Seat>>> {
    let rest = Rest::new(address)?;
    stream::iter(0..shape.rooms)
        .map(|_| open_one(&rest, shape.members))
        .buffer_unordered(FILLED_AT_ONCE)
        .try_collect()
        .await
}

async fn open_one(rest: &Rest, members: usize) -> Result<Vec<Seat>> {
    let host = rest.open_session().await?;
    rest.add_story(&host).await?;
    let mut seats = Vec::with_capacity(members);
    for number in 1..members {
        seats.push(rest.join(&host, &format!("Player {number}")).await?);
    }
    seats.push(host);
    Ok(seats)
}

/// Connects the members of open rooms.
pub(crate) async fn connect(address: SocketAddr, rooms: Vec<Vec<Seat>>) -> Result<Vec<Room>> {
    stream::iter(rooms)
        .map(|seats| connect_one(address, seats))
        .buffer_unordered(FILLED_AT_ONCE)
        .try_collect()
        .await
}

async fn connect_one(address: SocketAddr, seats: Vec<Seat>) -> Result<Room> {
    let mut members = Vec::with_capacity(seats.len());
    for seat in &seats {
        members.push(Client::connect(address, seat).await?);
    }
    Ok(Room { members })
}

/// Waits for what is still under way and counts. All votes must have been acknowledged.
pub(crate) async fn settle(rooms: &mut [Room]) -> Result<Tally> {
    let tallies = try_join_all(rooms.iter_mut().map(settle_one)).await?;
    Ok(tallies.iter().fold(Tally::default(), Tally::plus))
}

async fn settle_one(room: &mut Room) -> Result<Tally> {
    try_join_all(room.members.iter_mut().map(Client::drain)).await?;
    let votes = room.members.iter().map(Client::votes).sum();
    let mut tally = Tally {
        votes,
        ..Tally::default()
    };
    for member in &room.members {
        tally.deliveries += member.deliveries();
        tally.lost += votes.saturating_sub(member.deliveries());
        tally.doubled += member.deliveries().saturating_sub(votes);
        tally.resyncs += member.resyncs();
    }
    Ok(tally)
}

impl Tally {
    fn plus(self, other: &Self) -> Self {
        Self {
            votes: self.votes + other.votes,
            deliveries: self.deliveries + other.deliveries,
            lost: self.lost + other.lost,
            doubled: self.doubled + other.doubled,
            resyncs: self.resyncs + other.resyncs,
        }
    }

    /// Everything that must not happen.
    pub(crate) fn flaws(&self) -> u64 {
        self.lost + self.doubled + self.resyncs
    }
}
