//! The drawings a page uses, and no others, as one sprite at the top of its body.

/// All drawings, one symbol a line.
const SYMBOLS: &str = include_str!("../../../../templates/parts/icons.svg");

/// Where the layout wants the sprite.
const PLACE: &str = "<!-- icons -->";

/// How a page names a drawing.
const USE: &str = "href=\"#icon-";

/// Puts the symbols a page uses where its layout wants them.
#[must_use]
pub fn with_icons(html: String) -> String {
    let sprite = sprite(&html);
    html.replacen(PLACE, &sprite, 1)
}

fn sprite(html: &str) -> String {
    let mut used: Vec<&str> = html.split(USE).skip(1).filter_map(|rest| rest.split('"').next()).collect();
    used.sort_unstable();
    used.dedup();
    if used.is_empty() {
        return String::new();
    }
    let symbols: Vec<&str> = SYMBOLS.lines().filter(|line| id(line).is_some_and(|id| used.contains(&id))).collect();
    format!("<svg class=\"icons\" width=\"0\" height=\"0\" aria-hidden=\"true\">{}</svg>", symbols.join(""))
}

fn id(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix("<symbol id=\"icon-")?.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_carries_only_the_symbols_it_uses() {
        let page = with_icons(format!("{PLACE}<use href=\"#icon-pdf\"/><use href=\"#icon-pdf\"/>"));
        assert_eq!(page.matches("<symbol").count(), 1);
        assert!(page.contains("<symbol id=\"icon-pdf\""));
        assert_eq!(with_icons(format!("{PLACE}x")), "x");
    }
}
