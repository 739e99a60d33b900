//! The JSON objects of the dialect, as one viewer may see them: no vote before the reveal, not even
//! the viewer's own (5.1), and no private id but his (5.7).

use serde::{Serialize, Serializer};

use super::ids::{Id, Names};
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::stats::numeric;
use crate::rules::poker::{self, PastRound, Poker, Right, Round, ShownDeck, Story};
use crate::wire::poker::objects::{Iso, Number};

/// A session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionObject<'a> {
    id: SessionId,
    name: &'a str,
    facilitator: Option<Id<'a>>,
    voting_system: &'static str,
    players: Vec<PlayerObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_vote: Option<RoundObject<'a>>,
    settings: SettingsObject<'a>,
    history: Vec<RoundObject<'a>>,
    created_at: Iso,
    last_activity: Iso,
}

/// Which moment of a session a snapshot shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shot {
    /// The present: `S`.
    Present,
    /// The present without the round just finished in the history: `S*`.
    WithoutResult,
    /// With an invented, finished round, so that a page can get out of voting: `S0`.
    WithEmptyResult,
}

impl<'a> SessionObject<'a> {
    pub(super) fn new(id: SessionId, state: &'a Poker, names: Names<'a>, shot: Shot) -> Self {
        let current = state.round.as_ref();
        let shown = match shot {
            Shot::WithEmptyResult => Some(RoundObject::empty(state)),
            _ => current.map(|round| RoundObject::current(state, round, names)),
        };
        let unfinished = current.filter(|_| shot == Shot::WithoutResult);
        let past = state.history.iter().map(AsRef::as_ref);
        let history = past.filter(|past| unfinished.is_none_or(|it| it.number != past.number));
        Self {
            id,
            name: &state.name,
            facilitator: state.host.map(|host| names.id(host)),
            voting_system: deck_name(state.settings.shown_deck()),
            players: listed(state, names),
            current_vote: shown,
            settings: SettingsObject::new(&state.settings, names),
            history: history.map(|past| RoundObject::past(past, names)).collect(),
            created_at: Iso(state.created_at),
            last_activity: Iso(state.last_activity.max(state.created_at)),
        }
    }
}

/// The players that pages list: voters who are online, or whose vote counts now, and the viewer.
fn listed<'a>(state: &'a Poker, names: Names<'a>) -> Vec<PlayerObject<'a>> {
    let players = state.players.iter().map(AsRef::as_ref);
    let is_listed = |player: &&poker::Player| {
        let counts = player.online() || has_counted_vote(state, player.id);
        (player.is_voter() && counts) || names.is_own(player.id)
    };
    let players = players.filter(is_listed);
    players
        .map(|player| PlayerObject::new(state, player, names))
        .collect()
}

/// Whether a player has a vote in the current round that is, or will be, opened.
fn has_counted_vote(state: &Poker, player: PlayerId) -> bool {
    state.round.as_ref().is_some_and(|round| {
        let among = |opened: &[PlayerId]| opened.contains(&player);
        round.vote_of(player).is_some() && round.revealed.as_deref().is_none_or(among)
    })
}

/// A player.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlayerObject<'a> {
    id: Id<'a>,
    name: &'a str,
    is_online: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    has_voted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vote: Option<Value<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_current_user: bool,
}

impl<'a> PlayerObject<'a> {
    pub(super) fn new(state: &'a Poker, player: &'a poker::Player, names: Names<'a>) -> Self {
        let round = state.round.as_ref();
        let opened = round.and_then(|round| round.opened().find(|vote| vote.player == player.id));
        Self {
            id: names.id(player.id),
            name: &player.name,
            is_online: player.online(),
            has_voted: round.map(|_| has_counted_vote(state, player.id)),
            vote: opened.map(|vote| Value(&vote.value)),
            is_current_user: names.is_own(player.id),
        }
    }

    /// As somebody who has just come in: a vote is mentioned only if there is one.
    pub(super) fn entering(state: &'a Poker, player: &'a poker::Player, names: Names<'a>) -> Self {
        let shown = Self::new(state, player, names);
        Self {
            has_voted: shown.has_voted.filter(|&voted| voted),
            ..shown
        }
    }

    /// As the creator of a session gets himself back.
    fn created(self) -> Self {
        Self {
            is_current_user: false,
            ..self
        }
    }
}

impl SessionObject<'_> {
    /// As the creator gets it back: he knows who he is.
    pub(super) fn created(self) -> Self {
        let players = self.players.into_iter();
        Self {
            players: players.map(PlayerObject::created).collect(),
            ..self
        }
    }
}

