//! A page cut into tags and text.

/// A piece of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Open { name: String, attributes: Vec<(String, String)> },
    Close { name: String },
    Text(String),
}

/// With single spaces.
pub(super) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text up to the end of an element.
pub(super) fn text_until(pieces: &[Piece], end: &str) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Close { name } if name == end => break,
            Piece::Text(more) => text.push_str(more),
            _ => {}
        }
    }
    text
}

/// The value of an attribute.
pub(super) fn attribute<'a>(attributes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    attributes.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
}

/// Cuts a page into tags and text; comments, scripts and styles are left out.
pub(super) fn pieces(html: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        if start > 0 {
            pieces.push(Piece::Text(unescaped(&rest[..start])));
        }
        rest = &rest[start..];
        if let Some(after) = rest.strip_prefix("<!--") {
            rest = after.find("-->").map_or("", |end| &after[end + 3..]);
            continue;
        }
        let Some(length) = tag_length(rest) else {
            break;
        };
        let tag = &rest[1..length - 1];
        rest = &rest[length..];
        let Some(piece) = read_tag(tag) else {
            continue;
        };
        if let Piece::Open { name, .. } = &piece
            && (name == "script" || name == "style")
        {
            let end = format!("</{name}");
            rest = rest.find(&end).map_or("", |at| &rest[at..]);
        }
        pieces.push(piece);
    }
    if !rest.starts_with('<') && !rest.is_empty() {
        pieces.push(Piece::Text(unescaped(rest)));
    }
    pieces
}

/// The length of the tag `rest` begins with: its `>` may not stand in quotes.
fn tag_length(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, sign) in rest.char_indices() {
        match (quote, sign) {
            (None, '>') => return Some(at + 1),
            (None, '"' | '\'') => quote = Some(sign),
            (Some(open), sign) if open == sign => quote = None,
            _ => {}
        }
    }
    None
}

fn read_tag(tag: &str) -> Option<Piece> {
    if let Some(name) = tag.strip_prefix('/') {
        return Some(Piece::Close { name: name.trim().to_ascii_lowercase() });
    }
    let end = tag.find(|sign: char| sign.is_whitespace() || sign == '/').unwrap_or(tag.len());
    let name = tag[..end].to_ascii_lowercase();
    if !name.starts_with(|sign: char| sign.is_ascii_alphabetic()) {
        return None;
    }
    Some(Piece::Open { name, attributes: read_attributes(&tag[end..]) })
}

fn read_attributes(mut rest: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|sign: char| sign.is_whitespace() || sign == '/');
        if rest.is_empty() {
            return attributes;
        }
        let end =
            rest.find(|sign: char| sign.is_whitespace() || sign == '=' || sign == '/').unwrap_or(rest.len());
        // A stray `=` is no name: it is stepped over, so that the loop always moves on.
        let end = if end == 0 { 1 } else { end };
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|sign| matches!(sign, '"' | '\''));
            let (inside, further) = match quote {
                Some(quote) => {
                    let inside = &after[1..];
                    let end = inside.find(quote).unwrap_or(inside.len());
                    (&inside[..end], inside.get(end + 1..).unwrap_or_default())
                }
                None => {
                    let end = after.find(char::is_whitespace).unwrap_or(after.len());
                    after.split_at(end)
                }
            };
            value = unescaped(inside);
            rest = further;
        }
        attributes.push((name, value));
    }
}

/// Character references: the five named ones, the no-break space, and numbers.
fn unescaped(text: &str) -> String {
    /// The longest reference that is read, `&#x10FFFF;`.
    const LONGEST: usize = 10;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end < LONGEST);
        match end.and_then(|end| reference(&rest[1..end]).map(|sign| (sign, end))) {
            Some((sign, end)) => {
                out.push(sign);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn reference(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}
