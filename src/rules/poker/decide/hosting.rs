//! What concerns players and settings, most of it the host's business.

use crate::rules::Actor;
use crate::rules::ids::PlayerId;

use super::{Cx, Decision, NOTHING};
use crate::rules::poker::command::PlayerChange;
use crate::rules::poker::player::Standing;
use crate::rules::poker::{Event, Poker, Rejection, SettingsPatch};

impl Poker {
    pub(super) fn update_player(&self, id: PlayerId, change: PlayerChange) -> Decision {
        let player = self.ensure_member(id)?;
        let name = change.name.filter(|name| *name != player.name);
        let avatar = change.avatar.filter(|avatar| *avatar != player.avatar);
        let spectator = change
            .spectator
            .filter(|&spectator| spectator != player.spectator);
        if spectator == Some(true) && !self.settings.allow_spectators {
            return Err(Rejection::SpectatorsNotAllowed);
        }
        if name.is_none() && avatar.is_none() && spectator.is_none() {
            return NOTHING;
        }
        Ok(vec![Event::PlayerUpdated {
            player: id,
            name,
            avatar,
            spectator,
        }])
    }

    pub(super) fn remove_player(&self, cx: &Cx<'_>, id: PlayerId) -> Decision {
        self.ensure_host(cx)?;
        if self.is_host(id) {
            return Err(Rejection::CannotRemoveHost);
        }
        let known = self
            .player(id)
            .filter(|player| player.standing != Standing::Removed);
        let by = match cx.actor {
            Actor::Player(player) => player,
            Actor::System => self.host.ok_or(Rejection::SessionUnknown)?,
        };
        known.ok_or(Rejection::PlayerUnknown)?;
        Ok(vec![Event::PlayerRemoved { player: id, by }])
    }

    pub(super) fn promote_player(&self, cx: &Cx<'_>, id: PlayerId) -> Decision {
        self.ensure_host(cx)?;
        self.ensure_member(id)?;
        match self.host {
            Some(previous) if previous != id => Ok(vec![Event::HostChanged { host: id, previous }]),
            _ => NOTHING,
        }
    }

    pub(super) fn update_settings(&self, cx: &Cx<'_>, patch: SettingsPatch) -> Decision {
        self.ensure_host(cx)?;
        let now = &self.settings;
        let patch = SettingsPatch {
            name: patch.name.filter(|name| *name != self.name),
            cards: patch.cards.filter(|cards| *cards != now.cards),
            allow_spectators: patch
                .allow_spectators
                .filter(|&it| it != now.allow_spectators),
            auto_reveal: patch.auto_reveal.filter(|&it| it != now.auto_reveal),
            timer_seconds: patch
                .timer_seconds
                .filter(|it| it.total_cmp(&now.timer_seconds).is_ne()),
        };
        if patch == SettingsPatch::default() {
            return NOTHING;
        }
        Ok(vec![Event::SettingsChanged { patch }])
    }
}
