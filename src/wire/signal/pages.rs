//! What events mean to pages: which messages, to whom, in which order (5.2, 6.3).

use super::frames::{Changes, News};
use super::objects::Shot;
use super::port::Deed;
use crate::rules::ids::{CommandId, PlayerId};
use crate::rules::poker::{Event, Poker, SettingsPatch, ShownDeck, View};

/// What all pages show, as far as they were told.
#[derive(Debug, Default)]
pub(super) struct Pages {
    voting: bool,
    deck: Option<ShownDeck>,
    /// The command that started the round they show.
    started_by: Option<CommandId>,
}

/// Whom something is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    Everybody,
    /// The connection that has done this.
    Doer,
    /// Everybody but that connection.
    Others,
}

pub(super) type Script<'a> = Vec<(To, News<'a>)>;

impl Pages {
    /// What those show who are led to the present by [`catch_up`].
    pub(super) fn present(state: &Poker) -> Self {
        Self {
            voting: state.round.is_some() && !state.is_revealed(),
            deck: Some(state.settings.shown_deck()),
            ..Self::default()
        }
    }

    /// What an event means to pages.
    pub(super) fn script<'a>(
        &mut self,
        state: &Poker,
        (cause, event): (CommandId, &'a Event),
        by: Option<Deed>,
    ) -> Script<'a> {
        let mut script = self.translated(state, event, by);
        self.see_start(cause, &mut script);
        script
    }

    fn translated<'a>(&mut self, state: &Poker, event: &'a Event, by: Option<Deed>) -> Script<'a> {
        match event {
            Event::StoryCreated {
                inactive: false, ..
            }
            | Event::StoryActivated { .. }
            | Event::RoundReset { story: Some(_) } => everybody(News::Started),
            Event::StoryUpdated {
                story,
                title: Some(_),
                ..
            } if state.is_active(*story) => everybody(News::Session(Shot::Present)),
            Event::VoteSubmitted { player, value, .. } => voted(*player, value),
            Event::CardsRevealed { countdown, .. } => {
                self.voting = false;
                revealed(*countdown, by)
            }
            Event::SettingsChanged { patch } => {
                let script = self.settings_changed(state, patch);
                // Whoever has proposed it tells everybody, also what of it was so before.
                if by == Some(Deed::Settle) {
                    Vec::new()
                } else {
                    script
                }
            }
            Event::HostChanged { host, .. } if by != Some(Deed::Settle) => {
                everybody(News::Settings(Changes {
                    host: Some(*host),
                    ..Changes::default()
                }))
            }
            event => {
                let news = about_player(state, event);
                news.into_iter().flat_map(everybody).collect()
            }
        }
    }

    fn settings_changed(&mut self, state: &Poker, patch: &SettingsPatch) -> Script<'static> {
        let deck = Some(state.settings.shown_deck());
        let changed = deck.filter(|_| self.deck != deck);
        self.deck = deck;
        let changes = Changes {
            patch: patch.clone(),
            deck: changed,
            host: None,
        };
        if changes.is_empty() {
            return Vec::new();
        }
        everybody(News::Settings(changes))
    }

    /// One command starts one round on the pages, however many events say so.
    fn see_start(&mut self, cause: CommandId, script: &mut Script<'_>) {
        let starts =
            |(to, news): &(To, News<'_>)| *to == To::Everybody && matches!(news, News::Started);
        if !script.iter().any(starts) {
            return;
        }
        if self.started_by == Some(cause) {
            script.retain(|told| !starts(told));
        }
        self.started_by = Some(cause);
        self.voting = true;
    }

    /// A command is over. A page that votes on nothing would be stuck; a result gets it out.
    pub(super) fn see_end(&mut self, state: &Poker) -> Script<'static> {
        let mut script = Vec::new();
        if self.voting && state.round.is_none() {
            self.voting = false;
            script.extend(stranded().map(|news| (To::Everybody, news)));
        }
        script
    }
}

