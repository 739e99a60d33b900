//! Limits and texts for what clients send; REST and sockets check the same.

use unicode_properties::{EmojiStatus, UnicodeEmoji};

/// Joins several emoji into one picture.
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// Asks for the picture of a character that also exists as text.
const EMOJI_VARIATION: char = '\u{fe0f}';
/// The longest name of an avatar.
const MAX_AVATAR_NAME: usize = 50;

/// The longest emoji that is shown or thrown, in UTF-16 units.
pub const MAX_EMOJI: usize = 16;

/// Whether a text is one emoji in the sense of the protocol.
#[must_use]
pub fn is_one_emoji(text: &str) -> bool {
    text.split(ZERO_WIDTH_JOINER).all(is_emoji_unit)
}

/// Whether a text can be an avatar on the socket: an emoji, or a name like `avatar-3`.
#[must_use]
pub fn is_avatar(text: &str) -> bool {
    let name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_name = (1..=MAX_AVATAR_NAME).contains(&text.len()) && text.bytes().all(name);
    is_name || is_one_emoji(text)
}

fn is_emoji_unit(unit: &str) -> bool {
    let mut chars = unit.chars();
    let Some(first) = chars.next() else {
        return false;
    };
    match (chars.next(), chars.next()) {
        (None, None) => has_emoji_presentation(first),
        (Some(EMOJI_VARIATION), None) => first.is_emoji_char(),
        _ => false,
    }
}

fn has_emoji_presentation(c: char) -> bool {
    matches!(
        c.emoji_status(),
        EmojiStatus::EmojiPresentation
            | EmojiStatus::EmojiPresentationAndModifierBase
            | EmojiStatus::EmojiPresentationAndEmojiComponent
            | EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_own_avatars_are_single_emoji() {
        let offered = "👩‍💻 🧙‍♂️ 🦊 🚀 🥷 🎮 ☕ 🐧 🔮 🎯 🤖 🦄 👤";
        for emoji in offered.split(' ') {
            assert!(is_one_emoji(emoji), "{emoji}");
        }
    }

    #[test]
    fn letters_digits_and_several_emoji_are_not_one_emoji() {
        for text in [
            "", "a", "5", "abc🚀", "🚀🚀", "👍🏽", "avatar-1", "\u{200d}", "🦊 ", "🇩🇪",
        ] {
            assert!(!is_one_emoji(text), "{text}");
        }
    }

    #[test]
    fn sockets_also_accept_avatar_names() {
        assert!(is_avatar("avatar-3") && is_avatar("🦊"));
        assert!(!is_avatar("") && !is_avatar("avatar 3") && !is_avatar(&"a".repeat(51)));
    }
}
