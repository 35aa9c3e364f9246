//! `/assets/{file}`: stylesheet, script, the tenant's accent sheet and logo, each under the hash of its content.

use files::{FilesError, Object};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{Answer, Asked, File, Problem, PublicContext, assets};

use crate::Clients;

/// Largest logo that is handed out; saved ones are smaller.
const MAX_LOGO_BYTES: usize = 1024 * 1024;

/// Which file.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Ask {
    file: String,
}

/// Hands the file out. A hash that is not today's is 404: pages name the current one.
pub(crate) async fn show(cx: PublicContext, clients: Clients, ask: Asked<Ask>) -> Answer<File> {
    let file = ask.0.file.as_str();
    let branding = &cx.tenant().settings.branding;
    if let Some(asset) = assets::find(file) {
        return Ok(File::immutable(asset.bytes.to_vec(), asset.content_type));
    }
    if file == assets::theme_file(&branding.theme_css) {
        return Ok(File::immutable(branding.theme_css.clone().into_bytes(), "text/css; charset=utf-8"));
    }
    let logos = [&branding.logo, &branding.logo_dark];
    if logos.into_iter().flatten().any(|logo| logo.file == file) {
        let object = Object::Logo { tenant: cx.tenant().scope().id(), file };
        let bytes = clients.files.get(object, MAX_LOGO_BYTES).await.map_err(problem)?;
        // Mails show it too, and browsers show mails on pages of others.
        return Ok(File::immutable(bytes, "image/png").anywhere());
    }
    Err(Problem::NotFound)
}

fn problem(error: FilesError) -> Problem {
    match error {
        FilesError::NotFound => Problem::NotFound,
        error => Problem::Unavailable(error.to_string()),
    }
}
