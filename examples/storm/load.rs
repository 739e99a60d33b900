//! One scenario at one server: members come in, hold meetings for a while, and everything that can be
//! told about it is.

use anyhow::{Context, Result};
use serde::Serialize;

use super::args::Common;
use super::args::scenarios::{Course, Load};
use super::machine::Machine;
use super::meeting::arrival::{self, Arrival};
use super::meeting::venue::{Dialect, Venue};
use super::meeting::{self, Meeting};
use super::rooms::Shape;
use super::say;
use super::visit::{Bare, Footprint};

/// Everything that was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Scenario {
    pub(crate) machine: Machine,
    pub(crate) dialect: Dialect,
    pub(crate) course: Course,
    pub(crate) seconds: u64,
    pub(crate) shape: Shape,
    pub(crate) arrival: Arrival,
    pub(crate) meeting: Meeting,
    /// Per connection, before the first step; the server's own only if its process is known.
    pub(crate) idle: Footprint,
    /// Per connection, after the last one.
    pub(crate) active: Footprint,
    pub(crate) watched: bool,
}

/// Measures it.
pub(crate) async fn run(common: &Common, args: &Load) -> Result<Scenario> {
    let (shape, stand) = (args.shape()?, args.place.stand(common)?);
    let venue = Venue::new(args.dialect, stand.address())?;
    say(&format!("opening {shape}, {}", args.dialect.name()));
    let places = arrival::open(&venue, shape).await;
    let places = places.context("opening the rooms")?;
    let bare = Bare::of(&stand, shape).await?;
    say("connecting");
    let connecting = arrival::connect(&stand, &places, shape, args.connect_rate).await;
    let (rooms, arrival) = connecting.context("connecting the members")?;
    let idle = bare.footprint(&stand).await?;
    say(&format!("meeting for {} s", common.seconds));
    let agenda = args.dialect.agenda(shape.members);
    let (rooms, meeting) = meeting::hold(&stand, agenda, rooms, args.pace()).await?;
    let active = bare.footprint(&stand).await?;
    // Until here they had to stay.
    drop(rooms);
    Ok(Scenario {
        machine: Machine::describe()?,
        dialect: args.dialect,
        course: args.course,
        seconds: common.seconds,
        shape,
        arrival,
        meeting,
        idle,
        active,
        watched: stand.is_watched(),
    })
}
