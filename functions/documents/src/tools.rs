//! What every paper needs: the tenant's logo, a deep stack for the engine, the bucket's errors as ours, and how long its
//! address works.

use std::time::Duration;

use files::{Files, FilesError, Object};
use store::Tenant;
use web::{Answer, Problem};

/// How long the bucket's address of a paper works.
pub(crate) const ADDRESS_LIFETIME: Duration = Duration::from_secs(300);
/// Largest logo that is put on paper.
const MAX_LOGO_BYTES: usize = 1024 * 1024;
/// Stack of the renderer.
const RENDER_STACK_BYTES: usize = 32 * 1024 * 1024;

/// The tenant's logo, where it has one.
pub(crate) async fn logo(files: &Files, tenant: &Tenant) -> Answer<Option<Vec<u8>>> {
    let Some(picture) = &tenant.settings.branding.logo else { return Ok(None) };
    let object = Object::Logo { tenant: tenant.scope().id(), file: &picture.file };
    files.get(object, MAX_LOGO_BYTES).await.map(Some).map_err(unavailable)
}

/// The engine recurses deeper than the threads of an async runtime allow.
pub(crate) fn with_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Answer<T> {
    let broken = || Problem::Internal("the renderer's thread ended".into());
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(RENDER_STACK_BYTES).spawn_scoped(scope, work);
        thread.map_err(|error| Problem::Internal(error.to_string()))?.join().map_err(|_| broken())
    })
}

pub(crate) fn unavailable(error: FilesError) -> Problem {
    Problem::Unavailable(error.to_string())
}