/// A round: the current one, or one of the history.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoundObject<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    issue_name: Option<&'a str>,
    votes: Votes<'a>,
    start_time: Iso,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<Iso>,
    is_revealed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    average: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    has_agreement: Option<bool>,
}

impl<'a> RoundObject<'a> {
    fn current(state: &'a Poker, round: &'a Round, names: Names<'a>) -> Self {
        let opened = round.opened().map(|vote| (vote.player, &*vote.value));
        let votes = Votes::new(opened, names);
        Self {
            id: round_id(round.number),
            issue_name: state.story(round.story).and_then(Story::topic),
            start_time: Iso(round.started_at),
            end_time: round.revealed_at.map(Iso),
            is_revealed: round.is_revealed(),
            average: votes.average(),
            has_agreement: votes.agree(),
            votes,
        }
    }

    fn past(past: &'a PastRound, names: Names<'a>) -> Self {
        let opened = past.votes.iter().map(|vote| (vote.player, &*vote.value));
        let votes = Votes::new(opened, names);
        Self {
            id: round_id(past.number),
            issue_name: past.title.as_deref(),
            start_time: Iso(past.started_at),
            end_time: Some(Iso(past.revealed_at)),
            is_revealed: true,
            average: votes.average(),
            has_agreement: votes.agree(),
            votes,
        }
    }

    fn empty(state: &Poker) -> Self {
        Self {
            id: "none".to_owned(),
            issue_name: None,
            votes: Votes(Vec::new()),
            start_time: Iso(state.last_activity),
            end_time: Some(Iso(state.last_activity)),
            is_revealed: true,
            average: None,
            has_agreement: None,
        }
    }
}

fn round_id(number: u64) -> String {
    format!("round-{number}")
}

/// Opened cards by player.
struct Votes<'a>(Vec<(Id<'a>, Value<'a>)>);

impl<'a> Votes<'a> {
    fn new(votes: impl Iterator<Item = (PlayerId, &'a str)>, names: Names<'a>) -> Self {
        Self(
            votes
                .map(|(player, value)| (names.id(player), Value(value)))
                .collect(),
        )
    }

    fn numbers(&self) -> Vec<f64> {
        let values = self.0.iter().map(|(_, value)| value);
        values.filter_map(|value| numeric(value.0)).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "a round has far fewer votes")]
    fn average(&self) -> Option<Number> {
        let numbers = self.numbers();
        let average = numbers.iter().sum::<f64>() / numbers.len() as f64;
        average.is_finite().then_some(Number(average))
    }

    #[expect(clippy::float_cmp, reason = "equal cards are equal numbers")]
    fn agree(&self) -> Option<bool> {
        let numbers = self.numbers();
        let (first, rest) = numbers.split_first()?;
        Some(rest.iter().all(|number| number == first))
    }
}

impl Serialize for Votes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(id, value)| (id, value)))
    }
}

/// A card: a number if it stands for one, else a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a>(pub(super) &'a str);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match numeric(self.0) {
            Some(number) => Number(number).serialize(serializer),
            None => serializer.serialize_str(self.0),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SettingsObject<'a> {
    auto_reveal: bool,
    show_average: bool,
    show_countdown: bool,
    enable_fun_features: bool,
    who_can_reveal: RightObject<'a>,
    who_can_manage_issues: RightObject<'a>,
}

impl<'a> SettingsObject<'a> {
    fn new(settings: &'a poker::Settings, names: Names<'a>) -> Self {
        let (rights, effects) = (&settings.rights, &settings.effects);
        Self {
            auto_reveal: settings.auto_reveal,
            show_average: effects.average,
            show_countdown: effects.countdown,
            enable_fun_features: effects.fun,
            who_can_reveal: RightObject::new(&rights.reveal, names),
            who_can_manage_issues: RightObject::new(&rights.stories, names),
        }
    }
}

/// Who has a right.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum RightObject<'a> {
    Word(&'static str),
    Players(Vec<Id<'a>>),
}

impl<'a> RightObject<'a> {
    pub(super) fn new(right: &Right, names: Names<'a>) -> Self {
        match right {
            Right::Host => Self::Word("facilitator"),
            Right::Everyone => Self::Word("everyone"),
            Right::Players(players) => {
                Self::Players(players.iter().map(|&player| names.id(player)).collect())
            }
        }
    }
}

/// The name of a deck that pages have built in.
pub(super) const fn deck_name(deck: ShownDeck) -> &'static str {
    match deck {
        ShownDeck::Simple => "simple",
        ShownDeck::Extended => "extended",
    }
}
