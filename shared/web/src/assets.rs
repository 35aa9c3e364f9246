//! The files every page loads: compiled in, named by the hash of their content, so browsers may keep them for ever.

use std::sync::OnceLock;

use store::secret;

/// A file that is compiled in.
#[derive(Debug)]
pub struct Asset {
    stem: &'static str,
    extension: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
    /// Its content type.
    pub content_type: &'static str,
    file: OnceLock<String>,
}

macro_rules! asset {
    ($stem:literal, $extension:literal, $content_type:literal) => {
        Asset {
            stem: $stem,
            extension: $extension,
            bytes: include_bytes!(concat!("../../../templates/assets/", $stem, ".", $extension)),
            content_type: $content_type,
            file: OnceLock::new(),
        }
    };
}

/// `portal.css`.
pub static STYLESHEET: Asset = asset!("portal", "css", "text/css; charset=utf-8");
/// `portal.js`.
pub static SCRIPT: Asset = asset!("portal", "js", "text/javascript; charset=utf-8");
/// Shown in the tab of tenants without a logo.
pub static ICON: Asset = asset!("icon", "svg", "image/svg+xml");

/// The compiled-in file of a name, whichever hash it carries.
#[must_use]
pub fn find(file: &str) -> Option<&'static Asset> {
    [&STYLESHEET, &SCRIPT, &ICON].into_iter().find(|asset| asset.file() == file)
}

impl Asset {
    fn file(&self) -> &str {
        self.file.get_or_init(|| named(self.stem, self.bytes, self.extension))
    }
}

/// Address of a compiled-in file.
#[must_use]
pub fn href(asset: &Asset) -> String {
    format!("/assets/{}", asset.file())
}

/// Address of a tenant's accent sheet.
#[must_use]
pub fn theme_href(css: &str) -> String {
    format!("/assets/{}", theme_file(css))
}

/// File name of a tenant's accent sheet.
#[must_use]
pub fn theme_file(css: &str) -> String {
    named("theme", css.as_bytes(), "css")
}

/// A file name with the first bits of its content's hash.
#[must_use]
pub fn named(stem: &str, bytes: &[u8], extension: &str) -> String {
    let hash = secret::encode(&secret::mac(b"asset", bytes)[..9]);
    format!("{stem}-{hash}.{extension}")
}
