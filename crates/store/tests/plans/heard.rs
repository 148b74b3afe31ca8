//! Hears the statements the store runs.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

/// Statements heard since the last look.
#[derive(Clone, Default)]
pub(crate) struct Ear {
    statements: Arc<Mutex<Vec<String>>>,
}

impl Ear {
    /// Listens to the whole process: statements run on threads of their own.
    pub(crate) fn open() -> Ear {
        let ear = Ear::default();
        tracing::subscriber::set_global_default(ear.clone()).unwrap();
        ear
    }

    /// The statements that can be explained, each once.
    pub(crate) fn drain(&self) -> Vec<String> {
        let mut statements = std::mem::take(&mut *self.statements.lock().unwrap());
        statements.sort();
        statements.dedup();
        statements
            .retain(|sql| ["SELECT", "INSERT", "UPDATE", "DELETE"].iter().any(|verb| sql.starts_with(verb)));
        statements
    }
}

impl Subscriber for Ear {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::always()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        let whole = if statement.whole.trim().is_empty() { statement.summary } else { statement.whole };
        self.statements.lock().unwrap().push(whole.split_whitespace().collect::<Vec<_>>().join(" "));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A short statement is its own summary.
#[derive(Default)]
struct Statement {
    summary: String,
    whole: String,
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.whole),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
