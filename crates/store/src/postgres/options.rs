//! Where the database is.

use std::fmt;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use crate::StoreError;

/// Connections of one process at most, unless said otherwise.
const CONNECTIONS: u32 = 12;

/// Where a PostgreSQL database is and how to sign in: `postgres://user:password@h1:5432,h2:5432/database`,
/// with the parameters of libpq (`sslmode`, `sslrootcert`, `application_name` …) after a `?`.
///
/// The password is shown nowhere.
#[derive(Clone)]
pub struct PostgresOptions {
    hosts: Vec<PgConnectOptions>,
    connections: u32,
}

impl PostgresOptions {
    /// At most this many connections, those for the intake log not counted.
    #[must_use]
    pub fn with_connections(mut self, connections: u32) -> PostgresOptions {
        self.connections = connections.max(1);
        self
    }

    pub(super) fn hosts(&self) -> &[PgConnectOptions] {
        &self.hosts
    }

    pub(super) fn connections(&self) -> u32 {
        self.connections
    }
}

impl FromStr for PostgresOptions {
    type Err = StoreError;

    fn from_str(url: &str) -> Result<PostgresOptions, StoreError> {
        let (scheme, rest) =
            url.split_once("://").ok_or(StoreError::Address("it begins with postgres://"))?;
        if !matches!(scheme, "postgres" | "postgresql") {
            return Err(StoreError::Address("it begins with postgres://"));
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, hosts)) => (format!("{user}@"), hosts),
            None => (String::new(), authority),
        };
        let hosts = hosts
            .split(',')
            .map(|host| {
                // What the parser says may repeat the password.
                format!("{scheme}://{user}{host}{path}")
                    .parse::<PgConnectOptions>()
                    .map_err(|_| StoreError::Address("user:password@host:port,host:port/database?parameters"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(PostgresOptions { hosts, connections: CONNECTIONS })
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<String> =
            self.hosts.iter().map(|host| format!("{}:{}", host.get_host(), host.get_port())).collect();
        f.debug_struct("PostgresOptions")
            .field("hosts", &hosts)
            .field("database", &self.hosts.first().and_then(PgConnectOptions::get_database))
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_hosts_share_user_database_and_parameters() {
        let options: PostgresOptions =
            "postgres://u:se%40cret@h1:5001,h2,h3:5003/db?sslmode=require".parse().unwrap();
        let hosts: Vec<(&str, u16)> =
            options.hosts().iter().map(|host| (host.get_host(), host.get_port())).collect();
        assert_eq!((hosts[0], hosts[1].0, hosts[2]), (("h1", 5001), "h2", ("h3", 5003)));
        for host in options.hosts() {
            assert_eq!((host.get_username(), host.get_database()), ("u", Some("db")));
            assert!(matches!(host.get_ssl_mode(), sqlx::postgres::PgSslMode::Require));
        }
    }

    #[test]
    fn neither_an_address_nor_what_is_wrong_with_it_shows_the_password() {
        let good: PostgresOptions = "postgres://u:geheim@h1/db".parse().unwrap();
        assert!(!format!("{good:?}").contains("geheim"));
        for wrong in ["postgres://u:geheim@h1:port/db", "mysql://u:geheim@h/db", "u:geheim@h"] {
            let error = PostgresOptions::from_str(wrong).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("geheim"), "{error:?}");
        }
    }
}
