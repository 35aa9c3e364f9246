//! The customer's side of the sandbox payment provider: presses the buttons of its page.

use local::Gateway;

use crate::{Answer, Request, portal::BASE};

/// The provider, as a customer's browser meets it on the page that it was sent to.
#[derive(Debug, Clone)]
pub struct Provider {
    gateway: Gateway,
    url: String,
}

impl Provider {
    pub(crate) const fn new(gateway: Gateway, url: String) -> Self {
        Self { gateway, url }
    }

    /// Its own address, without a tenant.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its page.
    pub async fn page(&self, pay_url: &str) -> Answer {
        self.ask(Request::new("GET", BASE, &self.path(pay_url))).await
    }

    /// Presses a button; further fields as on the page, for example how often the merchant is told.
    pub async fn press(&self, pay_url: &str, action: &str, further: &[(&str, &str)]) -> Answer {
        let mut fields = vec![("action", action)];
        fields.extend(further);
        self.ask(Request::new("POST", BASE, &self.path(pay_url)).header("origin", &self.url).form(&fields)).await
    }

    /// Pays; the merchant is told at once.
    pub async fn pay(&self, pay_url: &str) -> Answer {
        self.press(pay_url, "pay", &[]).await.status(303)
    }

    /// Pays, and the merchant is told `twice` or `later`.
    pub async fn pay_telling(&self, pay_url: &str, often: &str) -> Answer {
        self.press(pay_url, "pay", &[("messages", often)]).await.status(303)
    }

    /// Pays twice: two charges.
    pub async fn pay_twice(&self, pay_url: &str) -> Answer {
        self.press(pay_url, "pay_twice", &[]).await.status(303)
    }

    /// Is declined.
    pub async fn decline(&self, pay_url: &str) -> Answer {
        self.press(pay_url, "decline", &[]).await.status(303)
    }

    /// Turns back.
    pub async fn cancel(&self, pay_url: &str) -> Answer {
        self.press(pay_url, "cancel", &[]).await.status(303)
    }

    /// Goes back undecided.
    pub async fn later(&self, pay_url: &str) -> Answer {
        self.press(pay_url, "later", &[]).await.status(303)
    }

    /// Can no longer be paid.
    pub async fn expire(&self, pay_url: &str) -> Answer {
        self.press(pay_url, "expire", &[]).await.status(303)
    }

    /// Every message once more, also those that were never sent; answers how many there are.
    pub async fn send_again(&self, pay_url: &str) -> usize {
        let page = self.page(pay_url).await.status(200).html();
        let buttons = page.split("name=\"message\" value=\"").skip(1);
        let ids: Vec<String> = buttons.filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect();
        for id in &ids {
            self.press(pay_url, "send", &[("message", id)]).await.status(303);
        }
        ids.len()
    }

    async fn ask(&self, request: Request) -> Answer {
        let what = request.what();
        Answer::new(what, self.gateway.call(request.build()).await)
    }

    #[track_caller]
    fn path(&self, pay_url: &str) -> String {
        let after_scheme = pay_url.split_once("://").map_or(pay_url, |(_, rest)| rest);
        let path = after_scheme.split_once('/').map(|(_, path)| path);
        format!("/sandbox-provider/{}", path.unwrap_or_else(|| panic!("{pay_url} is no page of the provider")))
    }
}
