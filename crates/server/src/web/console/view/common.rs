//! The pieces every console page is made of: the frame, moments, chips, marks, forms, paging.

use crate::web::format;
use crate::web::texts::Lang;

/// The frame around a console page; templates know it as `page`, as the shared layout asks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shell {
    /// The language of the page.
    pub(crate) lang: Lang,
    /// The page's heading, also its `<title>`.
    pub(crate) title: String,
    /// Always empty: the console is not for search engines.
    pub(crate) description: String,
    /// Always true, for the same reason.
    pub(crate) is_private: bool,
    /// The officer who is signed in; none on the sign-in page.
    pub(crate) person: Option<SignedIn>,
    /// The sections this person may open.
    pub(crate) nav: Vec<NavItem>,
    /// What the last action did, said once.
    pub(crate) notice: Option<Notice>,
    /// What is wrong with the product now, a sentence each: everyone who works with it should know.
    pub(crate) troubles: Vec<String>,
    /// When the page was made, as `14:05`.
    pub(crate) now: String,
    /// True when nothing this installation does reaches a real network.
    pub(crate) is_training: bool,
}

impl Shell {
    /// A frame with this heading and nobody signed in.
    pub(crate) fn titled(title: impl Into<String>) -> Self {
        Self { title: title.into(), is_private: true, ..Self::default() }
    }

    /// The shared text of a key.
    pub(crate) fn t(&self, key: &str) -> String {
        self.lang.t(key)
    }
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    /// The name shown to colleagues.
    pub(crate) name: String,
    /// The role in words.
    pub(crate) role: String,
    /// The unit, such as a police station, when the role has one.
    pub(crate) unit: Option<String>,
}

/// One entry of the console's navigation.
#[derive(Debug, Clone)]
pub(crate) struct NavItem {
    /// Words of the link.
    pub(crate) label: &'static str,
    /// Where it goes.
    pub(crate) href: &'static str,
    /// True for the section the page belongs to.
    pub(crate) is_current: bool,
    /// How many things wait there for this person; zero shows nothing.
    pub(crate) waiting: u64,
}

/// A sentence about what just happened.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    /// The sentence.
    pub(crate) text: String,
}

/// A moment as people read it.
#[derive(Debug, Clone, Default)]
pub(crate) struct When {
    /// `23/11/2026 14:05`.
    pub(crate) shown: String,
    /// ISO 8601, for the `datetime` attribute.
    pub(crate) machine: String,
    /// `3 phút trước`, `còn 2 ngày`.
    pub(crate) ago: String,
}

impl When {
    /// An instant, with its age at `now_us`.
    pub(crate) fn at(at_us: i64, now_us: i64) -> Self {
        Self {
            shown: format::date_time(at_us),
            machine: format::machine(at_us),
            ago: format::ago(at_us, now_us),
        }
    }
}

/// How pressing something is: the one meaning colour has in the console, always with words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// Nothing presses.
    #[default]
    Calm,
    /// A clock is near its end, or a doubt wants a look.
    Soon,
    /// A clock ran out, or harm goes on.
    Now,
}

impl Urgency {
    /// The class the style sheet knows it by.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Soon => "soon",
            Self::Now => "now",
        }
    }
}

/// A state in words with its urgency.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mark {
    /// `Đang tạm khóa`.
    pub(crate) label: String,
    /// How pressing it is.
    pub(crate) urgency: Urgency,
}

impl Mark {
    /// A state that presses nobody.
    pub(crate) fn calm(label: impl Into<String>) -> Self {
        Self { label: label.into(), urgency: Urgency::Calm }
    }

    /// A state somebody should look at soon.
    pub(crate) fn soon(label: impl Into<String>) -> Self {
        Self { label: label.into(), urgency: Urgency::Soon }
    }

    /// A state somebody must look at now.
    pub(crate) fn now(label: impl Into<String>) -> Self {
        Self { label: label.into(), urgency: Urgency::Now }
    }
}

/// One facet found in a report's words.
#[derive(Debug, Clone)]
pub(crate) struct Chip {
    /// `Mạo danh`, `Cớ`, `Đòi`: the facet in words, so that colour need not say it.
    pub(crate) facet: String,
    /// `Công an`.
    pub(crate) label: String,
    /// The words of the text that gave it, quoted; empty when an officer set it.
    pub(crate) words: String,
    /// In how many reports, where chips are summed up; zero shows nothing.
    pub(crate) count: u64,
}

/// A name with its value, for lists of facts.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    /// The name.
    pub(crate) name: String,
    /// The value.
    pub(crate) value: String,
    /// Where the value leads, when it leads somewhere.
    pub(crate) href: Option<String>,
}

impl Fact {
    /// A fact that leads nowhere.
    pub(crate) fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), href: None }
    }

    /// A fact with a link.
    pub(crate) fn linked(name: impl Into<String>, value: impl Into<String>, href: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), href: Some(href.into()) }
    }
}

/// How a field is asked.
#[derive(Debug, Clone)]
pub(crate) enum FieldKind {
    /// One line.
    Line,
    /// Several lines.
    Text,
    /// One of a few.
    Choice(Vec<Choice>),
    /// A password, never shown again.
    Password,
}

/// One of the answers of a choice.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// What is sent.
    pub(crate) value: String,
    /// What is read.
    pub(crate) label: String,
    /// True for the answer that stands.
    pub(crate) is_chosen: bool,
}

