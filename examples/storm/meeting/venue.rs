//! Where rooms of a dialect are opened, and how their members come in.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use serde::Serialize;
use uuid::Uuid;

use super::agenda::{Agenda, Chair};
use super::member::Member;
use super::poker::{Player, Roster};
use super::signal::{Board, Page};
use super::sync::Viewer;
use crate::storm::clocks::Desk;
use crate::storm::engine::Transport;
use crate::storm::rest::{Rest, Seat};
use crate::storm::rooms;

/// How long a REST call may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the members speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Dialect {
    /// Planning poker over Socket.IO on WebSockets.
    Socketio,
    /// Planning poker over Socket.IO on HTTP long-polling.
    Polling,
    /// Planning poker over raw WebSockets.
    Signal,
    /// Turn clocks: viewers over raw WebSockets, switches over REST.
    Sync,
}

impl Dialect {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Socketio => "socketio",
            Self::Polling => "polling",
            Self::Signal => "signal",
            Self::Sync => "sync",
        }
    }

    /// What rooms of this dialect do.
    pub(crate) fn agenda(self, voters: usize) -> Agenda {
        let chair = match self {
            Self::Socketio | Self::Polling => Chair::Host,
            Self::Signal => Chair::Rotating,
            Self::Sync => return Agenda::Turns,
        };
        Agenda::Voting { voters, chair }
    }
}

/// What opens rooms.
pub(crate) struct Venue {
    address: SocketAddr,
    kind: Kind,
}

enum Kind {
    Poker(Rest, Transport),
    Signal(reqwest::Client),
    Sync(Desk),
}

/// An open room.
pub(crate) enum Place {
    Poker {
        seats: Vec<Seat>,
        roster: Arc<Roster>,
        transport: Transport,
    },
    Signal(Board),
    Sync(Desk, Uuid),
}

impl Venue {
    pub(crate) fn new(dialect: Dialect, address: SocketAddr) -> Result<Self> {
        let rest = || Rest::new(address);
        let kind = match dialect {
            Dialect::Socketio => Kind::Poker(rest()?, Transport::WEBSOCKET),
            Dialect::Polling => Kind::Poker(rest()?, Transport::polling()?),
            Dialect::Signal => {
                let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE);
                Kind::Signal(http.build()?)
            }
            Dialect::Sync => Kind::Sync(Desk::new(address)?),
        };
        Ok(Self { address, kind })
    }

    /// Opens a room. Poker players are on its roster at once, so that connecting tells nobody.
    pub(crate) async fn open(&self, members: usize) -> Result<Place> {
        match &self.kind {
            Kind::Poker(rest, transport) => {
                let mut seats = rooms::open_one(rest, members).await?;
                // The host is the first member.
                seats.rotate_right(1);
                let ids = seats.iter().map(|seat| seat.player().to_owned());
                let roster: HashMap<_, _> = ids.zip(0..).collect();
                Ok(Place::Poker {
                    seats,
                    roster: Arc::new(roster),
                    transport: transport.clone(),
                })
            }
            Kind::Signal(http) => Ok(Place::Signal(Board::open(http, self.address).await?)),
            Kind::Sync(desk) => {
                let clock = desk.create().await?;
                desk.command(clock, "start").await?;
                Ok(Place::Sync(desk.clone(), clock))
            }
        }
    }
}

impl Place {
    /// Connects the member of that number.
    pub(crate) async fn connect(&self, address: SocketAddr, number: usize) -> Result<Member> {
        Ok(match self {
            Self::Poker {
                seats,
                roster,
                transport,
            } => {
                let roster = roster.clone();
                let player = Player::connect(address, transport, &seats[number], roster);
                Member::Poker(Box::new(player.await?))
            }
            Self::Signal(board) => {
                Member::Signal(Box::new(Page::connect(address, board, number).await?))
            }
            Self::Sync(desk, clock) => {
                Member::Sync(Box::new(Viewer::connect(address, desk, *clock).await?))
            }
        })
    }
}