/// A vote: only the connection that has cast it is told the card (5.1).
pub(super) fn voted(player: PlayerId, value: &str) -> Script<'_> {
    vec![
        (To::Doer, News::VotedFor(player, value)),
        (To::Others, News::Voted(player)),
    ]
}

/// The sequences of 5.2: values before the reveal, the true history behind it.
fn revealed(countdown: bool, by: Option<Deed>) -> Script<'static> {
    if countdown {
        let told = [News::Session(Shot::WithoutResult), News::CountingDown];
        return told.into_iter().flat_map(everybody).collect();
    }
    let mut script = Vec::new();
    if by == Some(Deed::Reveal) {
        // The doer's page has revealed with his own vote only; this makes it do so anew.
        script.push((To::Doer, News::Started));
    }
    script.extend(result().map(|news| (To::Everybody, news)));
    script
}

/// What shows the result of a round.
fn result() -> [News<'static>; 3] {
    [
        News::Session(Shot::WithoutResult),
        News::Revealed,
        News::Session(Shot::Present),
    ]
}

/// What gets a page out of voting that has nothing to vote on.
fn stranded() -> [News<'static>; 3] {
    [
        News::Session(Shot::WithEmptyResult),
        News::Revealed,
        News::Session(Shot::Present),
    ]
}

/// What brings a page to the present (5.2); a page that is ready to start may stay so.
fn catch_up(state: &Poker) -> Vec<News<'static>> {
    match &state.round {
        None => Vec::new(),
        Some(round) if round.is_revealed() => [News::Started].into_iter().chain(result()).collect(),
        Some(_) => vec![News::Started, News::Session(Shot::Present)],
    }
}

/// What brings a page to the present whose player is back, and which may have stayed as it was.
#[must_use]
pub fn catch_up_from(prior: Option<View>, state: &Poker) -> Vec<News<'static>> {
    let voting = |view: View| view.story.is_some() && !view.revealed;
    if state.round.is_none() && prior.is_some_and(voting) {
        return stranded().into();
    }
    catch_up(state)
}

/// What brings a page to the present whatever it shows.
#[must_use]
pub fn resync(state: &Poker) -> Vec<News<'static>> {
    match &state.round {
        None => stranded().into(),
        Some(_) => catch_up(state),
    }
}

fn everybody(news: News<'_>) -> Script<'_> {
    vec![(To::Everybody, news)]
}

/// What pages are told of an event about a player; spectators are not listed there (6.3).
fn about_player(state: &Poker, event: &Event) -> Option<News<'static>> {
    let voter = |id: PlayerId| state.player(id).is_some_and(|player| !player.spectator);
    let (player, news) = match event {
        Event::PlayerJoined { player } => (player.id, News::Joined(player.id)),
        Event::PlayerReturned { player }
        | Event::SeatTaken {
            player, woke: true, ..
        } => (*player, News::Joined(*player)),
        Event::PlayerRejoined {
            player,
            returned,
            woke,
            ..
        } => (
            *player,
            if *returned || *woke {
                News::Joined(*player)
            } else {
                News::Session(Shot::Present)
            },
        ),
        Event::SeatLeft {
            player,
            offline: true,
            ..
        } => (*player, News::Disconnected(*player)),
        Event::PlayerLeft { player } | Event::PlayerRemoved { player, .. } => {
            (*player, News::Left(*player))
        }
        Event::PlayerUpdated {
            player,
            spectator: Some(true),
            ..
        } => return Some(News::Left(*player)),
        Event::PlayerUpdated {
            player,
            spectator: Some(false),
            ..
        } => {
            let online = state.player(*player).is_some_and(|it| it.online());
            return online.then_some(News::Joined(*player));
        }
        Event::PlayerUpdated { player, .. } => (*player, News::Session(Shot::Present)),
        _ => return None,
    };
    voter(player).then_some(news)
}
