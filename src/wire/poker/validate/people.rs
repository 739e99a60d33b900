//! Sessions and players: who opens, who joins, what they change.

use serde_json::Value;

use super::fields::Fields;
use super::rules::{HOST_NAME, NEW_PASSWORD, PASSWORD, PLAYER_NAME, SESSION_NAME, TIMER_SECONDS};
use super::{Channel, Code, Issues};
use crate::rules::poker::command::PlayerChange;
use crate::rules::poker::{Settings, SettingsPatch};
use crate::wire::poker::text::{is_avatar, is_one_emoji};

/// The avatar of who names none over REST.
const REST_AVATAR: &str = "👤";
/// The avatar of who names none on a socket.
const SOCKET_AVATAR: &str = "avatar-1";
const CARDS: std::ops::RangeInclusive<usize> = 2..=20;

/// A session somebody wants to open; the password is still in the clear.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct SessionRequest {
    pub name: String,
    pub host_name: String,
    pub host_avatar: String,
    pub password: Option<String>,
    pub settings: Settings,
}

/// Somebody who wants to join; the password is still in the clear.
#[derive(Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct JoinRequest {
    pub name: String,
    pub avatar: String,
    pub password: Option<String>,
    pub spectator: bool,
}

/// The body of `POST /api/sessions`.
///
/// # Errors
/// Every field that breaks its rule.
pub fn new_session(payload: &Value) -> Result<SessionRequest, Issues> {
    let mut fields = Fields::of(payload);
    let request = SessionRequest {
        name: fields.text("name", &SESSION_NAME),
        host_name: fields.text("hostName", &HOST_NAME),
        host_avatar: avatar_or(&mut fields, "hostAvatar", Channel::Rest),
        password: fields.optional_text("password", &NEW_PASSWORD),
        settings: settings(&mut fields),
    };
    fields.finish(request)
}

/// The body of `PUT /api/sessions/:id`: a name, a configuration, or both.
///
/// # Errors
/// Every field that breaks its rule, or that there is none.
pub fn settings_patch(payload: &Value) -> Result<SettingsPatch, Issues> {
    let mut fields = Fields::of(payload);
    let name = fields.optional_text("name", &SESSION_NAME);
    let patch = fields.optional_object("config", config);
    require_one_of(&mut fields, &["name", "config"]);
    fields.finish(SettingsPatch {
        name,
        ..patch.unwrap_or_default()
    })
}

/// Who wants to join, by `playerName`, `avatar`, `password` and the spectator flag.
///
/// # Errors
/// Every field that breaks its rule.
pub fn join(payload: &Value, channel: Channel) -> Result<JoinRequest, Issues> {
    let mut fields = Fields::of(payload);
    let flag = match channel {
        Channel::Rest => "asSpectator",
        Channel::Socket => "isSpectator",
    };
    let request = JoinRequest {
        name: fields.text("playerName", &PLAYER_NAME),
        avatar: avatar_or(&mut fields, "avatar", channel),
        password: fields.optional_text("password", &PASSWORD),
        spectator: fields.optional_bool(flag).unwrap_or(false),
    };
    fields.finish(request)
}

/// Changes of a player's own data; at least one.
///
/// # Errors
/// Every field that breaks its rule, or that there is none.
pub fn player_change(payload: &Value, channel: Channel) -> Result<PlayerChange, Issues> {
    let mut fields = Fields::of(payload);
    let change = PlayerChange {
        name: fields.optional_text("name", &PLAYER_NAME),
        avatar: avatar(&mut fields, "avatar", channel),
        spectator: fields.optional_bool("isSpectator"),
    };
    require_one_of(&mut fields, &["name", "avatar", "isSpectator"]);
    fields.finish(change)
}

fn settings(fields: &mut Fields<'_>) -> Settings {
    let patch = fields.optional_object("config", config).unwrap_or_default();
    let default = Settings::default();
    Settings {
        cards: patch.cards.unwrap_or(default.cards),
        allow_spectators: patch.allow_spectators.unwrap_or(default.allow_spectators),
        auto_reveal: patch.auto_reveal.unwrap_or(default.auto_reveal),
        timer_seconds: patch.timer_seconds.unwrap_or(default.timer_seconds),
        ..default
    }
}

fn config(fields: &mut Fields<'_>) -> SettingsPatch {
    SettingsPatch {
        cards: cards(fields),
        allow_spectators: fields.optional_bool("allowSpectators"),
        auto_reveal: fields.optional_bool("autoRevealCards"),
        timer_seconds: fields.optional_number("timerSeconds", &TIMER_SECONDS),
        ..SettingsPatch::default()
    }
}

fn cards(fields: &mut Fields<'_>) -> Option<Vec<String>> {
    let array = fields.optional_array("cardValues")?;
    if array.len() < *CARDS.start() {
        let message = "At least 2 card values required";
        fields.note("cardValues", message, Code::TooSmall);
    } else if array.len() > *CARDS.end() {
        let message = "Maximum 20 card values allowed";
        fields.note("cardValues", message, Code::TooBig);
    }
    let mut cards = Vec::with_capacity(array.len().min(*CARDS.end()));
    for (index, element) in array.iter().enumerate() {
        match element.as_str() {
            Some(card) => cards.push(card.to_owned()),
            None => fields.note_element(("cardValues", index), "string", element),
        }
    }
    Some(cards)
}

fn avatar_or(fields: &mut Fields<'_>, name: &str, channel: Channel) -> String {
    let default = match channel {
        Channel::Rest => REST_AVATAR,
        Channel::Socket => SOCKET_AVATAR,
    };
    avatar(fields, name, channel).unwrap_or_else(|| default.to_owned())
}

fn avatar(fields: &mut Fields<'_>, name: &str, channel: Channel) -> Option<String> {
    let text = fields.optional_str(name)?;
    let fits = match channel {
        Channel::Rest => is_one_emoji(text),
        Channel::Socket => is_avatar(text),
    };
    if !fits {
        fields.note(name, "Avatar must be a single emoji", Code::InvalidString);
    }
    Some(text.to_owned())
}

fn require_one_of(fields: &mut Fields<'_>, names: &[&str]) {
    let given = names.iter().any(|name| fields.value(name).is_some());
    if !given && fields.is_clean() {
        let message = "At least one field must be provided for update";
        fields.note("", message, Code::Custom);
    }
}
