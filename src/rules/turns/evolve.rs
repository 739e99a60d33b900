//! How facts change a shared clock. Every line here reads the log for ever.

use super::{Clock, Event, Participant, Plan, Status, Turns};
use crate::rules::Timestamp;

impl Turns {
    pub(super) fn fold(&mut self, at: Timestamp, event: &Event) {
        self.last_activity = at;
        match event {
            Event::Created { plan, .. } => self.clock = Some(Clock::new(plan.clone(), at)),
            Event::Deleted { .. } | Event::Expired => self.clock = None,
            event => {
                if let Some(clock) = &mut self.clock {
                    clock.fold(at, event);
                }
            }
        }
    }
}

impl Clock {
    fn new(plan: Plan, at: Timestamp) -> Self {
        let participants = plan.participants.iter().map(|planned| Participant {
            left_millis: planned.millis,
            used_millis: 0,
            turns: 0,
            expired: false,
        });
        Self {
            participants: participants.collect(),
            plan,
            status: Status::Pending,
            version: 1,
            active: None,
            previous: None,
            turn_began_at: None,
            started_at: None,
            completed_at: None,
            created_at: at,
            updated_at: at,
        }
    }

    fn fold(&mut self, at: Timestamp, event: &Event) {
        self.version += 1;
        self.updated_at = at;
        match event {
            Event::Started => {
                self.status = Status::Running;
                self.active = Some(0);
                self.started_at = Some(at);
                self.turn_began_at = Some(at);
            }
            Event::Switched { next } => {
                self.book(at);
                let increment = self.plan.increment_millis;
                let active = self
                    .active
                    .and_then(|place| self.participants.get_mut(place));
                if let Some(participant) = active {
                    participant.end_turn(increment);
                }
                self.previous = self.active.replace(*next);
                self.turn_began_at = Some(at);
            }
            Event::Paused => {
                self.book(at);
                self.status = Status::Paused;
                self.turn_began_at = None;
            }
            Event::Resumed => {
                self.status = Status::Running;
                self.turn_began_at = Some(at);
            }
            Event::Completed => {
                self.status = Status::Completed;
                self.completed_at = Some(at);
                self.turn_began_at = None;
                self.active = None;
            }
            Event::Created { .. } | Event::Deleted { .. } | Event::Expired => {}
        }
    }
}
