//! Planning poker: players, a backlog with at most one active story, and rounds of hidden votes.
//!
//! Invariants that every state keeps:
//! exactly one host, at most one active story, at most one vote per player and round, and
//! `vote_count <= total_players`.

pub mod command;
pub mod deck;
pub mod event;
pub mod history;
pub mod player;
pub mod rejection;
pub mod settings;
pub mod stats;
pub mod story;
pub mod timer;

mod decide;
mod evolve;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ids::{Kind, NodeId, PlayerId, StoryId};
use super::{Context, Machine, Timestamp};

pub use command::Command;
pub use deck::ShownDeck;
pub use event::Event;
pub use history::PastRound;
pub use player::{Key, Player, Proof, View};
pub use rejection::Rejection;
pub use settings::{PasscodeHash, Policy, Right, Settings, SettingsPatch};
pub use story::{Round, Story, Vote};
pub use timer::Timer;

/// One planning poker session. Players and stories are shared, so that a copy is cheap.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Poker {
    /// Where in its life the session is.
    pub stage: Stage,
    /// Its name.
    pub name: String,
    /// The one player with the host's rights; `None` only before the session exists.
    pub host: Option<PlayerId>,
    /// Deck and options.
    pub settings: Settings,
    /// What a visitor must know to get in.
    pub passcode: Option<PasscodeHash>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its life ends.
    pub expires_at: Timestamp,
    /// When it was deleted or did expire.
    pub ended_at: Option<Timestamp>,
    /// Everybody it remembers, in the order of joining.
    pub players: Vec<Arc<Player>>,
    /// The backlog, by order.
    pub stories: Vec<Arc<Story>>,
    /// The round on the active story; there is an active story exactly while there is a round.
    pub round: Option<Round>,
    /// How many rounds there have been.
    pub rounds: u64,
    /// The timer, once it was touched.
    pub timer: Option<Timer>,
    /// When something happened last.
    #[serde(default)]
    pub last_activity: Timestamp,
    /// Milliseconds after the last event at which it ends if nobody is connected; otherwise
    /// `expires_at` is fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_life_millis: Option<u64>,
    /// The rounds whose cards were opened, oldest first.
    #[serde(default)]
    pub history: Arc<Vec<Arc<PastRound>>>,
}

/// Where in its life a session is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It does not exist yet.
    #[default]
    Unborn,
    /// It can be played.
    Open,
    /// The host ended it.
    Deleted,
    /// Its time is over.
    Expired,
}

impl Machine for Poker {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;
    type Policy = Policy;

    const KIND: Kind = Kind::new("poker");

    fn decide(&self, cx: &Context<'_, Policy>, command: Command) -> Result<Vec<Event>, Rejection> {
        self.decide_command(cx, command)
    }

    fn evolve(&mut self, at: Timestamp, event: &Event) {
        self.fold(at, event);
    }

    fn deadline(&self, policy: &Policy) -> Option<(Timestamp, Command)> {
        let at = self.next_due(policy)?;
        Some((at, Command::Elapse))
    }

    fn bereaved(&self, alive: &dyn Fn(NodeId) -> bool) -> Option<Command> {
        let mut dead: Vec<NodeId> = self
            .players
            .iter()
            .flat_map(|player| &player.seats)
            .map(|seat| seat.node)
            .filter(|&node| !alive(node))
            .collect();
        dead.sort_unstable();
        dead.dedup();
        (!dead.is_empty() && self.stage == Stage::Open).then_some(Command::LoseNodes(dead))
    }

    fn is_presence(event: &Event) -> bool {
        matches!(event, Event::SeatTaken { .. } | Event::SeatLeft { .. })
    }

    fn forgettable_at(&self, policy: &Policy) -> Timestamp {
        match self.stage {
            Stage::Deleted => self.ended_at.unwrap_or_default(),
            _ => self.expires_at.after(policy.expired_memory),
        }
    }
}

impl Poker {
    /// The player with this id, whatever his standing.
    #[must_use]
    pub fn player(&self, id: PlayerId) -> Option<&Player> {
        self.players
            .iter()
            .find(|player| player.id == id)
            .map(Arc::as_ref)
    }

    /// Everybody who is neither left nor removed, in the order of joining.
    pub fn roster(&self) -> impl Iterator<Item = &Player> {
        self.players
            .iter()
            .map(Arc::as_ref)
            .filter(|player| player.present())
    }

    /// Where in its life it is at this moment, whether that has been noted or not. A session that
    /// ends by idling does not end while somebody is connected.
    #[must_use]
    pub fn stage_at(&self, now: Timestamp) -> Stage {
        let kept = self.idle_life_millis.is_some() && self.is_occupied();
        match self.stage {
            Stage::Open if now >= self.expires_at && !kept => Stage::Expired,
            stage => stage,
        }
    }

