//! Which life of a log a position belongs to: what all stores in this process agree on.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Position, StoreError};

/// Gives every new log an epoch that no log had before.
#[derive(Debug, Default)]
pub(super) struct Epochs {
    last: u64,
}

impl Epochs {
    /// Goes on behind the greatest epoch that is still known.
    pub(super) const fn after(last: u64) -> Self {
        Self { last }
    }

    /// The next epoch; nonzero and exact in a JavaScript number.
    pub(super) fn next(&mut self) -> u64 {
        // Taken from the clock because a restart, a sweep or a restored backup can forget `last`,
        // but clients keep their positions.
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_micros());
        self.last = u64::try_from(now).unwrap_or(0).max(self.last + 1);
        self.last
    }
}

impl Position {
    /// Succeeds if a log that ends at `end` has, or had before its first event, this position.
    pub(super) fn check_within(self, end: Self) -> Result<(), StoreError> {
        let same_life = self.epoch == end.epoch && self.version <= end.version;
        if self == Self::START || same_life {
            Ok(())
        } else {
            Err(StoreError::Rewound(self.version))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_grow_even_if_the_clock_was_set_back() {
        let tomorrow = Epochs::default().next() + 86_400_000_000;
        let mut epochs = Epochs::after(tomorrow);
        assert_eq!(epochs.next(), tomorrow + 1);
        assert_eq!(epochs.next(), tomorrow + 2);
    }

    #[test]
    fn epochs_are_exact_in_a_javascript_number() {
        assert!(Epochs::default().next() < 1 << 53);
    }
}
