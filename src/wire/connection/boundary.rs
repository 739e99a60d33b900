//! Where one WebSocket frame ends and the next begins, in bytes that a WebSocket writes.
//!
//! Frames of servers are not masked, and no extension is ever agreed on (RFC 6455, section 5.2).

/// The longest header of an unmasked frame, and the two characters behind it that are looked at.
const LOOKED_AT_BYTES: usize = 10 + 2;
/// A final fragment of text; what Engine.IO sends is never fragmented.
const TEXT: u8 = 0x81;
/// Payload lengths that stand for a longer length field.
const LENGTH_16: u8 = 126;
const LENGTH_64: u8 = 127;

/// Follows frames as they are written.
#[derive(Debug, Default)]
pub(super) struct Boundary {
    head: [u8; LOOKED_AT_BYTES],
    /// Bytes of `head` that are known.
    known: usize,
    /// Payload bytes of the frame that are still to come, behind `head`.
    rest: u64,
    /// Messages of Socket.IO that have been written whole.
    messages: u64,
}

impl Boundary {
    /// Whether the next byte begins a frame.
    pub(super) fn is_here(&self) -> bool {
        self.known == 0
    }

    /// Answers to CONNECT, events and acknowledgements of Socket.IO (`40...`, `42...`, `43...`) that
    /// have been written whole.
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    /// Bytes of `next` that belong to the frame under way.
    pub(super) fn within(&self, next: &[u8]) -> usize {
        let mut ahead = Self { ..*self };
        for (count, byte) in next.iter().enumerate() {
            if ahead.rest > 0 {
                let skipped = usize::try_from(ahead.rest).unwrap_or(usize::MAX);
                return next.len().min(count.saturating_add(skipped));
            }
            ahead.note(&[*byte]);
            if ahead.is_here() {
                return count + 1;
            }
        }
        next.len()
    }

    /// Takes note of written bytes.
    pub(super) fn note(&mut self, mut written: &[u8]) {
        while let Some((byte, behind)) = written.split_first() {
            if self.rest > 0 {
                let skipped = usize::try_from(self.rest).unwrap_or(usize::MAX);
                let skipped = skipped.min(written.len());
                self.rest -= skipped as u64;
                written = &written[skipped..];
            } else {
                self.head[self.known] = *byte;
                self.known += 1;
                written = behind;
                self.rest = self.rest_behind_head();
            }
            self.end_frame();
        }
    }

    /// The payload behind what is looked at; 0 as long as not all of that is known.
    fn rest_behind_head(&self) -> u64 {
        match self.lengths() {
            Some((looked_at, payload, header)) if self.known == looked_at => {
                payload - (looked_at - header) as u64
            }
            _ => 0,
        }
    }

    fn end_frame(&mut self) {
        let Some((looked_at, _, header)) = self.lengths() else {
            return;
        };
        if self.known < looked_at || self.rest > 0 {
            return;
        }
        let is_message = matches!(self.head[header..looked_at], [b'4', b'0' | b'2' | b'3']);
        if self.head[0] == TEXT && is_message {
            self.messages += 1;
        }
        self.known = 0;
    }

    /// Bytes that are looked at, length of the payload, and length of the header, once they are known.
    fn lengths(&self) -> Option<(usize, u64, usize)> {
        let short = *self.head[..self.known].get(1)?;
        let (header, payload) = match short {
            LENGTH_16 if self.known >= 4 => {
                let bytes = [self.head[2], self.head[3]];
                (4, u64::from(u16::from_be_bytes(bytes)))
            }
            LENGTH_64 if self.known >= 10 => {
                let bytes = self.head[2..10].try_into().expect("these are eight");
                (10, u64::from_be_bytes(bytes))
            }
            LENGTH_16 | LENGTH_64 => return None,
            short => (2, u64::from(short)),
        };
        let looked_at = header + usize::try_from(payload.min(2)).expect("it is small");
        Some((looked_at, payload, header))
    }
}

/// The bytes of one unmasked text frame.
#[must_use]
pub fn text_frame(parts: &[&str]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut frame = Vec::with_capacity(length + LOOKED_AT_BYTES);
    frame.push(TEXT);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < LENGTH_16 => frame.push(short),
        (_, Ok(medium)) => {
            frame.push(LENGTH_16);
            frame.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            frame.push(LENGTH_64);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    parts
        .iter()
        .for_each(|part| frame.extend_from_slice(part.as_bytes()));
    frame
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PING: [u8; 2] = [0x89, 0];

    proptest! {
        #[test]
        fn boundaries_and_messages_are_found_however_the_bytes_are_cut(
            lengths in prop::collection::vec(prop_oneof![0..4_usize, 120..130_usize, 65_530..65_540_usize], 1..6),
            cut in 1..70_000_usize,
        ) {
            let (mut bytes, mut ends) = (Vec::new(), vec![0]);
            for length in &lengths {
                bytes.extend(text_frame(&["42", &"x".repeat(*length)]));
                ends.push(bytes.len());
                bytes.extend(PING);
                ends.push(bytes.len());
            }
            let (mut boundary, mut written) = (Boundary::default(), 0);
            for piece in bytes.chunks(cut) {
                let mut piece = piece;
                while !piece.is_empty() {
                    let count = boundary.within(piece);
                    boundary.note(&piece[..count]);
                    written += count;
                    prop_assert_eq!(boundary.is_here(), ends.contains(&written));
                    piece = &piece[count..];
                }
            }
            prop_assert!(boundary.is_here());
            prop_assert_eq!(boundary.messages(), lengths.len() as u64);
        }
    }

    #[test]
    fn welcomes_events_and_acknowledgements_are_messages_and_nothing_else_is() {
        let mut boundary = Boundary::default();
        for packet in ["2", "0{}", "44{}", "", "4", "41"] {
            boundary.note(&text_frame(&[packet]));
            assert!(boundary.is_here());
        }
        assert_eq!(boundary.messages(), 0);
        boundary.note(&text_frame(&["40{\"sid\":\"x\"}"]));
        boundary.note(&text_frame(&["43", "1[]"]));
        boundary.note(&text_frame(&["42[\"e\"]"]));
        assert_eq!(boundary.messages(), 3);
    }

    #[test]
    fn a_whole_write_of_many_frames_is_followed_at_once() {
        let mut bytes = text_frame(&["42[]"]);
        bytes.extend(text_frame(&["2"]));
        bytes.extend(text_frame(&["42", &"y".repeat(300)]));
        let mut boundary = Boundary::default();
        boundary.note(&bytes);
        assert!(boundary.is_here());
        assert_eq!(boundary.messages(), 2);
    }
}
