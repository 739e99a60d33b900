//! Durations, boiled down to the figures that are printed.

use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;
use serde::Serialize;

/// Digits of a duration that are kept.
const SIGNIFICANT_DIGITS: u8 = 3;
/// Longer durations count as this long; no run takes so long.
const LONGEST: Duration = Duration::from_secs(3600);

/// Many durations, in microseconds.
pub(crate) struct Durations(Histogram<u32>);

/// The distribution of durations.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Quantiles {
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) p999_ms: f64,
    pub(crate) max_ms: f64,
}

impl Durations {
    pub(crate) fn new() -> Self {
        let histogram = Histogram::new(SIGNIFICANT_DIGITS);
        Self(histogram.expect("three digits are allowed"))
    }

    pub(crate) fn record(&mut self, duration: Duration) {
        let micros = duration.min(LONGEST).as_micros();
        let micros = u64::try_from(micros).expect("the longest one fits");
        self.0
            .record(micros)
            .expect("a histogram without a bound grows");
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.0.len()
    }

    pub(crate) fn add(&mut self, other: &Self) -> Result<()> {
        Ok(self.0.add(&other.0)?)
    }

    pub(crate) fn quantiles(&self) -> Quantiles {
        let at = |quantile| milliseconds(self.0.value_at_quantile(quantile));
        Quantiles {
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: milliseconds(self.0.max()),
        }
    }
}

fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

/// How often per second.
pub(crate) fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_the_durations_that_so_many_do_not_exceed() {
        let mut durations = Durations::new();
        (1..=1000).for_each(|it| durations.record(Duration::from_millis(it)));
        let quantiles = durations.quantiles();
        let near = |found: f64, expected: f64| (found - expected).abs() < expected / 500.0;
        assert!(near(quantiles.p50_ms, 500.0));
        assert!(near(quantiles.p99_ms, 990.0));
        assert!(near(quantiles.p999_ms, 999.0));
        assert!(near(quantiles.max_ms, 1000.0));
    }
}
