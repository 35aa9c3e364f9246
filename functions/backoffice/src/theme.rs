//! The accent sheet of a tenant: any colour is accepted, and what is derived from it is readable (M-50, M-62, B-07).
//!
//! The colour is changed in OKLCH, where equal steps look equal: lightness moves until the contrast is reached, hue stays,
//! chroma gives way only where the screen cannot show it. Contrast is that of WCAG 2.2.

use domain::tenant::Colour;
use palette::{IntoColor as _, LinSrgb, Oklab, Oklch, Srgb, convert::FromColorUnclamped as _};

/// Text must reach this on its ground (WCAG 1.4.3).
const TEXT: f64 = 4.5;
/// Aimed at where lightness is chosen freely, so that rounding to eight bits never falls below [`TEXT`].
const TEXT_AIM: f64 = 4.55;
/// Edges of controls must reach this (WCAG 1.4.11).
const EDGE: f64 = 3.0;
/// Aimed at for edges.
const EDGE_AIM: f64 = 3.05;

const WHITE: Colour = Colour([0xff; 3]);
const INK: Colour = Colour([0x0b, 0x0d, 0x10]);
const BLACK: Colour = Colour([0; 3]);

/// `--page`, `--surface` and `--surface-2` of portal.css: change them only together.
const LIGHT_SURFACES: [Colour; 3] = [Colour([0xf6, 0xf7, 0xf9]), WHITE, Colour([0xf0, 0xf2, 0xf5])];
const DARK_SURFACES: [Colour; 3] = [Colour([0x0f, 0x11, 0x15]), Colour([0x18, 0x1b, 0x21]), Colour([0x20, 0x24, 0x2c])];

/// The colours derived from an accent, for light and dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    light: Shades,
    dark: Shades,
}

/// The colours of one scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shades {
    /// Ground of the primary button.
    accent: Colour,
    /// Text on it.
    on_accent: Colour,
    /// Its edge against the surface.
    edge: Colour,
    /// Ground while the pointer is on it.
    hover: Colour,
    /// Links and the focus ring, on all surfaces and on `soft`.
    text: Colour,
    /// A tint.
    soft: Colour,
}

/// Light or dark, and which way lightness moves for more contrast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Light,
    Dark,
}

/// Derives the colours of both schemes.
#[must_use]
pub fn theme(accent: Colour) -> Theme {
    Theme { light: shades(accent, Scheme::Light), dark: shades(accent, Scheme::Dark) }
}

impl Theme {
    /// The sheet that is loaded after portal.css. It is not layered, so it wins over the neutral accent.
    #[must_use]
    pub fn css(&self) -> String {
        let Self { light, dark } = self;
        let pairs = [
            ("accent", light.accent, dark.accent),
            ("on-accent", light.on_accent, dark.on_accent),
            ("accent-edge", light.edge, dark.edge),
            ("accent-hover", light.hover, dark.hover),
            ("accent-text", light.text, dark.text),
            ("accent-soft", light.soft, dark.soft),
            ("focus", light.text, dark.text),
        ];
        let lines: Vec<String> =
            pairs.map(|(name, light, dark)| format!("--{name}:light-dark({light},{dark})")).to_vec();
        format!(":root{{{}}}", lines.join(";"))
    }

    /// Colour of links in mails, which stand on white.
    #[must_use]
    pub const fn link(&self) -> Colour {
        self.light.text
    }
}

fn shades(accent: Colour, scheme: Scheme) -> Shades {
    let base = oklch(accent);
    let [page, surface, surface_2] = scheme.surfaces();
    let (accent, on_accent) = button(accent, base, scheme);
    let soft = shown(Oklch::new(scheme.soft_lightness(), base.chroma.min(scheme.soft_chroma()), base.hue));
    let text = moved(base, &[page, surface, surface_2, soft], TEXT_AIM, scheme.direction());
    let edge = if contrast(accent, surface) >= EDGE { accent } else { text };
    Shades { accent, on_accent, edge, hover: hover(accent, on_accent), text, soft }
}