impl Choice {
    /// A choice list from pairs of value and label, with the standing answer marked.
    pub(crate) fn list<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>, chosen: &str) -> Vec<Self> {
        pairs
            .into_iter()
            .map(|(value, label)| Self {
                value: value.to_owned(),
                label: label.to_owned(),
                is_chosen: value == chosen,
            })
            .collect()
    }
}

/// One question of a form.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// The form name; with `id_prefix` it also makes the element's id.
    pub(crate) name: String,
    /// Makes ids unique when several forms of one page ask the same thing.
    pub(crate) id_prefix: String,
    /// The question.
    pub(crate) label: String,
    /// How to answer; empty shows nothing.
    pub(crate) hint: String,
    /// How it is asked.
    pub(crate) kind: FieldKind,
    /// What was typed so far .
    pub(crate) value: String,
    /// Whether an answer is demanded.
    pub(crate) is_required: bool,
    /// What is wrong with the answer; empty when nothing is.
    pub(crate) error: String,
    /// Lines shown when it takes several.
    pub(crate) rows: u8,
    /// The `autocomplete` value; empty leaves the browser its default.
    pub(crate) autocomplete: String,
}

impl Field {
    /// A field with no value and no hint.
    pub(crate) fn new(name: &str, label: &str, kind: FieldKind) -> Self {
        Self {
            name: name.to_owned(),
            id_prefix: String::new(),
            label: label.to_owned(),
            hint: String::new(),
            kind,
            value: String::new(),
            is_required: false,
            error: String::new(),
            rows: 4,
            autocomplete: "off".to_owned(),
        }
    }

    /// Demands an answer.
    pub(crate) fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// Says how to answer.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Fills in what was typed.
    pub(crate) fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Says what is wrong.
    pub(crate) fn error(mut self, error: impl Into<String>) -> Self {
        self.error = error.into();
        self
    }

    /// Whether it takes several lines.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.kind, FieldKind::Text)
    }

    /// Whether it is one of a few.
    pub(crate) fn is_choice(&self) -> bool {
        matches!(self.kind, FieldKind::Choice(_))
    }

    /// The few, when it is one of a few.
    pub(crate) fn choices(&self) -> &[Choice] {
        match &self.kind {
            FieldKind::Choice(choices) => choices,
            _ => &[],
        }
    }

    /// The `type` of a one-line input.
    pub(crate) fn input_type(&self) -> &'static str {
        if matches!(self.kind, FieldKind::Password) { "password" } else { "text" }
    }

    /// The element's id.
    pub(crate) fn id(&self) -> String {
        format!("{}{}", self.id_prefix, self.name)
    }

    /// The ids that describe the element, for `aria-describedby`; empty when none do.
    pub(crate) fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.hint.is_empty() {
            ids.push(format!("{}-hint", self.id()));
        }
        if !self.error.is_empty() {
            ids.push(format!("{}-error", self.id()));
        }
        ids.join(" ")
    }
}

/// How an action's button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// The step that is normally next.
    Primary,
    /// Any other step.
    Plain,
    /// A step that hurts somebody when it is wrong.
    Grave,
}

impl Weight {
    /// The class the style sheet knows it by.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Plain => "plain",
            Self::Grave => "grave",
        }
    }

    /// The class of its button.
    pub(crate) fn button(self) -> &'static str {
        match self {
            Self::Primary => "btn--primary",
            Self::Plain => "",
            Self::Grave => "btn--danger",
        }
    }
}

/// Something an officer may do, with what it will bring about.
#[derive(Debug, Clone)]
pub(crate) struct Action {
    /// Where the form is sent.
    pub(crate) path: String,
    /// The verb on the button.
    pub(crate) verb: String,
    /// What will happen, a sentence each.
    pub(crate) consequences: Vec<String>,
    /// Issuing body, legal basis, expiry and the like.
    pub(crate) facts: Vec<Fact>,
    /// What is asked.
    pub(crate) fields: Vec<Field>,
    /// How it looks.
    pub(crate) weight: Weight,
    /// Why it cannot be done now; empty when it can.
    pub(crate) refusal: String,
    /// The version of the thing the officer looked at.
    pub(crate) version: i64,
    /// True when the form is shown opened (after a mistake).
    pub(crate) is_open: bool,
}

impl Action {
    /// Whether something was typed wrong.
    pub(crate) fn has_errors(&self) -> bool {
        self.fields.iter().any(|field| !field.error.is_empty())
    }

    /// An id for the element, made of the last part of the path.
    pub(crate) fn id(&self) -> String {
        let last = self.path.rsplit('/').next().unwrap_or_default();
        format!("viec-{last}")
    }
}

/// One entry of a history, newest first on the page.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// When it happened.
    pub(crate) at: When,
    /// Who did it; `Hệ thống` when nobody did.
    pub(crate) who: String,
    /// What was done.
    pub(crate) what: String,
    /// Why; empty when no reason was asked.
    pub(crate) why: String,
}

/// Where the reader stands in a list longer than a page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pager {
    /// `1–50 trong 312`.
    pub(crate) position: String,
    /// Link to newer entries.
    pub(crate) newer: Option<String>,
    /// Link to older entries.
    pub(crate) older: Option<String>,
}
