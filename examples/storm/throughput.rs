//! Durable votes per second in a closed loop: every member votes again as soon as its last vote is
//! acknowledged, which means durable. Every vote changes the member's card.

use std::time::Instant;

use anyhow::Result;
use serde::Serialize;
use tokio::task::JoinHandle;

use super::client::Client;
use super::figures::{Durations, Quantiles, per_second};
use super::process::Spent;
use super::rooms::{self, Room, Shape, Tally};
use super::rounds::Window;
use super::stand::Stand;

/// A closed-loop run.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Throughput {
    pub(crate) shape: Shape,
    pub(crate) votes_per_second: f64,
    /// From emitting a vote to its acknowledgement.
    pub(crate) acknowledged: Quantiles,
    pub(crate) tally: Tally,
    pub(crate) spent: Spent,
}

type Voter = JoinHandle<Result<(Client, Durations)>>;

/// Lets all members of all rooms vote for a while.
pub(crate) async fn run(stand: &Stand, shape: Shape) -> Result<Throughput> {
    let filled = rooms::fill(stand, shape).await?;
    let meter = stand.meter()?;
    let window = Window::of(stand);
    let voting: Vec<Vec<Voter>> = filled
        .into_iter()
        .map(|room| set_off(room, window))
        .collect();
    let mut acknowledged = Durations::new();
    let mut voted = Vec::with_capacity(shape.rooms);
    for voters in voting {
        voted.push(call_back(voters, &mut acknowledged).await?);
    }
    let tally = rooms::settle(&mut voted).await?;
    Ok(Throughput {
        shape,
        votes_per_second: per_second(acknowledged.len(), stand.measured),
        acknowledged: acknowledged.quantiles(),
        tally,
        spent: meter.read(tally.deliveries)?,
    })
}

fn set_off(room: Room, window: Window) -> Vec<Voter> {
    let members = room.members.into_iter();
    members
        .map(|member| tokio::spawn(vote(member, window)))
        .collect()
}

async fn call_back(voters: Vec<Voter>, acknowledged: &mut Durations) -> Result<Room> {
    let mut members = Vec::with_capacity(voters.len());
    for voter in voters {
        let (member, times) = voter.await??;
        acknowledged.add(&times)?;
        members.push(member);
    }
    Ok(Room { members })
}

async fn vote(mut member: Client, window: Window) -> Result<(Client, Durations)> {
    let mut times = Durations::new();
    loop {
        let emitted = Instant::now();
        if emitted >= window.closes {
            return Ok((member, times));
        }
        member.vote_durably().await?;
        if emitted >= window.opens {
            times.record(emitted.elapsed());
        }
    }
}
