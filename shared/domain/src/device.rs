//! With what somebody signed in, in two coarse words: enough to recognise one's own telephone, too little to follow anybody.

use serde::{Deserialize, Serialize};

/// A browser and the system it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Device {
    /// The browser.
    pub browser: Browser,
    /// The system.
    pub system: System,
}

/// The browsers that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Browser {
    Firefox,
    Edge,
    Opera,
    SamsungInternet,
    Chrome,
    Safari,
}

/// The systems that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum System {
    Android,
    Ios,
    Windows,
    Macos,
    Linux,
}

/// Signs of browsers in `User-Agent`, in the order in which they are looked for: most of them also call themselves Chrome or
/// Safari.
const BROWSERS: [(&str, Browser); 11] = [
    ("EdgA/", Browser::Edge),
    ("EdgiOS/", Browser::Edge),
    ("Edg/", Browser::Edge),
    ("OPR/", Browser::Opera),
    ("OPT/", Browser::Opera),
    ("SamsungBrowser/", Browser::SamsungInternet),
    ("FxiOS/", Browser::Firefox),
    ("Firefox/", Browser::Firefox),
    ("CriOS/", Browser::Chrome),
    ("Chrome/", Browser::Chrome),
    ("Safari/", Browser::Safari),
];

/// Signs of systems, likewise: Android calls itself Linux too, and an iPhone „like Mac OS X".
const SYSTEMS: [(&str, System); 6] = [
    ("Android", System::Android),
    ("iPhone", System::Ios),
    ("iPad", System::Ios),
    ("Windows NT", System::Windows),
    ("Mac OS X", System::Macos),
    ("Linux", System::Linux),
];

impl Device {
    /// What a `User-Agent` says; nothing for programs and for what is not known.
    #[must_use]
    pub fn of_user_agent(said: &str) -> Option<Self> {
        let browser = BROWSERS.iter().find(|(sign, _)| said.contains(sign))?.1;
        let system = SYSTEMS.iter().find(|(sign, _)| said.contains(sign))?.1;
        Some(Self { browser, system })
    }
}

impl Browser {
    /// As it calls itself to people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Firefox => "Firefox",
            Self::Edge => "Edge",
            Self::Opera => "Opera",
            Self::SamsungInternet => "Samsung Internet",
            Self::Chrome => "Chrome",
            Self::Safari => "Safari",
        }
    }
}

impl System {
    /// As it calls itself to people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Android => "Android",
            Self::Ios => "iOS",
            Self::Windows => "Windows",
            Self::Macos => "macOS",
            Self::Linux => "Linux",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_browsers_are_told_apart() {
        const LIKE: &str = "(KHTML, like Gecko)";
        let of = |said: &str| Device::of_user_agent(said).map(|device| (device.browser.name(), device.system.name()));
        for (said, browser, system) in [
            ("Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0".to_owned(), "Firefox", "Android"),
            (
                format!(
                    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 {LIKE} Chrome/142.0.0.0 Mobile Safari/537.36"
                ),
                "Chrome",
                "Android",
            ),
            (
                format!(
                    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 {LIKE} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"
                ),
                "Samsung Internet",
                "Android",
            ),
            (
                format!(
                    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 {LIKE} Version/26.0 Mobile/15E148 Safari/604.1"
                ),
                "Safari",
                "iOS",
            ),
            (
                format!(
                    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 {LIKE} FxiOS/144.0 Mobile/15E148 Safari/604.1"
                ),
                "Firefox",
                "iOS",
            ),
            (
                format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 {LIKE} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"
                ),
                "Edge",
                "Windows",
            ),
            (
                format!(
                    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 {LIKE} Chrome/142.0.0.0 Safari/537.36 OPR/122.0.0.0"
                ),
                "Opera",
                "Linux",
            ),
            (
                format!(
                    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 {LIKE} Version/26.0 Safari/605.1.15"
                ),
                "Safari",
                "macOS",
            ),
        ] {
            assert_eq!(of(&said), Some((browser, system)), "{said}");
        }
    }

    #[test]
    fn what_is_not_known_has_no_name() {
        for said in ["", "curl/8.16.0", "Firefox/144.0", "Mozilla/5.0 (Windows NT 10.0) Lynx", "python-requests/2.32"] {
            assert_eq!(Device::of_user_agent(said), None, "{said}");
        }
    }
}
