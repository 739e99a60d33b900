//! Opening a session, and getting into one.

use crate::rules::ids::{PlayerId, js_trim};

use super::{Cx, Decision, NOTHING};
use crate::rules::poker::command::{Door, Entrance, NewSession, Newcomer};
use crate::rules::poker::event::NewPlayer;
use crate::rules::poker::player::Standing;
use crate::rules::poker::{Event, Player, Poker, Rejection, Stage};

impl Poker {
    pub(super) fn create(&self, cx: &Cx<'_>, session: NewSession) -> Decision {
        if self.stage != Stage::Unborn {
            let again = self.stage == Stage::Open && self.player(session.host.id).is_some();
            return again.then(Vec::new).ok_or(Rejection::SessionUnknown);
        }
        Ok(vec![Event::SessionCreated {
            name: session.name,
            host: session.host.into_player(),
            settings: session.settings,
            passcode: session.passcode,
            expires_at: cx.now.after(cx.policy.session_life),
        }])
    }

    pub(super) fn enter(&self, cx: &Cx<'_>, entrance: Entrance) -> Decision {
        let newcomer = entrance.newcomer;
        if let Door::Rest { former: Some(id) } = entrance.by
            && let Some(player) = self.rejoining(id, &newcomer)
        {
            return Ok(rejoin(player, newcomer));
        }
        // The same entrance once more, because nobody could tell whether the first had landed.
        if self.player(newcomer.id).is_some() {
            return NOTHING;
        }
        match entrance.by {
            Door::Rest { .. } => self.join(cx, newcomer),
            Door::Socket { node, seat } => {
                if self.roster().any(|player| player.name == newcomer.name) {
                    return Err(Rejection::NameTaken);
                }
                let player = newcomer.id;
                let mut events = self.join(cx, newcomer)?;
                events.push(Event::SeatTaken {
                    player,
                    node,
                    seat,
                    woke: false,
                });
                Ok(events)
            }
        }
    }

    /// The former player whom a request with his token and his name brings back.
    #[must_use]
    pub fn rejoining(&self, former: PlayerId, newcomer: &Newcomer) -> Option<&Player> {
        let fold = |name: &str| js_trim(name).to_lowercase();
        self.player(former).filter(|player| {
            player.standing != Standing::Removed
                && player.seats.is_empty()
                && fold(&player.name) == fold(&newcomer.name)
        })
    }

    fn join(&self, cx: &Cx<'_>, newcomer: Newcomer) -> Decision {
        if newcomer.spectator && !self.settings.allow_spectators {
            return Err(Rejection::SpectatorsNotAllowed);
        }
        if self.roster().count() >= cx.policy.max_players {
            return Err(Rejection::SessionFull);
        }
        let mut events = Vec::with_capacity(3);
        if self.players.len() >= cx.policy.max_records {
            let player = self.forgettable_player().ok_or(Rejection::SessionFull)?;
            events.push(Event::PlayerForgotten { player });
        }
        events.push(Event::PlayerJoined {
            player: newcomer.into_player(),
        });
        Ok(events)
    }

    /// Whoever left longest ago and has no vote that could count again.
    fn forgettable_player(&self) -> Option<PlayerId> {
        let gone = |p: &&Player| p.standing == Standing::Left && !self.is_host(p.id);
        let players = self.players.iter().map(AsRef::as_ref).filter(gone);
        players
            .filter(|p| !self.has_voted(p.id))
            .min_by_key(|p| p.last_seen)
            .map(|p| p.id)
    }
}

impl Newcomer {
    fn into_player(self) -> NewPlayer {
        let Self {
            id,
            name,
            avatar,
            spectator,
            proof,
        } = self;
        NewPlayer {
            id,
            name,
            avatar,
            spectator,
            proof,
        }
    }
}

fn rejoin(player: &Player, newcomer: Newcomer) -> Vec<Event> {
    let mut events = vec![Event::PlayerRejoined {
        player: player.id,
        name: newcomer.name,
        avatar: newcomer.avatar,
        returned: player.standing == Standing::Left,
    }];
    if let Some(proof) = newcomer.proof.filter(|&proof| !player.proven_from(proof)) {
        events.push(Event::AddressProven {
            player: player.id,
            proof,
        });
    }
    events
}
