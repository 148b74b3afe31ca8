//! Just enough of Rust's lexical grammar to tell code from comments and strings.
//!
//! It does not parse; it blanks out, keeping every line where it was.

/// One file taken apart.
pub(crate) struct Taken {
    /// The code alone: comments and the insides of strings are blank.
    pub(crate) code: String,
    /// The insides of string literals with the line (from 1) where each begins.
    pub(crate) strings: Vec<(usize, String)>,
}

/// Takes a Rust source apart.
pub(crate) fn take_apart(source: &str) -> Taken {
    let mut lexer = Lexer { rest: source, line: 1, code: String::new(), strings: Vec::new() };
    while !lexer.rest.is_empty() {
        lexer.token();
    }
    Taken { code: lexer.code, strings: lexer.strings }
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    code: String,
    strings: Vec<(usize, String)>,
}

impl<'a> Lexer<'a> {
    fn token(&mut self) {
        if self.rest.starts_with("//") {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.blank(end);
        } else if self.rest.starts_with("/*") {
            self.blank(block_comment(self.rest));
        } else if let Some(hashes) = self.raw_string() {
            self.keep(hashes + 2);
            let close = format!("\"{}", "#".repeat(hashes));
            let end = self.rest.find(&close).unwrap_or(self.rest.len());
            self.string(end);
            self.keep(close.len());
        } else if self.rest.starts_with('"') {
            self.keep(1);
            self.string(string_end(self.rest));
            self.keep(1);
        } else if self.rest.starts_with('\'') {
            self.keep(character_length(self.rest));
        } else {
            let first = self.rest.chars().next().map_or(0, char::len_utf8);
            self.keep(first);
        }
    }

    /// The number of `#` when a raw string begins here and not in the middle of a word.
    fn raw_string(&self) -> Option<usize> {
        let in_word =
            self.code.chars().next_back().is_some_and(|before| before.is_alphanumeric() || before == '_');
        let before_is_byte = self.code.ends_with('b') || self.code.ends_with('c');
        let after = self.rest.strip_prefix('r').filter(|_| !in_word || before_is_byte)?;
        let hashes = after.len() - after.trim_start_matches('#').len();
        after[hashes..].starts_with('"').then_some(hashes)
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    fn keep(&mut self, length: usize) {
        let taken = self.take(length);
        self.code.push_str(taken);
    }

    fn blank(&mut self, length: usize) {
        let taken = self.take(length);
        self.code.extend(taken.chars().map(|one| if one == '\n' { '\n' } else { ' ' }));
    }

    fn string(&mut self, length: usize) {
        self.strings.push((self.line, self.rest[..length].to_owned()));
        self.blank(length);
    }
}

/// The length of a block comment; they nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The length of a string's inside: up to the first quote that is not escaped.
fn string_end(inside: &str) -> usize {
    let mut escaped = false;
    for (at, one) in inside.char_indices() {
        match one {
            '"' if !escaped => return at,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    inside.len()
}

/// The length of a character literal, or 1 for the quote of a lifetime.
fn character_length(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), Some((escape, _))) => {
            let after = escape + 1;
            rest[after..].find('\'').map_or(rest.len(), |close| after + close + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

#[test]
fn code_comments_and_strings_are_told_apart() {
    let source = "let a = \"SELECT // x\"; // SELECT 1\n/* a /* b */ \n c */ let r = r#\"in \"quotes\"\"#;\nfn f<'a>(c: char) { c == '\"' || c == '\\'' }";
    let taken = take_apart(source);
    let strings: Vec<_> = taken.strings.iter().map(|(line, text)| (*line, text.as_str())).collect();
    assert_eq!(strings, [(1, "SELECT // x"), (3, "in \"quotes\"")]);
    assert!(!taken.code.contains("SELECT") && !taken.code.contains(" b "));
    assert!(taken.code.contains("fn f<'a>(c: char)"));
    assert_eq!(taken.code.lines().count(), source.lines().count());
}
