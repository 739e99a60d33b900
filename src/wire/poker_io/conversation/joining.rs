//! Getting into the session: by the handshake, or by `session:join`.

use serde_json::Value;
use uuid::Uuid;

use super::welcome::{Greeting, Shown};
use super::{Conversation, Flow, Standing};
use crate::room::{Order, SubmitError};
use crate::rules::Actor;
use crate::rules::ids::{PlayerId, SessionId, js_trim, utf16_len};
use crate::rules::poker::command::{Door, Entrance, Newcomer};
use crate::rules::poker::{Command, Poker, Rejection};
use crate::wire::poker::failure::Failure;
use crate::wire::poker::gate::Binding;
use crate::wire::poker::payloads::{ServerEvent, SessionError, Trouble};
use crate::wire::poker::text::is_avatar;
use crate::wire::poker_io::events::{ClientEvent, Refusal};
use crate::wire::poker_io::handshake::{Credentials, Visitor, check};

/// The avatar of somebody who joins by socket without naming one.
const DEFAULT_AVATAR: &str = "avatar-1";
/// Longest name in UTF-16 units.
const MAX_NAME_UNITS: usize = 50;

impl Conversation {
    /// Brings the visitor of the handshake in; `Over` if he has to be shown out again.
    pub(super) async fn enter(&mut self, visitor: Visitor) -> Flow {
        if self.link().gone().is_some() {
            return Flow::Over;
        }
        match self.bring_in(visitor).await {
            Ok(shown) => self.proceed(shown),
            Err(refusal) => {
                self.poker.gate.metrics.reject(refusal.code);
                let trouble = SessionError(Trouble {
                    error: "Failed to join session",
                    code: refusal.code,
                    reason: Some(&refusal.text),
                });
                self.speaker.send(&trouble.frame()).await;
                Flow::Over
            }
        }
    }

    /// Goes on after as much as that was shown.
    fn proceed(&self, shown: Shown) -> Flow {
        if shown == Shown::Partly {
            self.speaker.link.fall_behind(self.session());
        }
        match shown {
            Shown::Fully | Shown::Partly => Flow::On,
            Shown::Nothing => Flow::Over,
        }
    }

    /// Seats a visitor and shows him the state.
    async fn bring_in(&mut self, visitor: Visitor) -> Result<Shown, Refusal> {
        match visitor {
            // Nobody is told why, as the client could do nothing about it.
            Visitor::Watcher => Ok(self
                .welcome(Greeting::Plain)
                .await
                .unwrap_or(Shown::Nothing)),
            Visitor::Known { player, proven } => self.take_seat(player, proven).await,
            Visitor::New {
                name,
                avatar,
                spectator,
            } => self.create_player(name, avatar, spectator).await,
        }
    }

    async fn take_seat(&mut self, player: PlayerId, proven: bool) -> Result<Shown, Refusal> {
        let node = self.poker.gate.rooms.surroundings().nodes.me();
        let command = Command::TakeSeat {
            player,
            node,
            seat: self.seat,
        };
        let (shown, by_address) = self.sit(player, command, Greeting::Back).await?;
        self.standing = self.standing_of(player, proven || by_address);
        Ok(shown)
    }

    async fn create_player(
        &mut self,
        name: String,
        avatar: Option<String>,
        spectator: bool,
    ) -> Result<Shown, Refusal> {
        let id = PlayerId::new(Uuid::new_v4());
        let avatar = avatar
            .filter(|text| is_avatar(text))
            .unwrap_or(DEFAULT_AVATAR.to_owned());
        let newcomer = Newcomer {
            id,
            name: checked_name(&name)?,
            avatar,
            spectator,
            proof: None,
            key: None,
        };
        let node = self.poker.gate.rooms.surroundings().nodes.me();
        let by = Door::Socket {
            node,
            seat: self.seat,
        };
        let command = Command::Enter(Box::new(Entrance { newcomer, by }));
        let (shown, _) = self.sit(id, command, Greeting::Created).await?;
        self.standing = Standing::Proven(id);
        Ok(shown)
    }

