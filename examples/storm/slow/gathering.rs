//! Rooms in which some members may stop reading. They are the last of each room and never vote, so
//! that no round waits for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{interval, timeout};

use super::sleeper::{Fate, Sleeper, Truth};
use crate::storm::engine::Transport;
use crate::storm::idle::settled_bytes;
use crate::storm::meeting::agenda::{Act, Shown};
use crate::storm::meeting::member::Member;
use crate::storm::meeting::poker::{Player, Roster};
use crate::storm::meeting::venue::Dialect;
use crate::storm::meeting::{self, Meeting, Pace};
use crate::storm::process::resident_bytes;
use crate::storm::rest::{Rest, Seat};
use crate::storm::rooms::{self, Shape};
use crate::storm::stand::Stand;

/// Between two looks at the server's memory.
const LOOKS: Duration = Duration::from_millis(100);
/// How long the last votes of a room may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The story that only those know who are up to date.
const LAST_STORY: &str = "The last one";

/// The members of all rooms.
pub(crate) struct Gathering {
    stand: Stand,
    hosts: Vec<Seat>,
    rooms: Vec<Vec<Member>>,
    sleepers: Vec<Sleeper>,
    readers: usize,
}

impl Gathering {
    /// Opens the rooms and connects everybody; the first `readers` of each room read on.
    pub(crate) async fn fill(stand: Stand, shape: Shape, readers: usize) -> Result<Self> {
        let open = rooms::open(&stand, shape).await?;
        let mut gathering = Self {
            stand,
            hosts: Vec::new(),
            rooms: Vec::new(),
            sleepers: Vec::new(),
            readers,
        };
        for mut seats in open {
            // The host is the first member.
            seats.rotate_right(1);
            gathering.add(seats).await.context("connecting")?;
        }
        Ok(gathering)
    }

    async fn add(&mut self, mut seats: Vec<Seat>) -> Result<()> {
        let address = self.stand.address();
        let ids = seats.iter().map(|seat| seat.player().to_owned());
        let roster: Arc<Roster> = Arc::new(ids.zip(0..).collect());
        let sleeping = seats.split_off(self.readers);
        let reading = seats.iter().map(|seat| async {
            let player = Player::connect(address, &Transport::WEBSOCKET, seat, roster.clone());
            anyhow::Ok(Member::Poker(Box::new(player.await?)))
        });
        self.rooms.push(try_join_all(reading).await?);
        let sleeping = sleeping
            .into_iter()
            .map(|seat| Sleeper::connect(address, seat));
        self.sleepers.extend(try_join_all(sleeping).await?);
        self.hosts.extend(seats.into_iter().next());
        Ok(())
    }

    /// A meeting that everybody follows.
    pub(crate) async fn meet_reading(&mut self, rate: u32) -> Result<Meeting> {
        let (end, over) = watch::channel(());
        let read = |sleeper: Sleeper| tokio::spawn(sleeper.read(over.clone()));
        let reading: Vec<_> = self.sleepers.drain(..).map(read).collect();
        let meeting = self.meet(rate).await;
        drop(end);
        for sleeper in reading {
            self.sleepers.push(sleeper.await??);
        }
        meeting
    }

    /// A meeting while nobody looks at what the sleepers are sent.
    pub(crate) async fn meet(&mut self, rate: u32) -> Result<Meeting> {
        let agenda = Dialect::Socketio.agenda(self.readers);
        let rooms = std::mem::take(&mut self.rooms);
        let pace = Pace::WholeRounds(rate);
        let (rooms, meeting) = meeting::hold(&self.stand, agenda, rooms, pace).await?;
        self.rooms = rooms;
        Ok(meeting)
    }

    /// A last story, on which half of the readers vote: what everybody has to know at the end.
    pub(crate) async fn finish(&mut self) -> Result<Truth> {
        let rest = Rest::new(self.stand.address())?;
        let votes = self.readers.div_ceil(2);
        let hosts = self.hosts.iter();
        let finishing = self.rooms.iter_mut().zip(hosts).map(|(room, host)| async {
            rest.add_story(host, LAST_STORY).await?;
            timeout(PATIENCE, vote(&mut room[..votes])).await?
        });
        try_join_all(finishing).await?;
        Ok(Truth {
            story: LAST_STORY,
            votes: votes as u64,
        })
    }

    /// Has the sleepers read on until they are up to date or have failed to be.
    pub(crate) async fn wake(&mut self, truth: Truth) -> Result<Vec<Fate>> {
        let address = self.stand.address();
        let wake = |sleeper: Sleeper| tokio::spawn(sleeper.wake(truth, address));
        let waking: Vec<_> = self.sleepers.drain(..).map(wake).collect();
        let mut fates = Vec::with_capacity(waking.len());
        for sleeper in waking {
            fates.push(sleeper.await??);
        }
        Ok(fates)
    }

    /// The server's memory, if its process is known.
    pub(crate) async fn resident_bytes(&self) -> Result<Option<u64>> {
        if !self.stand.is_watched() {
            return Ok(None);
        }
        Ok(Some(settled_bytes(&self.stand).await?))
    }

    /// Notes the most memory from now on.
    pub(crate) fn watch_memory(&self) -> Watching {
        let (pids, most) = (self.stand.pids(), Arc::new(AtomicU64::new(0)));
        let noted = most.clone();
        let looking = tokio::spawn(async move {
            let mut looks = interval(LOOKS);
            loop {
                looks.tick().await;
                let bytes: Result<u64> = pids.iter().copied().map(resident_bytes).sum();
                noted.fetch_max(bytes.unwrap_or_default(), Ordering::Relaxed);
            }
        });
        Watching { most, looking }
    }
}

/// All of these vote, and have seen each vote of the others.
async fn vote(members: &mut [Member]) -> Result<()> {
    for member in members.iter_mut() {
        member.take(Act::Vote).await?;
    }
    let count = members.len();
    let seeing = members.iter_mut().map(|member| async move {
        let mut seen = 0;
        while seen < count {
            seen += usize::from(matches!(member.next().await?, Shown::Voted(_)));
        }
        anyhow::Ok(())
    });
    try_join_all(seeing).await?;
    Ok(())
}

/// Looks at the memory again and again.
pub(crate) struct Watching {
    most: Arc<AtomicU64>,
    looking: JoinHandle<()>,
}

impl Watching {
    /// The most that was seen.
    pub(crate) fn stop(self) -> u64 {
        self.looking.abort();
        self.most.load(Ordering::Relaxed)
    }
}
