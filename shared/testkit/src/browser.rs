//! A browser at one host: keeps cookies, sends `Origin` with forms and the token of the last page.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use crate::{Answer, Portal, Request};

/// A browser; clones share its cookies.
#[derive(Debug, Clone)]
pub struct Browser {
    portal: Portal,
    host: String,
    language: Option<String>,
    from: Option<IpAddr>,
    framed: bool,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    cookies: BTreeMap<String, (String, Option<Timestamp>)>,
    csrf: Option<String>,
}

impl Browser {
    pub(crate) fn new(portal: &Portal, host: &str) -> Self {
        Self {
            portal: portal.clone(),
            host: host.to_owned(),
            language: Some("de".to_owned()),
            from: None,
            framed: false,
            kept: Arc::default(),
        }
    }

    /// The same browser, set to another language; none asks for nothing.
    #[must_use]
    pub fn speaking(mut self, language: Option<&str>) -> Self {
        self.language = language.map(str::to_owned);
        self
    }

    /// The same browser at another address of the network.
    #[must_use]
    pub fn from(mut self, address: IpAddr) -> Self {
        self.from = Some(address);
        self
    }

    /// The same browser, in which the portal stands in a frame on somebody's page. Its cookies are sent to both, so that it is
    /// the portal that tells them apart.
    #[must_use]
    pub fn in_frame(&self) -> Self {
        Self { framed: true, ..self.clone() }
    }

    /// A browser with the same cookies at another host.
    #[must_use]
    pub fn carried_to(&self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self.clone() }
    }

    /// The portal it asks.
    #[must_use]
    pub const fn portal(&self) -> &Portal {
        &self.portal
    }

    /// Its host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A request with its cookies, as yet unsent.
    #[must_use]
    pub fn request(&self, method: &str, path: &str) -> Request {
        let mut request = Request::new(method, &self.host, path);
        if let Some(language) = &self.language {
            request = request.header("accept-language", language);
        }
        let now = self.portal.clock.now();
        let kept = self.kept();
        let live = kept.cookies.iter().filter(|(_, (_, end))| end.is_none_or(|end| now < end));
        let cookies: Vec<String> = live.map(|(name, (value, _))| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", &cookies.join("; "));
        }
        if self.framed {
            request = request.header("sec-fetch-dest", "iframe");
        }
        match self.from {
            Some(from) => request.from(from),
            None => request,
        }
    }

    /// Sends a request and keeps what the answer says to keep.
    pub async fn send(&self, request: Request) -> Answer {
        let answer = self.portal.ask(request).await;
        self.keep(&answer);
        answer
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    /// Sends a form as the page would: with `Origin` and the page's token.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.kept().csrf.clone();
        let mut all = fields.to_vec();
        if let Some(token) = token.as_deref().filter(|_| !fields.iter().any(|(name, _)| *name == "csrf")) {
            all.push(("csrf", token));
        }
        self.send(self.request("POST", path).header("origin", &format!("http://{}", self.host)).form(&all)).await
    }

    /// Goes where the answer sends it.
    pub async fn follow(&self, answer: &Answer) -> Answer {
        self.get(answer.header("location")).await
    }

    /// Asks for a code.
    pub async fn ask_for_code(&self, email: &str) -> Answer {
        self.post("/login", &[("email", email)]).await
    }

    /// Types a code.
    pub async fn type_code(&self, code: &str) -> Answer {
        self.post("/login/code", &[("code", code)]).await
    }

    /// The whole way in, with the code from the mail; answers where it leads.
    pub async fn sign_in(&self, email: &str) -> Answer {
        self.get("/login").await.status(200);
        self.ask_for_code(email).await.redirects("/login/code");
        let code = self.portal.mailbox.code_to(email);
        self.type_code(&code).await.status(303)
    }

    /// The token of the last page's forms.
    #[must_use]
    pub fn csrf(&self) -> Option<String> {
        self.kept().csrf.clone()
    }

    /// A cookie's value.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.kept().cookies.get(name).map(|(value, _)| value.clone())
    }

    /// Sets a cookie, as an attacker would.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.kept().cookies.insert(name.to_owned(), (value.to_owned(), None));
    }

    /// Forgets a cookie.
    pub fn forget(&self, name: &str) {
        self.kept().cookies.remove(name);
    }

    fn keep(&self, answer: &Answer) {
        let now = self.portal.clock.now();
        let mut kept = self.kept();
        for line in answer.headers().get_all("set-cookie") {
            let line = line.to_str().unwrap_or_default();
            let Some((name, rest)) = line.split_once('=') else { continue };
            let mut parts = rest.split(';').map(str::trim);
            let value = parts.next().unwrap_or_default().to_owned();
            let age = parts.find_map(|part| part.strip_prefix("Max-Age=")?.parse().ok());
            let end = age.map(|seconds: i64| now + SignedDuration::from_secs(seconds));
            if end.is_some_and(|end| end <= now) {
                kept.cookies.remove(name);
            } else {
                kept.cookies.insert(name.to_owned(), (value, end));
            }
        }
        if let Some(token) = answer.csrf() {
            kept.csrf = Some(token);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
