//! Poker events as the frames of the protocol: pure translation, encoded once for a whole room.

use serde::Serialize;
use serde_json::json;

use super::objects::{
    ConsensusObject, Iso, Joined, OpenVote, PlayerObject, SessionState, StatisticsObject,
    StoryObject, TimerObject,
};
use crate::room::{Committed, Look};
use crate::rules::ids::{PlayerId, SessionId, StoryId};
use crate::rules::poker::command::Wording;
use crate::rules::poker::stats::{Consensus, Statistics};
use crate::rules::poker::{Event, Poker, Round, View};
use crate::wire::socketio::Frame;

/// What everybody in the room is told of an event.
#[must_use]
pub fn of_event(committed: &Committed<'_, Poker>) -> Vec<Frame> {
    let state = committed.after;
    match &committed.recorded.event {
        Event::StoryCreated { .. }
        | Event::StoryActivated { .. }
        | Event::StoryUpdated { .. }
        | Event::StoryDeleted { .. }
        | Event::StoriesReordered { .. } => story_frames(state, &committed.recorded.event),
        Event::VoteSubmitted {
            player, wording, ..
        } => voted(state, *player, *wording),
        Event::CardsRevealed { .. } => state
            .round
            .iter()
            .map(|round| revealed(state, round))
            .collect(),
        Event::RoundReset { .. } => vec![reset(state.active())],
        Event::TimerStarted { .. } | Event::TimerConfigured { .. } | Event::TimerStopped => {
            let timer = TimerObject::at(state, committed.recorded.at);
            vec![Frame::new("timer:updated", &json!({ "timer": timer }))]
        }
        event => player_frames(state, event),
    }
}

fn player_frames(state: &Poker, event: &Event) -> Vec<Frame> {
    let mut frames = match event {
        Event::PlayerJoined { player } => vec![joined(state, player.id)],
        Event::PlayerReturned { player } => returned(state, *player),
        Event::PlayerRejoined {
            player,
            returned: true,
            ..
        } => returned(state, *player),
        Event::PlayerRejoined { player, .. } | Event::PlayerUpdated { player, .. } => {
            vec![updated(state, *player)]
        }
        Event::PlayerLeft { player } => {
            let body = json!({ "playerId": player, "playerCount": state.roster().count() });
            vec![Frame::new("player:left", &body)]
        }
        Event::PlayerRemoved { player, by } => {
            let count = state.roster().count();
            let body = json!({ "playerId": player, "removedBy": by, "playerCount": count });
            vec![Frame::new("player:removed", &body)]
        }
        Event::SeatTaken {
            player, woke: true, ..
        }
        | Event::SeatLeft {
            player,
            offline: true,
            ..
        }
        | Event::PlayerSeen {
            player,
            announced: true,
        } => status(state, *player),
        Event::HostChanged { host, previous } => vec![promoted(state, *host, *previous)],
        _ => Vec::new(),
    };
    if changes_totals(state, event) {
        frames.extend(progress(state));
    }
    frames
}

/// Whether an event that is no vote changes who is asked for one.
fn changes_totals(state: &Poker, event: &Event) -> bool {
    match event {
        Event::PlayerJoined { player } => !player.spectator,
        Event::PlayerReturned { player }
        | Event::PlayerRejoined {
            player,
            returned: true,
            ..
        }
        | Event::PlayerLeft { player }
        | Event::PlayerRemoved { player, .. } => state
            .player(*player)
            .is_some_and(|player| !player.spectator),
        Event::PlayerUpdated { spectator, .. } => spectator.is_some(),
        _ => false,
    }
}

/// The totals again, in the name of the latest voter; without it a round could stay blocked.
fn progress(state: &Poker) -> Option<Frame> {
    if state.is_revealed() {
        return None;
    }
    let latest = state.counted_votes().max_by_key(|vote| vote.changed_at)?;
    Some(submitted(state, latest.player))
}

fn joined(state: &Poker, player: PlayerId) -> Frame {
    let count = state.roster().count();
    let player = PlayerObject::find(state, player);
    Frame::new(
        "player:joined",
        &json!({ "player": player, "playerCount": count }),
    )
}

/// The client's handler for `player:joined` ignores `isHost`, so a host is sent twice.
fn returned(state: &Poker, player: PlayerId) -> Vec<Frame> {
    let mut frames = vec![joined(state, player)];
    if state.is_host(player) {
        frames.push(updated(state, player));
    }
    frames
}

fn updated(state: &Poker, player: PlayerId) -> Frame {
    Frame::new(
        "player:updated",
        &json!({ "player": PlayerObject::find(state, player) }),
    )
}

fn status(state: &Poker, id: PlayerId) -> Vec<Frame> {
    let player = state.player(id);
    let frame = player.map(|player| {
        let (online, seen) = (player.online(), Iso(player.last_seen));
        let body = json!({ "playerId": id, "isOnline": online, "lastSeenAt": seen });
        Frame::new("player:status_changed", &body)
    });
    frame.into_iter().collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Promoted<'a> {
    new_host: Option<PlayerObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_host: Option<PlayerObject<'a>>,
}

fn promoted(state: &Poker, host: PlayerId, previous: PlayerId) -> Frame {
    let new_host = PlayerObject::find(state, host);
    let previous_host = PlayerObject::find(state, previous);
    Frame::new(
        "player:promoted",
        &Promoted {
            new_host,
            previous_host,
        },
    )
}

