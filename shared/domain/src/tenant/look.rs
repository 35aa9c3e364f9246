//! Accent colour and logo.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A colour as `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct Colour(pub [u8; 3]);

impl FromStr for Colour {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "must be a colour such as #0057b8";
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii()).ok_or(WRONG)?;
        let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| WRONG);
        Ok(Self([channel(0)?, channel(2)?, channel(4)?]))
    }
}

impl TryFrom<String> for Colour {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// A picture that was re-encoded when it was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// File name with content hash, below `/assets/`.
    pub file: String,
    /// Width in which it is shown, CSS pixels.
    pub width: u16,
    /// Height in which it is shown, at most 40 CSS pixels.
    pub height: u16,
}

/// Accent colour and logo (M-50, M-62). The derived sheet is computed once, when the colour is saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Branding {
    /// As the operator chose it.
    pub accent: Colour,
    /// The accent sheet derived from it, accessible in light and dark (B-07).
    pub theme_css: String,
    /// Link colour for mails on white, derived likewise.
    pub link: Colour,
    /// On light ground.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<Picture>,
    /// On dark ground, if there is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_dark: Option<Picture>,
}

impl Branding {
    /// Accent of a tenant that chose none.
    pub const DEFAULT_ACCENT: Colour = Colour([0x00, 0x57, 0xb8]);
}

impl Default for Branding {
    fn default() -> Self {
        Self {
            accent: Self::DEFAULT_ACCENT,
            theme_css: String::new(),
            link: Self::DEFAULT_ACCENT,
            logo: None,
            logo_dark: None,
        }
    }
}
