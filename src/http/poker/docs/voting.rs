//! Votes, and the rounds they are cast in.

use serde_json::json;

use super::super::answer::Message;
use super::super::rounds::Revealed;
use super::super::votes::Votes;
use super::super::voting::Receipt;
use super::answers::{list, one, refusal};
use super::requests::{Ignored, NewVote, NextRound};
use super::{VOTING, guarded, protected};
use crate::http::docs::{Body, Operation, Schemas};
use crate::wire::poker::history::RoundObject;

pub(super) fn operations() -> Vec<Operation> {
    vec![vote(), votes(), rounds(), reveal(), reset(), go_on()]
}

fn vote() -> Operation {
    let vote = Operation::post(
        "/api/sessions/{sessionId}/vote",
        "Vote, or change one's vote",
    );
    guarded(vote, "It is somebody else's vote, or a spectator's.")
        .of(VOTING)
        .takes(Body::Required, Schemas::named::<NewVote>)
        .answers(200, "The vote is taken.", one::<Receipt>)
        .answers(
            400,
            "The vote breaks a rule, or the voting is closed.",
            refusal,
        )
        .answers(404, "The session is unknown, or the player.", refusal)
}

fn votes() -> Operation {
    let text = "The active story unless given.";
    let votes = Operation::get("/api/sessions/{sessionId}/votes", "List the votes");
    protected(votes)
        .of(VOTING)
        .asks(
            "storyId",
            text,
            json!({ "type": "string", "format": "uuid" }),
        )
        .answers(
            200,
            "Who has voted; with what, once it is revealed.",
            one::<Votes<'static>>,
        )
        .answers(404, "The session is unknown, or the story.", refusal)
}

fn rounds() -> Operation {
    let path = "/api/sessions/{sessionId}/rounds";
    protected(Operation::get(path, "List the rounds"))
        .of(VOTING)
        .answers(
            200,
            "The last 100 rounds whose cards were opened, oldest first, as they were then; none if \
             the session is unknown.",
            list::<RoundObject<'static>>,
        )
}

fn reveal() -> Operation {
    let reveal = Operation::post("/api/sessions/{sessionId}/reveal", "Reveal the cards");
    guarded(reveal, "The host may always, others once all have voted.")
        .of(VOTING)
        .takes(Body::Optional, Schemas::named::<Ignored>)
        .answers(
            200,
            "The open cards; the same if they were open.",
            one::<Revealed<'static>>,
        )
        .answers(400, "There is nothing to reveal.", refusal)
        .answers(404, "The session is unknown.", refusal)
}

fn reset() -> Operation {
    let path = "/api/sessions/{sessionId}/reset-voting";
    let reset = Operation::post(path, "Vote on the same story again");
    guarded(
        reset,
        "The host may always, others once the cards are open.",
    )
    .of(VOTING)
    .takes(Body::Optional, Schemas::named::<Ignored>)
    .answers(200, "The votes are gone.", one::<Message>)
    .answers(404, "The session is unknown.", refusal)
}

fn go_on() -> Operation {
    let path = "/api/sessions/{sessionId}/reset";
    let next = Operation::post(path, "Complete the story and go on to the next one");
    guarded(
        next,
        "Only the session's host, and who may manage its stories, may.",
    )
    .of(VOTING)
    .takes(Body::Optional, Schemas::named::<NextRound>)
    .answers(200, "The round is over.", one::<Message>)
}
