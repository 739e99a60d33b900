//! Metric families, handed to whoever counts; rendered in the Prometheus text format.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// Smallest bucket of the append histogram; each further one is twice as wide, up to about 6 s.
const FIRST_APPEND_BUCKET_SECONDS: f64 = 0.000_1;
const APPEND_BUCKETS: u16 = 17;

/// Everything Roundtable counts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Live connections, by transport and dialect.
    pub connections: Family<ConnectionLabels, Gauge>,
    /// Rooms in memory.
    pub rooms: Gauge,
    /// Connections that hold a seat in a session.
    pub seats: Gauge,
    /// Client events received, by name; unknown names count as `other`.
    pub events_in: Family<EventLabels, Counter>,
    /// Server events sent to rooms, by name: one per broadcast, not per recipient.
    pub events_out: Family<EventLabels, Counter>,
    /// Time from handing a batch to the store until it was durable, in seconds.
    pub append_seconds: Histogram,
    /// Refused commands and requests, by stable code.
    pub rejections: Family<CodeLabels, Counter>,
    /// Events and requests over a rate limit.
    pub rate_limited: Family<EventLabels, Counter>,
    /// Times a recipient fell behind and was resynchronised.
    pub lagging: Counter,
    /// Connections cut because they stopped reading.
    pub stalled: Counter,
}

/// How a connection came in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ConnectionLabels {
    /// `websocket` or `polling`.
    pub transport: &'static str,
    /// The dialect it speaks.
    pub dialect: &'static str,
}

/// The name of an event, from a fixed set.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct EventLabels {
    /// The event's name on the wire.
    pub event: &'static str,
}

/// The stable code of a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CodeLabels {
    /// The code.
    pub code: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let buckets = exponential_buckets(FIRST_APPEND_BUCKET_SECONDS, 2.0, APPEND_BUCKETS);
        let mut metrics = Self {
            registry: Registry::with_prefix("roundtable"),
            connections: Family::default(),
            rooms: Gauge::default(),
            seats: Gauge::default(),
            events_in: Family::default(),
            events_out: Family::default(),
            append_seconds: Histogram::new(buckets),
            rejections: Family::default(),
            rate_limited: Family::default(),
            lagging: Counter::default(),
            stalled: Counter::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("connections", "Live connections", self.connections.clone());
        registry.register("sessions", "Sessions in memory", self.rooms.clone());
        registry.register("seats", "Connections that hold a seat", self.seats.clone());
        registry.register(
            "events_in",
            "Client events received",
            self.events_in.clone(),
        );
        registry.register(
            "events_out",
            "Server events broadcast",
            self.events_out.clone(),
        );
        registry.register_with_unit(
            "append",
            "Time until a batch was durable",
            Unit::Seconds,
            self.append_seconds.clone(),
        );
        registry.register("rejections", "Refusals by code", self.rejections.clone());
        registry.register(
            "rate_limited",
            "Events over a limit",
            self.rate_limited.clone(),
        );
        registry.register(
            "lagging_recipients",
            "Recipients resynchronised",
            self.lagging.clone(),
        );
        registry.register(
            "stalled_connections",
            "Connections cut",
            self.stalled.clone(),
        );
    }

    /// The text exposition of all families.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a string cannot fail");
        text
    }

    /// Counts a refusal.
    pub fn reject(&self, code: &'static str) {
        self.rejections.get_or_create(&CodeLabels { code }).inc();
    }
}
