//! The time from a vote to its delivery, at a fixed rate (open loop).
//!
//! One member of each room votes, so that the room's order tells which vote a delivery belongs to:
//! the third one received is the third one emitted. The clock starts when the vote was *due*, not
//! when it was emitted, so that no wait is left out (no coordinated omission).

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout_at;

use super::client::{Client, Packet};
use super::figures::{Durations, Quantiles, per_second};
use super::pacer::Schedule;
use super::process::Spent;
use super::rooms::{self, Room, Shape, Tally};
use super::stand::{Stand, WARM_UP};

/// How long after the last vote was due a server that is late may take to be done.
const PATIENCE: Duration = Duration::from_secs(20);
/// Time between filling the rooms and the first vote.
const LEAD: Duration = Duration::from_millis(100);

/// An open-loop run.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Latency {
    pub(crate) shape: Shape,
    /// Votes per second, all rooms together.
    pub(crate) rate: u32,
    pub(crate) deliveries_per_second: f64,
    /// From the moment a vote was due to its arrival at a member, over all members.
    pub(crate) delivered: Quantiles,
    /// The part of it that had passed when the storm emitted the vote.
    pub(crate) emitted_late: Quantiles,
    pub(crate) tally: Tally,
    pub(crate) spent: Spent,
}

/// Has one member of every room vote at a fixed rate, and all of them listen.
pub(crate) async fn run(stand: &Stand, shape: Shape, rate: u32) -> Result<Latency> {
    let mut rooms = rooms::fill(stand, shape).await?;
    run_in(stand, shape, rate, &mut rooms).await
}

/// As [`run`], in rooms whose members are connected already.
pub(crate) async fn run_in(
    stand: &Stand,
    shape: Shape,
    rate: u32,
    rooms: &mut Vec<Room>,
) -> Result<Latency> {
    let before = rooms::settle(rooms).await?;
    let meter = stand.meter()?;
    let schedule = Schedule {
        start: Instant::now() + LEAD,
        rate,
        rooms: shape.rooms,
        votes: votes_per_room(rate, shape.rooms, WARM_UP + stand.measured),
    };
    let (mut pace, mut playing) = (Vec::new(), Vec::new());
    for (number, room) in rooms.drain(..).enumerate() {
        let (due, told) = watch::channel(0);
        pace.push(due);
        playing.push(set_off(room, Course { schedule, number }, told));
    }
    schedule.pace(move |room, vote| {
        // A room that has given up says so itself.
        let _ = pace[room].send(vote + 1);
    });
    let mut times = Times::new();
    for parts in playing {
        rooms.push(call_back(parts, &mut times).await?);
    }
    let tally = rooms::settle(rooms).await?.since(before);
    Ok(Latency {
        shape,
        rate,
        deliveries_per_second: per_second(times.delivered.len(), stand.measured),
        delivered: times.delivered.quantiles(),
        emitted_late: times.emitted_late.quantiles(),
        tally,
        spent: meter.read(tally.deliveries)?,
    })
}

fn votes_per_room(rate: u32, rooms: usize, time: Duration) -> u64 {
    let votes = u64::from(rate) * time.as_secs();
    (votes / rooms as u64).max(1)
}

/// The schedule of one room.
#[derive(Clone, Copy)]
struct Course {
    schedule: Schedule,
    number: usize,
}

impl Course {
    fn due(&self, vote: u64) -> Instant {
        self.schedule.due(self.number, vote)
    }
}

/// What is measured, apart from the warm-up.
struct Times {
    delivered: Durations,
    emitted_late: Durations,
}

impl Times {
    fn new() -> Self {
        Self {
            delivered: Durations::new(),
            emitted_late: Durations::new(),
        }
    }
}

/// One member's part in the run.
struct Part {
    client: Client,
    /// Votes and deliveries of runs before this one.
    before: (u64, u64),
    course: Course,
    times: Times,
}

type Playing = JoinHandle<Result<Part>>;

/// Lets the members of a room listen, and the first of them vote when he is told to.
fn set_off(room: Room, course: Course, told: watch::Receiver<u64>) -> Vec<Playing> {
    let (end, over) = watch::channel(());
    let mut voter = Some((told, end));
    let deadline = course.schedule.end() + PATIENCE;
    let set_off_one = |client| {
        let (role, over) = (voter.take(), over.clone());
        let mut part = Part::new(client, course);
        tokio::spawn(async move {
            let play = async {
                match role {
                    // The room is over when this lets go of the channel.
                    Some((told, _end)) => part.vote(told).await,
                    None => part.listen(over).await,
                }
            };
            let played = timeout_at(deadline.into(), play).await;
            played.context("the server cannot keep up with the rate")??;
            Ok(part)
        })
    };
    room.members.into_iter().map(set_off_one).collect()
}

async fn call_back(parts: Vec<Playing>, times: &mut Times) -> Result<Room> {
    let mut members = Vec::with_capacity(parts.len());
    for playing in parts {
        let part = playing.await??;
        times.delivered.add(&part.times.delivered)?;
        times.emitted_late.add(&part.times.emitted_late)?;
        members.push(part.client);
    }
    Ok(Room { members })
}

impl Part {
    fn new(client: Client, course: Course) -> Self {
        Self {
            before: (client.votes(), client.deliveries()),
            client,
            course,
            times: Times::new(),
        }
    }

    fn voted(&self) -> u64 {
        self.client.votes() - self.before.0
    }

    /// Votes as often as told, without waiting for answers, and listens.
    async fn vote(&mut self, mut told: watch::Receiver<u64>) -> Result<()> {
        loop {
            tokio::select! {
                more = told.changed() => {
                    if more.is_err() {
                        return self.finish().await;
                    }
                    let due = *told.borrow_and_update();
                    self.emit_until(due).await?;
                }
                packet = self.client.next() => self.note(packet?),
            }
        }
    }

    async fn emit_until(&mut self, due: u64) -> Result<()> {
        while self.voted() < due {
            let vote = self.voted();
            if self.counts(vote) {
                let late = self.course.due(vote).elapsed();
                self.times.emitted_late.record(late);
            }
            self.client.vote().await?;
        }
        Ok(())
    }

    /// Listens until all votes of the room are durable.
    async fn listen(&mut self, mut over: watch::Receiver<()>) -> Result<()> {
        loop {
            tokio::select! {
                _ = over.changed() => return self.finish().await,
                packet = self.client.next() => self.note(packet?),
            }
        }
    }

    /// Takes in what is still under way: it arrives before the answer to a heartbeat.
    async fn finish(&mut self) -> Result<()> {
        let last = Packet::Acknowledgement(self.client.heartbeat().await?);
        loop {
            let packet = self.client.next().await?;
            if packet == last {
                return Ok(());
            }
            self.note(packet);
        }
    }

    fn note(&mut self, packet: Packet) {
        if packet != Packet::Delivery {
            return;
        }
        let vote = self.client.deliveries() - self.before.1 - 1;
        if self.counts(vote) {
            self.times.delivered.record(self.course.due(vote).elapsed());
        }
    }

    /// Whether a vote counts for the figures, or is warm-up.
    fn counts(&self, vote: u64) -> bool {
        self.course.due(vote) >= self.course.schedule.start + WARM_UP
    }
}
