//! Shared turn clocks: the time from a command over REST to its update at a viewer, beside the bare
//! round trip of a health probe in the same run; and what it costs to hold many viewers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::StreamExt;
use serde::Serialize;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::args::Measure;
use super::figures::{Durations, Quantiles};
use super::process::Spent;
use super::socket::{Receiving, Socket};
use super::stand::Stand;

/// Commands whose updates are awaited, one after the other.
const COMMANDS: usize = 2000;
/// Viewers of each held clock.
const VIEWERS: usize = 10;
/// Viewers that connect at a time.
const CONNECTING: usize = 64;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Clocks {
    /// From sending a command to receiving its update.
    pub(crate) update: Quantiles,
    /// From sending a health probe to its answer.
    pub(crate) health: Quantiles,
    pub(crate) held: Held,
}

/// Viewers that did nothing but answer pings.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Held {
    pub(crate) viewers: usize,
    pub(crate) clocks: usize,
    /// Viewers that were still there at the end.
    pub(crate) remaining: u64,
    pub(crate) spent: Spent,
}

/// Measures both against one server.
pub(crate) async fn run(stand: &Stand, args: &Measure) -> Result<Clocks> {
    let desk = Desk::new(stand.address())?;
    let (update, health) = desk.react().await.context("measuring updates")?;
    let held = hold(stand, &desk, args).await.context("holding viewers")?;
    Ok(Clocks {
        update,
        health,
        held,
    })
}

/// The REST calls that are needed.
#[derive(Clone)]
pub(crate) struct Desk {
    http: reqwest::Client,
    address: SocketAddr,
}

impl Desk {
    pub(crate) fn new(address: SocketAddr) -> Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE);
        Ok(Self {
            http: http.build()?,
            address,
        })
    }

    /// Sets up a clock of two participants.
    pub(crate) async fn create(&self) -> Result<Uuid> {
        let id = Uuid::new_v4();
        let participant = |index: u32| json!({ "participant_id": Uuid::new_v4(), "participant_index": index, "total_time_ms": 600_000 });
        let body = json!({
            "session_id": id, "sync_mode": "per_participant", "total_time_ms": 1_200_000,
            "participants": [participant(0), participant(1)],
        });
        let request = self.http.post(self.url("/v1/sessions")).json(&body);
        request.send().await?.error_for_status()?;
        Ok(id)
    }

    /// Has a clock started or switched.
    pub(crate) async fn command(&self, id: Uuid, verb: &str) -> Result<()> {
        let url = self.url(&format!("/v1/sessions/{id}/{verb}"));
        let answer = self.http.post(url).send().await?;
        answer.error_for_status()?.bytes().await?;
        Ok(())
    }

    async fn react(&self) -> Result<(Quantiles, Quantiles)> {
        let id = self.create().await?;
        let mut viewer = connect(self.address, id).await?;
        self.command(id, "start").await?;
        update(&mut viewer).await?;
        let (mut updates, mut probes) = (Durations::new(), Durations::new());
        for _ in 0..COMMANDS {
            let sent = Instant::now();
            let (commanded, seen) = tokio::join!(self.command(id, "switch"), update(&mut viewer));
            commanded?;
            updates.record(seen?.duration_since(sent));
            let sent = Instant::now();
            let probe = self.http.get(self.url("/sync/health")).send().await?;
            probe.bytes().await?;
            probes.record(sent.elapsed());
        }
        Ok((updates.quantiles(), probes.quantiles()))
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Connects a viewer, which waits for its greeting.
pub(crate) async fn connect(address: SocketAddr, id: Uuid) -> Result<Socket> {
    let path = format!("/ws/sync?sessionId={id}");
    let mut viewer = Socket::open(address, &path, Receiving::Usual).await?;
    let greeting = timeout(PATIENCE, viewer.text()).await??;
    ensure!(greeting.contains("CONNECTED"), "{greeting}");
    Ok(viewer)
}

/// When the next update arrived.
async fn update(viewer: &mut Socket) -> Result<Instant> {
    loop {
        let text = timeout(PATIENCE, viewer.text()).await??;
        if text.contains("STATE_UPDATE") {
            return Ok(Instant::now());
        }
    }
}

async fn hold(stand: &Stand, desk: &Desk, args: &Measure) -> Result<Held> {
    let clocks = args.viewers.div_ceil(VIEWERS);
    let mut ids = Vec::with_capacity(clocks);
    for _ in 0..clocks {
        ids.push(desk.create().await?);
    }
    let viewers = connect_all(desk.address, &ids).await?;
    let count = viewers.len();
    let lost = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for viewer in viewers {
        tasks.spawn(listen(viewer, lost.clone()));
    }
    let meter = stand.meter()?;
    sleep(Duration::from_secs(args.hold)).await;
    let remaining = count as u64 - lost.load(Ordering::Relaxed);
    let spent = meter.read(remaining)?;
    tasks.abort_all();
    Ok(Held {
        viewers: count,
        clocks,
        remaining,
        spent,
    })
}

async fn connect_all(address: SocketAddr, ids: &[Uuid]) -> Result<Vec<Socket>> {
    let mut viewers = Vec::with_capacity(ids.len() * VIEWERS);
    let all = ids.iter().flat_map(|&id| [id; VIEWERS]);
    let connecting = futures_util::stream::iter(all.map(|id| connect(address, id)));
    let mut connected = connecting.buffer_unordered(CONNECTING);
    while let Some(viewer) = connected.next().await {
        viewers.push(viewer?);
    }
    Ok(viewers)
}

/// Reading answers the pings.
async fn listen(mut viewer: Socket, lost: Arc<AtomicU64>) {
    while viewer.text().await.is_ok() {}
    lost.fetch_add(1, Ordering::Relaxed);
}
