//! Rooms that come together within a second: everybody joins over REST and connects at once. Each is
//! shown the whole session, and those who are there are told of each newcomer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep_until, timeout_at};

use super::args::Common;
use super::args::scenarios::Join;
use super::client::{ACKNOWLEDGEMENT, acknowledged};
use super::compare::Contender;
use super::engine::{Engine, Transport};
use super::figures::{Durations, Quantiles};
use super::idle::settled_bytes;
use super::machine::Machine;
use super::meeting::arrival::due;
use super::rest::{Rest, Seat};
use super::rooms::{self, Shape};
use super::say;
use super::stand::Stand;

/// How long it may take until all are in and have been told of all others.
const PATIENCE: Duration = Duration::from_secs(120);

/// Everything that was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Joins {
    pub(crate) machine: Machine,
    pub(crate) rows: Vec<Row>,
}

/// One server with rooms of one size.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) contender: Contender,
    pub(crate) shape: Shape,
    /// From the first one being due to the last one being welcome.
    pub(crate) all_in_seconds: f64,
    /// From being due to being welcome.
    pub(crate) welcome: Quantiles,
    /// Packets to all clients, until nothing more came, in bytes.
    pub(crate) received_bytes: u64,
    pub(crate) server_seconds: Option<f64>,
    /// Of everybody else on the machine.
    pub(crate) others_seconds: f64,
    /// Growth of the server's memory.
    pub(crate) resident_bytes: u64,
}

/// Measures all servers with all sizes.
pub(crate) async fn run(common: &Common, args: &Join) -> Result<Joins> {
    let mut rows = Vec::new();
    for shape in args.shapes()? {
        for contender in Contender::ALL {
            say(&format!("{shape} within a second: {}", contender.name()));
            let recipe = contender.recipe(common);
            let stand = Stand::of(&recipe, common.dir.as_deref(), common.measured())?;
            match measure(&stand, shape, contender).await {
                Ok(row) => rows.push(row),
                // A server that cannot do it has no figures.
                Err(error) if contender == Contender::Node => say(&format!("{error:#}")),
                Err(error) => return Err(error).with_context(|| format!("measuring {shape}")),
            }
        }
    }
    Ok(Joins {
        machine: Machine::describe()?,
        rows,
    })
}

async fn measure(stand: &Stand, shape: Shape, contender: Contender) -> Result<Row> {
    let hosts = rooms::open(
        stand,
        Shape {
            members: 1,
            ..shape
        },
    )
    .await?;
    let rest = Arc::new(Rest::new(stand.address())?);
    let (before, meter) = (settled_bytes(stand).await?, stand.meter()?);
    let (all, over) = watch::channel(());
    let start = Instant::now();
    let rate = u32::try_from(shape.rooms * shape.members)?;
    let mut coming = Vec::new();
    for number in 0..shape.rooms * shape.members {
        let newcomer = Newcomer {
            rest: rest.clone(),
            address: stand.address(),
            host: hosts[number % shape.rooms][0].clone(),
            // Who comes first is the host.
            number: number / shape.rooms,
            due: due(start, number, rate),
        };
        coming.push(newcomer.come(all.clone(), over.clone()));
    }
    drop(all);
    let coming = coming.into_iter().map(tokio::spawn).collect();
    let (times, last, received_bytes) = call_back(coming, start + PATIENCE).await?;
    let spent = meter.read(0)?;
    Ok(Row {
        contender,
        shape,
        all_in_seconds: last.duration_since(start).as_secs_f64(),
        welcome: times.quantiles(),
        received_bytes,
        server_seconds: spent.server_seconds,
        others_seconds: spent.others_seconds,
        resident_bytes: settled_bytes(stand).await?.saturating_sub(before),
    })
}

async fn call_back(
    coming: Vec<JoinHandle<Result<Welcome>>>,
    deadline: Instant,
) -> Result<(Durations, Instant, u64)> {
    let (mut times, mut last, mut received) = (Durations::new(), Instant::now(), 0);
    let waiting = async {
        for (number, newcomer) in coming.into_iter().enumerate() {
            let welcome = newcomer.await??;
            times.record(welcome.at.duration_since(welcome.due));
            last = if number == 0 {
                welcome.at
            } else {
                last.max(welcome.at)
            };
            received += welcome.received_bytes;
        }
        anyhow::Ok(())
    };
    let all = timeout_at(deadline.into(), waiting).await;
    all.context("not everybody got in in time")??;
    Ok((times, last, received))
}

/// Somebody who is about to come.
struct Newcomer {
    rest: Arc<Rest>,
    address: SocketAddr,
    host: Seat,
    number: usize,
    due: Instant,
}

/// Somebody who was let in and has been told of all others.
struct Welcome {
    due: Instant,
    at: Instant,
    received_bytes: u64,
}

impl Newcomer {
    /// Comes in and reads until everybody is there and has been told of everybody.
    async fn come(self, here: watch::Sender<()>, mut over: watch::Receiver<()>) -> Result<Welcome> {
        sleep_until(self.due.into()).await;
        let seat = match self.number {
            0 => self.host,
            number => {
                self.rest
                    .join(&self.host, &format!("Player {number}"))
                    .await?
            }
        };
        let mut engine = Engine::open(self.address, &Transport::WEBSOCKET).await?;
        engine.enter(&seat).await?;
        let at = Instant::now();
        // All are in when everybody has let go of this.
        drop(here);
        loop {
            tokio::select! {
                _ = over.changed() => break,
                text = engine.text() => { text?; }
            }
        }
        let received_bytes = drain(&mut engine).await?;
        Ok(Welcome {
            due: self.due,
            at,
            received_bytes,
        })
    }
}

/// Takes in what is under way: it arrives before the answer to a heartbeat.
async fn drain(engine: &mut Engine) -> Result<u64> {
    engine.send(r#"420["heartbeat",{}]"#.to_owned()).await?;
    loop {
        let text = engine.text().await?;
        if let Some(answer) = text.strip_prefix(ACKNOWLEDGEMENT) {
            acknowledged(answer)?;
            return Ok(engine.received_bytes());
        }
    }
}
