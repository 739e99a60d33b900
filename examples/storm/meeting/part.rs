//! One member's part in a run: acts when due and as soon as a person would, and looks at what is
//! shown until there is nothing more to come.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use tokio::sync::watch;
use tokio::time::{sleep_until, timeout_at};

use super::agenda::{Agenda, Progress, Shown};
use super::ledger::Ledger;
use super::member::Member;
use super::record::Record;

/// A member with everything he needs to know.
pub(crate) struct Part {
    pub(crate) number: usize,
    pub(crate) member: Member,
    pub(crate) agenda: Agenda,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) record: Arc<Record>,
    /// How many of the room's steps are due.
    pub(crate) told: watch::Receiver<u64>,
}

/// A member after the run.
pub(crate) struct Played {
    pub(crate) member: Member,
    pub(crate) progress: Progress,
    /// Why he did not stay to the end.
    pub(crate) failure: Option<anyhow::Error>,
}

impl Part {
    /// Plays to the end, or until the deadline.
    pub(crate) async fn play(mut self, deadline: Instant) -> Played {
        let mut progress = Progress::new(self.agenda);
        let playing = timeout_at(deadline.into(), self.attend(&mut progress)).await;
        Played {
            member: self.member,
            progress,
            // Who is still waiting at the deadline has not seen everything; that is counted.
            failure: playing.ok().and_then(Result::err),
        }
    }

    async fn attend(&mut self, progress: &mut Progress) -> Result<()> {
        let mut next = self.agenda.next_of(self.number, 0);
        let mut told = true;
        loop {
            next = self.act(next, progress).await?;
            if self.ledger.total() == Some(progress.seen()) {
                return Ok(());
            }
            let rest = next.and_then(|step| self.member.rests_until(self.agenda.act(step)));
            tokio::select! {
                changed = self.told.changed(), if told => told = changed.is_ok(),
                shown = self.member.next() => self.note(shown?, progress),
                () = sleep_until(rest.unwrap_or_else(Instant::now).into()), if rest.is_some() => {}
            }
        }
    }

    /// Takes the steps that are this member's now; the next one of his.
    async fn act(&mut self, mut next: Option<u64>, progress: &Progress) -> Result<Option<u64>> {
        while let Some(step) = next
            && self.may(step, progress)
        {
            if !self.ledger.enter(step) {
                return Ok(None);
            }
            self.record.emitted(&self.ledger, step);
            self.member.take(self.agenda.act(step)).await?;
            next = self.agenda.next_of(self.number, step + 1);
        }
        Ok(next)
    }

    fn may(&self, step: u64, progress: &Progress) -> bool {
        let act = self.agenda.act(step);
        *self.told.borrow() > step
            && progress.allows(step)
            && self.member.is_free()
            && self.member.rests_until(act).is_none()
    }

    fn note(&self, shown: Shown, progress: &mut Progress) {
        if let Some(step) = progress.note(shown) {
            self.record.delivered(&self.ledger, step);
        }
    }
}
