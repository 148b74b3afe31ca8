//! Which of the servers is primary, and connections to it.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};
use tokio::task::JoinSet;

use super::{Pools, PostgresOptions};
use crate::StoreError;

/// How long a server may take to say whether it is primary.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// How long a use case waits for a connection.
const CONNECTION_WITHIN: Duration = Duration::from_secs(5);
/// A connection that rested longer is asked whether it still is one.
const RESTED: Duration = Duration::from_secs(2);
/// Connections for the intake log: one commits, the others wait at its counter.
const INTAKE_CONNECTIONS: u32 = 4;

/// What every session asks of the server. A peer that went away in the middle of a transaction holds its locks
/// no longer than this, and a statement that waits for them gives up.
const SESSION: [(&str, &str); 8] = [
    ("statement_timeout", "15s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "5s"),
    ("tcp_user_timeout", "10s"),
    ("tcp_keepalives_idle", "5"),
    ("tcp_keepalives_interval", "2"),
    ("tcp_keepalives_count", "3"),
    ("client_encoding", "UTF8"),
];

/// The one that is primary, asking all at once.
pub(super) async fn find(options: &PostgresOptions) -> Result<PgConnectOptions, StoreError> {
    let mut asked = JoinSet::new();
    for host in options.hosts() {
        let host = host.clone().options(SESSION);
        asked.spawn(async move {
            let answer = tokio::time::timeout(ANSWER_WITHIN, is_primary(&host)).await;
            match answer.unwrap_or_else(|_| Err(no_answer())) {
                Ok(true) => Ok(host),
                Ok(false) => Err(StoreError::NoPrimary),
                Err(error) => Err(error),
            }
        });
    }
    let mut trouble = StoreError::NoPrimary;
    while let Some(answer) = asked.join_next().await {
        match answer {
            Ok(Ok(host)) => return Ok(host),
            Ok(Err(error)) => trouble = error,
            Err(_) => {}
        }
    }
    Err(trouble)
}

async fn is_primary(host: &PgConnectOptions) -> Result<bool, StoreError> {
    let mut connection = host.connect().await?;
    let is_standby = is_standby(&mut connection).await?;
    connection.close().await?;
    Ok(!is_standby)
}

async fn is_standby(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(connection).await
}

/// Connections to `host`, made when they are wanted.
pub(super) fn open(options: &PostgresOptions, host: PgConnectOptions, generation: u64) -> Pools {
    let pool = |connections| {
        PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(CONNECTION_WITHIN)
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > RESTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(|connection, _| {
                Box::pin(async move {
                    if is_standby(connection).await? {
                        return Err(sqlx::Error::Protocol("the server is no longer primary".to_owned()));
                    }
                    Ok(())
                })
            })
            .connect_lazy_with(host.clone())
    };
    Pools { generation, state: pool(options.connections()), intake: pool(INTAKE_CONNECTIONS) }
}

/// What is said of a peer that does not answer in time.
pub(super) fn no_answer() -> StoreError {
    let silent =
        std::io::Error::new(std::io::ErrorKind::TimedOut, "the database server did not answer in time");
    StoreError::Database(sqlx::Error::Io(silent))
}
