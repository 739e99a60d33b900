//! Poker events as the frames of the protocol: pure translation, encoded once for a whole room.

use super::objects::{
    ConsensusObject, Iso, OpenVote, PlayerObject, StatisticsObject, StoryObject, TimerObject,
};
use super::payloads::{
    CardsRevealed, GameReset, PlayerJoined, PlayerLeft, PlayerPromoted, PlayerRemoved,
    PlayerStatusChanged, PlayerUpdated, ReactionSent, ServerEvent, StoryActivated, StoryCreated,
    StoryDeleted, StoryReordered, StoryUpdated, TimerUpdated, VoteChanged, VoteSubmitted,
};
use crate::room::Committed;
use crate::rules::ids::{PlayerId, StoryId};
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
            let timer = timer.map(|timer| TimerUpdated { timer }.frame());
            timer.into_iter().collect()
        }
        event => player_frames(state, event),
    }
}

fn player_frames(state: &Poker, event: &Event) -> Vec<Frame> {
    let mut frames = match event {
        Event::PlayerJoined { player } => joined(state, player.id).into_iter().collect(),
        Event::PlayerReturned { player } => returned(state, *player),
        Event::PlayerRejoined {
            player,
            returned: true,
            ..
        } => returned(state, *player),
        Event::PlayerRejoined { player, .. } | Event::PlayerUpdated { player, .. } => {
            updated(state, *player).into_iter().collect()
        }
        Event::PlayerLeft { player } => vec![left(state, *player)],
        Event::PlayerRemoved { player, by } => vec![removed(state, *player, *by)],
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
        } => status(state, *player).into_iter().collect(),
        Event::HostChanged { host, previous } => {
            promoted(state, *host, *previous).into_iter().collect()
        }
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

fn joined(state: &Poker, player: PlayerId) -> Option<Frame> {
    let player_count = state.roster().count();
    PlayerObject::find(state, player).map(|player| {
        PlayerJoined {
            player,
            player_count,
        }
        .frame()
    })
}

/// The client's handler for `player:joined` ignores `isHost`, so a host is sent twice.
fn returned(state: &Poker, player: PlayerId) -> Vec<Frame> {
    let again = state.is_host(player).then(|| updated(state, player));
    let frames = [joined(state, player), again.flatten()];
    frames.into_iter().flatten().collect()
}

fn left(state: &Poker, player: PlayerId) -> Frame {
    PlayerLeft {
        player_id: player,
        player_count: state.roster().count(),
    }
    .frame()
}

fn removed(state: &Poker, player: PlayerId, by: PlayerId) -> Frame {
    PlayerRemoved {
        player_id: player,
        removed_by: by,
        player_count: state.roster().count(),
    }
    .frame()
}

fn updated(state: &Poker, player: PlayerId) -> Option<Frame> {
    PlayerObject::find(state, player).map(|player| PlayerUpdated { player }.frame())
}

fn status(state: &Poker, id: PlayerId) -> Option<Frame> {
    let player = state.player(id)?;
    let status = PlayerStatusChanged {
        player_id: id,
        is_online: player.online(),
        last_seen_at: Iso(player.last_seen),
    };
    Some(status.frame())
}

fn promoted(state: &Poker, host: PlayerId, previous: PlayerId) -> Option<Frame> {
    let previous_host = PlayerObject::find(state, previous);
    PlayerObject::find(state, host).map(|new_host| {
        PlayerPromoted {
            new_host,
            previous_host,
        }
        .frame()
    })
}

fn story_frames(state: &Poker, event: &Event) -> Vec<Frame> {
    match event {
        Event::StoryCreated {
            story,
            previous,
            inactive,
            ..
        } => {
            let created = StoryObject::find(state, *story);
            let created = created.map(|story| StoryCreated { story }.frame());
            let active = (!inactive).then(|| activated(state, *story, *previous));
            [created, active.flatten()].into_iter().flatten().collect()
        }
        Event::StoryActivated { story, previous } => {
            activated(state, *story, *previous).into_iter().collect()
        }
        Event::StoryUpdated { story, .. } => story_updated(state, *story).into_iter().collect(),
        Event::StoriesReordered { stories } => {
            let story_ids = stories;
            vec![StoryReordered { story_ids }.frame()]
        }
        Event::StoryDeleted { story, was_active } => deleted(state, *story, *was_active),
        _ => Vec::new(),
    }
}

fn story_updated(state: &Poker, story: StoryId) -> Option<Frame> {
    StoryObject::find(state, story).map(|story| StoryUpdated { story }.frame())
}

fn activated(
    state: &Poker,
    story: StoryId,
    previous_active_story_id: Option<StoryId>,
) -> Option<Frame> {
    StoryObject::find(state, story).map(|story| {
        StoryActivated {
            story,
            previous_active_story_id,
        }
        .frame()
    })
}

/// Clients make the first remaining story active by themselves; if none will be, they are told so
/// by that story's true state.
fn deleted(state: &Poker, story: StoryId, was_active: bool) -> Vec<Frame> {
    let mut frames = vec![StoryDeleted { story_id: story }.frame()];
    let all_done = state
        .stories
        .iter()
        .all(|story| story.completed_at.is_some());
    if let Some(first) = state.stories.first().filter(|_| was_active && all_done) {
        frames.extend(story_updated(state, first.id));
    }
    frames
}

fn voted(state: &Poker, player: PlayerId, wording: Wording) -> Vec<Frame> {
    let mut frames = vec![submitted(state, player)];
    if wording == Wording::Change {
        let (player_id, has_voted) = (player, true);
        let changed = VoteChanged {
            player_id,
            has_voted,
        };
        frames.push(changed.frame());
    }
    frames
}

/// That somebody has voted; what is never said.
fn submitted(state: &Poker, player: PlayerId) -> Frame {
    VoteSubmitted {
        player_id: player,
        has_voted: true,
        vote_count: state.vote_count(),
        total_players: state.total_players(),
    }
    .frame()
}

fn revealed(state: &Poker, round: &Round) -> Frame {
    let opened = round.opened().map(|vote| OpenVote::of(state, vote));
    CardsRevealed {
        story_id: round.story,
        votes: opened.collect(),
        consensus: Consensus::of(round.opened())
            .map(ConsensusObject::from)
            .unwrap_or_default(),
        statistics: Statistics::of(round.opened()).map(StatisticsObject::from),
    }
    .frame()
}

fn reset(story: Option<StoryId>) -> Frame {
    let story_id = story.map(|story| story.to_string()).unwrap_or_default();
    GameReset { story_id }.frame()
}

/// That somebody shows everybody an emoji.
#[must_use]
pub fn reaction(player_id: PlayerId, emoji: &str) -> Frame {
    ReactionSent { player_id, emoji }.frame()
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
            frames.extend(activated(state, round.story, None));
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
