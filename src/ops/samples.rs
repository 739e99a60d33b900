//! The metrics as values: read from the text that Prometheus gets, because families do not tell
//! which labels they have.

use serde_json::{Map, Value, json};

use crate::wire::poker::objects::Number;

/// Everything that is counted, at one moment.
pub(super) struct Samples<'a>(Vec<Sample<'a>>);

struct Sample<'a> {
    name: &'a str,
    /// As in `transport="polling",dialect="poker"`; the labels here hold no quotes and commas.
    labels: &'a str,
    value: f64,
}

impl<'a> Samples<'a> {
    /// Reads the text exposition.
    pub(super) fn of(text: &'a str) -> Self {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        Self(samples.filter_map(Sample::of).collect())
    }

    /// The sum over all labels.
    pub(super) fn total(&self, name: &str) -> Value {
        json!(Number(self.named(name).map(|sample| sample.value).sum()))
    }

    /// The values by one label.
    pub(super) fn by(&self, name: &str, label: &str) -> Value {
        let values = self.named(name).filter_map(|sample| {
            let key = sample.label(label)?.to_owned();
            Some((key, json!(Number(sample.value))))
        });
        Value::Object(values.collect())
    }

    /// A list of the values, each with all its labels and the value under `key`.
    pub(super) fn list(&self, name: &str, key: &str) -> Value {
        let rows = self.named(name).map(|sample| {
            let labels = sample.labels();
            let mut row: Map<_, _> = labels
                .map(|(label, text)| (label.to_owned(), text.into()))
                .collect();
            row.insert(key.to_owned(), json!(Number(sample.value)));
            Value::Object(row)
        });
        Value::Array(rows.collect())
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Sample<'a>> {
        let name = format!("roundtable_{name}");
        self.0.iter().filter(move |sample| sample.name == name)
    }
}

impl<'a> Sample<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let (series, value) = line.rsplit_once(' ')?;
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        Some(Self {
            name,
            labels: labels.trim_end_matches('}'),
            value: value.parse().ok()?,
        })
    }

    fn labels(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let pairs = self.labels.split(',').filter_map(|it| it.split_once('='));
        pairs.map(|(label, text)| (label, text.trim_matches('"')))
    }

    fn label(&self, name: &str) -> Option<&'a str> {
        let mut labels = self.labels();
        labels.find_map(|(label, text)| (label == name).then_some(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{ConnectionLabels, EventLabels, Metrics};

    #[test]
    fn what_is_counted_is_read_again() {
        let metrics = Metrics::default();
        for (event, count) in [("vote:submit", 3), ("cards:reveal", 1)] {
            let labels = EventLabels { event };
            metrics.events_in.get_or_create(&labels).inc_by(count);
        }
        let labels = ConnectionLabels {
            transport: "polling",
            dialect: "poker",
        };
        metrics.connections.get_or_create(&labels).set(2);
        metrics.append_seconds.observe(0.000_15);
        let text = metrics.render();
        let samples = Samples::of(&text);
        assert_eq!(samples.total("events_in_total"), 4);
        let by_name = json!({ "vote:submit": 3, "cards:reveal": 1 });
        assert_eq!(samples.by("events_in_total", "event"), by_name);
        let connections = json!([{ "transport": "polling", "dialect": "poker", "count": 2 }]);
        assert_eq!(samples.list("connections", "count"), connections);
        let buckets = samples.list("append_seconds_bucket", "count");
        assert_eq!(buckets[0], json!({ "le": "0.0001", "count": 0 }));
        assert_eq!(buckets[1], json!({ "le": "0.0002", "count": 1 }));
        assert_eq!(samples.total("append_seconds_count"), 1);
    }
}
