//! One accent colour on white paper: the tenant's own where it can be read, else dark ink.

use domain::tenant::Colour;

/// Text of a document; `letter.typ` has the same.
const INK: Colour = Colour([0x1c, 0x21, 0x26]);

/// WCAG 2.2 §1.4.3 for text of any size.
const MIN_CONTRAST: f64 = 4.5;

/// The colour for headings and rules.
pub(super) fn readable(accent: Colour) -> Colour {
    if contrast_on_white(accent) >= MIN_CONTRAST { accent } else { INK }
}

fn contrast_on_white(colour: Colour) -> f64 {
    let [red, green, blue] = colour.0.map(|channel| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    });
    1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pale_accent_becomes_dark_ink() {
        for (accent, expected) in
            [("#0057b8", "#0057b8"), ("#e6007e", "#e6007e"), ("#ffd400", "#1c2126"), ("#ffffff", "#1c2126")]
        {
            assert_eq!(readable(accent.parse().unwrap()).to_string(), expected, "{accent}");
        }
    }
}
