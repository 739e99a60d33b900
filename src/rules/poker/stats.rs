//! Consensus and statistics of a revealed round; one algorithm for all dialects.

use super::Vote;
use super::history::PastVote;

/// The share of equal votes from which on the team agrees.
const AGREEMENT_THRESHOLD: f64 = 0.8;
/// The largest integer string that JavaScript sorts before other object keys.
const MAX_INDEX_KEY: u64 = 4_294_967_294;
/// Cards that are an answer but no estimate.
const NO_ESTIMATE: [&str; 3] = ["?", "☕", "coffee"];

/// A vote, as far as results depend on it.
pub trait Card {
    /// What was played.
    fn value(&self) -> &str;
    /// How sure the voter was, 1 to 5.
    fn confidence(&self) -> Option<u8>;
}

impl Card for Vote {
    fn value(&self) -> &str {
        &self.value
    }

    fn confidence(&self) -> Option<u8> {
        self.confidence
    }
}

impl Card for PastVote {
    fn value(&self) -> &str {
        &self.value
    }

    fn confidence(&self) -> Option<u8> {
        self.confidence
    }
}

/// What the votes of a round agree on.
#[derive(Clone, Debug, PartialEq)]
pub struct Consensus {
    /// The most frequent value.
    pub value: String,
    /// Its share of all votes, 0 to 1.
    pub agreement: f64,
    /// Mean of the numeric votes, if there are any and it is finite.
    pub average: Option<f64>,
    /// Population standard deviation of the numeric votes, if there are any and it is finite.
    pub deviation: Option<f64>,
    /// How often each value occurs, in the order of first appearance.
    pub distribution: Vec<(String, usize)>,
    /// Number of votes, numeric or not.
    pub total: usize,
}

/// The spread of the numeric votes of a round.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The upper one of the two middle ones.
    pub median: f64,
    /// Population standard deviation.
    pub standard_deviation: f64,
    /// Mean of the confidences given, 0 if none was.
    pub confidence_average: f64,
}

impl Consensus {
    /// Computes the consensus of votes given in order of their first submission; `None` of none.
    #[must_use]
    pub fn of<'a, C: Card + 'a>(votes: impl IntoIterator<Item = &'a C>) -> Option<Self> {
        let values: Vec<&str> = votes.into_iter().map(Card::value).collect();
        let distribution = count(&values);
        let (value, frequency) = favourite(&distribution)?;
        let numbers: Vec<f64> = values.iter().filter_map(|value| numeric(value)).collect();
        Some(Self {
            value: value.to_owned(),
            agreement: ratio(frequency, values.len()),
            average: mean(&numbers),
            deviation: deviation(&numbers),
            total: values.len(),
            distribution,
        })
    }

    /// Whether the team agrees: at least four of five votes are equal.
    #[must_use]
    pub fn reached(&self) -> bool {
        self.agreement >= AGREEMENT_THRESHOLD
    }

    /// What the story's estimate becomes: the value agreed on, if it is one.
    #[must_use]
    pub fn estimate(&self) -> Option<&str> {
        (self.reached() && !NO_ESTIMATE.contains(&self.value.trim())).then_some(&self.value)
    }
}

impl Statistics {
    /// Computes the statistics of votes; `None` without a numeric one, or if they have no
    /// finite spread.
    #[must_use]
    pub fn of<'a, C: Card + 'a>(votes: impl IntoIterator<Item = &'a C>) -> Option<Self> {
        let (mut numbers, mut confidences) = (Vec::new(), Vec::new());
        for vote in votes {
            numbers.extend(numeric(vote.value()));
            confidences.extend(vote.confidence().map(f64::from));
        }
        numbers.sort_unstable_by(f64::total_cmp);
        Some(Self {
            min: *numbers.first()?,
            max: *numbers.last()?,
            median: numbers[numbers.len() / 2],
            standard_deviation: deviation(&numbers)?,
            confidence_average: mean(&confidences).unwrap_or(0.0),
        })
    }
}

/// The number that a card stands for: a finite decimal with optional sign, point and exponent.
#[must_use]
pub fn numeric(value: &str) -> Option<f64> {
    let value = value.trim();
    // Rust also reads "inf" and "nan", which are no cards.
    let decimal = value
        .bytes()
        .all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    value
        .parse()
        .ok()
        .filter(|number: &f64| decimal && number.is_finite())
}

fn count(values: &[&str]) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for &value in values {
        match counts.iter_mut().find(|(known, _)| known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value.to_owned(), 1)),
        }
    }
    counts
}

/// The most frequent value; a tie goes to the one JavaScript would list first as an object key.
fn favourite(counts: &[(String, usize)]) -> Option<(&str, usize)> {
    let most = counts.iter().map(|&(_, count)| count).max()?;
    let tied = || {
        counts
            .iter()
            .filter(move |&&(_, count)| count == most)
            .map(|(value, _)| value)
    };
    let index = tied()
        .filter_map(|value| Some((index_key(value)?, value)))
        .min();
    let value = index.map(|(_, value)| value).or_else(|| tied().next())?;
    Some((value, most))
}

fn index_key(value: &str) -> Option<u64> {
    let canonical = value == "0" || !value.starts_with('0');
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    value
        .parse()
        .ok()
        .filter(|&key| canonical && digits && key <= MAX_INDEX_KEY)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a round has far fewer than 2^52 votes"
)]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

/// The mean; `None` of no numbers, and of numbers whose sum is no number any more.
fn mean(numbers: &[f64]) -> Option<f64> {
    let mean = numbers.iter().sum::<f64>() / ratio(numbers.len(), 1);
    mean.is_finite().then_some(mean)
}

fn deviation(numbers: &[f64]) -> Option<f64> {
    let mean = mean(numbers)?;
    let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
    let deviation = (squares / ratio(numbers.len(), 1)).sqrt();
    deviation.is_finite().then_some(deviation)
}
