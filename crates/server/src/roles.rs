//! Which part of the work a process does. Without roles one process does everything; on PostgreSQL the work can be
//! divided among several processes, each with one or more roles.

use anyhow::bail;
use clap::ValueEnum;

use crate::config::Config;

/// One part of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// SMPP links: takes texts in and sends SMS.
    Gateway,
    /// Understands what came in and runs jobs.
    Worker,
    /// Pages and interfaces.
    Web,
}

impl Role {
    const ALL: [Role; 3] = [Role::Gateway, Role::Worker, Role::Web];

    /// Stable id.
    pub fn id(self) -> &'static str {
        match self {
            Role::Gateway => "gateway",
            Role::Worker => "worker",
            Role::Web => "web",
        }
    }
}

/// The parts that one process does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles(Vec<Role>);

impl Default for Roles {
    fn default() -> Self {
        Roles::all()
    }
}

impl Roles {
    /// Everything.
    pub fn all() -> Roles {
        Roles(Role::ALL.to_vec())
    }

    /// These; everything when none is named.
    pub fn of(named: &[Role]) -> Roles {
        if named.is_empty() {
            return Roles::all();
        }
        Roles(Role::ALL.into_iter().filter(|role| named.contains(role)).collect())
    }

    /// Whether this one is among them.
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether files of evidence are kept or thrown away here.
    pub fn keep_files(&self) -> bool {
        self.has(Role::Web) || self.has(Role::Worker)
    }

    /// Their names, for logs and the table of instances.
    pub fn names(&self) -> String {
        self.0.iter().map(|role| role.id()).collect::<Vec<_>>().join("+")
    }

    /// Refuses a division of work that this configuration cannot have.
    ///
    /// # Errors
    /// What to do instead.
    pub fn check(&self, config: &Config) -> anyhow::Result<()> {
        if *self == Roles::all() {
            return Ok(());
        }
        if !config.is_shared() {
            bail!(
                "roles need a database that several processes can use: set database = \"postgres://…\" \
                 (or CANHGIAC_DATABASE); on SQLite one process does everything: leave --role out"
            );
        }
        if self.keep_files() && config.evidence_dir.is_none() {
            bail!(
                "processes in roles keep files of evidence in one place: set evidence_dir (or \
                 CANHGIAC_EVIDENCE_DIR) to a directory that all web and worker processes reach"
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_named_means_all_of_them() {
        assert_eq!(Roles::of(&[]), Roles::all());
        let roles = Roles::of(&[Role::Web, Role::Gateway, Role::Web]);
        assert_eq!(roles.names(), "gateway+web");
        assert!(roles.has(Role::Web) && !roles.has(Role::Worker));
    }

    #[test]
    fn on_sqlite_one_process_does_everything() {
        let config = Config::default();
        Roles::all().check(&config).unwrap();
        let refusal = Roles::of(&[Role::Gateway]).check(&config).unwrap_err().to_string();
        assert!(refusal.contains("CANHGIAC_DATABASE") && refusal.contains("leave --role out"), "{refusal}");
    }

    #[test]
    fn processes_in_roles_share_their_files() {
        let config = Config { database: Some("postgres://db/cg".to_owned()), ..Config::default() };
        Roles::of(&[Role::Gateway]).check(&config).unwrap();
        let refusal = Roles::of(&[Role::Web]).check(&config).unwrap_err().to_string();
        assert!(refusal.contains("evidence_dir"), "{refusal}");
        let config = Config { evidence_dir: Some("/srv/evidence".into()), ..config };
        Roles::of(&[Role::Web]).check(&config).unwrap();
        Roles::all().check(&Config { evidence_dir: None, ..config }).unwrap();
    }
}
