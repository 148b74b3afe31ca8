//! The PostgreSQL server of this run: started by the first rule that asks, with a database for each.

#[path = "../../../../tests/support/postgres.rs"]
#[expect(clippy::expect_used, reason = "shared with the tests of the product, which use all of it")]
pub(crate) mod postgres;

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use canhgiac_store::{PostgresOptions, Store};
use postgres::Postgres;
use tokio::sync::OnceCell;

/// What all databases of this run are copied from, migrated already.
const TEMPLATE: &str = "template_of_rules";

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

struct Cluster {
    server: Postgres,
    /// Stops the server when this process is gone, however it went: a static is never dropped.
    _watcher: Child,
}

impl Cluster {
    async fn start() -> Cluster {
        let server = Postgres::start();
        let data = server.run_sql("postgres", "SHOW data_directory");
        let watcher = Command::new("sh")
            .args([
                "-c",
                "cat >/dev/null; kill -QUIT \"$(head -1 \"$1/postmaster.pid\")\"; sleep 1; rm -rf \"${1%/data}\"",
                "sh",
                &data,
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // No rule cuts the power here.
        server.run_sql("postgres", "ALTER SYSTEM SET fsync = off");
        server.run_sql("postgres", "SELECT pg_reload_conf()");
        server.create_database(TEMPLATE);
        Store::connect(&server.url_of(TEMPLATE).parse().unwrap()).await.unwrap().close().await;
        Cluster { server, _watcher: watcher }
    }
}

/// One database of the server.
#[derive(Clone)]
pub(crate) struct Place {
    cluster: &'static Cluster,
    name: String,
}

/// Whether PostgreSQL is installed; if not, that is said, and an error where it must be.
pub(crate) fn is_here() -> bool {
    if let Some(why) = Postgres::missing() {
        let is = |name, value| std::env::var_os(name).is_some_and(|set| set == value);
        assert!(!is("CANHGIAC_POSTGRES", "1") && !is("CI", "true"), "PostgreSQL is needed: {why}");
        std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("SKIP on PostgreSQL: {why}\n"))
            .unwrap();
        return false;
    }
    true
}

/// A fresh database, if PostgreSQL is here.
pub(crate) async fn place() -> Option<Place> {
    copy_of(TEMPLATE).await
}

/// The same without a table.
pub(crate) async fn bare_place() -> Option<Place> {
    copy_of("template1").await
}

async fn copy_of(template: &str) -> Option<Place> {
    if !is_here() {
        return None;
    }
    let cluster = CLUSTER.get_or_init(Cluster::start).await;
    let name = format!("rule_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    cluster.server.run_sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"));
    Some(Place { cluster, name })
}

impl Place {
    pub(crate) fn options(&self) -> PostgresOptions {
        self.cluster.server.url_of(&self.name).parse::<PostgresOptions>().unwrap().with_connections(5)
    }

    /// Where it is, for a connection of a test's own.
    pub(crate) fn url(&self) -> String {
        self.cluster.server.url_of(&self.name)
    }

    /// Runs SQL on it.
    pub(crate) fn run_sql(&self, sql: &str) -> String {
        self.cluster.server.run_sql(&self.name, sql)
    }

    /// All rows of all tables as the server writes them to its own tools.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let tables = self.run_sql(
            "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
        );
        let mut bytes = Vec::new();
        for table in tables.lines() {
            let rows = self
                .run_sql(&format!("SELECT encode(convert_to({table}::text, 'UTF8'), 'escape') FROM {table}"));
            bytes.extend_from_slice(rows.as_bytes());
            // What is bytes in a table is written there in hexadecimal.
            for word in rows.split(|ch: char| !ch.is_ascii_hexdigit()).filter(|word| word.len() % 2 == 0) {
                let pairs = word.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
                bytes.extend(pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()));
                bytes.push(0);
            }
        }
        bytes
    }
}
