//! A member who stops reading, and what he makes of the session when he reads on.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{timeout, timeout_at};

use crate::storm::client::{DELIVERY, REVEALED};
use crate::storm::engine::{Engine, STATE, Transport};
use crate::storm::meeting::poker::RESET;
use crate::storm::rest::Seat;
use crate::storm::socket::Receiving;

/// How long it may take to be up to date.
const PATIENCE: Duration = Duration::from_secs(30);
const ACTIVATED: &str = r#"42["story:activated","#;

/// One member.
pub(crate) struct Sleeper {
    engine: Engine,
    seat: Seat,
    view: View,
}

/// What everybody has to know in the end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Truth {
    pub(crate) story: &'static str,
    pub(crate) votes: u64,
}

/// How a sleeper ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fate {
    pub(crate) outcome: Outcome,
    pub(crate) is_right: bool,
    /// From reading on to being up to date.
    pub(crate) took: Duration,
}

/// What the server did with him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Cut; he came back with his seat.
    Cut,
    /// Showed him the state anew.
    Resynchronised,
    /// Showed him everything.
    CaughtUp,
}

impl Sleeper {
    /// Takes a seat; the kernel keeps next to nothing for him.
    pub(crate) async fn connect(address: SocketAddr, seat: Seat) -> Result<Self> {
        let transport = Transport::WebSocket(Receiving::Little);
        let mut engine = Engine::open(address, &transport).await?;
        let mut view = View::default();
        view.begin(&engine.enter(&seat).await?)?;
        Ok(Self { engine, seat, view })
    }

    /// Reads until it is over.
    pub(crate) async fn read(mut self, mut over: watch::Receiver<()>) -> Result<Self> {
        loop {
            tokio::select! {
                _ = over.changed() => return Ok(self),
                text = self.engine.text() => self.view.note(&text?)?,
            }
        }
    }

    /// Reads on until what he knows is true; who was cut comes back first.
    pub(crate) async fn wake(mut self, truth: Truth, address: SocketAddr) -> Result<Fate> {
        let began = Instant::now();
        self.view.states = 0;
        let deadline = began + PATIENCE;
        let reading = timeout_at(deadline.into(), self.read_until(truth)).await;
        let fate = |outcome, is_right| Fate {
            outcome,
            is_right,
            took: began.elapsed(),
        };
        Ok(match reading {
            Ok(Ok(())) if self.view.states > 0 => fate(Outcome::Resynchronised, true),
            Ok(Ok(())) => fate(Outcome::CaughtUp, true),
            Ok(Err(_)) => {
                let back = timeout(PATIENCE, Self::connect(address, self.seat)).await;
                let back = back.context("a member did not get back in")??;
                fate(Outcome::Cut, back.view.is(truth))
            }
            Err(_) if self.view.states > 0 => fate(Outcome::Resynchronised, false),
            Err(_) => fate(Outcome::CaughtUp, false),
        })
    }

    async fn read_until(&mut self, truth: Truth) -> Result<()> {
        while !self.view.is(truth) {
            let text = self.engine.text().await?;
            self.view.note(&text)?;
        }
        Ok(())
    }
}

/// What a member knows of the present round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct View {
    story: String,
    votes: u64,
    revealed: bool,
    /// Times that the whole state was shown.
    states: u64,
}

impl View {
    /// Learns everything from a state.
    fn begin(&mut self, state: &str) -> Result<()> {
        let state = body(state, STATE)?;
        let story = state["currentStory"]["title"].as_str();
        self.story = story.unwrap_or_default().to_owned();
        self.votes = state["voteCount"].as_u64().unwrap_or_default();
        self.revealed = state["votesRevealed"].as_bool().unwrap_or_default();
        Ok(())
    }

    fn note(&mut self, text: &str) -> Result<()> {
        if text.starts_with(DELIVERY) {
            let vote = body(text, DELIVERY)?;
            self.votes = vote["voteCount"].as_u64().context("a vote without count")?;
        } else if text.starts_with(STATE) {
            self.states += 1;
            self.begin(text)?;
        } else if text.starts_with(REVEALED) {
            self.revealed = true;
        } else if text.starts_with(RESET) {
            (self.votes, self.revealed) = (0, false);
        } else if text.starts_with(ACTIVATED) {
            let title = &body(text, ACTIVATED)?["story"]["title"];
            self.story = title.as_str().unwrap_or_default().to_owned();
            (self.votes, self.revealed) = (0, false);
        }
        Ok(())
    }

    fn is(&self, truth: Truth) -> bool {
        self.story == truth.story && self.votes == truth.votes && !self.revealed
    }
}

fn body(text: &str, before: &str) -> Result<Value> {
    let body = text.strip_prefix(before).context("another event")?;
    let body = body.strip_suffix(']').context("an event without end")?;
    Ok(serde_json::from_str(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUTH: Truth = Truth {
        story: "B",
        votes: 1,
    };

    fn view(texts: &[&str]) -> View {
        let mut view = View::default();
        for text in texts {
            view.note(text).expect("a good event");
        }
        view
    }

    #[test]
    fn who_is_shown_everything_knows_the_story_and_the_votes() {
        let view = view(&[
            r#"42["vote:submitted",{"playerId":"b7a4","voteCount":4}]"#,
            r#"42["cards:revealed",{"votes":[]}]"#,
            r#"42["story:activated",{"story":{"title":"B"}}]"#,
            r#"42["vote:submitted",{"playerId":"b7a4","voteCount":1}]"#,
        ]);
        assert!(view.is(TRUTH));
        assert_eq!(view.states, 0);
    }

    #[test]
    fn a_state_that_is_shown_anew_replaces_what_was_known() {
        let view = view(&[
            r#"42["cards:revealed",{"votes":[]}]"#,
            r#"42["session:joined",{"currentStory":{"title":"B"},"voteCount":1,"votesRevealed":false}]"#,
        ]);
        assert!(view.is(TRUTH));
        assert_eq!(view.states, 1);
    }

    #[test]
    fn who_has_missed_the_last_vote_is_wrong() {
        let view = view(&[r#"42["story:activated",{"story":{"title":"B"}}]"#]);
        assert!(!view.is(TRUTH));
    }
}
