//! What a member knows of its own vote, to hold against the opened cards. Pure.

use std::collections::HashMap;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::storm::client::REVEALED;

/// A card of the default deck.
pub(crate) type Card = &'static str;

/// One member's votes in a round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ballot {
    acknowledged: Option<Card>,
    /// Votes that are still to be acknowledged.
    under_way: Vec<Card>,
    /// Votes whose line broke first: the server may have them or not.
    doubtful: Vec<Card>,
    count: u64,
}

impl Ballot {
    /// A vote leaves.
    pub(crate) fn cast(&mut self, card: Card) {
        self.under_way.push(card);
    }

    /// The oldest vote under way is acknowledged: they are in the order they were cast.
    pub(crate) fn acknowledge(&mut self) {
        if !self.under_way.is_empty() {
            self.acknowledged = Some(self.under_way.remove(0));
            self.doubtful.clear();
            self.count += 1;
        }
    }

    /// The line is gone; what was under way will not be acknowledged any more.
    pub(crate) fn lose_line(&mut self) {
        self.doubtful.append(&mut self.under_way);
    }

    /// Whether a vote is still to be acknowledged.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// How many were acknowledged.
    pub(crate) fn acknowledged_count(&self) -> u64 {
        self.count
    }

    /// Whether an acknowledged vote is neither on the table nor replaced by a later one.
    pub(crate) fn misses(&self, shown: Option<&str>) -> bool {
        let Some(acknowledged) = self.acknowledged else {
            return false;
        };
        let mut possible = [acknowledged].into_iter().chain(self.doubtful.clone());
        shown.is_none_or(|shown| !possible.any(|card| card == shown))
    }
}

/// The opened cards by player.
pub(crate) fn opened(shown: &str) -> Result<HashMap<String, String>> {
    let body = shown.strip_prefix(REVEALED).context("no opened cards")?;
    let body = body.strip_suffix(']').context("opened cards without end")?;
    let body: Value = serde_json::from_str(body)?;
    let votes = body["votes"].as_array().context("no votes")?;
    let vote = |vote: &Value| {
        let player = vote["playerId"].as_str()?;
        Some((player.to_owned(), vote["value"].as_str()?.to_owned()))
    };
    Ok(votes.iter().filter_map(vote).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledged_vote_that_is_not_on_the_table_is_lost() {
        let mut ballot = Ballot::default();
        ballot.cast("3");
        ballot.acknowledge();
        assert!(ballot.misses(None));
        assert!(ballot.misses(Some("5")));
        assert!(!ballot.misses(Some("3")));
    }

    #[test]
    fn a_vote_that_was_not_acknowledged_may_be_on_the_table_or_not() {
        let mut ballot = Ballot::default();
        ballot.cast("3");
        assert!(!ballot.misses(None));
        ballot.acknowledge();
        ballot.cast("5");
        ballot.lose_line();
        assert!(!ballot.misses(Some("3")) && !ballot.misses(Some("5")));
        assert!(ballot.misses(Some("8")));
    }

    #[test]
    fn a_vote_on_a_new_line_settles_what_was_in_doubt_on_the_old_one() {
        let mut ballot = Ballot::default();
        ballot.cast("3");
        ballot.lose_line();
        ballot.cast("5");
        ballot.acknowledge();
        assert!(!ballot.is_waiting());
        assert!(ballot.misses(Some("3")) && !ballot.misses(Some("5")));
    }

    #[test]
    fn the_opened_cards_name_their_players() {
        let shown = r#"42["cards:revealed",{"votes":[{"playerId":"b7a4","value":"8"}]}]"#;
        let votes = opened(shown).expect("opened cards");
        assert_eq!(votes.get("b7a4").map(String::as_str), Some("8"));
    }
}