/// Ground and text of the primary button: the colour itself if it can be, else the nearest that is readable.
fn button(accent: Colour, base: Oklch<f64>, scheme: Scheme) -> (Colour, Colour) {
    let (ground, text) = filled(accent, base);
    let [_, surface, _] = scheme.surfaces();
    if scheme == Scheme::Light || contrast(ground, surface) >= EDGE {
        return (ground, text);
    }
    let lifted = moved(oklch(ground), &[surface], EDGE_AIM, scheme.direction());
    let text = [WHITE, INK].into_iter().find(|text| contrast(lifted, *text) >= TEXT).unwrap_or(BLACK);
    (lifted, text)
}

fn filled(accent: Colour, base: Oklch<f64>) -> (Colour, Colour) {
    /// A colour may be darkened this much before black text is the smaller change.
    const SMALL_STEP: f64 = 0.06;
    if contrast(accent, WHITE) >= TEXT {
        return (accent, WHITE);
    }
    let darkened = moved(base, &[WHITE], TEXT_AIM, -1.0);
    if base.l - oklch(darkened).l <= SMALL_STEP {
        return (darkened, WHITE);
    }
    let text = if contrast(accent, INK) >= TEXT { INK } else { BLACK };
    (accent, text)
}

/// A visibly different ground that keeps the text readable.
fn hover(ground: Colour, text: Colour) -> Colour {
    let base = oklch(ground);
    let nearby = [-0.06, 0.06, -0.03, 0.03].map(|step| shown(lightened(base, step)));
    nearby.into_iter().find(|colour| contrast(*colour, text) >= TEXT).unwrap_or(ground)
}

impl Scheme {
    const fn surfaces(self) -> [Colour; 3] {
        match self {
            Self::Light => LIGHT_SURFACES,
            Self::Dark => DARK_SURFACES,
        }
    }

    const fn direction(self) -> f64 {
        match self {
            Self::Light => -1.0,
            Self::Dark => 1.0,
        }
    }

    const fn soft_lightness(self) -> f64 {
        match self {
            Self::Light => 0.955,
            Self::Dark => 0.30,
        }
    }

    const fn soft_chroma(self) -> f64 {
        match self {
            Self::Light => 0.03,
            Self::Dark => 0.05,
        }
    }
}

/// Moves lightness in small steps until the contrast with every ground is reached, or black or white is.
fn moved(base: Oklch<f64>, grounds: &[Colour], wanted: f64, direction: f64) -> Colour {
    const STEP: f64 = 0.005;
    const STEPS: u32 = 200;
    let reached = |colour: Colour| grounds.iter().all(|ground| contrast(colour, *ground) >= wanted);
    let mut current = base;
    for _ in 0..STEPS {
        if reached(shown(current)) {
            break;
        }
        current = lightened(current, direction * STEP);
    }
    shown(current)
}

fn lightened(colour: Oklch<f64>, by: f64) -> Oklch<f64> {
    Oklch { l: (colour.l + by).clamp(0.0, 1.0), ..colour }
}

fn oklch(colour: Colour) -> Oklch<f64> {
    linear(colour).into_color()
}

fn linear(colour: Colour) -> LinSrgb<f64> {
    let [red, green, blue] = colour.0;
    Srgb::new(red, green, blue).into_format::<f64>().into_linear()
}

/// The colour a screen shows: where it cannot, chroma is reduced until what is cut off cannot be seen (CSS Color 4 §13.2).
fn shown(colour: Oklch<f64>) -> Colour {
    /// A difference nobody notices, in OKLab.
    const UNSEEN: f64 = 0.02;
    const FINE_ENOUGH: f64 = 0.000_1;
    if colour.l <= 0.0 {
        return BLACK;
    }
    if colour.l >= 1.0 {
        return WHITE;
    }
    if in_gamut(rgb(colour)) {
        return eight_bit(rgb(colour));
    }
    let (mut low, mut high) = (0.0, colour.chroma);
    while high - low > FINE_ENOUGH {
        let chroma = f64::midpoint(low, high);
        let candidate = Oklch { chroma, ..colour };
        let cut = distance(candidate, oklch(eight_bit(rgb(candidate))));
        if in_gamut(rgb(candidate)) || cut <= UNSEEN {
            low = chroma;
        } else {
            high = chroma;
        }
    }
    eight_bit(rgb(Oklch { chroma: low, ..colour }))
}

