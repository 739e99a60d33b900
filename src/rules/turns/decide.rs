//! What commands lead to.

use super::{Clock, Command, Event, Policy, Rejection, Status, Turns};
use crate::rules::Context;

type Decision = Result<Vec<Event>, Rejection>;

impl Turns {
    pub(super) fn decide_command(&self, cx: &Context<'_, Policy>, command: Command) -> Decision {
        match command {
            Command::Create(plan) => {
                let (plan, replaced) = (*plan, self.clock.is_some());
                return Ok(vec![Event::Created { plan, replaced }]);
            }
            // Whoever waits for the clock is told so, even if there is none.
            Command::Delete { id } => {
                let (existed, id) = (self.clock.is_some(), Some(id));
                return Ok(vec![Event::Deleted { existed, id }]);
            }
            Command::Elapse => return Ok(self.elapse(cx)),
            _ => {}
        }
        let clock = self.clock_at(cx.now, cx.policy);
        let clock = clock.ok_or(Rejection::Unknown)?;
        let event = match command {
            Command::Start => clock.in_status(Status::Pending, Event::Started)?,
            Command::Switch { next, version } => clock.switch(next.as_deref(), version)?,
            Command::Pause => clock.in_status(Status::Running, Event::Paused)?,
            Command::Resume => clock.in_status(Status::Paused, Event::Resumed)?,
            _ => Event::Completed,
        };
        Ok(vec![event])
    }

    fn elapse(&self, cx: &Context<'_, Policy>) -> Vec<Event> {
        let over = self.clock.is_some() && self.clock_at(cx.now, cx.policy).is_none();
        over.then_some(Event::Expired).into_iter().collect()
    }
}

impl Clock {
    fn in_status(&self, status: Status, event: Event) -> Result<Event, Rejection> {
        if self.status == status {
            Ok(event)
        } else {
            Err(Rejection::WrongStatus(self.status))
        }
    }

    fn switch(&self, next: Option<&str>, version: Option<u64>) -> Result<Event, Rejection> {
        if let Some(expected) = version.filter(|&version| version != self.version) {
            let actual = self.version;
            return Err(Rejection::Outdated { expected, actual });
        }
        let following = self.active.map_or(0, |place| place + 1) % self.participants.len();
        let switched = |next| Event::Switched { next };
        let event = self.in_status(Status::Running, switched(following))?;
        match next {
            None => Ok(event),
            Some(id) => {
                let next = self.place_of(id);
                next.map(switched).ok_or(Rejection::ParticipantUnknown)
            }
        }
    }
}
