//! Who has voted, and with what once the cards are open.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use serde::{Serialize, Serializer};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::PokerRest;
use super::answer::{Answer, Refusal};
use super::auth::is_open;
use super::request::{PathIds, both, queried};
use crate::room::SubmitError;
use crate::rules::ids::{PlayerId, SessionId};
use crate::rules::poker::command::StoryRef;
use crate::rules::poker::stats::Consensus;
use crate::rules::poker::{Poker, Rejection, Round, Vote};
use crate::wire::poker::objects::{ConsensusObject, Iso};
use crate::wire::poker::validate::{Code, Issues, named_story};

/// Who has voted on a story, and with what once the cards are open.
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Votes<'a> {
    votes: Vec<ListedVote<'a>>,
    revealed: bool,
    #[schema(required)]
    consensus: Option<ConsensusObject>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedVote<'a> {
    player_id: PlayerId,
    player_name: &'a str,
    has_voted: bool,
    #[schema(required)]
    value: Option<&'a str>,
    #[serde(skip_serializing_if = "Confidence::is_absent")]
    confidence: Confidence,
    timestamp: Iso,
}

/// `null` while it is a secret, absent if there is none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Confidence {
    Secret,
    Absent,
    Given(u8),
}

impl Confidence {
    fn is_absent(&self) -> bool {
        *self == Self::Absent
    }
}

impl PartialSchema for Confidence {
    fn schema() -> RefOr<Schema> {
        <Option<u8>>::schema()
    }
}

impl ToSchema for Confidence {}

impl Serialize for Confidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Given(confidence) => serializer.serialize_u8(*confidence),
            Self::Secret | Self::Absent => serializer.serialize_none(),
        }
    }
}

/// `GET /sessions/:sessionId/votes?storyId=`
pub(super) async fn list(
    State(desk): State<Arc<PokerRest>>,
    ids: PathIds,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Answer, Refusal> {
    let session = ids.session("sessionId");
    let story = session.as_ref().map_or(Ok(StoryRef::Active), |&session| {
        queried_story(query.as_deref(), session)
    });
    let (session, story) = both(session, story)?;
    let reader = desk.reader(&headers, session);
    let listed = desk.gate.rooms.view(session, move |look| {
        if !is_open(&look) {
            let gone = SubmitError::<Rejection>::UnknownSession;
            return Err(Refusal::of(&gone, ""));
        }
        reader.check(look.state)?;
        Ok(Answer::ok(&Votes::on(look.state, story)?))
    });
    let failed = |error| Refusal::of(&error, "Internal server error");
    listed.await.map_err(failed)?
}

fn queried_story(query: Option<&str>, session: SessionId) -> Result<StoryRef, Issues> {
    match named_story(&queried(query, "storyId"), session) {
        StoryRef::Unknown => {
            let text = "Invalid story ID format";
            Err(Issues::one("storyId", text, Code::InvalidString).within("query"))
        }
        story => Ok(story),
    }
}

impl<'a> Votes<'a> {
    fn on(state: &'a Poker, story: StoryRef) -> Result<Self, Refusal> {
        let id = match story {
            StoryRef::Id(id) if !state.is_active(id) => id,
            _ => {
                return Ok(state.round.as_ref().map_or_else(Self::default, |round| {
                    Self::of(state, round, state.counted_votes().collect())
                }));
            }
        };
        let story = state.story(id);
        let story = story.ok_or(Refusal::new(404, "Story not found", "STORY_NOT_FOUND"))?;
        let round = story.last_round.as_ref();
        Ok(round.map_or_else(Self::default, |round| {
            Self::of(state, round, round.votes.iter().collect())
        }))
    }

    /// A round; `closed` are the votes to be listed while its cards are closed.
    fn of(state: &'a Poker, round: &'a Round, closed: Vec<&'a Vote>) -> Self {
        let revealed = round.is_revealed();
        let listed = if revealed {
            round.opened().collect()
        } else {
            closed
        };
        let show = if revealed {
            ListedVote::open
        } else {
            ListedVote::closed
        };
        let votes = listed.into_iter().map(|vote| show(state, vote)).collect();
        let consensus = Consensus::of(round.opened()).map(ConsensusObject::from);
        Self {
            votes,
            revealed,
            consensus,
        }
    }
}

impl<'a> ListedVote<'a> {
    fn open(state: &'a Poker, vote: &'a Vote) -> Self {
        Self {
            value: Some(&vote.value),
            confidence: vote
                .confidence
                .map_or(Confidence::Absent, Confidence::Given),
            ..Self::closed(state, vote)
        }
    }

    /// That somebody has voted; what stays in the room.
    fn closed(state: &'a Poker, vote: &'a Vote) -> Self {
        Self {
            player_id: vote.player,
            player_name: state.player(vote.player).map_or("", |player| &player.name),
            has_voted: true,
            value: None,
            confidence: Confidence::Secret,
            timestamp: Iso(vote.first_at),
        }
    }
}
