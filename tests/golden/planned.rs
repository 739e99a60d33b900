//! A session whose stories are planned ahead: what the log learned after the first three.

use roundtable::rules::poker::{Event, Settings};
use roundtable::rules::{Recorded, Timestamp};

use crate::sample::{ANN, BEN, ONE, START, TWO, created, player, recorded, voted};

/// The events behind the log.
pub(crate) fn planned() -> Vec<Recorded<Event>> {
    let mut waiting = created(TWO, 2, None);
    if let Event::StoryCreated { inactive, .. } = &mut waiting {
        *inactive = true;
    }
    recorded(vec![
        Event::SessionCreated {
            name: "Sprint 42".into(),
            host: player(ANN, "Ann"),
            settings: Settings::default(),
            passcode: None,
            expires_at: Timestamp::from_millis(START + 172_800_000),
            idle_life_millis: None,
        },
        Event::PlayerJoined {
            player: player(BEN, "Ben"),
        },
        created(ONE, 1, None),
        waiting,
        Event::StoriesReordered {
            stories: vec![TWO, ONE],
        },
        voted(1, BEN, "3", Some(4)),
        Event::CardsRevealed {
            story: ONE,
            counted: vec![BEN],
            countdown: false,
        },
    ])
}
