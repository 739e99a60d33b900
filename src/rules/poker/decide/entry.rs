//! Opening a session, and getting into one.

use std::sync::Arc;

use crate::rules::ids::{NodeId, PlayerId, SeatId, js_trim};

use super::presence::seating;
use super::{Cx, Decision, NOTHING};
use crate::rules::poker::command::{Door, Entrance, Life, NewSession, Newcomer};
use crate::rules::poker::event::NewPlayer;
use crate::rules::poker::player::Standing;
use crate::rules::poker::{Event, Key, Player, Poker, Rejection, Stage};

impl Poker {
    pub(super) fn create(&self, cx: &Cx<'_>, session: NewSession) -> Decision {
        if self.stage != Stage::Unborn {
            let again = self.stage == Stage::Open && self.player(session.host.id).is_some();
            return again.then(Vec::new).ok_or(Rejection::SessionUnknown);
        }
        let (life, idle_life_millis) = match session.life {
            Life::Fixed => (cx.policy.session_life, None),
            Life::Idle(life) => {
                let millis = u64::try_from(life.as_millis()).unwrap_or(u64::MAX);
                (life, Some(millis))
            }
        };
        Ok(vec![Event::SessionCreated {
            name: session.name,
            host: session.host.into_player(),
            settings: session.settings,
            passcode: session.passcode,
            expires_at: cx.now.after(life),
            idle_life_millis,
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
                events.push(first_seat(player, node, seat));
                Ok(events)
            }
            Door::Key {
                node,
                seat,
                max_players,
            } => self.unlock(cx, newcomer, (node, seat), max_players),
        }
    }

    /// Lets the player in whose key this is, or a new one. Whoever has no key cannot be told from
    /// anybody else, and nobody comes through this door who would have to say a password.
    fn unlock(
        &self,
        cx: &Cx<'_>,
        newcomer: Newcomer,
        (node, seat): (NodeId, SeatId),
        max_players: usize,
    ) -> Decision {
        if self.passcode.is_some() {
            return Err(Rejection::SessionUnknown);
        }
        if let Some(player) = newcomer.key.as_ref().and_then(|key| self.player_with(key)) {
            let mut events = come_back(player, newcomer)?;
            events.extend(seating(player, node, seat));
            return Ok(events);
        }
        if self.roster().count() >= max_players {
            return Err(Rejection::SessionFull);
        }
        let player = newcomer.id;
        let mut events = self.join(cx, newcomer)?;
        events.push(first_seat(player, node, seat));
        Ok(events)
    }

    fn player_with(&self, key: &Key) -> Option<&Player> {
        let owns = |player: &&Arc<Player>| {
            let own = player.key.as_ref();
            own.is_some_and(|own| own.fingerprint == key.fingerprint)
        };
        self.players.iter().find(owns).map(Arc::as_ref)
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
            key,
        } = self;
        NewPlayer {
            id,
            name,
            avatar,
            spectator,
            proof,
            key,
        }
    }
}

fn rejoin(player: &Player, newcomer: Newcomer) -> Vec<Event> {
    let mut events = vec![Event::PlayerRejoined {
        player: player.id,
        name: newcomer.name,
        avatar: newcomer.avatar,
        returned: player.standing == Standing::Left,
        woke: player.present() && !player.online(),
    }];
    if let Some(proof) = newcomer.proof.filter(|&proof| !player.proven_from(proof)) {
        events.push(Event::AddressProven {
            player: player.id,
            proof,
        });
    }
    events
}

fn first_seat(player: PlayerId, node: NodeId, seat: SeatId) -> Event {
    Event::SeatTaken {
        player,
        node,
        seat,
        woke: false,
    }
}

/// A former player is there again, under the name he gives now.
fn come_back(player: &Player, newcomer: Newcomer) -> Decision {
    let renamed = newcomer.name != player.name;
    Ok(match player.standing {
        Standing::Removed => return Err(Rejection::PlayerRemoved),
        Standing::Left if renamed => vec![Event::PlayerRejoined {
            player: player.id,
            name: newcomer.name,
            avatar: player.avatar.clone(),
            returned: true,
            woke: false,
        }],
        Standing::Left => vec![Event::PlayerReturned { player: player.id }],
        Standing::Present if renamed => vec![Event::PlayerUpdated {
            player: player.id,
            name: Some(newcomer.name),
            avatar: None,
            spectator: None,
        }],
        Standing::Present => Vec::new(),
    })
}
