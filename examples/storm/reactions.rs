//! Storms of reactions in a closed loop: some members of each room react again as soon as their last
//! reaction has come back to them; everybody listens. A reaction shows when it was emitted, so every
//! member knows how old it is.

use std::pin::pin;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::client::{Client, Packet};
use super::figures::{Durations, Quantiles, per_second};
use super::process::Spent;
use super::rooms::{self, Room, Shape, Tally};
use super::rounds::Window;
use super::stand::Stand;

/// A storm.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Reactions {
    pub(crate) shape: Shape,
    /// Members of each room that react.
    pub(crate) reacting: usize,
    pub(crate) deliveries_per_second: f64,
    /// From emitting a reaction to its arrival at a member, over all members.
    pub(crate) delivered: Quantiles,
    pub(crate) tally: Tally,
    pub(crate) spent: Spent,
}

type Member = JoinHandle<Result<(Client, Vec<Duration>)>>;

/// Lets `reacting` members of each room react for a while.
pub(crate) async fn run(stand: &Stand, shape: Shape, reacting: usize) -> Result<Reactions> {
    let mut rooms = rooms::fill(stand, shape).await?;
    let meter = stand.meter()?;
    let window = Window::of(stand);
    let (end, over) = watch::channel(());
    let set_off = |room: Room| -> Vec<Member> {
        let members = room.members.into_iter().enumerate();
        let set_off = members.map(|(number, client)| {
            let (reacts, over) = (number < reacting, over.clone());
            tokio::spawn(take_part(client, reacts, window, over))
        });
        set_off.collect()
    };
    let playing: Vec<Vec<Member>> = rooms.drain(..).map(set_off).collect();
    tokio::time::sleep_until(window.closes.into()).await;
    end.send_replace(());
    let mut times = Durations::new();
    for members in playing {
        rooms.push(call_back(members, &mut times).await?);
    }
    let tally = rooms::settle(&mut rooms).await?;
    Ok(Reactions {
        shape,
        reacting,
        deliveries_per_second: per_second(times.len(), stand.measured),
        delivered: times.quantiles(),
        tally,
        spent: meter.read(tally.deliveries)?,
    })
}

async fn call_back(playing: Vec<Member>, times: &mut Durations) -> Result<Room> {
    let mut members = Vec::with_capacity(playing.len());
    for member in playing {
        let (client, took) = member.await??;
        took.into_iter().for_each(|took| times.record(took));
        members.push(client);
    }
    Ok(Room { members })
}

async fn take_part(
    mut client: Client,
    reacts: bool,
    window: Window,
    mut over: watch::Receiver<()>,
) -> Result<(Client, Vec<Duration>)> {
    // No histogram yet: thousands of them would be in no cache.
    let mut times = Vec::new();
    let mut own = if reacts {
        Some(client.react().await?)
    } else {
        None
    };
    // Looked at for each packet, but only made once.
    let mut over = pin!(over.changed());
    loop {
        let packet = tokio::select! {
            packet = client.next() => packet?,
            _ = &mut over => return Ok((client, times)),
        };
        let Packet::Reaction(moment) = packet else {
            continue;
        };
        let now = Instant::now();
        if now >= window.opens && now < window.closes {
            times.push(moment.elapsed());
        }
        if own == Some(moment) {
            own = Some(client.react().await?);
        }
    }
}
