//! Meetings as people hold them: in every room all vote, the host reveals, the next round begins; or a
//! clock is switched. Everybody is shown every step, and how long that took is what is measured.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::agenda::Agenda;
use self::ledger::{Ledger, Tempo};
use self::member::Member;
use self::part::{Part, Played};
use self::record::Record;
use super::figures::{Quantiles, per_second};
use super::pacer::Schedule;
use super::process::Spent;
use super::rooms::Tally;
use super::rounds::Window;
use super::say;
use super::stand::{Stand, WARM_UP};
use super::standstill::Standstill;

pub(crate) mod agenda;
pub(crate) mod arrival;
pub(crate) mod ledger;
pub(crate) mod member;
pub(crate) mod part;
pub(crate) mod poker;
pub(crate) mod record;
pub(crate) mod signal;
pub(crate) mod sync;
pub(crate) mod venue;

/// How long after the end a server that is late may take to be done.
const PATIENCE: Duration = Duration::from_secs(20);
/// Time between connecting and the first step.
const LEAD: Duration = Duration::from_millis(100);

/// What happened in the rooms.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Meeting {
    /// Votes, reveals, resets and switches.
    pub(crate) steps_per_second: f64,
    pub(crate) deliveries_per_second: f64,
    /// From the moment a step was due (open loop) or taken (closed loop) to its arrival at a member,
    /// over all members.
    pub(crate) delivered: Quantiles,
    /// The part of it that had passed when the storm emitted the step.
    pub(crate) emitted_late: Quantiles,
    /// The longest that the storm itself did not get to run; more than some tens of milliseconds
    /// mean that the times are not the server's.
    pub(crate) standstill_ms: f64,
    /// Steps that were due and never taken, because those before did not come back.
    pub(crate) undone: u64,
    /// Members that lost their connection or were refused a step.
    pub(crate) failed: u64,
    pub(crate) tally: Tally,
    pub(crate) spent: Spent,
}

/// How a run is paced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// So many steps per second, all rooms together.
    Fixed(u32),
    /// The same, and the last round is played to its end.
    WholeRounds(u32),
    /// As fast as the meetings go.
    Unbound,
}

/// Has all rooms meet; the members are given back.
pub(crate) async fn hold(
    stand: &Stand,
    agenda: Agenda,
    rooms: Vec<Vec<Member>>,
    pace: Pace,
) -> Result<(Vec<Vec<Member>>, Meeting)> {
    let tempo = tempo(stand, agenda, rooms.len(), pace);
    let (meter, record) = (stand.meter()?, Arc::new(Record::new(tempo.opens())));
    let standstill = Standstill::watch();
    let reporting = record.report(WARM_UP + stand.measured);
    let mut hall = Hall::new(agenda, tempo, record.clone());
    let playing: Vec<_> = rooms.into_iter().map(|room| hall.set_off(room)).collect();
    hall.conduct();
    let (mut back, mut sum) = (Vec::with_capacity(playing.len()), Sum::default());
    for (parts, ledger) in playing.into_iter().zip(&hall.ledgers) {
        back.push(sum.call_back(parts, ledger).await?);
    }
    drop(reporting);
    let [delivered, emitted_late] = record.times()?;
    let measured = tempo.ends().saturating_duration_since(tempo.opens());
    let meeting = Meeting {
        steps_per_second: per_second(emitted_late.len(), measured),
        deliveries_per_second: per_second(delivered.len(), measured),
        delivered: delivered.quantiles(),
        emitted_late: emitted_late.quantiles(),
        standstill_ms: standstill.longest_ms(),
        undone: sum.undone,
        failed: sum.failed,
        tally: sum.tally,
        spent: meter.read(sum.tally.deliveries)?,
    };
    Ok((back, meeting))
}

