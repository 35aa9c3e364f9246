//! Phone numbers as people write them; ITU-T E.123 says how, E.164 how long they are.

/// Fewest digits of a number somebody can be called at.
pub const MIN_DIGITS: usize = 5;
/// Most digits (ITU-T E.164).
pub const MAX_DIGITS: usize = 15;

/// Is it a phone number: digits, a plus in front, and the signs that people set between them?
#[must_use]
pub fn is_phone_number(text: &str) -> bool {
    let text = text.trim();
    let rest = text.strip_prefix('+').unwrap_or(text);
    let digits = rest.chars().filter(char::is_ascii_digit).count();
    let only_known = rest.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '\u{a0}' | '/' | '-' | '(' | ')'));
    only_known && (MIN_DIGITS..=MAX_DIGITS).contains(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_known_however_they_are_written() {
        for number in
            ["0441 1234567", "+49 (0)441 12-34", "0441/12345", " 11833 ", "+353\u{a0}20 910 1234", "0049441123456"]
        {
            assert!(is_phone_number(number), "{number}");
        }
        for other in [
            "",
            "+",
            "1234",
            "1234567890123456",
            "0441 Büro",
            "0441+123456",
            "++49441123",
            "0441.123456",
            "１２３４５６",
        ] {
            assert!(!is_phone_number(other), "{other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_a_keypad_writes_is_a_number(digits in "[0-9]{5,15}", plus in "\\+?", gap in "[ /()-]") {
            let (first, last) = digits.split_at(3);
            assert!(is_phone_number(&format!("{plus}{first}{gap}{last}")));
        }

        #[test]
        fn a_letter_makes_it_no_number(before in "[0-9]{0,8}", letter in "[a-zA-Zäöü@.,;<]", after in "[0-9]{5,8}") {
            let text = format!("{before}{letter}{after}");
            assert!(!is_phone_number(&text), "{text}");
        }
    }
}
