//! An installation on SQLite moves to PostgreSQL by one command and goes on there.

use crate::ledger_check::{
    every_reply_went_once_or_is_uncertain, nothing_is_lost_or_doubled, text, wait_until_settled,
};
use crate::processes::{Cluster, free_port, server_link};
use crate::support::{Ledger, Load, Postgres, postgres_is_here};

const TEXTS: u32 = 150;

#[test]
fn an_installation_moves_from_sqlite_to_postgresql_and_goes_on_there() {
    if !postgres_is_here() {
        return;
    }
    let postgres = Postgres::start();
    let mut cluster = Cluster::new("");
    let port = free_port();
    let links = server_link(port);
    let ledger = Ledger::making(text);
    let process = cluster.try_start("all", &[], &links, &[]).expect("it starts on SQLite");
    let load = Load::start(port, 1, &ledger);
    ledger.allow(TEXTS);
    ledger.wait("all are answered", |state| state.replies.len() == TEXTS as usize);
    load.stop();
    process.stop();
    let before = cluster.export("all");
    assert_eq!(before.len(), TEXTS as usize);

    cluster.url = postgres.url();
    let said = cluster.run("all", &["move"]).expect("the move works");
    assert!(said.contains("150 report ") && said.contains("Moved and read back the same"), "{said}");
    assert_eq!(cluster.export("all"), before);
    let refusal = cluster.run("all", &["move"]).expect_err("a filled database is no target");
    assert!(refusal.contains("nothing was moved"), "{refusal}");

    let process = cluster.try_start("all", &[], &links, &[]).expect("it starts on PostgreSQL");
    let load = Load::start(port, 1, &ledger);
    ledger.allow(TEXTS);
    ledger.wait("further ones are answered", |state| state.replies.len() == 2 * TEXTS as usize);
    wait_until_settled(&cluster);
    load.stop();
    process.stop();
    nothing_is_lost_or_doubled(&cluster, "all", &ledger);
    assert_eq!(every_reply_went_once_or_is_uncertain(&cluster, &ledger), 0);
}
