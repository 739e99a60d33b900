//! A player who meets over Socket.IO, on either transport.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};

use super::agenda::{Act, Shown};
use crate::storm::client::{ACKNOWLEDGEMENT, DELIVERY, REVEALED, acknowledged};
use crate::storm::engine::{Engine, STATE, Transport};
use crate::storm::rest::Seat;

/// Cards of the default deck, so that results differ.
const CARDS: [&str; 4] = ["3", "5", "8", "13"];
/// How the news of the next round begins.
pub(crate) const RESET: &str = r#"42["game:reset","#;
const PLAYER: &str = r#""playerId":""#;

/// The members of a room by the ids that votes name them by.
pub(crate) type Roster = HashMap<String, usize>;

/// One player.
pub(crate) struct Player {
    engine: Engine,
    roster: Arc<Roster>,
    emitted: usize,
}

impl Player {
    /// Takes a seat and waits for the session's state.
    pub(crate) async fn connect(
        address: SocketAddr,
        transport: &Transport,
        seat: &Seat,
        roster: Arc<Roster>,
    ) -> Result<Self> {
        let mut engine = Engine::open(address, transport).await?;
        engine.enter(seat).await?;
        Ok(Self {
            engine,
            roster,
            emitted: 0,
        })
    }

    /// Takes a step; its effect comes back as it does to everybody.
    pub(crate) async fn take(&mut self, act: Act) -> Result<()> {
        let number = self.emitted;
        self.emitted += 1;
        let card = CARDS[number % CARDS.len()];
        let event = match act {
            Act::Reveal => r#"["cards:reveal",{}]"#.to_owned(),
            Act::Reset => r#"["game:reset",{}]"#.to_owned(),
            Act::Vote | Act::Switch => format!(r#"["vote:submit",{{"value":"{card}"}}]"#),
        };
        self.engine.send(format!("42{number}{event}")).await
    }

    /// What is shown next; may be dropped while it waits.
    pub(crate) async fn next(&mut self) -> Result<Shown> {
        let text = self.engine.text().await?;
        shown(&text, &self.roster)
    }
}

fn shown(text: &str, roster: &Roster) -> Result<Shown> {
    if let Some(vote) = text.strip_prefix(DELIVERY) {
        return Ok(Shown::Voted(voter(vote, roster)?));
    }
    if let Some(answer) = text.strip_prefix(ACKNOWLEDGEMENT) {
        acknowledged(answer)?;
        return Ok(Shown::Other);
    }
    Ok(match text {
        _ if text.starts_with(REVEALED) => Shown::Revealed,
        _ if text.starts_with(RESET) => Shown::Reset,
        _ if text.starts_with(STATE) => Shown::Anew,
        _ => Shown::Other,
    })
}

fn voter(vote: &str, roster: &Roster) -> Result<usize> {
    let id = vote.split_once(PLAYER).and_then(|(_, rest)| {
        let (id, _) = rest.split_once('"')?;
        roster.get(id)
    });
    id.copied().context("a vote of nobody in the room")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<Shown> {
        shown(text, &Roster::from([("b7a4".to_owned(), 3)]))
    }

    #[test]
    fn a_vote_is_told_by_the_id_of_who_voted() {
        let vote = r#"42["vote:submitted",{"playerId":"b7a4","hasVoted":true,"voteCount":1}]"#;
        assert_eq!(told(vote).expect("a vote"), Shown::Voted(3));
        assert!(told(r#"42["vote:submitted",{"playerId":"9e0d"}]"#).is_err());
    }

    #[test]
    fn a_refusal_is_an_error_and_a_consent_is_no_news() {
        assert_eq!(
            told(r#"430[{"ok":true}]"#).expect("a consent"),
            Shown::Other
        );
        assert!(told(r#"430[{"ok":false,"code":"SPECTATOR"}]"#).is_err());
    }

    #[test]
    fn a_second_state_replaces_what_was_missed() {
        let state = r#"42["session:joined",{"sessionId":"3f6d"}]"#;
        assert_eq!(told(state).expect("a state"), Shown::Anew);
    }
}
