//! An emoji for everybody in the room. It passes: nothing is stored, and nobody misses it.

use serde_json::Value;

use super::Conversation;
use crate::rules::ids::utf16_len;
use crate::wire::poker::frames;
use crate::wire::poker::text::MAX_EMOJI;
use crate::wire::poker::whisper::Whisper;
use crate::wire::poker_io::events::{ClientEvent as E, Refusal, no_reactions};

impl Conversation {
    /// Shows the room an emoji of the player's, if the session has not switched that off.
    pub(super) async fn react(&mut self, payload: &Value) -> Result<(), Refusal> {
        let event = E::ReactionSend;
        let player = self.player().ok_or_else(|| event.without_player())?;
        if !self.is_proven().await {
            return Err(E::unproven());
        }
        let emoji = emoji(payload).ok_or_else(|| event.unreadable())?;
        let (session, delivery) = (self.session(), self.poker.delivery.clone());
        let frame = frames::reaction(player, emoji);
        let shown = self.poker.gate.rooms.peek(session, move |look| {
            let member = look.state.player(player).is_some_and(|it| it.present());
            if !member {
                return Err(event.without_player());
            }
            if !look.state.settings.effects.fun {
                return Err(no_reactions());
            }
            delivery.show(session, frame);
            Ok(())
        });
        shown.await.map_err(|error| event.refused(&error))??;
        let store = &self.poker.gate.rooms.surroundings().store;
        if store.is_shared() {
            let (from, emoji) = (player, emoji.to_owned());
            let words = Whisper::Reaction { from, emoji }.encode();
            // Whoever is connected elsewhere does not miss it for good.
            let _ = store.whisper(session, words).await;
        }
        Ok(())
    }
}

fn emoji(payload: &Value) -> Option<&str> {
    let emoji = payload.get("emoji")?.as_str()?;
    let fits = (1..=MAX_EMOJI).contains(&utf16_len(emoji));
    fits.then_some(emoji)
}
