//! A browser without a screen: cookies, redirects, forms.

use std::time::Duration;

use anyhow::Context;
use reqwest::{Client, RequestBuilder, StatusCode, header};

use super::html::{self, Form};

/// How long a page may take.
const PAGE_WITHIN: Duration = Duration::from_secs(20);
/// The longest page that is read, in octets.
const PAGE_MAX: usize = 4 * 1024 * 1024;

/// One person's browser, with the cookies of one person.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    client: Client,
    base: String,
}

/// A page that came.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// The path it came from in the end.
    pub(crate) path: String,
    pub(crate) status: StatusCode,
    html: String,
}

impl Browser {
    /// A fresh one, for the product at `base` (`http://127.0.0.1:8080`).
    pub(crate) fn new(base: &str) -> anyhow::Result<Self> {
        let client = Client::builder()
            .cookie_store(true)
            .timeout(PAGE_WITHIN)
            .user_agent("canhgiac-simulator")
            .build()
            .context("no HTTP client")?;
        Ok(Self { client, base: base.trim_end_matches('/').to_owned() })
    }

    /// Opens a page.
    pub(crate) async fn open(&self, path: &str) -> anyhow::Result<Page> {
        self.send(self.client.get(self.url(path)), path).await
    }

    /// Sends a form of a page, pressing a button of it.
    pub(crate) async fn submit(&self, form: &Form, button: Option<(&str, &str)>) -> anyhow::Result<Page> {
        let url = self.url(&form.action);
        let pairs = form.pairs(button);
        anyhow::ensure!(form.is_post, "{} is a form of another kind than was looked for", form.action);
        let request = if form.is_multipart {
            let (kind, body) = multipart(&pairs);
            self.client.post(url).header(header::CONTENT_TYPE, kind).body(body)
        } else {
            self.client.post(url).form(&pairs)
        };
        // What browsers say of a form that stands on a page of the same site.
        let request = request.header("Sec-Fetch-Site", "same-origin").header(header::ORIGIN, &self.base);
        self.send(request, &form.action).await
    }

    fn url(&self, path: &str) -> String {
        if path.starts_with("http://") || path.starts_with("https://") {
            path.to_owned()
        } else {
            format!("{}/{}", self.base, path.trim_start_matches('/'))
        }
    }

    async fn send(&self, request: RequestBuilder, what: &str) -> anyhow::Result<Page> {
        let mut response = request.send().await.with_context(|| format!("{what} does not answer"))?;
        let (status, path) = (response.status(), response.url().path().to_owned());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.with_context(|| format!("{what} broke off"))? {
            anyhow::ensure!(body.len() + chunk.len() <= PAGE_MAX, "{what} is longer than any page");
            body.extend_from_slice(&chunk);
        }
        let html = String::from_utf8(body).with_context(|| format!("{what} is not UTF-8"))?;
        Ok(Page { path, status, html })
    }
}

impl Page {
    /// Its forms.
    pub(crate) fn forms(&self) -> Vec<Form> {
        html::forms(&self.html)
    }

    /// The form whose target ends like this, with or without a query.
    pub(crate) fn form_to(&self, ending: &str) -> Option<Form> {
        let path = |form: &Form| form.action.split(['?', '#']).next().unwrap_or_default().to_owned();
        self.forms().into_iter().find(|form| form.is_post && path(form).ends_with(ending))
    }

    /// Targets of links that begin like this, in order, each once.
    pub(crate) fn links_to(&self, start: &str) -> Vec<String> {
        let mut targets: Vec<String> = Vec::new();
        for (href, _) in html::links(&self.html) {
            if href.starts_with(start) && !targets.contains(&href) {
                targets.push(href);
            }
        }
        targets
    }

    /// The target of the first link with these words in it.
    pub(crate) fn link_saying(&self, words: &str, start: &str) -> Option<String> {
        let mut links = html::links(&self.html).into_iter();
        links.find(|(href, said)| href.starts_with(start) && said.contains(words)).map(|(href, _)| href)
    }

    /// The value beside a name in a list of facts.
    pub(crate) fn fact(&self, start: &str) -> Option<String> {
        html::fact(&self.html, start)
    }

    /// All its words, with single spaces.
    pub(crate) fn words(&self) -> String {
        html::words(&self.html)
    }

    /// The beginning of what it says, for a log line about a page that is not as expected.
    pub(crate) fn gist(&self) -> String {
        let words: String = self.words().chars().take(160).collect();
        format!("{} {}: {words}", self.status, self.path)
    }

    /// # Errors
    /// It is an error page; its gist says which.
    pub(crate) fn or_error(self) -> anyhow::Result<Page> {
        anyhow::ensure!(self.status.is_success(), "{}", self.gist());
        Ok(self)
    }
}

/// Fields as `multipart/form-data` (RFC 7578), without files.
fn multipart(pairs: &[(String, String)]) -> (String, Vec<u8>) {
    let mut boundary = "canhgiac-simulator".to_owned();
    while pairs.iter().any(|(_, value)| value.contains(&boundary)) {
        boundary.push('x');
    }
    let mut body = String::new();
    for (name, value) in pairs {
        let name = name.replace('"', "%22");
        body.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!("--{boundary}--\r\n"));
    (format!("multipart/form-data; boundary={boundary}"), body.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multipart_body_never_holds_its_own_boundary() {
        let pairs = [("a".to_owned(), "x --canhgiac-simulator y".to_owned())];
        let (kind, body) = multipart(&pairs);
        assert!(kind.ends_with("boundary=canhgiac-simulatorx"));
        let body = String::from_utf8(body).unwrap();
        assert!(
            body.starts_with("--canhgiac-simulatorx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n")
        );
        assert!(body.ends_with("\r\n--canhgiac-simulatorx--\r\n"));
    }
}
