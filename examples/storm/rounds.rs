//! Votes in a closed loop, one under way in each room: the next member votes as soon as everybody
//! has received the vote before. Every vote changes a card.

use std::time::Instant;

use anyhow::Result;
use serde::Serialize;
use tokio::task::JoinHandle;

use super::figures::{Durations, Quantiles, per_second};
use super::process::Spent;
use super::rooms::{self, Room, Shape, Tally};
use super::stand::{Stand, WARM_UP};

/// A run of rounds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Rounds {
    pub(crate) shape: Shape,
    pub(crate) deliveries_per_second: f64,
    /// From emitting a vote until the last member had it.
    pub(crate) delivered: Quantiles,
    pub(crate) tally: Tally,
    pub(crate) spent: Spent,
}

/// The time in which votes are emitted that count for the figures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) opens: Instant,
    pub(crate) closes: Instant,
}

impl Window {
    /// Opens after the warm-up.
    pub(crate) fn of(stand: &Stand) -> Self {
        let opens = Instant::now() + WARM_UP;
        Self {
            opens,
            closes: opens + stand.measured,
        }
    }
}

/// Lets the members of all rooms vote in turn for a while.
pub(crate) async fn run(stand: &Stand, shape: Shape, rooms: &mut Vec<Room>) -> Result<Rounds> {
    let before = rooms::settle(rooms).await?;
    let meter = stand.meter()?;
    let window = Window::of(stand);
    let playing: Vec<JoinHandle<_>> = rooms
        .drain(..)
        .map(|room| tokio::spawn(play(room, window)))
        .collect();
    let mut times = Durations::new();
    for room in playing {
        let (room, took) = room.await??;
        took.into_iter().for_each(|it| times.record(it));
        rooms.push(room);
    }
    let tally = rooms::settle(rooms).await?.since(before);
    Ok(Rounds {
        shape,
        deliveries_per_second: per_second(times.len() * shape.members as u64, stand.measured),
        delivered: times.quantiles(),
        tally,
        spent: meter.read(tally.deliveries)?,
    })
}

async fn play(mut room: Room, window: Window) -> Result<(Room, Vec<std::time::Duration>)> {
    let mut times = Vec::new();
    for voter in (0..room.members.len()).cycle() {
        let emitted = Instant::now();
        if emitted >= window.closes {
            break;
        }
        room.members[voter].vote().await?;
        for member in &mut room.members {
            member.until_delivered().await?;
        }
        if emitted >= window.opens {
            times.push(emitted.elapsed());
        }
    }
    Ok((room, times))
}
