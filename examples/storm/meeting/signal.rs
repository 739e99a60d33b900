//! A page that meets over a raw WebSocket in the signal dialect.
//!
//! Towards each page everybody else has an id that only the server knows, so that names tell who is
//! who. A page's second reveal within 0.8 s counts for nothing, as with two that fire for one click;
//! a page waits that long, and the chair rotates so that rounds seldom wait for it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use uuid::Uuid;

use super::agenda::{Act, Shown};
use crate::storm::socket::{Receiving, Socket};

/// Cards of the simple deck.
const CARDS: [u8; 4] = [2, 3, 4, 5];
/// Between two reveals of one page, a little over what the server asks for.
const BETWEEN_REVEALS: Duration = Duration::from_millis(850);

const JOINED: &str = r#"{"type":"joined""#;
const REFUSED: [&str; 2] = [r#"{"message":"#, r#"{"type":"session_not_found""#];
const EVENT: &str = r#"{"type":"sync_event","event":{"type":""#;
const VOTED: &str = r#"VOTE_SUBMITTED","payload":{"playerId":""#;

/// A session and what is known of its members' ids.
#[derive(Clone)]
pub(crate) struct Board {
    session: String,
    host: String,
    members: Arc<Mutex<HashMap<String, usize>>>,
}

impl Board {
    /// Opens a session; the host is its first member.
    pub(crate) async fn open(http: &reqwest::Client, address: SocketAddr) -> Result<Self> {
        let host = format!("storm-{}", Uuid::new_v4());
        let body = json!({
            "name": "Storm", "facilitatorId": host, "facilitatorName": name(0),
        });
        let url = format!("http://{address}/signal/sessions");
        let answer = http.post(url).json(&body).send().await?;
        let session: Value = answer.error_for_status()?.json().await?;
        let id = session["id"].as_str().context("a session without id")?;
        Ok(Self {
            session: id.to_owned(),
            host,
            members: Arc::default(),
        })
    }

    fn learn(&self, player: &Value) {
        let id = player["id"].as_str();
        let number = player["name"].as_str().and_then(number);
        if let Some((id, number)) = id.zip(number) {
            let mut members = self.members.lock();
            let members = members.as_mut().unwrap_or_else(PoisonError::get_mut);
            members.insert(id.to_owned(), number);
        }
    }

    fn member(&self, id: &str) -> Option<usize> {
        let members = self.members.lock();
        let members = members.unwrap_or_else(PoisonError::into_inner);
        members.get(id).copied()
    }
}

/// One page.
pub(crate) struct Page {
    socket: Socket,
    board: Board,
    number: usize,
    acted: usize,
    revealed: bool,
    rests_until: Instant,
}

impl Page {
    /// Joins as the member of that number; the first one opens a round.
    pub(crate) async fn connect(address: SocketAddr, board: &Board, number: usize) -> Result<Self> {
        let mut page = Self {
            socket: Socket::open(address, "/signal", Receiving::Usual).await?,
            board: board.clone(),
            number,
            acted: 0,
            revealed: false,
            rests_until: Instant::now(),
        };
        page.join().await?;
        if number == 0 {
            page.emit("VOTING_STARTED", &json!({})).await?;
            while !event(&page.news().await?).starts_with("VOTING_STARTED") {}
        }
        Ok(page)
    }

    async fn join(&mut self) -> Result<()> {
        let message = json!({
            "type": "join", "sessionId": self.board.session,
            "userId": self.user_id(), "userName": name(self.number),
        });
        self.socket.send(message.to_string()).await?;
        loop {
            let text = self.socket.text().await?;
            if text.starts_with(JOINED) {
                let joined: Value = serde_json::from_str(&text)?;
                let players = joined["session"]["players"].as_array();
                players
                    .into_iter()
                    .flatten()
                    .for_each(|it| self.board.learn(it));
                return Ok(());
            }
            if REFUSED.iter().any(|refusal| text.starts_with(refusal)) {
                bail!("a page was not let in: {text}");
            }
        }
    }

    fn user_id(&self) -> String {
        match self.number {
            0 => self.board.host.clone(),
            number => format!("{}-{number}", self.board.host),
        }
    }

    /// Takes a step; its effect comes back as it does to everybody.
    pub(crate) async fn take(&mut self, act: Act) -> Result<()> {
        match act {
            Act::Reveal => {
                self.rests_until = Instant::now() + BETWEEN_REVEALS;
                self.emit("VOTES_REVEALED", &json!({})).await
            }
            Act::Reset => self.emit("VOTING_STARTED", &json!({})).await,
            Act::Vote | Act::Switch => {
                let card = CARDS[self.acted % CARDS.len()];
                self.acted += 1;
                let vote = json!({ "playerId": self.user_id(), "vote": card });
                self.emit("VOTE_SUBMITTED", &vote).await
            }
        }
    }

    /// When this page may take that step.
    pub(crate) fn rests_until(&self, act: Act) -> Option<Instant> {
        (act == Act::Reveal).then_some(self.rests_until)
    }

    async fn emit(&mut self, event: &str, payload: &Value) -> Result<()> {
        let message = json!({
            "type": "sync_event", "event": { "type": event, "payload": payload },
        });
        self.socket.send(message.to_string()).await
    }

    /// What is shown next; may be dropped while it waits.
    pub(crate) async fn next(&mut self) -> Result<Shown> {
        let text = self.news().await?;
        let event = event(&text);
        if let Some(vote) = event.strip_prefix(VOTED) {
            let (id, _) = vote.split_once('"').context("a vote without end")?;
            let member = self.board.member(id);
            return Ok(Shown::Voted(
                member.context("a vote of nobody in the room")?,
            ));
        }
        if event.starts_with("VOTES_REVEALED") {
            self.revealed = true;
            return Ok(Shown::Revealed);
        }
        // Who reveals is first shown the start of the round anew.
        if event.starts_with("VOTING_STARTED") && std::mem::take(&mut self.revealed) {
            return Ok(Shown::Reset);
        }
        Ok(Shown::Other)
    }

    /// The next event; newcomers are remembered by the way.
    async fn news(&mut self) -> Result<Utf8Bytes> {
        loop {
            let text = self.socket.text().await?;
            if event(&text).starts_with("PLAYER_JOINED") {
                let message: Value = serde_json::from_str(&text)?;
                self.board.learn(&message["event"]["payload"]["player"]);
            }
            if text.starts_with(EVENT) {
                return Ok(text);
            }
        }
    }
}

/// An event from its name on; empty for other messages.
fn event(text: &str) -> &str {
    text.strip_prefix(EVENT).unwrap_or_default()
}

fn name(number: usize) -> String {
    format!("Player {number}")
}

/// The number in a name.
fn number(name: &str) -> Option<usize> {
    name.strip_prefix("Player ")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_who_is_who() {
        assert_eq!(number(&name(12)), Some(12));
        assert_eq!(number("Mira"), None);
    }
}
