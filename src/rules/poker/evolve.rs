//! How facts change a poker session. Every line here reads the log for ever: it may be extended
//! for new events, but an old event keeps its meaning.

mod stories;

use std::sync::Arc;
use std::time::Duration;

use crate::rules::Timestamp;
use crate::rules::ids::{PlayerId, StoryId};

use super::history::{MAX_ROUNDS, PastRound};
use super::player::{Player, Standing};
use super::story::{Round, Story, Vote};
use super::{Event, Poker, Stage, Timer};

impl Poker {
    pub(super) fn fold(&mut self, at: Timestamp, event: &Event) {
        self.fold_event(at, event);
        self.last_activity = at;
        if let Some(millis) = self.idle_life_millis
            && self.stage == Stage::Open
        {
            self.expires_at = at.after(Duration::from_millis(millis));
        }
    }

    fn fold_event(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::SessionCreated { .. }
            | Event::SettingsChanged { .. }
            | Event::SessionDeleted
            | Event::SessionExpired
            | Event::SessionProlonged => self.fold_session(at, event),
            Event::PlayerJoined { .. }
            | Event::PlayerRejoined { .. }
            | Event::PlayerReturned { .. }
            | Event::PlayerLeft { .. }
            | Event::PlayerRemoved { .. }
            | Event::PlayerForgotten { .. }
            | Event::PlayerUpdated { .. }
            | Event::HostChanged { .. } => self.fold_player(at, event),
            Event::PlayerSeen { .. }
            | Event::AddressProven { .. }
            | Event::SeatTaken { .. }
            | Event::SeatLeft { .. } => self.fold_presence(at, event),
            Event::StoryCreated { .. }
            | Event::StoryActivated { .. }
            | Event::StoryUpdated { .. }
            | Event::StoryDeleted { .. }
            | Event::StoriesReordered { .. } => self.fold_story(at, event),
            Event::VoteSubmitted { .. }
            | Event::VoteWithdrawn { .. }
            | Event::CardsRevealed { .. }
            | Event::RoundReset { .. } => {
                self.fold_round(at, event);
            }
            Event::TimerStarted { .. } | Event::TimerConfigured { .. } | Event::TimerStopped => {
                self.fold_timer(at, event);
            }
        }
    }

    fn fold_session(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::SessionCreated {
                name,
                host,
                settings,
                passcode,
                expires_at,
                idle_life_millis,
            } => {
                *self = Self {
                    stage: Stage::Open,
                    name: name.clone(),
                    host: Some(host.id),
                    settings: settings.clone(),
                    passcode: passcode.clone(),
                    created_at: at,
                    expires_at: *expires_at,
                    idle_life_millis: *idle_life_millis,
                    players: vec![Arc::new(Player::new(host, at))],
                    ..Self::default()
                };
            }
            Event::SettingsChanged { patch } => {
                if let Some(name) = &patch.name {
                    self.name.clone_from(name);
                }
                self.settings.apply(patch);
            }
            Event::SessionDeleted => self.end(Stage::Deleted, at),
            Event::SessionExpired => self.end(Stage::Expired, at),
            _ => {}
        }
    }

    fn end(&mut self, stage: Stage, at: Timestamp) {
        self.stage = stage;
        self.ended_at = Some(at);
        for player in &mut self.players {
            Arc::make_mut(player).seats.clear();
        }
    }

    fn fold_player(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::PlayerJoined { player } => {
                self.players.push(Arc::new(Player::new(player, at)));
            }
            Event::PlayerForgotten { player } => self.players.retain(|p| p.id != *player),
            Event::HostChanged { host, .. } => self.host = Some(*host),
            Event::PlayerRemoved { player, .. } => {
                self.amend_player(*player, |p| {
                    p.standing = Standing::Removed;
                    p.seats.clear();
                });
                self.withdraw_votes(*player);
            }
            Event::PlayerRejoined {
                player,
                name,
                avatar,
                ..
            } => {
                self.amend_player(*player, |p| {
                    p.name.clone_from(name);
                    p.avatar.clone_from(avatar);
                    p.return_at(at);
                });
            }
            Event::PlayerReturned { player } => self.amend_player(*player, |p| p.return_at(at)),
            Event::PlayerLeft { player } => {
                self.amend_player(*player, |p| {
                    p.standing = Standing::Left;
                    p.awaited = false;
                });
            }
            Event::PlayerUpdated {
                player,
                name,
                avatar,
                spectator,
            } => {
                self.amend_player(*player, |p| {
                    name.clone_into_some(&mut p.name);
                    avatar.clone_into_some(&mut p.avatar);
                    p.spectator = spectator.unwrap_or(p.spectator);
                });
            }
            _ => {}
        }
    }

    fn fold_presence(&mut self, at: Timestamp, event: &Event) {
        let view = self.view();
        match event {
            Event::PlayerSeen { player, announced } => self.amend_player(*player, |p| {
                p.seen_at(at);
                if *announced {
                    p.announced_at = Some(at);
                }
            }),
            Event::AddressProven { player, proof } => {
                self.amend_player(*player, |p| p.prove(*proof));
            }
            Event::SeatTaken {
                player, node, seat, ..
            } => {
                self.amend_player(*player, |p| {
                    p.take_seat(*seat, *node, view);
                    p.last_seen = at;
                });
            }
            Event::SeatLeft { player, seat, .. } => {
                self.amend_player(*player, |p| p.leave_seat(*seat, at, view));
            }
            _ => {}
        }
    }

    fn fold_round(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::VoteSubmitted {
                vote,
                player,
                value,
                confidence,
                ..
            } => {
                if let Some(round) = &mut self.round {
                    round.put(Vote {
                        id: *vote,
                        player: *player,
                        value: value.clone(),
                        confidence: *confidence,
                        first_at: at,
                        changed_at: at,
                    });
                }
            }
            Event::CardsRevealed { counted, .. } => {
                if let Some(round) = &mut self.round {
                    round.revealed = Some(counted.clone());
                    round.revealed_at = Some(at);
                }
                self.remember_round(at);
            }
            Event::VoteWithdrawn { player } => {
                if let Some(round) = &mut self.round {
                    round.withdraw(*player);
                }
            }
            Event::RoundReset { .. } => {
                if let Some(story) = self.active() {
                    self.start_round(story, at);
                }
            }
            _ => {}
        }
    }

    fn fold_timer(&mut self, at: Timestamp, event: &Event) {
        let before = self.timer.take().unwrap_or_default();
        self.timer = Some(match event {
            Event::TimerStarted {
                duration,
                mode,
                settings,
            } => Timer {
                duration: *duration,
                started_at: Some(at),
                mode: mode.or(before.mode),
                settings: settings.clone().or(before.settings),
            },
            Event::TimerConfigured {
                duration,
                mode,
                settings,
            } => Timer {
                duration: *duration,
                started_at: None,
                mode: *mode,
                settings: Some(settings.clone()),
            },
            _ => Timer::default(),
        });
    }

    fn activate(&mut self, story: StoryId, at: Timestamp) {
        self.archive_round();
        self.start_round(story, at);
    }

    fn start_round(&mut self, story: StoryId, at: Timestamp) {
        self.rounds += 1;
        self.round = Some(Round::new(self.rounds, story, at));
    }

    fn remember_round(&mut self, at: Timestamp) {
        let Some(round) = &self.round else { return };
        let past = PastRound::of(round, self, at);
        let history = Arc::make_mut(&mut self.history);
        if history.len() >= MAX_ROUNDS {
            history.remove(0);
        }
        history.push(Arc::new(past));
    }

    /// Puts the current round away; its votes no longer count, but forbid deleting the story.
    fn archive_round(&mut self) {
        if let Some(round) = self.round.take()
            && !round.votes.is_empty()
        {
            self.amend_story(round.story, |s| {
                s.voted = true;
                s.last_round = Some(round);
            });
        }
    }

    /// Deletes a player's votes, those on earlier stories too.
    fn withdraw_votes(&mut self, player: PlayerId) {
        if let Some(round) = &mut self.round {
            round.withdraw(player);
        }
        for story in &mut self.stories {
            let archived = story.last_round.as_ref();
            if archived.is_some_and(|round| round.vote_of(player).is_some())
                && let Some(round) = &mut Arc::make_mut(story).last_round
            {
                round.withdraw(player);
            }
        }
    }

    fn amend_player(&mut self, id: PlayerId, change: impl FnOnce(&mut Player)) {
        if let Some(player) = self.players.iter_mut().find(|player| player.id == id) {
            change(Arc::make_mut(player));
        }
    }

    fn amend_story(&mut self, id: StoryId, change: impl FnOnce(&mut Story)) {
        if let Some(story) = self.stories.iter_mut().find(|story| story.id == id) {
            change(Arc::make_mut(story));
        }
    }
}

/// Overwrites `place` if there is something to overwrite it with.
trait CloneIntoSome {
    fn clone_into_some(&self, place: &mut String);
}

impl CloneIntoSome for Option<String> {
    fn clone_into_some(&self, place: &mut String) {
        if let Some(text) = self {
            place.clone_from(text);
        }
    }
}
