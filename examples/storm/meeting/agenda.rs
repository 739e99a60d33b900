//! What happens in a room, step by step, and what of it a member has seen. Pure.
//!
//! A round of a meeting is one vote of every voter, one reveal and one reset; a turn clock has one
//! switch after the other. Steps count from 0 through the whole run. Nobody acts before having seen
//! what a person would wait for: a vote its round, a reveal all votes, a reset the reveal.

/// The version that the first switch of a started clock leads to.
const FIRST_SWITCH: u64 = 3;

/// The order of the steps, and whose they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agenda {
    /// Rounds of votes by the first so many members.
    Voting { voters: usize, chair: Chair },
    /// A clock that the first member switches.
    Turns,
}

/// Who reveals and resets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chair {
    /// The first member.
    Host,
    /// Each voter for one round.
    Rotating,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Vote,
    Reveal,
    Reset,
    Switch,
}

/// What a member was shown, in words that all dialects share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// This member has voted.
    Voted(usize),
    Revealed,
    Reset,
    /// The clock has this version.
    Version(u64),
    /// The whole state instead of what was missed.
    Anew,
    /// Nothing that matters.
    Other,
}

impl Agenda {
    fn round_steps(self) -> u64 {
        match self {
            Self::Voting { voters, .. } => voters as u64 + 2,
            Self::Turns => 1,
        }
    }

    /// The fewest whole rounds with so many steps, in steps.
    pub(crate) fn whole_rounds(self, steps: u64) -> u64 {
        let round = self.round_steps();
        steps.div_ceil(round).max(1) * round
    }

    /// What a step does.
    pub(crate) fn act(self, step: u64) -> Act {
        let Self::Voting { voters, .. } = self else {
            return Act::Switch;
        };
        match (step % self.round_steps()).checked_sub(voters as u64) {
            None => Act::Vote,
            Some(0) => Act::Reveal,
            Some(_) => Act::Reset,
        }
    }

    /// Whose step it is.
    pub(crate) fn actor(self, step: u64) -> usize {
        let Self::Voting { voters, chair } = self else {
            return 0;
        };
        let (round, place) = (step / self.round_steps(), step % self.round_steps());
        match (self.act(step), chair) {
            (Act::Vote, _) => index(place),
            (_, Chair::Host) => 0,
            (_, Chair::Rotating) => index(round) % voters,
        }
    }

    /// A member's first step from this one on, if the member has any.
    pub(crate) fn next_of(self, member: usize, from: u64) -> Option<u64> {
        let acting = match self {
            Self::Voting { voters, .. } => voters,
            Self::Turns => 1,
        };
        (member < acting)
            .then(|| (from..).find(|&step| self.actor(step) == member))
            .flatten()
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).expect("a room has few members")
}

/// What a member has seen of an agenda.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    agenda: Agenda,
    round: u64,
    voted: Vec<bool>,
    votes: usize,
    revealed: bool,
    seen: u64,
    doubled: u64,
    anew: u64,
}

impl Progress {
    pub(crate) fn new(agenda: Agenda) -> Self {
        let voters = match agenda {
            Agenda::Voting { voters, .. } => voters,
            Agenda::Turns => 0,
        };
        Self {
            agenda,
            round: 0,
            voted: vec![false; voters],
            votes: 0,
            revealed: false,
            seen: 0,
            doubled: 0,
            anew: 0,
        }
    }

    /// Takes in what was shown; the step that it shows for the first time, if any.
    pub(crate) fn note(&mut self, shown: Shown) -> Option<u64> {
        let first = self.round * self.agenda.round_steps();
        let voters = self.voted.len() as u64;
        let step = match shown {
            Shown::Other => return None,
            Shown::Anew => {
                self.anew += 1;
                return None;
            }
            Shown::Voted(member) if self.counts(member) => {
                self.voted[member] = true;
                self.votes += 1;
                first + member as u64
            }
            Shown::Revealed if !self.revealed => {
                self.revealed = true;
                first + voters
            }
            Shown::Reset if self.revealed => {
                self.revealed = false;
                self.votes = 0;
                self.voted.fill(false);
                self.round += 1;
                first + voters + 1
            }
            Shown::Version(version) if version >= FIRST_SWITCH + self.round => {
                self.round = version - FIRST_SWITCH + 1;
                version - FIRST_SWITCH
            }
            Shown::Voted(_) | Shown::Revealed | Shown::Reset | Shown::Version(_) => {
                self.doubled += 1;
                return None;
            }
        };
        self.seen += 1;
        Some(step)
    }

