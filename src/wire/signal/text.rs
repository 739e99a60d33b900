//! Lengths of what clients of this dialect send: too long a text is cut, not refused.

use crate::rules::ids::{js_trim, utf16_len};

/// Longest name of a player, in UTF-16 units.
pub const MAX_NAME: usize = 50;
/// Longest name of a session, in UTF-16 units.
pub const MAX_SESSION_NAME: usize = 100;
/// Longest title of a round, in UTF-16 units.
pub const MAX_TITLE: usize = 255;
/// Longest id that a client chooses, in UTF-16 units.
pub const MAX_ID: usize = 100;

/// The text without white space around it, cut to so many UTF-16 units; `None` if nothing remains.
#[must_use]
pub fn cut(text: &str, max_units: usize) -> Option<String> {
    let text = js_trim(text);
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= max_units
    };
    let kept: String = text.chars().take_while(fits).collect();
    let kept = js_trim(&kept);
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// An id chosen by a client; `None` if it is empty or too long to be one.
#[must_use]
pub fn chosen_id(text: &str) -> Option<&str> {
    let fits = (1..=MAX_ID).contains(&utf16_len(text));
    fits.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_cut_between_characters() {
        assert_eq!(cut("  Bob \n", 50).as_deref(), Some("Bob"));
        assert_eq!(cut("ab🦊", 3).as_deref(), Some("ab"));
        assert_eq!(cut("ab cd", 3).as_deref(), Some("ab"));
        assert_eq!(cut(" \u{feff} ", 3), None);
    }

    #[test]
    fn ids_are_taken_as_they_are_or_not_at_all() {
        assert_eq!(chosen_id(" u 1 "), Some(" u 1 "));
        assert_eq!(chosen_id(""), None);
        assert_eq!(chosen_id(&"x".repeat(MAX_ID + 1)), None);
    }
}
