//! The metric families of this dialect, under the names its operators know (2.8).

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::rules::turns::Event;

const REQUEST_BUCKETS_MILLIS: [f64; 9] = [1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0];
const SWITCH_BUCKETS_MILLIS: [f64; 7] = [1.0, 2.0, 3.0, 5.0, 10.0, 25.0, 50.0];
/// The pattern of the route whose durations have a family of their own.
const SWITCH_ROUTE: &str = "/v1/sessions/:id/switch";

/// Everything that is counted.
#[derive(Debug)]
pub struct Meters {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
    switches: Histogram,
    clocks: Gauge,
    /// Open viewers.
    pub viewers: Gauge,
}

/// A request that is over.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status_code: u16,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: String,
    route: String,
}

fn request_histogram() -> Histogram {
    Histogram::new(REQUEST_BUCKETS_MILLIS)
}

impl Default for Meters {
    fn default() -> Self {
        let mut meters = Self {
            registry: Registry::with_prefix("synckairos"),
            requests: Family::default(),
            durations: Family::new_with_constructor(request_histogram),
            switches: Histogram::new(SWITCH_BUCKETS_MILLIS),
            clocks: Gauge::default(),
            viewers: Gauge::default(),
        };
        meters.register();
        meters
    }
}

impl Meters {
    fn register(&mut self) {
        let registry = &mut self.registry;
        // The encoder appends `_total`.
        registry.register("http_requests", "Finished requests", self.requests.clone());
        registry.register(
            "http_request_duration_ms",
            "Duration of requests in milliseconds",
            self.durations.clone(),
        );
        registry.register(
            "switch_cycle_duration_ms",
            "Duration of switches in milliseconds",
            self.switches.clone(),
        );
        registry.register(
            "active_sessions",
            "Sessions of this process",
            self.clocks.clone(),
        );
        registry.register(
            "websocket_connections",
            "Open viewers",
            self.viewers.clone(),
        );
        let none = Gauge::<i64>::default();
        registry.register("db_write_queue_size", "Waiting audit writes", none);
    }

    /// Counts a finished request.
    pub fn count(&self, (method, route): (&str, &str), status: u16, took: Duration) {
        let (method, route) = (method.to_owned(), route.to_owned());
        let millis = took.as_secs_f64() * 1000.0;
        if route == SWITCH_ROUTE {
            self.switches.observe(millis);
        }
        let labels = RouteLabels {
            method: method.clone(),
            route: route.clone(),
        };
        self.durations.get_or_create(&labels).observe(millis);
        let labels = RequestLabels {
            method,
            route,
            status_code: status,
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// Notes that a clock has come or gone.
    pub fn note(&self, event: &Event) {
        match event {
            Event::Created {
                replaced: false, ..
            } => {
                self.clocks.inc();
            }
            // Clocks of an earlier process are not among those counted.
            Event::Deleted { existed: true, .. } | Event::Expired if self.clocks.get() > 0 => {
                self.clocks.dec();
            }
            _ => {}
        }
    }

    /// All families in the text format 0.0.4, in which a counter's family has its suffix, too, and
    /// nothing marks the end.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a string cannot fail");
        let text = text.strip_suffix("# EOF\n").unwrap_or(&text);
        text.replace(
            "synckairos_http_requests ",
            "synckairos_http_requests_total ",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_have_the_names_that_operators_know() {
        let meters = Meters::default();
        meters.count(("POST", SWITCH_ROUTE), 200, Duration::from_millis(4));
        let text = meters.render();
        for line in [
            "# HELP synckairos_http_requests_total Finished requests",
            "# TYPE synckairos_http_requests_total counter",
            "synckairos_http_requests_total{method=\"POST\",route=\"/v1/sessions/:id/switch\",status_code=\"200\"} 1",
            "synckairos_http_request_duration_ms_bucket{le=\"5.0\",method=\"POST\",route=\"/v1/sessions/:id/switch\"} 1",
            "synckairos_switch_cycle_duration_ms_bucket{le=\"3.0\"} 0",
            "synckairos_active_sessions 0",
            "synckairos_websocket_connections 0",
            "synckairos_db_write_queue_size 0",
        ] {
            assert!(text.contains(line), "no {line} in {text}");
        }
        assert!(!text.contains("# EOF"));
    }

    fn deleted(existed: bool) -> Event {
        Event::Deleted { existed, id: None }
    }

    #[test]
    fn only_clocks_that_were_counted_are_taken_off() {
        let meters = Meters::default();
        meters.note(&deleted(true));
        assert_eq!(meters.clocks.get(), 0);
        let plan = crate::rules::turns::Plan {
            id: String::new(),
            mode: crate::rules::turns::command::Mode::Global,
            participants: Vec::new(),
            total_millis: 0,
            per_turn_millis: None,
            increment_millis: 0,
            max_millis: None,
        };
        for replaced in [false, true] {
            let plan = plan.clone();
            meters.note(&Event::Created { plan, replaced });
        }
        assert_eq!(meters.clocks.get(), 1);
        meters.note(&deleted(false));
        meters.note(&Event::Expired);
        assert_eq!(meters.clocks.get(), 0);
    }
}