    fn counts(&self, member: usize) -> bool {
        !self.revealed && self.voted.get(member) == Some(&false)
    }

    /// Whether a person who has seen this would take that step.
    pub(crate) fn allows(&self, step: u64) -> bool {
        let round = step / self.agenda.round_steps();
        let waited_for = match self.agenda.act(step) {
            Act::Vote => !self.revealed,
            Act::Reveal => self.votes == self.voted.len(),
            Act::Reset => self.revealed,
            Act::Switch => true,
        };
        round == self.round && waited_for
    }

    /// Steps seen, each once.
    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// Steps seen once too often.
    pub(crate) fn doubled(&self) -> u64 {
        self.doubled
    }

    /// Times the state was shown instead.
    pub(crate) fn anew(&self) -> u64 {
        self.anew
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: Agenda = Agenda::Voting {
        voters: 2,
        chair: Chair::Host,
    };

    #[test]
    fn a_round_is_all_votes_then_the_hosts_reveal_and_reset() {
        let acts: Vec<_> = (0..5)
            .map(|step| (TWO.actor(step), TWO.act(step)))
            .collect();
        let round = [
            (0, Act::Vote),
            (1, Act::Vote),
            (0, Act::Reveal),
            (0, Act::Reset),
            (0, Act::Vote),
        ];
        assert_eq!(acts, round);
    }

    #[test]
    fn a_rotating_chair_gives_each_voter_a_round() {
        let agenda = Agenda::Voting {
            voters: 2,
            chair: Chair::Rotating,
        };
        assert_eq!([2, 6, 10].map(|step| agenda.actor(step)), [0, 1, 0]);
    }

    #[test]
    fn who_does_not_vote_has_no_step() {
        assert_eq!(TWO.next_of(1, 2), Some(5));
        assert_eq!(TWO.next_of(2, 0), None);
        assert_eq!(Agenda::Turns.next_of(1, 0), None);
    }

    #[test]
    fn a_run_ends_with_a_whole_round() {
        assert_eq!([0, 4, 5].map(|steps| TWO.whole_rounds(steps)), [4, 4, 8]);
    }

    #[test]
    fn votes_are_told_apart_by_who_voted_whatever_their_order() {
        let mut progress = Progress::new(TWO);
        assert_eq!(progress.note(Shown::Voted(1)), Some(1));
        assert_eq!(progress.note(Shown::Voted(0)), Some(0));
        assert_eq!(progress.note(Shown::Revealed), Some(2));
        assert_eq!(progress.note(Shown::Reset), Some(3));
        assert_eq!(progress.note(Shown::Voted(1)), Some(5));
        assert_eq!((progress.seen(), progress.doubled()), (5, 0));
    }

    #[test]
    fn the_reveal_waits_for_all_votes_and_the_next_vote_for_the_reset() {
        let mut progress = Progress::new(TWO);
        progress.note(Shown::Voted(0));
        assert!(progress.allows(1) && !progress.allows(2));
        progress.note(Shown::Voted(1));
        assert!(progress.allows(2) && !progress.allows(3) && !progress.allows(4));
        progress.note(Shown::Revealed);
        assert!(progress.allows(3) && !progress.allows(4));
        progress.note(Shown::Reset);
        assert!(progress.allows(4));
    }

    #[test]
    fn what_is_shown_twice_is_counted_apart() {
        let mut progress = Progress::new(TWO);
        for shown in [Shown::Voted(0), Shown::Voted(0), Shown::Reset] {
            progress.note(shown);
        }
        assert_eq!((progress.seen(), progress.doubled()), (1, 2));
    }

    #[test]
    fn a_version_that_is_skipped_is_not_seen() {
        let mut progress = Progress::new(Agenda::Turns);
        assert_eq!(progress.note(Shown::Version(3)), Some(0));
        assert_eq!(progress.note(Shown::Version(5)), Some(2));
        assert_eq!(progress.note(Shown::Version(5)), None);
        assert_eq!((progress.seen(), progress.doubled()), (2, 1));
    }
}
