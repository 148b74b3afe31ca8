//! Rows as COPY takes them: many rows in one message, without a parameter each.

use std::fmt::Write as _;

use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::words::words;
use crate::StoreError;

/// Bytes sent at once.
const CHUNK: usize = 1 << 20;

/// Rows in COPY's text form.
#[derive(Default)]
pub(crate) struct Rows {
    text: String,
    is_begun: bool,
}

impl Rows {
    /// Ends a row.
    pub(crate) fn end(&mut self) {
        self.text.push('\n');
        self.is_begun = false;
    }

    fn column(&mut self) -> &mut String {
        if self.is_begun {
            self.text.push('\t');
        }
        self.is_begun = true;
        &mut self.text
    }

    /// What is absent.
    pub(crate) fn null(&mut self) -> &mut Rows {
        self.column().push_str("\\N");
        self
    }

    /// A number.
    pub(crate) fn number(&mut self, number: i64) -> &mut Rows {
        // Writing to a string cannot fail.
        let _ = write!(self.column(), "{number}");
        self
    }

    /// Yes or no.
    pub(crate) fn is(&mut self, is_so: bool) -> &mut Rows {
        self.column().push(if is_so { 't' } else { 'f' });
        self
    }

    /// An id.
    pub(crate) fn id(&mut self, id: Uuid) -> &mut Rows {
        let _ = write!(self.column(), "{id}");
        self
    }

    /// Words from outside or inside.
    pub(crate) fn text(&mut self, text: &str) -> &mut Rows {
        let column = self.column();
        for ch in words(text).chars() {
            match ch {
                '\\' => column.push_str("\\\\"),
                '\t' => column.push_str("\\t"),
                '\n' => column.push_str("\\n"),
                '\r' => column.push_str("\\r"),
                ch => column.push(ch),
            }
        }
        self
    }

    /// Bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Rows {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let column = self.column();
        column.push_str("\\\\x");
        for byte in bytes {
            column.push(char::from(DIGITS[usize::from(byte >> 4)]));
            column.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        self
    }

    /// What may be absent.
    pub(crate) fn some<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Rows, T)) -> &mut Rows {
        match value {
            Some(value) => put(self, value),
            None => {
                self.null();
            }
        }
        self
    }

    /// Words that may be absent.
    pub(crate) fn some_text(&mut self, text: Option<&str>) -> &mut Rows {
        self.some(text, |rows, text| {
            rows.text(text);
        })
    }

    /// Bytes that may be absent.
    pub(crate) fn some_bytes(&mut self, bytes: Option<&[u8]>) -> &mut Rows {
        self.some(bytes, |rows, bytes| {
            rows.bytes(bytes);
        })
    }

    /// A number that may be absent.
    pub(crate) fn some_number(&mut self, number: Option<i64>) -> &mut Rows {
        self.some(number, |rows, number| {
            rows.number(number);
        })
    }

    /// Sends them; `statement` is a `COPY … FROM STDIN`.
    pub(crate) async fn send(
        self,
        tx: &mut Transaction<'_, Postgres>,
        statement: &str,
    ) -> Result<u64, StoreError> {
        if self.text.is_empty() {
            return Ok(0);
        }
        let mut copy = tx.copy_in_raw(statement).await?;
        for chunk in self.text.as_bytes().chunks(CHUNK) {
            copy.send(chunk).await?;
        }
        Ok(copy.finish().await?)
    }
}
