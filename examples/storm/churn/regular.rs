//! A member that loses its line and comes back with its seat.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::time::{MissedTickBehavior, interval, sleep, sleep_until, timeout, timeout_at};

use super::ballot::{Ballot, Card, Finding};
use crate::storm::client::{Client, Packet};
use crate::storm::rest::Seat;

/// Between two votes of a member.
const THINKING: Duration = Duration::from_millis(100);
/// How long one attempt to come back may take.
const ATTEMPT: Duration = Duration::from_secs(10);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);
/// How long coming back may take at all.
const PATIENCE: Duration = Duration::from_secs(30);
/// The default deck.
const CARDS: [Card; 7] = ["1", "2", "3", "5", "8", "13", "?"];

/// One member.
pub(crate) struct Regular {
    pub(crate) client: Client,
    pub(crate) seat: Seat,
    pub(crate) ballot: Ballot,
    address: SocketAddr,
    cast: usize,
}

/// What a member does in a wave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// When its line breaks; it votes until then.
    pub(crate) breaks: Instant,
    /// When it tries to come back.
    pub(crate) back: Instant,
    /// When the wave is over.
    pub(crate) ends: Instant,
    pub(crate) votes_again: bool,
}

/// How coming back went.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Return {
    pub(crate) back: Duration,
    pub(crate) retries: u64,
}

impl Regular {
    /// Takes the seat for the first time.
    pub(crate) async fn connect(address: SocketAddr, seat: Seat) -> Result<Self> {
        Ok(Self {
            client: Client::connect(address, &seat).await?,
            seat,
            ballot: Ballot::default(),
            address,
            cast: 0,
        })
    }

    /// Votes, loses its line, comes back, and votes again if that is the plan.
    pub(crate) async fn live_through(mut self, plan: Plan) -> Result<(Self, Return)> {
        self.attend(plan.breaks, true).await?;
        let Self {
            client,
            seat,
            mut ballot,
            address,
            cast,
        } = self;
        // The stream closes without a word of WebSocket or Engine.IO.
        drop(client);
        ballot.lose_line();
        sleep_until(plan.back.into()).await;
        let (client, retries) = come_back(address, &seat, plan.back + PATIENCE).await?;
        let back = plan.back.elapsed();
        let mut regular = Self {
            client,
            seat,
            ballot,
            address,
            cast,
        };
        regular.attend(plan.ends, plan.votes_again).await?;
        let settling = timeout(ATTEMPT, regular.settle()).await;
        settling.context("a vote was not acknowledged")??;
        Ok((regular, Return { back, retries }))
    }

    /// Reads for a while, and votes every now and then.
    async fn attend(&mut self, until: Instant, votes: bool) -> Result<()> {
        let mut thoughts = interval(THINKING);
        thoughts.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = sleep_until(until.into()) => return Ok(()),
                _ = thoughts.tick(), if votes => self.vote().await?,
                packet = self.client.next() => self.note(packet?),
            }
        }
    }

    /// Waits until all votes are acknowledged.
    async fn settle(&mut self) -> Result<()> {
        while self.ballot.is_waiting() {
            let packet = self.client.next().await?;
            self.note(packet);
        }
        Ok(())
    }

    async fn vote(&mut self) -> Result<()> {
        let card = CARDS[self.cast % CARDS.len()];
        self.cast += 1;
        self.ballot.cast(card);
        self.client.vote_for(card).await?;
        Ok(())
    }

    fn note(&mut self, packet: Packet) {
        if matches!(packet, Packet::Acknowledgement(_)) {
            self.ballot.acknowledge();
        }
    }

    /// What the opened cards say of its votes.
    pub(crate) fn find(&self, votes: &HashMap<String, String>) -> Finding {
        let shown = votes.get(self.seat.player());
        self.ballot.compare(shown.map(String::as_str))
    }

    /// Takes in what is under way from the round before, and forgets it.
    pub(crate) async fn begin_round(&mut self) -> Result<()> {
        let drained = timeout(ATTEMPT, self.client.drain()).await;
        drained.context("a member gets nothing")??;
        self.ballot = Ballot::default();
        Ok(())
    }
}

async fn come_back(address: SocketAddr, seat: &Seat, deadline: Instant) -> Result<(Client, u64)> {
    let mut retries = 0;
    let coming = async {
        loop {
            match timeout(ATTEMPT, Client::connect(address, seat)).await {
                Ok(Ok(client)) => return (client, retries),
                Ok(Err(_)) | Err(_) => {
                    retries += 1;
                    sleep(PAUSE).await;
                }
            }
        }
    };
    let back = timeout_at(deadline.into(), coming).await;
    back.context("a member did not get back in")
}
