//! Who is there: connections, graces, signs of life, and what falls due when somebody is gone.

use std::time::Duration;

use crate::rules::ids::{NodeId, PlayerId, SeatId};

use super::{Cx, Decision, NOTHING};
use crate::rules::poker::command::{Audience, Departure};
use crate::rules::poker::player::Standing;
use crate::rules::poker::{Event, Player, Poker, Proof, Rejection, Stage};

/// Signs of life closer together than this are one.
const ACTIVITY_INTERVAL: Duration = Duration::from_secs(5);

impl Poker {
    pub(super) fn take_seat(&self, id: PlayerId, node: NodeId, seat: SeatId) -> Decision {
        let player = self.admitted(id)?;
        if player.seat(seat).is_some() {
            return NOTHING;
        }
        let mut events = Vec::with_capacity(2);
        if !player.present() {
            events.push(Event::PlayerReturned { player: id });
        }
        events.extend(seating(player, node, seat));
        Ok(events)
    }

    pub(super) fn leave_seat(&self, id: PlayerId, seat: SeatId, how: Departure) -> Decision {
        let Some(player) = self.player(id).filter(|player| player.seat(seat).is_some()) else {
            return NOTHING;
        };
        let last = player.seats.len() == 1 && player.present();
        let offline = last && how == Departure::Lost;
        let mut events = vec![Event::SeatLeft {
            player: id,
            seat,
            offline,
        }];
        if last && how != Departure::Lost {
            let round = self.round.as_ref().filter(|round| !round.is_revealed());
            let card = round.and_then(|round| round.vote_of(id));
            if card.is_some() && how == Departure::WithCard {
                events.push(Event::VoteWithdrawn { player: id });
            }
            events.push(Event::PlayerLeft { player: id });
            let heir = self.heir().filter(|_| self.is_host(id));
            events.extend(heir.and_then(|heir| self.handover(heir)));
        }
        Ok(events)
    }

    pub(super) fn lose_nodes(&self, nodes: &[NodeId]) -> Decision {
        let mut events = Vec::new();
        for player in &self.players {
            let mut left = player.seats.len();
            for seat in player
                .seats
                .iter()
                .filter(|seat| nodes.contains(&seat.node))
            {
                left -= 1;
                let offline = left == 0 && player.present();
                events.push(Event::SeatLeft {
                    player: player.id,
                    seat: seat.id,
                    offline,
                });
            }
        }
        Ok(events)
    }

    pub(super) fn touch(&self, cx: &Cx<'_>, id: PlayerId, proof: Option<Proof>) -> Decision {
        let player = self.admitted(id)?;
        let mut events = Vec::new();
        if !player.present() {
            events.push(Event::PlayerReturned { player: id });
        } else if player.seats.is_empty() && is_news(cx, player) {
            events.push(Event::PlayerSeen {
                player: id,
                announced: false,
            });
        }
        if let Some(proof) = proof.filter(|&proof| !player.proven_from(proof)) {
            events.push(Event::AddressProven { player: id, proof });
        }
        Ok(events)
    }

    pub(super) fn note_activity(&self, cx: &Cx<'_>, id: PlayerId, audience: Audience) -> Decision {
        let player = self.ensure_member(id)?;
        let announced = audience == Audience::Room;
        let news = if announced {
            may_announce(cx, player)
        } else {
            is_news(cx, player)
        };
        if !news {
            return NOTHING;
        }
        Ok(vec![Event::PlayerSeen {
            player: id,
            announced,
        }])
    }

    /// Everything that is due at this moment: expiry, graces that ran out, the host's absence.
    pub(super) fn elapse(&self, cx: &Cx<'_>) -> Decision {
        if self.stage != Stage::Open {
            return NOTHING;
        }
        if self.stage_at(cx.now) == Stage::Expired {
            return Ok(vec![Event::SessionExpired]);
        }
        if cx.now >= self.expires_at {
            return Ok(vec![Event::SessionProlonged]);
        }
        let overdue = |p: &&Player| self.leaves_at(p, cx.policy).is_some_and(|at| at <= cx.now);
        let leaving = self.roster().filter(overdue);
        let mut events: Vec<_> = leaving
            .map(|p| Event::PlayerLeft { player: p.id })
            .collect();
        if self.handover_at(cx.policy).is_some_and(|at| at <= cx.now) {
            let goes = |&heir: &PlayerId| events.contains(&Event::PlayerLeft { player: heir });
            let heir = self.relief().filter(|heir| !goes(heir));
            events.extend(heir.and_then(|heir| self.handover(heir)));
        }
        Ok(events)
    }

    /// The player, unless the host has removed him.
    fn admitted(&self, id: PlayerId) -> Result<&Player, Rejection> {
        let player = self.player(id).ok_or(Rejection::PlayerUnknown)?;
        match player.standing {
            Standing::Removed => Err(Rejection::PlayerRemoved),
            Standing::Present | Standing::Left => Ok(player),
        }
    }

    /// The host's rights go to `host`.
    pub(super) fn handover(&self, host: PlayerId) -> Option<Event> {
        let previous = self.host?;
        Some(Event::HostChanged { host, previous })
    }
}

/// A connection of a player begins, unless it has begun before.
pub(super) fn seating(player: &Player, node: NodeId, seat: SeatId) -> Option<Event> {
    player.seat(seat).is_none().then(|| Event::SeatTaken {
        player: player.id,
        node,
        seat,
        woke: player.present() && !player.online(),
    })
}

fn is_news(cx: &Cx<'_>, player: &Player) -> bool {
    cx.now.since(player.last_seen) >= ACTIVITY_INTERVAL
}

/// Whether the room has not been shown a sign of life of this player for a while.
fn may_announce(cx: &Cx<'_>, player: &Player) -> bool {
    player
        .announced_at
        .is_none_or(|at| cx.now.since(at) >= ACTIVITY_INTERVAL)
}
