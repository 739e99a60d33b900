//! What commands lead to: the rules of the protocol, one file per subject.

mod backlog;
mod entry;
mod hosting;
mod presence;
mod starting;
mod voting;

use crate::rules::ids::PlayerId;
use crate::rules::{Actor, Context, Machine};

use self::voting::Pace;
use super::command::StoryRef;
use super::{Command, Event, Player, Poker, Policy, Rejection, Right, Stage};

type Cx<'a> = Context<'a, Policy>;
type Decision = Result<Vec<Event>, Rejection>;

const NOTHING: Decision = Ok(Vec::new());

impl Poker {
    pub(super) fn decide_command(&self, cx: &Cx<'_>, command: Command) -> Decision {
        if let Command::CreateSession(session) = command {
            return self.create(cx, *session);
        }
        if !matches!(command, Command::Elapse) {
            self.ensure_open(cx)?;
        }
        let events = self.dispatch(cx, command)?;
        Ok(self.with_auto_reveal(cx, events))
    }

    fn dispatch(&self, cx: &Cx<'_>, command: Command) -> Decision {
        match command {
            Command::CreateSession(_) => NOTHING,
            Command::Enter(entrance) => self.enter(cx, *entrance),
            Command::TakeSeat { player, node, seat } => self.take_seat(player, node, seat),
            Command::LeaveSeat { player, seat, how } => self.leave_seat(player, seat, how),
            Command::LoseNodes(nodes) => self.lose_nodes(&nodes),
            Command::Touch { player, proof } => self.touch(cx, player, proof),
            Command::NoteActivity { player, audience } => self.note_activity(cx, player, audience),
            Command::UpdatePlayer { player, change } => self.update_player(player, change),
            Command::RemovePlayer(player) => self.remove_player(cx, player),
            Command::PromotePlayer(player) => self.promote_player(cx, player),
            Command::CreateStory(story) => self.create_story(cx, story),
            Command::PlanStories(stories) => self.plan_stories(cx, stories),
            Command::UpdateStory { story, change } => self.update_story(cx, story, change),
            Command::DeleteStory(story) => self.delete_story(cx, story),
            Command::MoveStory { story, to } => self.move_story(cx, story, to),
            Command::ActivateStory(story) => self.activate_story(cx, story),
            Command::CompleteStory { story, estimate } => self.complete_story(cx, story, estimate),
            Command::NextStory(story) => self.next_story(cx, story),
            Command::SubmitVote {
                story,
                value,
                confidence,
                wording,
            } => self.submit_vote(cx, story, (value, confidence), wording),
            Command::PlayCard(value) => self.play_card(cx, value),
            Command::RevealCards(story) => self.reveal(cx, story, Pace::AtOnce),
            Command::CountDown => self.reveal(cx, StoryRef::Active, Pace::Countdown),
            Command::StartRound { topic, story } => self.start_round_on(cx, topic, story),
            Command::ResetRound(story) => self.reset_round(cx, story),
            Command::StartTimer {
                duration,
                mode,
                settings,
            } => self.host_event(
                cx,
                Event::TimerStarted {
                    duration,
                    mode,
                    settings,
                },
            ),
            Command::ConfigureTimer {
                duration,
                mode,
                settings,
            } => self.host_event(
                cx,
                Event::TimerConfigured {
                    duration,
                    mode,
                    settings,
                },
            ),
            Command::StopTimer => self.host_event(cx, Event::TimerStopped),
            Command::UpdateSettings(patch) => self.update_settings(cx, patch),
            Command::ProposeSettings { patch, host } => self.propose_settings(cx, patch, host),
            Command::DeleteSession => self.host_event(cx, Event::SessionDeleted),
            Command::Elapse => self.elapse(cx),
        }
    }

    fn ensure_open(&self, cx: &Cx<'_>) -> Result<(), Rejection> {
        match self.stage_at(cx.now) {
            Stage::Open => Ok(()),
            Stage::Expired => Err(Rejection::SessionExpired),
            Stage::Unborn | Stage::Deleted => Err(Rejection::SessionUnknown),
        }
    }

    fn ensure_host(&self, cx: &Cx<'_>) -> Result<(), Rejection> {
        match cx.actor {
            Actor::System => Ok(()),
            Actor::Player(player) if self.is_host(player) => Ok(()),
            Actor::Player(_) => Err(Rejection::HostOnly),
        }
    }

    /// Whether the actor has the host's rights or shares this one; an error if he is no member.
    fn entitled(&self, cx: &Cx<'_>, right: &Right) -> Result<bool, Rejection> {
        match cx.actor {
            Actor::System => Ok(true),
            Actor::Player(player) => {
                self.ensure_member(player)?;
                Ok(self.is_host(player) || right.covers(player))
            }
        }
    }

    fn ensure_member(&self, id: PlayerId) -> Result<&Player, Rejection> {
        self.player(id)
            .filter(|player| player.present())
            .ok_or(Rejection::PlayerUnknown)
    }

    /// A command that needs nothing but the host's word.
    fn host_event(&self, cx: &Cx<'_>, event: Event) -> Decision {
        self.ensure_host(cx)?;
        Ok(vec![event])
    }

    /// Opens the cards behind whatever completed the round, if the session wants that.
    fn with_auto_reveal(&self, cx: &Cx<'_>, mut events: Vec<Event>) -> Vec<Event> {
        let turned_on = |event: &Event| matches!(event, Event::SettingsChanged { .. });
        if events.is_empty() || !(self.settings.auto_reveal || events.iter().any(turned_on)) {
            return events;
        }
        let mut next = self.clone();
        for event in &events {
            next.evolve(cx.now, event);
        }
        if next.settings.auto_reveal && next.is_complete() && !next.is_revealed() {
            events.extend(next.opening(Pace::AtOnce));
        }
        events
    }
}
