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
    /// Those of them that were followed by an acknowledged vote on a new line.
    followed: Vec<Card>,
    count: u64,
}

/// What the opened cards say of a member's votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// The acknowledged vote lies there, or a later one.
    Kept,
    /// An older vote lies there, whose line broke: the server came to it later than to the
    /// acknowledged one. Nothing orders two lines.
    Overtaken,
    /// Neither.
    Lost,
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
            self.followed.append(&mut self.doubtful);
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

    /// What the card that lies there says.
    pub(crate) fn compare(&self, shown: Option<&str>) -> Finding {
        let has = |cards: &[Card]| shown.is_some_and(|shown| cards.contains(&shown));
        match self.acknowledged {
            None => Finding::Kept,
            Some(card) if shown == Some(card) || has(&self.doubtful) => Finding::Kept,
            Some(_) if has(&self.followed) => Finding::Overtaken,
            Some(_) => Finding::Lost,
        }
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
        assert_eq!(ballot.compare(None), Finding::Lost);
        assert_eq!(ballot.compare(Some("5")), Finding::Lost);
        assert_eq!(ballot.compare(Some("3")), Finding::Kept);
    }

    #[test]
    fn a_vote_that_was_not_acknowledged_may_be_on_the_table_or_not() {
        let mut ballot = Ballot::default();
        ballot.cast("3");
        assert_eq!(ballot.compare(None), Finding::Kept);
        ballot.acknowledge();
        ballot.cast("5");
        ballot.lose_line();
        let found = ["3", "5", "8"].map(|card| ballot.compare(Some(card)));
        assert_eq!(found, [Finding::Kept, Finding::Kept, Finding::Lost]);
    }

    #[test]
    fn a_vote_of_the_old_line_that_replaces_one_of_the_new_line_has_overtaken_it() {
        let mut ballot = Ballot::default();
        ballot.cast("3");
        ballot.lose_line();
        ballot.cast("5");
        ballot.acknowledge();
        assert!(!ballot.is_waiting());
        let found = ["3", "5", "8"].map(|card| ballot.compare(Some(card)));
        assert_eq!(found, [Finding::Overtaken, Finding::Kept, Finding::Lost]);
    }

    #[test]
    fn the_opened_cards_name_their_players() {
        let shown = r#"42["cards:revealed",{"votes":[{"playerId":"b7a4","value":"8"}]}]"#;
        let votes = opened(shown).expect("opened cards");
        assert_eq!(votes.get("b7a4").map(String::as_str), Some("8"));
    }
}
