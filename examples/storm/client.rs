//! A Socket.IO client on one WebSocket: no more than the storm needs, and cheap per message. What
//! arrives is told apart by its first bytes and never parsed.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::engine::{Engine, STATE, Transport};
use super::moment::Moment;
use super::rest::Seat;

/// The cards that are played in turn, so that every vote changes something.
const CARDS: [&str; 2] = ["5", "8"];

/// How the answer to an event begins.
pub(crate) const ACKNOWLEDGEMENT: &str = "43";
/// How the news of a vote begins.
pub(crate) const DELIVERY: &str = r#"42["vote:submitted","#;
/// How the opened cards begin.
pub(crate) const REVEALED: &str = r#"42["cards:revealed","#;
const REACTION: &str = r#"42["reaction:sent","#;

/// One member of a room.
pub(crate) struct Client {
    engine: Engine,
    emitted: u64,
    votes: u64,
    reactions: u64,
    deliveries: u64,
    resyncs: u64,
}

/// What arrived, as far as anybody cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packet {
    /// Somebody's vote.
    Delivery,
    /// Somebody's reaction, emitted at this moment.
    Reaction(Moment),
    /// The server has done what the event of this number asked for.
    Acknowledgement(u64),
}

impl Client {
    /// Takes a seat and waits for the session's state.
    pub(crate) async fn connect(address: SocketAddr, seat: &Seat) -> Result<Self> {
        let mut engine = Engine::open(address, &Transport::WEBSOCKET).await?;
        engine.enter(seat).await?;
        Ok(Self {
            engine,
            emitted: 0,
            votes: 0,
            reactions: 0,
            deliveries: 0,
            resyncs: 0,
        })
    }

    /// Puts the other card on the table; returns the number to be acknowledged.
    pub(crate) async fn vote(&mut self) -> Result<u64> {
        self.vote_for(CARDS[usize::from(self.votes % 2 == 1)]).await
    }

    /// Puts this card on the table; returns the number to be acknowledged.
    pub(crate) async fn vote_for(&mut self, card: &str) -> Result<u64> {
        let event = format!(r#"["vote:submit",{{"value":"{card}"}}]"#);
        let number = self.emit(&event).await?;
        self.votes += 1;
        Ok(number)
    }

    /// Votes and waits until that is durable; deliveries that come in between are counted.
    pub(crate) async fn vote_durably(&mut self) -> Result<()> {
        let vote = self.vote().await?;
        self.until_acknowledged(vote).await
    }

    /// Opens the cards; what everybody is shown.
    pub(crate) async fn reveal(&mut self) -> Result<Utf8Bytes> {
        self.emit(r#"["cards:reveal",{}]"#).await?;
        loop {
            let text = self.engine.text().await?;
            if text.starts_with(REVEALED) {
                return Ok(text);
            }
        }
    }

    /// Begins the next round.
    pub(crate) async fn reset(&mut self) -> Result<()> {
        let reset = self.emit(r#"["game:reset",{}]"#).await?;
        self.until_acknowledged(reset).await
    }

    /// Reacts; the moment is what is shown, so that everybody who gets it knows how old it is.
    pub(crate) async fn react(&mut self) -> Result<Moment> {
        let moment = Moment::now();
        self.emit(&format!(r#"["reaction:send",{{"emoji":"{moment}"}}]"#))
            .await?;
        self.reactions += 1;
        Ok(moment)
    }

    /// Asks for a sign of life; returns the number to be acknowledged.
    pub(crate) async fn heartbeat(&mut self) -> Result<u64> {
        self.emit(r#"["heartbeat",{}]"#).await
    }

    /// Waits for everything that was sent to this member before now: packets do not overtake each
    /// other, so it is here when the answer to a heartbeat is.
    pub(crate) async fn drain(&mut self) -> Result<()> {
        let heartbeat = self.heartbeat().await?;
        self.until_acknowledged(heartbeat).await
    }

    /// Waits for the next vote of anybody.
    pub(crate) async fn until_delivered(&mut self) -> Result<()> {
        while self.next().await? != Packet::Delivery {}
        Ok(())
    }

    async fn until_acknowledged(&mut self, number: u64) -> Result<()> {
        while self.next().await? != Packet::Acknowledgement(number) {}
        Ok(())
    }

    /// The next packet that matters; may be dropped while it waits.
    pub(crate) async fn next(&mut self) -> Result<Packet> {
        loop {
            let text = self.engine.text().await?;
            if text.starts_with(DELIVERY) {
                self.deliveries += 1;
                return Ok(Packet::Delivery);
            }
            if text.starts_with(REACTION) {
                self.deliveries += 1;
                return Ok(Packet::Reaction(Moment::shown_in(&text)?));
            }
            if let Some(answer) = text.strip_prefix(ACKNOWLEDGEMENT) {
                return Ok(Packet::Acknowledgement(acknowledged(answer)?));
            }
            if text.starts_with(STATE) {
                self.resyncs += 1;
            }
        }
    }

    async fn emit(&mut self, event: &str) -> Result<u64> {
        let number = self.emitted;
        self.emitted += 1;
        self.engine.send(format!("42{number}{event}")).await?;
        Ok(number)
    }

    /// Votes that were emitted.
    pub(crate) fn votes(&self) -> u64 {
        self.votes
    }

    /// Votes and reactions that were emitted.
    pub(crate) fn emissions(&self) -> u64 {
        self.votes + self.reactions
    }

    /// Votes and reactions of anybody that were received.
    pub(crate) fn deliveries(&self) -> u64 {
        self.deliveries
    }

    /// Times the server showed the state anew, because it could not deliver.
    pub(crate) fn resyncs(&self) -> u64 {
        self.resyncs
    }
}

/// The number of an acknowledgement such as `17[{"ok":true}]`.
pub(crate) fn acknowledged(answer: &str) -> Result<u64> {
    let (number, body) = answer
        .split_once('[')
        .context("a strange acknowledgement")?;
    ensure!(
        body.contains(r#""ok":true"#),
        "an event was refused: {body}"
    );
    number.parse().context("a strange acknowledgement")
}