    /// Gives the command that seats a player, and shows him what it has led to.
    async fn sit(
        &mut self,
        player: PlayerId,
        command: Command,
        greeting: Greeting,
    ) -> Result<(Shown, bool), Refusal> {
        let order = Order::new(Actor::Player(player), command).looking_last();
        let look = self.welcoming(greeting, Some(player));
        let rooms = &self.poker.gate.rooms;
        let seated = rooms.place(self.session(), order, look).await;
        let seen = seated.map_err(|error| self.refused_entry(&error))?;
        self.poker.gate.metrics.seats.inc();
        Ok(seen)
    }

    fn refused_entry(&mut self, error: &SubmitError<Rejection>) -> Refusal {
        self.may_sit = matches!(error, SubmitError::Store(_));
        entry_refused(error)
    }

    /// Takes the seat again that others may have given up while this node was away.
    pub(super) async fn take_seat_again(&self) {
        let Some(player) = self.player() else { return };
        let node = self.poker.gate.rooms.surroundings().nodes.me();
        let seat = self.seat;
        // What fails now is tried with the next renewal.
        let _ = self.submit(Command::TakeSeat { player, node, seat }).await;
    }

    /// Whether the socket may act by now; one that was limited may have proven itself by a REST
    /// call from its address since.
    pub(super) async fn is_proven(&mut self) -> bool {
        let Standing::Limited(player) = self.standing else {
            return true;
        };
        let proven = self.proven_from_here(player);
        let proven = self
            .poker
            .gate
            .rooms
            .view(self.session(), move |look| proven(look.state))
            .await
            .unwrap_or(false);
        self.standing = self.standing_of(player, proven);
        self.standing == Standing::Proven(player)
    }

    /// Whether the player has proven to be it from the socket's address.
    pub(super) fn proven_from_here(
        &self,
        player: PlayerId,
    ) -> impl Fn(&Poker) -> bool + Send + use<> {
        let proof = self.poker.gate.proof(self.session(), self.peer.0);
        move |state| {
            state
                .player(player)
                .is_some_and(|player| player.proven_from(proof))
        }
    }

    pub(super) fn standing_of(&self, player: PlayerId, proven: bool) -> Standing {
        let unbound = self.poker.gate.binding == Binding::Off;
        if proven || unbound {
            Standing::Proven(player)
        } else {
            Standing::Limited(player)
        }
    }

    /// `session:join`: the state again for a player, a seat for somebody without one; `Over` if he has to
    /// be shown out again.
    pub(super) async fn join_session(&mut self, payload: &Value) -> Result<Flow, Refusal> {
        let credentials = Credentials::of_object(payload);
        let named = credentials.session.as_deref();
        if named.is_some_and(|text| SessionId::parse(text) != Some(self.session())) {
            return Err(Refusal::of_entry("Session not found", "NOT_FOUND"));
        }
        if self.player().is_none() {
            let shown = self.join_from_lobby(credentials).await?;
            return Ok(self.proceed(shown));
        }
        let shown = self.welcome(Greeting::Plain).await;
        let shown = shown.map_err(|error| ClientEvent::SessionJoin.refused(&error))?;
        // A player who has to go is shown out with a word of why.
        self.proceed(shown);
        Ok(Flow::On)
    }

    async fn join_from_lobby(&mut self, credentials: Credentials) -> Result<Shown, Refusal> {
        let refused = |text: String| Refusal::of_entry(text, "CONNECTION_FAILED");
        let checked = check(&self.poker.gate, self.session(), credentials).await;
        match checked.map_err(|refusal| refused(refusal.to_string()))? {
            Visitor::Watcher => Err(refused("Player name is required".to_owned())),
            visitor => self.bring_in(visitor).await,
        }
    }
}

fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = js_trim(name);
    let text = match utf16_len(name) {
        0 => "Player name is required",
        1..=MAX_NAME_UNITS => return Ok(name.to_owned()),
        _ => "Player name must be 50 characters or less",
    };
    Err(Refusal::of_entry(text, "CONNECTION_FAILED"))
}

fn entry_refused(error: &SubmitError<Rejection>) -> Refusal {
    let text = match error {
        SubmitError::Rejected(Rejection::NameTaken) => "Player name already exists in session",
        SubmitError::Rejected(Rejection::PlayerUnknown) => "Player not found in session",
        SubmitError::Rejected(Rejection::PlayerRemoved) => "You have been removed from the session",
        error => Failure::from(error).text,
    };
    Refusal::of_entry(text, "CONNECTION_FAILED")
}
