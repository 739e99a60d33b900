//! What players want and did, in as few words as possible.

use super::*;

pub(super) fn plan() -> NewSession {
    NewSession {
        name: "Sprint 41".into(),
        host: newcomer(ANN),
        settings: Settings::default(),
        passcode: None,
        life: Life::Fixed,
    }
}

pub(super) fn name(player: PlayerId) -> &'static str {
    match player {
        ANN => "Ann",
        BEN => "Ben",
        CAT => "Cat",
        _ => "Nobody",
    }
}

pub(super) fn newcomer(id: PlayerId) -> Newcomer {
    Newcomer {
        id,
        name: name(id).into(),
        avatar: "🦊".into(),
        spectator: false,
        proof: None,
        key: None,
    }
}

pub(super) fn spectator(id: PlayerId) -> Newcomer {
    Newcomer {
        spectator: true,
        ..newcomer(id)
    }
}

/// Comes in over REST with these data and, perhaps, the token of this player.
pub(super) fn enter(newcomer: Newcomer, former: Option<PlayerId>) -> Command {
    let by = Door::Rest { former };
    Command::Enter(Box::new(Entrance { newcomer, by }))
}

/// Comes in by name over a socket.
pub(super) fn enter_by_socket(newcomer: Newcomer, seat: SeatId) -> Command {
    let by = Door::Socket { node: NODE, seat };
    Command::Enter(Box::new(Entrance { newcomer, by }))
}

pub(super) fn take_seat(player: PlayerId, seat: SeatId) -> Command {
    let node = NODE;
    Command::TakeSeat { player, node, seat }
}

pub(super) fn leave_seat(player: PlayerId, seat: SeatId, how: Departure) -> Command {
    Command::LeaveSeat { player, seat, how }
}

pub(super) fn touch(player: PlayerId) -> Command {
    let proof = None;
    Command::Touch { player, proof }
}

pub(super) fn change(player: PlayerId, change: PlayerChange) -> Command {
    Command::UpdatePlayer { player, change }
}

pub(super) fn watch_only(player: PlayerId, spectator: bool) -> Command {
    let spectator = Some(spectator);
    let watching = PlayerChange {
        spectator,
        ..PlayerChange::default()
    };
    change(player, watching)
}

pub(super) fn story(id: StoryId) -> NewStory {
    NewStory {
        id,
        title: "Export as CSV".into(),
        description: None,
        order: None,
    }
}

pub(super) fn add(id: StoryId) -> Command {
    Command::CreateStory(story(id))
}

pub(super) fn update(story: StoryRef, change: StoryChange) -> Command {
    Command::UpdateStory { story, change }
}

pub(super) fn complete(story: StoryId, estimate: &str) -> Command {
    let estimate = estimate.into();
    Command::CompleteStory { story, estimate }
}

pub(super) fn vote(value: &str) -> Command {
    vote_on(StoryRef::Active, value, None)
}

pub(super) fn vote_on(story: StoryRef, value: &str, confidence: Option<u8>) -> Command {
    Command::SubmitVote {
        story,
        value: value.into(),
        confidence,
        wording: Wording::Submit,
    }
}

pub(super) fn reveal() -> Command {
    Command::RevealCards(StoryRef::Active)
}

pub(super) fn reset() -> Command {
    Command::ResetRound(StoryRef::Active)
}

/// Somebody joined over REST.
pub(super) fn joined(player: PlayerId) -> Fact {
    did(player, enter(newcomer(player), None))
}

/// Somebody joined over REST to watch.
pub(super) fn watching(player: PlayerId) -> Fact {
    did(player, enter(spectator(player), None))
}

/// Somebody's first connection began.
pub(super) fn seated(player: PlayerId) -> Fact {
    did(player, take_seat(player, TAB))
}

/// Somebody's line broke.
pub(super) fn lost(player: PlayerId) -> Fact {
    did(player, leave_seat(player, TAB, Departure::Lost))
}

/// Somebody closed his only connection on purpose.
pub(super) fn left(player: PlayerId) -> Fact {
    did(player, leave_seat(player, TAB, Departure::OnPurpose))
}

pub(super) fn removed(player: PlayerId) -> Fact {
    did(ANN, Command::RemovePlayer(player))
}

pub(super) fn added(id: StoryId) -> Fact {
    did(ANN, add(id))
}

pub(super) fn activated(id: StoryId) -> Fact {
    did(ANN, Command::ActivateStory(id))
}

pub(super) fn completed(id: StoryId, estimate: &str) -> Fact {
    did(ANN, complete(id, estimate))
}

pub(super) fn voted(player: PlayerId, value: &str) -> Fact {
    did(player, vote(value))
}

pub(super) fn revealed() -> Fact {
    did(ANN, reveal())
}

pub(super) fn round_reset() -> Fact {
    did(ANN, reset())
}

/// The host changed the settings.
pub(super) fn settled(patch: SettingsPatch) -> Fact {
    did(ANN, Command::UpdateSettings(patch))
}

pub(super) fn auto_reveal(on: bool) -> SettingsPatch {
    SettingsPatch {
        auto_reveal: Some(on),
        ..SettingsPatch::default()
    }
}

pub(super) fn no_spectators() -> SettingsPatch {
    SettingsPatch {
        allow_spectators: Some(false),
        ..SettingsPatch::default()
    }
}
