//! The demo, loaded through the public API in the order in which `cargo portal` loads it.

use std::collections::BTreeMap;

use local::demo;
use serde_json::json;

use crate::{Portal, Tenant, portal::good};

/// The demo's tenants.
#[derive(Debug, Clone)]
pub struct Demo {
    tenants: BTreeMap<String, Tenant>,
}

impl Demo {
    pub(crate) async fn load(portal: &Portal) -> Self {
        let today = domain::time::Zone::default().day(portal.clock.now());
        let mut tenants = BTreeMap::new();
        for tenant in good(demo::tenants(today)) {
            if !tenant.slug.contains('~') {
                let body = json!({ "name": tenant.name, "language": tenant.language });
                portal.platform().put(&format!("/tenants/{}", tenant.slug), &body).await.status(201);
            }
            let made = portal.existing_tenant(&tenant.slug).await;
            for request in &tenant.requests {
                let sent = made.api.request(request.method.as_str(), &request.path);
                let answer = portal.ask(sent.body(request.body.content_type(), request.body.bytes())).await;
                let taken = answer.code() < 300
                    && (answer.bytes().is_empty() || answer.json()["failed"].as_u64().unwrap_or(0) == 0);
                assert!(taken, "{}: {} {}", answer.what(), answer.code(), answer.html());
            }
            tenants.insert(tenant.slug, made);
        }
        Self { tenants }
    }

    /// One of its tenants.
    #[must_use]
    #[track_caller]
    pub fn tenant(&self, slug: &str) -> &Tenant {
        self.tenants.get(slug).unwrap_or_else(|| panic!("the demo has no tenant {slug}"))
    }

    /// All of them, sandboxes too.
    pub fn tenants(&self) -> impl Iterator<Item = &Tenant> {
        self.tenants.values()
    }
}
