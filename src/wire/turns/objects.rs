//! The JSON objects of the dialect, the same over REST and WebSockets (3.1, 2.4.3).

use serde::Serialize;
use utoipa::ToSchema;

use crate::rules::Timestamp;
use crate::rules::turns::command::{Mode, PlannedParticipant};
use crate::rules::turns::{Clock, Participant, Status};
use crate::wire::poker::objects::Iso;

/// A clock with all its fields.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SyncState)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct StateObject<'a> {
    #[schema(format = Uuid)]
    pub session_id: &'a str,
    #[schema(value_type = Mode)]
    pub sync_mode: &'static str,
    #[schema(value_type = Status)]
    pub status: &'static str,
    pub version: u64,
    pub participants: Vec<ParticipantObject<'a>>,
    #[schema(format = Uuid, required)]
    pub active_participant_id: Option<&'a str>,
    pub total_time_ms: u64,
    #[schema(required)]
    pub time_per_cycle_ms: Option<u64>,
    #[schema(required)]
    pub cycle_started_at: Option<Iso>,
    #[schema(required)]
    pub session_started_at: Option<Iso>,
    #[schema(required)]
    pub session_completed_at: Option<Iso>,
    pub increment_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_time_ms: Option<u64>,
    pub created_at: Iso,
    pub updated_at: Iso,
}

/// Somebody who takes turns.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SyncParticipant)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct ParticipantObject<'a> {
    #[schema(format = Uuid)]
    pub participant_id: &'a str,
    pub participant_index: u64,
    pub total_time_ms: u64,
    pub time_used_ms: u64,
    pub time_remaining_ms: u64,
    pub cycle_count: u64,
    pub is_active: bool,
    pub has_expired: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    pub group_id: Option<&'a str>,
}

/// What a switch is answered with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SwitchCycleResult)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct SwitchObject<'a> {
    #[schema(format = Uuid)]
    pub session_id: &'a str,
    #[schema(format = Uuid, required)]
    pub active_participant_id: Option<&'a str>,
    #[schema(required)]
    pub cycle_started_at: Option<Iso>,
    pub participants: Vec<ParticipantObject<'a>>,
    #[schema(value_type = Status)]
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    pub expired_participant_id: Option<&'a str>,
}

impl<'a> From<&'a Clock> for StateObject<'a> {
    fn from(clock: &'a Clock) -> Self {
        let plan = &clock.plan;
        Self {
            session_id: &plan.id,
            sync_mode: mode_name(plan.mode),
            status: status_name(clock.status),
            version: clock.version,
            participants: participants(clock),
            active_participant_id: active_id(clock),
            total_time_ms: plan.total_millis,
            time_per_cycle_ms: plan.per_turn_millis,
            cycle_started_at: clock.turn_began_at.map(Iso),
            session_started_at: clock.started_at.map(Iso),
            session_completed_at: clock.completed_at.map(Iso),
            increment_ms: plan.increment_millis,
            max_time_ms: plan.max_millis,
            created_at: Iso(clock.created_at),
            updated_at: Iso(clock.updated_at),
        }
    }
}

impl<'a> SwitchObject<'a> {
    /// The outcome of the switch that has just been made.
    #[must_use]
    pub fn of(clock: &'a Clock) -> Self {
        let spent = |&place: &usize| {
            let participant = clock.participants.get(place);
            participant.is_some_and(|it| it.left_millis == 0)
        };
        Self {
            session_id: &clock.plan.id,
            active_participant_id: active_id(clock),
            cycle_started_at: clock.turn_began_at.map(Iso),
            participants: participants(clock),
            status: status_name(clock.status),
            expired_participant_id: clock.previous.filter(spent).and_then(|it| clock.id_at(it)),
        }
    }
}

fn active_id(clock: &Clock) -> Option<&str> {
    clock.id_at(clock.active?)
}

fn participants(clock: &Clock) -> Vec<ParticipantObject<'_>> {
    let planned = clock.plan.participants.iter();
    let both = planned.zip(&clock.participants).enumerate();
    both.map(|(place, (planned, participant))| {
        ParticipantObject::new(planned, participant, clock.active == Some(place))
    })
    .collect()
}

impl<'a> ParticipantObject<'a> {
    fn new(planned: &'a PlannedParticipant, participant: &Participant, is_active: bool) -> Self {
        Self {
            participant_id: &planned.id,
            participant_index: planned.index,
            total_time_ms: participant.left_millis,
            time_used_ms: participant.used_millis,
            time_remaining_ms: participant.left_millis,
            cycle_count: participant.turns,
            is_active,
            has_expired: participant.expired,
            group_id: planned.group.as_deref(),
        }
    }
}

/// The name of a mode on the wire.
#[must_use]
pub const fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::PerParticipant => "per_participant",
        Mode::PerCycle => "per_cycle",
        Mode::PerGroup => "per_group",
        Mode::Global => "global",
        Mode::CountUp => "count_up",
    }
}

/// The name of a status on the wire.
#[must_use]
pub const fn status_name(status: Status) -> &'static str {
    match status {
        Status::Pending => "pending",
        Status::Running => "running",
        Status::Paused => "paused",
        Status::Completed => "completed",
    }
}

/// What the server says of its time.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct TimeObject {
    pub timestamp_ms: Timestamp,
    pub server_version: &'static str,
    pub drift_tolerance_ms: u64,
}

impl TimeObject {
    /// The time at this moment.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self {
            timestamp_ms: now,
            server_version: "2.0.0",
            drift_tolerance_ms: 50,
        }
    }
}
