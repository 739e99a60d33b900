//! What a client wants of the settings, and whether it has got it (5.6).

use serde_json::{Map, Value};

use super::frames::Changes;
use super::ids::Names;
use super::objects::deck_name;
use super::text::{MAX_SESSION_NAME, cut};
use crate::rules::ids::PlayerId;
use crate::rules::poker::player::Standing;
use crate::rules::poker::{Command, Poker, Right, SettingsPatch, ShownDeck};

/// The name that the page of a joiner gives to the session it does not know yet (4.4).
const PLACEHOLDER: &str = "Joining...";

/// What a client wants of the settings, as far as it can be had.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    patch: SettingsPatch,
    host: Option<PlayerId>,
    /// Whether the client wants more than that.
    excess: bool,
}

impl Proposal {
    /// Reads the payload of `SETTINGS_UPDATED` in the words of this viewer.
    #[must_use]
    pub fn read(payload: &Map<String, Value>, names: Names<'_>) -> Self {
        let mut proposal = Self {
            patch: SettingsPatch::default(),
            host: None,
            excess: false,
        };
        if let Some(settings) = payload.get("settings").and_then(Value::as_object) {
            for (key, value) in settings {
                proposal.take_option(key, value, names);
            }
        }
        proposal.take_texts(payload, names);
        proposal
    }

    /// The command that asks for it.
    #[must_use]
    pub fn command(&self) -> Command {
        Command::ProposeSettings {
            patch: self.patch.clone(),
            host: self.host,
        }
    }

    /// What of it is in force; `None` if nothing is.
    #[must_use]
    pub fn in_force(&self, state: &Poker) -> Option<Changes> {
        let changes = self.reached(state);
        (!changes.is_empty()).then_some(changes)
    }

    /// Whether everything that was asked for is in force.
    #[must_use]
    pub fn is_met(&self, state: &Poker) -> bool {
        let changes = self.reached(state);
        let asked = SettingsPatch {
            shown_deck: None,
            ..self.patch.clone()
        };
        let rest = (changes.deck, changes.host) == (self.patch.shown_deck, self.host);
        !self.excess && rest && changes.patch == asked
    }

    /// What was asked for and is so now.
    fn reached(&self, state: &Poker) -> Changes {
        let (now, patch) = (&state.settings, self.patch.clone());
        let (rights, effects) = (&now.rights, &now.effects);
        Changes {
            patch: SettingsPatch {
                name: patch.name.filter(|it| *it == state.name),
                auto_reveal: patch.auto_reveal.filter(|&it| it == now.auto_reveal),
                show_average: patch.show_average.filter(|&it| it == effects.average),
                show_countdown: patch.show_countdown.filter(|&it| it == effects.countdown),
                show_fun: patch.show_fun.filter(|&it| it == effects.fun),
                reveal: patch.reveal.filter(|it| *it == rights.reveal),
                manage_stories: patch.manage_stories.filter(|it| *it == rights.stories),
                ..SettingsPatch::default()
            },
            deck: patch.shown_deck.filter(|&it| it == now.shown_deck()),
            host: self.host.filter(|&it| state.is_host(it)),
        }
    }

    fn take_option(&mut self, key: &str, value: &Value, names: Names<'_>) {
        let (patch, rights) = (&mut self.patch, &names.state().settings.rights);
        let flag = value.as_bool();
        let taken = match key {
            "autoReveal" => put(&mut patch.auto_reveal, flag),
            "showAverage" => put(&mut patch.show_average, flag),
            "showCountdown" => put(&mut patch.show_countdown, flag),
            "enableFunFeatures" => put(&mut patch.show_fun, flag),
            "whoCanReveal" => put(&mut patch.reveal, right(value, names, &rights.reveal)),
            "whoCanManageIssues" => put(
                &mut patch.manage_stories,
                right(value, names, &rights.stories),
            ),
            _ => false,
        };
        self.excess |= !taken;
    }

    /// The three that are replaced if they are there and not empty.
    fn take_texts(&mut self, payload: &Map<String, Value>, names: Names<'_>) {
        let given = |key: &str| {
            payload
                .get(key)
                .filter(|it| !it.is_null() && it.as_str() != Some(""))
        };
        if let Some(name) = given("name") {
            let taken = put(&mut self.patch.name, session_name(name));
            // A name that had to be cut is another one on the client's screen.
            self.excess |= !taken || self.patch.name.as_deref() != name.as_str();
        }
        if let Some(id) = given("facilitator") {
            self.excess |= !put(&mut self.host, member(id, names));
        }
        if let Some(deck) = given("votingSystem") {
            self.excess |= !put(&mut self.patch.shown_deck, deck_named(deck));
        }
    }
}

/// Puts what is there into its place; false if nothing is.
fn put<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    *place = value;
    place.is_some()
}

fn session_name(name: &Value) -> Option<String> {
    cut(name.as_str()?, MAX_SESSION_NAME).filter(|name| name != PLACEHOLDER)
}

fn deck_named(name: &Value) -> Option<ShownDeck> {
    let decks = [ShownDeck::Simple, ShownDeck::Extended];
    decks
        .into_iter()
        .find(|&deck| name.as_str() == Some(deck_name(deck)))
}

/// Who shall have a right. A list of the same players as now, in any order, is the present one.
fn right(value: &Value, names: Names<'_>, now: &Right) -> Option<Right> {
    match value {
        Value::String(word) if word == "everyone" => Some(Right::Everyone),
        Value::String(word) if word == "facilitator" => Some(Right::Host),
        Value::Array(ids) => {
            let mut players = Vec::new();
            for id in ids {
                let player = member(id, names)?;
                if !players.contains(&player) {
                    players.push(player);
                }
            }
            let same = |now: &[PlayerId]| {
                now.len() == players.len() && players.iter().all(|it| now.contains(it))
            };
            match now {
                Right::Players(listed) if same(listed) => Some(now.clone()),
                _ => Some(Right::Players(players)),
            }
        }
        _ => None,
    }
}

/// The player of the session whom the client calls so.
fn member(id: &Value, names: Names<'_>) -> Option<PlayerId> {
    let player = names.player(id.as_str()?)?;
    (player.standing == Standing::Present).then_some(player.id)
}