fn tempo(stand: &Stand, agenda: Agenda, rooms: usize, pace: Pace) -> Tempo {
    let (rate, whole) = match pace {
        Pace::Fixed(rate) => (rate, false),
        Pace::WholeRounds(rate) => (rate, true),
        Pace::Unbound => return Tempo::Closed(Window::of(stand)),
    };
    let steps = u64::from(rate) * (WARM_UP + stand.measured).as_secs() / rooms as u64;
    let votes = if whole {
        agenda.whole_rounds(steps)
    } else {
        steps.max(1)
    };
    Tempo::Open(Schedule {
        start: Instant::now() + LEAD,
        rate,
        rooms,
        votes,
    })
}

/// All rooms of a run.
struct Hall {
    agenda: Agenda,
    tempo: Tempo,
    record: Arc<Record>,
    ledgers: Vec<Arc<Ledger>>,
    /// What tells each member of each room how many steps are due.
    telling: Vec<Vec<watch::Sender<u64>>>,
}

impl Hall {
    fn new(agenda: Agenda, tempo: Tempo, record: Arc<Record>) -> Self {
        Self {
            agenda,
            tempo,
            record,
            ledgers: Vec::new(),
            telling: Vec::new(),
        }
    }

    fn set_off(&mut self, room: Vec<Member>) -> Vec<JoinHandle<Played>> {
        let ledger = Arc::new(Ledger::new(self.tempo, self.ledgers.len()));
        let deadline = self.tempo.ends() + PATIENCE;
        let (mut telling, mut parts) = (Vec::new(), Vec::new());
        for (number, member) in room.into_iter().enumerate() {
            let (tell, told) = watch::channel(self.tempo.due_at_first());
            let part = Part {
                number,
                member,
                agenda: self.agenda,
                ledger: ledger.clone(),
                record: self.record.clone(),
                told,
            };
            telling.push(tell);
            parts.push(tokio::spawn(part.play(deadline)));
        }
        self.ledgers.push(ledger);
        self.telling.push(telling);
        parts
    }

    /// Says what is due, or when it is over, while the rooms play.
    fn conduct(&mut self) {
        let (agenda, telling) = (self.agenda, std::mem::take(&mut self.telling));
        match self.tempo {
            // A member that has given up says so himself.
            Tempo::Open(schedule) => schedule.pace(move |room, step| {
                let _ = telling[room][agenda.actor(step)].send(step + 1);
            }),
            Tempo::Closed(window) => {
                let ledgers = self.ledgers.clone();
                tokio::spawn(async move {
                    tokio::time::sleep_until(window.closes.into()).await;
                    ledgers.iter().for_each(|it| it.close());
                    // Wakes those who wait for nothing more.
                    drop(telling);
                });
            }
        }
    }
}

/// What the rooms come to.
#[derive(Default)]
struct Sum {
    tally: Tally,
    undone: u64,
    failed: u64,
}

impl Sum {
    async fn call_back(
        &mut self,
        parts: Vec<JoinHandle<Played>>,
        ledger: &Ledger,
    ) -> Result<Vec<Member>> {
        let mut members = Vec::with_capacity(parts.len());
        for part in parts {
            let played = part.await?;
            self.add(&played, ledger);
            members.push(played.member);
        }
        let taken = ledger.taken_count();
        self.tally.emissions += taken;
        self.undone += ledger.total().unwrap_or(taken).saturating_sub(taken);
        Ok(members)
    }

    fn add(&mut self, played: &Played, ledger: &Ledger) {
        let progress = &played.progress;
        self.tally.deliveries += progress.seen();
        self.tally.lost += ledger.taken_count().saturating_sub(progress.seen());
        self.tally.doubled += progress.doubled();
        self.tally.resyncs += progress.anew();
        if let Some(failure) = &played.failure {
            if self.failed == 0 {
                say(&format!("a member failed: {failure:#}"));
            }
            self.failed += 1;
        }
    }
}

impl Meeting {
    /// Everything that must not happen.
    pub(crate) fn flaws(&self) -> u64 {
        self.tally.flaws() + self.failed
    }
}
