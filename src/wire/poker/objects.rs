//! The JSON objects of the protocol: absent means absent, never `null`.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;

use crate::rules::Timestamp;
use crate::rules::ids::{PlayerId, StoryId};
use crate::rules::poker::player::Standing;
use crate::rules::poker::stats::{Consensus, Statistics};
use crate::rules::poker::timer::{TimerMode, TimerSettings};
use crate::rules::poker::{self, Poker, Settings};

/// A moment as ISO-8601 UTC text with exactly three decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Iso(pub Timestamp);

impl Serialize for Iso {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Iso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX);
        let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
        write!(f, "{moment:.3}")
    }
}

/// A JSON number, without a fraction if it has none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(pub f64);

impl Serialize for Number {
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;
        if self.0.fract() == 0.0 && self.0.abs() <= MAX_SAFE_INTEGER {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

/// A player as everybody may see him.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Player", optional_fields))]
#[schema(as = Player)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct PlayerObject<'a> {
    pub id: PlayerId,
    pub name: &'a str,
    pub avatar: &'a str,
    pub is_spectator: bool,
    pub is_active: bool,
    pub is_host: bool,
    pub joined_at: Iso,
    pub last_seen_at: Iso,
    pub is_online: bool,
    pub voted_in_current_round: bool,
}

impl<'a> PlayerObject<'a> {
    /// The player with this id; `None` if the session does not know him.
    #[must_use]
    pub fn find(state: &'a Poker, id: PlayerId) -> Option<Self> {
        state.player(id).map(|player| Self::of(state, player))
    }

    /// A player of this session.
    #[must_use]
    pub fn of(state: &'a Poker, player: &'a poker::Player) -> Self {
        Self {
            id: player.id,
            name: &player.name,
            avatar: &player.avatar,
            is_spectator: player.spectator,
            is_active: player.standing != Standing::Removed,
            is_host: state.is_host(player.id),
            joined_at: Iso(player.joined_at),
            last_seen_at: Iso(player.last_seen),
            is_online: player.online(),
            voted_in_current_round: state.has_voted(player.id),
        }
    }

    /// Everybody on the roster, in the order of joining.
    #[must_use]
    pub fn roster(state: &'a Poker) -> Vec<Self> {
        state
            .roster()
            .map(|player| Self::of(state, player))
            .collect()
    }
}

/// A story.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Story", optional_fields))]
#[schema(as = Story)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct StoryObject<'a> {
    pub id: StoryId,
    pub title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_estimate: Option<&'a str>,
    pub order_index: u64,
    pub is_active: bool,
    pub created_at: Iso,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Iso>,
}

impl<'a> StoryObject<'a> {
    /// The story with this id; `None` if the session does not know it.
    #[must_use]
    pub fn find(state: &'a Poker, id: StoryId) -> Option<Self> {
        state.story(id).map(|story| Self::of(state, story))
    }

    /// A story of this session; `completedAt` never on an active one, which would show no cards.
    #[must_use]
    pub fn of(state: &'a Poker, story: &'a poker::Story) -> Self {
        let is_active = state.is_active(story.id);
        Self {
            id: story.id,
            title: &story.title,
            description: story.description.as_deref(),
            final_estimate: story.estimate.as_deref(),
            order_index: story.order,
            is_active,
            created_at: Iso(story.created_at),
            completed_at: story.completed_at.filter(|_| !is_active).map(Iso),
        }
    }

    /// All stories, by order.
    #[must_use]
    pub fn list(state: &'a Poker) -> Vec<Self> {
        state
            .stories
            .iter()
            .map(|story| Self::of(state, story))
            .collect()
    }

    /// The active story.
    #[must_use]
    pub fn active(state: &'a Poker) -> Option<Self> {
        state.active_story().map(|story| Self::of(state, story))
    }
}

/// The timer at one moment.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Timer", optional_fields))]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct TimerObject<'a> {
    pub is_running: bool,
    pub duration: u32,
    pub remaining_time: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Iso>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<TimerMode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<&'a TimerSettings>,
}

