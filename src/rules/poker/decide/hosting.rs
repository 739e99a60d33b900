//! What concerns players and settings, most of it the host's business.

use crate::rules::Actor;
use crate::rules::ids::PlayerId;

use super::{Cx, Decision, NOTHING};
use crate::rules::poker::command::PlayerChange;
use crate::rules::poker::player::Standing;
use crate::rules::poker::{Event, Player, Poker, Rejection, Right, SettingsPatch, ShownDeck};

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
        Ok(self.settings_changed(patch))
    }

    /// Everybody may change name, deck view and effects; who may do what, and who is host, is the
    /// host's business while he is there.
    pub(super) fn propose_settings(
        &self,
        cx: &Cx<'_>,
        mut patch: SettingsPatch,
        mut host: Option<PlayerId>,
    ) -> Decision {
        let hosted = self.host.and_then(|id| self.player(id));
        if !self.entitled(cx, &Right::Host)? && hosted.is_some_and(Player::online) {
            (patch.reveal, patch.manage_stories, host) = (None, None, None);
        }
        if let Some(deck) = patch
            .shown_deck
            .take_if(|&mut deck| deck != self.settings.shown_deck())
        {
            match ShownDeck::made_of(&self.settings.cards) {
                Some(_) => {
                    patch.cards = Some(deck.cards().iter().map(ToString::to_string).collect())
                }
                None => patch.shown_deck = Some(deck),
            }
        }
        let mut events = self.settings_changed(patch);
        let host = host.filter(|&host| self.ensure_member(host).is_ok() && !self.is_host(host));
        events.extend(host.and_then(|host| self.handover(host)));
        Ok(events)
    }

    /// What a patch changes of what is there.
    fn settings_changed(&self, patch: SettingsPatch) -> Vec<Event> {
        let now = &self.settings;
        let (rights, effects) = (&now.rights, &now.effects);
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
            reveal: patch.reveal.filter(|it| *it != rights.reveal),
            manage_stories: patch.manage_stories.filter(|it| *it != rights.stories),
            show_average: patch.show_average.filter(|&it| it != effects.average),
            show_countdown: patch.show_countdown.filter(|&it| it != effects.countdown),
            show_fun: patch.show_fun.filter(|&it| it != effects.fun),
            shown_deck: patch.shown_deck.filter(|&it| it != now.shown_deck()),
        };
        if patch == SettingsPatch::default() {
            return Vec::new();
        }
        vec![Event::SettingsChanged { patch }]
    }
}
