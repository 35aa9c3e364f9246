//! Characters that nobody sees in a line: some hide in a word or turn the direction of reading, others end the line.
//!
//! Names with them look like other names, so customers cannot type them, and what came in another way loses them where it
//! goes out: on papers, in mails, in names of files.

/// Has it no width, or does it turn the direction of reading?
#[must_use]
pub const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Does it end the line, or command whoever shows it?
#[must_use]
pub fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_told_from_what_shows() {
        for c in ['\u{ad}', '\u{200b}', '\u{200d}', '\u{202e}', '\u{2066}', '\u{feff}', '\u{e0041}'] {
            assert!(is_unseen(c) && !is_break(c), "{c:?}");
        }
        for c in ['\n', '\r', '\u{7}', '\u{85}', '\u{2028}'] {
            assert!(is_break(c) && !is_unseen(c), "{c:?}");
        }
        for c in ['a', ' ', '\u{a0}', 'ß', '–', '„', 'ي', '語', '🎪'] {
            assert!(!is_unseen(c) && !is_break(c), "{c:?}");
        }
    }
}