    fn is_occupied(&self) -> bool {
        self.players.iter().any(|player| !player.seats.is_empty())
    }

    /// Whether this player has the host's rights.
    #[must_use]
    pub fn is_host(&self, id: PlayerId) -> bool {
        self.host == Some(id)
    }

    /// The story with this id.
    #[must_use]
    pub fn story(&self, id: StoryId) -> Option<&Story> {
        self.stories
            .iter()
            .find(|story| story.id == id)
            .map(Arc::as_ref)
    }

    /// The id of the story being estimated.
    #[must_use]
    pub fn active(&self) -> Option<StoryId> {
        self.round.as_ref().map(|round| round.story)
    }

    /// Whether this story is the one being estimated.
    #[must_use]
    pub fn is_active(&self, id: StoryId) -> bool {
        self.active() == Some(id)
    }

    /// The story being estimated.
    #[must_use]
    pub fn active_story(&self) -> Option<&Story> {
        self.story(self.active()?)
    }

    /// Whether the cards of the current round are open.
    #[must_use]
    pub fn is_revealed(&self) -> bool {
        self.round.as_ref().is_some_and(Round::is_revealed)
    }

    /// How many roster members are asked for a vote.
    #[must_use]
    pub fn total_players(&self) -> usize {
        self.roster().filter(|player| player.is_voter()).count()
    }

    /// The votes that count: of the current round, by voters on the roster; oldest first.
    pub fn counted_votes(&self) -> impl Iterator<Item = &Vote> {
        let votes = self.round.as_ref().map_or(&[][..], |round| &round.votes);
        votes
            .iter()
            .filter(|vote| self.player(vote.player).is_some_and(Player::is_voter))
    }

    /// How many votes count.
    #[must_use]
    pub fn vote_count(&self) -> usize {
        self.counted_votes().count()
    }

    /// Whether every voter has voted, and there is one.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let total = self.total_players();
        total > 0 && self.vote_count() >= total
    }

    /// Whether this player has a vote in the current round.
    #[must_use]
    pub fn has_voted(&self, id: PlayerId) -> bool {
        self.round
            .as_ref()
            .is_some_and(|round| round.vote_of(id).is_some())
    }

    /// What a screen that is up to date shows.
    #[must_use]
    pub fn view(&self) -> View {
        let Some(round) = &self.round else {
            return View::default();
        };
        View {
            story: Some(round.story),
            round: round.number,
            revealed: round.is_revealed(),
        }
    }

    /// The next moment at which something is due by itself.
    fn next_due(&self, policy: &Policy) -> Option<Timestamp> {
        if self.stage != Stage::Open {
            return None;
        }
        let leaving = self
            .roster()
            .filter_map(|player| self.leaves_at(player, policy))
            .min();
        let due = [Some(self.expires_at), leaving, self.handover_at(policy)];
        due.into_iter().flatten().min()
    }

    /// When this player, having no connection, will be taken for gone.
    fn leaves_at(&self, player: &Player, policy: &Policy) -> Option<Timestamp> {
        if !player.present() || !player.seats.is_empty() {
            return None;
        }
        let grace = if player.awaited {
            policy.join_grace
        } else {
            policy.disconnect_grace
        };
        Some(player.unseated_since.after(grace))
    }

    /// When the absent host's rights go to somebody who is there.
    fn handover_at(&self, policy: &Policy) -> Option<Timestamp> {
        let patience = policy.host_handover?;
        let since = self.player(self.host?)?.absent_since()?;
        self.relief().map(|_| since.after(patience))
    }

    /// Who would become host if the host left: the longest-joined online voter, else spectator.
    fn heir(&self) -> Option<PlayerId> {
        self.first_online(|_| true)
    }

    /// Who would relieve the absent host. Somebody absent just as long would not do: two of them
    /// would hand the host's rights to each other for ever.
    fn relief(&self) -> Option<PlayerId> {
        let since = self.player(self.host?)?.absent_since()?;
        self.first_online(|player| player.absent_since().is_none_or(|absent| absent > since))
    }

    fn first_online(&self, fits: impl Fn(&Player) -> bool) -> Option<PlayerId> {
        let candidate = |p: &&Player| p.online() && !self.is_host(p.id) && fits(p);
        let online = || self.roster().filter(candidate);
        online()
            .find(|p| !p.spectator)
            .or_else(|| online().next())
            .map(|p| p.id)
    }
}
