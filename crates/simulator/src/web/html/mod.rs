//! Just enough of HTML to read a page: tags with their attributes, text, forms, links and lists of facts.
//!
//! Not a parser of all HTML: it reads the well-formed pages of the product, and of others never panics.

mod pieces;
#[cfg(test)]
mod tests;

use pieces::{Piece, attribute, pieces, squeezed, text_until};

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    name: String,
    value: String,
    /// What the browser would send as the form stands: boxes that are not ticked are not sent.
    is_sent: bool,
    /// A box or a dot: only its own value can be chosen.
    is_choice: bool,
    is_hidden: bool,
    is_file: bool,
    is_required: bool,
}

/// A form of a page, with what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    /// Where it is sent.
    pub(crate) action: String,
    pub(crate) is_post: bool,
    /// Whether it must be sent as `multipart/form-data`.
    pub(crate) is_multipart: bool,
    fields: Vec<Field>,
    /// Name and value of its buttons, in order.
    buttons: Vec<(String, String)>,
}

impl Form {
    /// Whether it asks for this.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// Answers a question, when the form asks it and the answer is possible.
    pub(crate) fn answer(&mut self, name: &str, value: &str) {
        let is_choice = self.fields.iter().any(|field| field.name == name && field.is_choice);
        for field in self.fields.iter_mut().filter(|field| field.name == name && !field.is_hidden) {
            if is_choice {
                field.is_sent |= field.value == value;
            } else {
                value.clone_into(&mut field.value);
            }
        }
    }

    /// Writes `words` wherever something is demanded and nothing stands.
    pub(crate) fn answer_demands(&mut self, words: &str) {
        for field in &mut self.fields {
            if field.is_required && field.value.trim().is_empty() && !field.is_choice && !field.is_file {
                words.clone_into(&mut field.value);
            }
        }
    }

    /// Whether there is a button with this name and value.
    pub(crate) fn has_button(&self, name: &str, value: &str) -> bool {
        self.buttons.iter().any(|(one, other)| one == name && other == value)
    }

    /// What is sent, with the button that is pressed.
    pub(crate) fn pairs(&self, button: Option<(&str, &str)>) -> Vec<(String, String)> {
        let sent = self.fields.iter().filter(|field| field.is_sent && !field.is_file);
        let mut pairs: Vec<(String, String)> =
            sent.map(|field| (field.name.clone(), field.value.clone())).collect();
        pairs.extend(button.map(|(name, value)| (name.to_owned(), value.to_owned())));
        pairs
    }
}

/// The forms of a page, in order.
pub(crate) fn forms(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut open: Option<Form> = None;
    let pieces = pieces(html);
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        at += 1;
        match (piece, &mut open) {
            (Piece::Open { name, attributes }, None) if name == "form" => open = Some(begun(attributes)),
            (Piece::Close { name }, Some(_)) if name == "form" => forms.extend(open.take()),
            (Piece::Open { name, attributes }, Some(form)) => match name.as_str() {
                "input" => form.fields.extend(input(attributes)),
                "textarea" => {
                    let text = text_until(&pieces[at..], "textarea");
                    // The first line break after the tag is not part of the value.
                    let value =
                        text.strip_prefix("\r\n").or(text.strip_prefix('\n')).unwrap_or(&text).to_owned();
                    form.fields.push(Field { value, ..plain(attributes) });
                }
                "select" => form.fields.push(select(attributes, &pieces[at..])),
                "button" if attribute(attributes, "type").is_none_or(|kind| kind == "submit") => {
                    if let Some(name) = attribute(attributes, "name") {
                        let value = attribute(attributes, "value").unwrap_or_default();
                        form.buttons.push((name.to_owned(), value.to_owned()));
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    forms.extend(open);
    forms
}

fn begun(attributes: &[(String, String)]) -> Form {
    let is = |name: &str, value: &str| {
        attribute(attributes, name).is_some_and(|one| one.eq_ignore_ascii_case(value))
    };
    Form {
        action: attribute(attributes, "action").unwrap_or_default().to_owned(),
        is_post: is("method", "post"),
        is_multipart: is("enctype", "multipart/form-data"),
        fields: Vec::new(),
        buttons: Vec::new(),
    }
}

fn plain(attributes: &[(String, String)]) -> Field {
    Field {
        name: attribute(attributes, "name").unwrap_or_default().to_owned(),
        value: attribute(attributes, "value").unwrap_or_default().to_owned(),
        is_sent: true,
        is_choice: false,
        is_hidden: false,
        is_file: false,
        is_required: attribute(attributes, "required").is_some(),
    }
}

fn input(attributes: &[(String, String)]) -> Option<Field> {
    let mut field = plain(attributes);
    match attribute(attributes, "type").unwrap_or("text") {
        "checkbox" | "radio" => {
            field.is_choice = true;
            field.is_sent = attribute(attributes, "checked").is_some();
            if field.value.is_empty() {
                "on".clone_into(&mut field.value);
            }
        }
        "hidden" => field.is_hidden = true,
        "file" => field.is_file = true,
        "submit" | "button" | "reset" | "image" => return None,
        _ => {}
    }
    (!field.name.is_empty()).then_some(field)
}

/// A list to choose from: the marked option, or the first, as browsers do.
fn select(attributes: &[(String, String)], rest: &[Piece]) -> Field {
    let mut chosen: Option<String> = None;
    let mut first: Option<String> = None;
    for (at, piece) in rest.iter().enumerate() {
        match piece {
            Piece::Close { name } if name == "select" => break,
            Piece::Open { name, attributes } if name == "option" => {
                let value = match attribute(attributes, "value") {
                    Some(value) => value.to_owned(),
                    None => text_until(&rest[at + 1..], "option").trim().to_owned(),
                };
                if attribute(attributes, "selected").is_some() {
                    chosen = Some(value.clone());
                }
                first.get_or_insert(value);
            }
            _ => {}
        }
    }
    Field { value: chosen.or(first).unwrap_or_default(), ..plain(attributes) }
}

/// Links of a page: target and words.
pub(crate) fn links(html: &str) -> Vec<(String, String)> {
    let pieces = pieces(html);
    let mut links = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        if let Piece::Open { name, attributes } = piece
            && name == "a"
            && let Some(href) = attribute(attributes, "href")
        {
            links.push((href.to_owned(), squeezed(&text_until(&pieces[at + 1..], "a"))));
        }
    }
    links
}

/// The value beside a name (`<dt>`, `<dd>`) that begins with `start`.
pub(crate) fn fact(html: &str, start: &str) -> Option<String> {
    let pieces = pieces(html);
    let mut is_it = false;
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Open { name, .. } if name == "dt" => {
                is_it = squeezed(&text_until(&pieces[at + 1..], "dt")).starts_with(start);
            }
            Piece::Open { name, .. } if name == "dd" && is_it => {
                return Some(squeezed(&text_until(&pieces[at + 1..], "dd")));
            }
            _ => {}
        }
    }
    None
}

/// All words of a page, with single spaces.
pub(crate) fn words(html: &str) -> String {
    let texts = pieces(html).into_iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text),
        _ => None,
    });
    squeezed(&texts.collect::<Vec<_>>().join(" "))
}