fn rgb(colour: Oklch<f64>) -> Srgb<f64> {
    Srgb::from_linear(LinSrgb::from_color_unclamped(colour))
}

fn in_gamut(colour: Srgb<f64>) -> bool {
    /// Less than eight bits can tell.
    const NOTHING: f64 = 0.000_5;
    [colour.red, colour.green, colour.blue].iter().all(|channel| (-NOTHING..=1.0 + NOTHING).contains(channel))
}

/// Cut to what eight bits hold.
fn eight_bit(colour: Srgb<f64>) -> Colour {
    let rounded: Srgb<u8> = colour.into_format();
    Colour([rounded.red, rounded.green, rounded.blue])
}

fn distance(one: Oklch<f64>, other: Oklch<f64>) -> f64 {
    let (one, other): (Oklab<f64>, Oklab<f64>) = (one.into_color(), other.into_color());
    ((one.l - other.l).powi(2) + (one.a - other.a).powi(2) + (one.b - other.b).powi(2)).sqrt()
}

/// WCAG 2.2 contrast, 1 to 21.
fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    if one > other { one / other } else { other / one }
}

fn luminance(colour: Colour) -> f64 {
    let LinSrgb { red, green, blue, .. } = linear(colour);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_readable(accent: Colour, shades: &Shades, scheme: Scheme) {
        let [page, surface, surface_2] = scheme.surfaces();
        let at_least = |least: f64, name: &str, one: Colour, other: Colour| {
            let found = contrast(one, other);
            assert!(found >= least, "{accent} {scheme:?}: {name} {one} on {other} is {found:.2}");
        };
        at_least(TEXT, "button text", shades.on_accent, shades.accent);
        at_least(TEXT, "button text under the pointer", shades.on_accent, shades.hover);
        at_least(EDGE, "edge", shades.edge, surface);
        for ground in [page, surface, surface_2, shades.soft] {
            at_least(TEXT_AIM, "link", shades.text, ground);
        }
    }

    #[test]
    fn every_accent_becomes_readable() {
        let channels = (0..=15_u8).map(|step| step * 17);
        for red in channels.clone() {
            for green in channels.clone() {
                for blue in channels.clone() {
                    let accent = Colour([red, green, blue]);
                    let theme = theme(accent);
                    assert_readable(accent, &theme.light, Scheme::Light);
                    assert_readable(accent, &theme.dark, Scheme::Dark);
                }
            }
        }
    }

    /// Values of the design's own script (culori).
    #[test]
    fn the_sheets_are_those_of_the_design() {
        let blue = ":root{--accent:light-dark(#0057b8,#1765c7);--on-accent:light-dark(#ffffff,#ffffff);\
            --accent-edge:light-dark(#0057b8,#1765c7);--accent-hover:light-dark(#0045a4,#0053b3);\
            --accent-text:light-dark(#0057b8,#4c96fc);--accent-soft:light-dark(#e4f1ff,#1d2e47);\
            --focus:light-dark(#0057b8,#4c96fc)}";
        let yellow = ":root{--accent:light-dark(#ffd400,#ffd400);--on-accent:light-dark(#0b0d10,#0b0d10);\
            --accent-edge:light-dark(#846900,#ffd400);--accent-hover:light-dark(#ebc000,#ebc000);\
            --accent-text:light-dark(#846900,#ffd400);--accent-soft:light-dark(#f7f0da,#362d0c);\
            --focus:light-dark(#846900,#ffd400)}";
        for (accent, designed) in [(Colour([0x00, 0x57, 0xb8]), blue), (Colour([0xff, 0xd4, 0x00]), yellow)] {
            let derived = theme(accent).css();
            assert_eq!(derived, designed);
        }
    }
}