impl<'a> TimerObject<'a> {
    /// The timer as it stands at `now`; `None` if nobody has touched it.
    #[must_use]
    pub fn at(state: &'a Poker, now: Timestamp) -> Option<Self> {
        state.timer.as_ref().map(|timer| {
            let is_running = timer.is_running(now);
            Self {
                is_running,
                duration: timer.duration,
                remaining_time: timer.remaining_secs(now),
                started_at: timer.started_at.filter(|_| is_running).map(Iso),
                mode: timer.mode,
                settings: timer.settings.as_ref(),
            }
        })
    }
}

/// Deck and options.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Config", optional_fields))]
#[schema(as = SessionConfig)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct ConfigObject<'a> {
    pub card_values: &'a [String],
    pub allow_spectators: bool,
    pub auto_reveal_cards: bool,
    pub timer_seconds: Number,
}

impl<'a> From<&'a Settings> for ConfigObject<'a> {
    fn from(settings: &'a Settings) -> Self {
        Self {
            card_values: &settings.cards,
            allow_spectators: settings.allow_spectators,
            auto_reveal_cards: settings.auto_reveal,
            timer_seconds: Number(settings.timer_seconds),
        }
    }
}

/// A vote whose card is open.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Vote", optional_fields))]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct OpenVote<'a> {
    pub player_id: PlayerId,
    pub player_name: &'a str,
    pub value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 5)]
    pub confidence: Option<u8>,
}

impl<'a> OpenVote<'a> {
    /// A vote of this session's players.
    #[must_use]
    pub fn of(state: &'a Poker, vote: &'a poker::Vote) -> Self {
        Self {
            player_id: vote.player,
            player_name: state.player(vote.player).map_or("", |player| &player.name),
            value: &vote.value,
            confidence: vote.confidence,
        }
    }
}

/// The result of a round: what the client reads first, then what older clients know.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Consensus", optional_fields))]
#[schema(as = Consensus)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct ConsensusObject {
    pub has_consensus: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggested_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_value: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distribution: Option<Distribution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_votes: Option<usize>,
}

impl From<Consensus> for ConsensusObject {
    fn from(consensus: Consensus) -> Self {
        let average = consensus.average.map(Number);
        Self {
            has_consensus: consensus.reached(),
            suggested_value: Some(consensus.value.clone()),
            average_value: average,
            deviation: consensus.deviation.map(Number),
            value: Some(consensus.value),
            agreement: Some(Number(consensus.agreement)),
            average,
            distribution: Some(Distribution(consensus.distribution)),
            total_votes: Some(consensus.total),
        }
    }
}

/// How often each value was played, as an object.
#[derive(Clone, Debug)]
pub struct Distribution(pub Vec<(String, usize)>);

impl Serialize for Distribution {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(value, count)| (value, count)))
    }
}

/// The spread of the numeric votes.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Statistics", optional_fields))]
#[schema(as = Statistics)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct StatisticsObject {
    pub min: Number,
    pub max: Number,
    pub median: Number,
    pub standard_deviation: Number,
    pub confidence_average: Number,
}

impl From<Statistics> for StatisticsObject {
    fn from(statistics: Statistics) -> Self {
        Self {
            min: Number(statistics.min),
            max: Number(statistics.max),
            median: Number(statistics.median),
            standard_deviation: Number(statistics.standard_deviation),
            confidence_average: Number(statistics.confidence_average),
        }
    }
}

/// An object that is encoded once, although several frames have it in them.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Encoded(Box<RawValue>);

impl Encoded {
    /// Encodes an object.
    #[must_use]
    pub fn of(object: &impl Serialize) -> Self {
        Self(to_raw_value(object).expect("wire objects always encode"))
    }
}

/// The part of the state that every way of joining shows.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct SessionState<'a> {
    #[cfg_attr(test, ts(as = "Vec<PlayerObject>"))]
    pub players: Encoded,
    pub stories: Vec<StoryObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_story: Option<StoryObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timer: Option<TimerObject<'a>>,
    pub config: ConfigObject<'a>,
    pub votes_revealed: bool,
}

impl<'a> SessionState<'a> {
    /// The state at `now`.
    #[must_use]
    pub fn at(state: &'a Poker, now: Timestamp) -> Self {
        Self {
            players: Encoded::of(&PlayerObject::roster(state)),
            stories: StoryObject::list(state),
            current_story: StoryObject::active(state),
            timer: TimerObject::at(state, now),
            config: ConfigObject::from(&state.settings),
            votes_revealed: state.is_revealed(),
        }
    }
}