fn story_frames(state: &Poker, event: &Event) -> Vec<Frame> {
    match event {
        Event::StoryCreated {
            story,
            previous,
            inactive,
            ..
        } => {
            let created = story_frame("story:created", state, *story);
            let active = (!inactive).then(|| activated(state, *story, *previous));
            [created].into_iter().chain(active).collect()
        }
        Event::StoryActivated { story, previous } => vec![activated(state, *story, *previous)],
        Event::StoryUpdated { story, .. } => vec![story_frame("story:updated", state, *story)],
        Event::StoriesReordered { stories } => {
            let body = json!({ "storyIds": stories });
            vec![Frame::new("story:reordered", &body)]
        }
        Event::StoryDeleted { story, was_active } => deleted(state, *story, *was_active),
        _ => Vec::new(),
    }
}

fn story_frame(event: &'static str, state: &Poker, story: StoryId) -> Frame {
    Frame::new(event, &json!({ "story": StoryObject::find(state, story) }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Activated<'a> {
    story: Option<StoryObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_active_story_id: Option<StoryId>,
}

fn activated(state: &Poker, story: StoryId, previous: Option<StoryId>) -> Frame {
    let story = StoryObject::find(state, story);
    Frame::new(
        "story:activated",
        &Activated {
            story,
            previous_active_story_id: previous,
        },
    )
}

/// Clients make the first remaining story active by themselves; if none will be, they are told so
/// by that story's true state.
fn deleted(state: &Poker, story: StoryId, was_active: bool) -> Vec<Frame> {
    let mut frames = vec![Frame::new("story:deleted", &json!({ "storyId": story }))];
    let all_done = state
        .stories
        .iter()
        .all(|story| story.completed_at.is_some());
    if let Some(first) = state.stories.first().filter(|_| was_active && all_done) {
        frames.push(story_frame("story:updated", state, first.id));
    }
    frames
}

fn voted(state: &Poker, player: PlayerId, wording: Wording) -> Vec<Frame> {
    let mut frames = vec![submitted(state, player)];
    if wording == Wording::Change {
        let body = json!({ "playerId": player, "hasVoted": true });
        frames.push(Frame::new("vote:changed", &body));
    }
    frames
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Submitted {
    player_id: PlayerId,
    has_voted: bool,
    vote_count: usize,
    total_players: usize,
}

/// That somebody has voted; what is never said.
fn submitted(state: &Poker, player: PlayerId) -> Frame {
    let (vote_count, total_players) = (state.vote_count(), state.total_players());
    let body = Submitted {
        player_id: player,
        has_voted: true,
        vote_count,
        total_players,
    };
    Frame::new("vote:submitted", &body)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Revealed<'a> {
    story_id: StoryId,
    votes: Vec<OpenVote<'a>>,
    consensus: ConsensusObject,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<StatisticsObject>,
}

fn revealed(state: &Poker, round: &Round) -> Frame {
    let body = Revealed {
        story_id: round.story,
        votes: round
            .opened()
            .map(|vote| OpenVote::of(state, vote))
            .collect(),
        consensus: Consensus::of(round.opened())
            .map(ConsensusObject::from)
            .unwrap_or_default(),
        statistics: Statistics::of(round.opened()).map(StatisticsObject::from),
    };
    Frame::new("cards:revealed", &body)
}

fn reset(story: Option<StoryId>) -> Frame {
    let story = story.map(|story| story.to_string()).unwrap_or_default();
    Frame::new("game:reset", &json!({ "storyId": story }))
}

/// That somebody shows everybody an emoji.
#[must_use]
pub fn reaction(player: PlayerId, emoji: &str) -> Frame {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Reaction<'a> {
        player_id: PlayerId,
        emoji: &'a str,
    }
    let player_id = player;
    Frame::new("reaction:sent", &Reaction { player_id, emoji })
}

/// The `session:joined` of one viewer; `token` only for a player this socket created.
#[must_use]
pub fn session_joined(
    session: SessionId,
    look: &Look<'_, Poker>,
    viewer: Option<PlayerId>,
    token: Option<&str>,
) -> Frame {
    let state = look.state;
    let body = Joined {
        session_id: session,
        player: viewer.and_then(|id| PlayerObject::find(state, id)),
        session: SessionState::at(state, look.now),
        host_id: state.host,
        vote_count: state.vote_count(),
        total_players: state.total_players(),
        token,
    };
    Frame::new("session:joined", &body)
}

/// The `player:reconnected` that precedes `session:joined` for a known player.
#[must_use]
pub fn player_reconnected(look: &Look<'_, Poker>, viewer: PlayerId) -> Frame {
    let player = PlayerObject::find(look.state, viewer);
    let session_state = SessionState::at(look.state, look.now);
    let body = json!({ "player": player, "sessionState": session_state });
    Frame::new("player:reconnected", &body)
}

/// What brings a screen that last showed `prior` up to date, behind `session:joined`.
#[must_use]
pub fn catch_up(state: &Poker, prior: Option<View>) -> Vec<Frame> {
    let Some(round) = &state.round else {
        return Vec::new();
    };
    if round.is_revealed() {
        return vec![revealed(state, round)];
    }
    let mut frames = Vec::new();
    match prior {
        Some(prior) if prior.story != Some(round.story) => {
            frames.push(activated(state, round.story, None));
        }
        Some(prior) if prior.round != round.number || prior.revealed => {
            frames.push(reset(Some(round.story)));
        }
        _ => {}
    }
    frames.extend(
        state
            .counted_votes()
            .map(|vote| submitted(state, vote.player)),
    );
    frames
}
