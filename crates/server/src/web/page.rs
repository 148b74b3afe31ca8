//! What every page has around its content, and turning a template into an answer.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::public::{Contacts, contacts_today};
use super::texts::Lang;

/// The frame of one page: its language, its title, where it is.
/// Templates call its `t`, `t1` and `t2` for every word they show.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// The language of the page.
    pub(crate) lang: Lang,
    /// The page's own title, without the site's name.
    pub(crate) title: String,
    /// One or two sentences for search engines and shared links; may be empty.
    pub(crate) description: String,
    /// The path of the page, to mark the current entry of a menu; without secrets.
    pub(crate) path: &'static str,
    /// Whether search engines stay away (status pages, forms under way, the console).
    pub(crate) is_private: bool,
    /// Codes and emergency numbers the page may print.
    pub(crate) contacts: &'static Contacts,
}

impl Page {
    /// A page whose title is the text of `title_key`.
    pub(crate) fn titled(title_key: &str, path: &'static str) -> Self {
        let lang = Lang::default();
        Self {
            lang,
            title: lang.t(title_key),
            description: String::new(),
            path,
            is_private: false,
            contacts: contacts_today(),
        }
    }

    /// The same page with an error in its title, so that a screen reader says so first.
    pub(crate) fn with_errors(mut self, has_errors: bool) -> Self {
        if has_errors {
            self.title = self.lang.with("title-with-errors", &[("title", &self.title)]);
        }
        self
    }

    /// The same page, kept out of search engines.
    pub(crate) fn private(mut self) -> Self {
        self.is_private = true;
        self
    }

    /// The same page with a description from the text of `key`.
    pub(crate) fn described(mut self, key: &str) -> Self {
        self.description = self.lang.t(key);
        self
    }

    /// The text of a key.
    pub(crate) fn t(&self, key: &str) -> String {
        self.lang.t(key)
    }

    /// The text of a key with one named value.
    pub(crate) fn t1(&self, key: &str, name: &'static str, value: impl AsRef<str>) -> String {
        self.lang.with(key, &[(name, value.as_ref())])
    }

    /// The text of a key with two named values.
    pub(crate) fn t2(
        &self,
        key: &str,
        first: &'static str,
        first_value: impl AsRef<str>,
        second: &'static str,
        second_value: impl AsRef<str>,
    ) -> String {
        self.lang.with(key, &[(first, first_value.as_ref()), (second, second_value.as_ref())])
    }
}

/// The page as an answer. A template that fails is our fault: it is logged and says so plainly.
pub(crate) fn render(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(body) => (status, [(header::CACHE_CONTROL, "no-store")], Html(body)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, Lang::default().t("error-500-title")).into_response()
        }
    }
}
