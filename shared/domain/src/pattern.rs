//! Shapes of postal codes and tax numbers, as their issuers describe them: one sign for each character.

/// Does the text have this shape? `#` is a digit, `%` one from 1 to 9, `?` a letter, `@` a letter or digit, and every other
/// sign stands for itself. Letters are capitals.
pub(crate) fn fits(shape: &str, text: &str) -> bool {
    let (mut signs, mut given) = (shape.chars(), text.chars());
    loop {
        match (signs.next(), given.next()) {
            (None, None) => return true,
            (Some(sign), Some(c)) if stands_for(sign, c) => {}
            _ => return false,
        }
    }
}

/// The text with the separators that stand in the shape, or `None` when it has not this shape. Spaces and dashes of the
/// shape are not looked for in the text.
pub(crate) fn laid_out(shape: &str, text: &str) -> Option<String> {
    let bare: String = shape.chars().filter(|sign| !is_separator(*sign)).collect();
    if !fits(&bare, text) {
        return None;
    }
    let mut given = text.chars();
    shape.chars().map(|sign| if is_separator(sign) { Some(sign) } else { given.next() }).collect()
}

/// Characters that people leave out or put in as they like.
pub(crate) const fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-')
}

fn stands_for(sign: char, c: char) -> bool {
    match sign {
        '#' => c.is_ascii_digit(),
        '%' => c.is_ascii_digit() && c != '0',
        '?' => c.is_ascii_uppercase(),
        '@' => c.is_ascii_digit() || c.is_ascii_uppercase(),
        sign => c == sign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_says_what_stands_where() {
        assert!(fits("U%#?@", "U10A9") && !fits("U%#?@", "U00A9") && !fits("U%#?@", "U10a9"));
        assert!(!fits("##", "1") && !fits("##", "123") && !fits("##", "１２"));
    }

    #[test]
    fn separators_are_put_where_they_belong() {
        assert_eq!(laid_out("#### ??", "1234AB"), Some("1234 AB".to_owned()));
        assert_eq!(laid_out("##-###", "00950"), Some("00-950".to_owned()));
        assert_eq!(laid_out("##-###", "0095"), None);
    }
}
