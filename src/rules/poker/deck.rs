//! The two decks that some pages have built in, whatever cards a session plays with.

use serde::{Deserialize, Serialize};

const SIMPLE: [&str; 5] = ["1", "2", "3", "4", "5"];
const EXTENDED: [&str; 7] = ["0", "1", "2", "3", "4", "5", "6"];

/// A deck that pages have built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownDeck {
    /// 1 to 5.
    Simple,
    /// 0 to 6.
    Extended,
}

impl ShownDeck {
    /// The one that shows most of these cards.
    #[must_use]
    pub fn closest_to(cards: &[String]) -> Self {
        if cards.iter().any(|card| card == "0" || card == "6") {
            Self::Extended
        } else {
            Self::Simple
        }
    }

    /// The one that consists of exactly these cards.
    #[must_use]
    pub fn made_of(cards: &[String]) -> Option<Self> {
        [Self::Simple, Self::Extended]
            .into_iter()
            .find(|deck| cards == deck.cards())
    }

    /// Its cards.
    #[must_use]
    pub fn cards(self) -> &'static [&'static str] {
        match self {
            Self::Simple => &SIMPLE,
            Self::Extended => &EXTENDED,
        }
    }
}
