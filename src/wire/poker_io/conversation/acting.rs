//! What a player's events want of the session.

use serde_json::Value;
use uuid::Uuid;

use super::Conversation;
use crate::room::SubmitError;
use crate::rules::ids::{PlayerId, SessionId, StoryId};
use crate::rules::poker::command::{StoryRef, Wording};
use crate::rules::poker::{Command, Rejection};
use crate::wire::poker::validate::{self, Ballot, Channel, Code, Issues};
use crate::wire::poker_io::events::{ClientEvent as E, Refusal};

impl Conversation {
    /// Does what a player's event asks for.
    pub(super) async fn act(&mut self, event: E, payload: &Value) -> Result<(), Refusal> {
        let player = self.player().ok_or_else(|| event.without_player())?;
        if !self.is_proven().await {
            return Err(E::unproven());
        }
        let command = read(event, payload, self.session(), player);
        let command = command.map_err(|_| event.unreadable())?;
        match self.submit(command).await {
            Ok(()) => Ok(()),
            // The echo of a deletion over REST.
            Err(SubmitError::Rejected(Rejection::StoryUnknown)) if event == E::StoryDelete => {
                Ok(())
            }
            Err(error) => Err(event.refused(&error)),
        }
    }
}

/// The command that an event stands for.
fn read(
    event: E,
    payload: &Value,
    session: SessionId,
    player: PlayerId,
) -> Result<Command, Issues> {
    Ok(match event {
        E::VoteSubmit => vote(payload, session, Wording::Submit)?,
        E::VoteChange => vote(payload, session, Wording::Change)?,
        E::CardsReveal => Command::RevealCards(story(payload, session)?),
        E::GameReset => Command::ResetRound(story(payload, session)?),
        E::StoryCreate => {
            let id = StoryId::new(Uuid::new_v4());
            validate::story_creation(payload, id, Channel::Socket)?
        }
        E::StoryUpdate => {
            let change = validate::story_change(payload, Channel::Socket)?;
            Command::UpdateStory {
                story: story(payload, session)?,
                change,
            }
        }
        E::StoryDelete => Command::DeleteStory(StoryId::new(named(payload, "storyId")?)),
        E::StoryActivate => Command::ActivateStory(StoryId::new(named(payload, "storyId")?)),
        E::StoryMove => {
            let story = named(payload, "storyId").map(StoryId::new);
            let (story, to) = (story?, validate::place(payload)?);
            Command::MoveStory { story, to }
        }
        E::PlayerUpdate => {
            let change = validate::player_change(payload, Channel::Socket)?;
            Command::UpdatePlayer { player, change }
        }
        E::PlayerRemove => Command::RemovePlayer(PlayerId::new(named(payload, "playerId")?)),
        E::PlayerPromote => Command::PromotePlayer(PlayerId::new(named(payload, "playerId")?)),
        E::TimerStart => validate::timer_start(payload)?,
        E::TimerStop => Command::StopTimer,
        E::PlayerActivity | E::ReactionSend | E::Heartbeat | E::SessionJoin | E::SessionLeave => {
            unreachable!("these are no commands of a player")
        }
    })
}

fn vote(payload: &Value, session: SessionId, wording: Wording) -> Result<Command, Issues> {
    let story = story(payload, session)?;
    let Ballot {
        value, confidence, ..
    } = validate::vote(payload, session)?;
    Ok(Command::SubmitVote {
        story,
        value,
        confidence,
        wording,
    })
}

/// The story that an optional payload with an optional `storyId` means.
fn story(payload: &Value, session: SessionId) -> Result<StoryRef, Issues> {
    let named = payload.get("storyId");
    let readable = matches!(payload, Value::Null | Value::Object(_))
        && matches!(named, None | Some(Value::Null | Value::String(_)));
    if readable {
        return Ok(validate::story_ref(named, session));
    }
    Err(Issues::one("storyId", "Expected string", Code::InvalidType))
}

/// The id in a field that has to be there; the nil id, which nobody has, for any other text.
fn named(payload: &Value, field: &str) -> Result<Uuid, Issues> {
    match payload.get(field) {
        Some(Value::String(text)) => Ok(PlayerId::parse(text).map_or(Uuid::nil(), PlayerId::uuid)),
        _ => Err(Issues::one(field, "Required", Code::InvalidType)),
    }
}
