//! `canhgiac admin`: the first people and operators' keys, from a terminal on the machine.

use anyhow::{Context, bail};
use canhgiac_domain::account::Role;
use canhgiac_store::{NewAudit, StaffRow, Store, StoreError};
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::{Common, say};
use crate::clock::Clock;
use crate::rules::Rules;

/// What `admin` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct AdminArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Add a member of staff; the password is made, or read from CANHGIAC_PASSWORD.
    AddUser {
        /// Name to sign in with.
        #[arg(long)]
        login: String,
        /// Name to show.
        #[arg(long)]
        name: String,
        /// officer, approver, police or administrator.
        #[arg(long)]
        role: String,
        /// Id of the police unit (data/agencies.toml), for police.
        #[arg(long)]
        unit: Option<String>,
    },
    /// Give someone a new password; it is made, or read from CANHGIAC_PASSWORD.
    ResetPassword {
        /// Name to sign in with.
        #[arg(long)]
        login: String,
    },
    /// Make an operator's key for its interface; earlier keys of that operator end.
    OperatorKey {
        /// Id of the operator (data/agencies.toml).
        #[arg(long)]
        operator: String,
    },
    /// List the people.
    Users,
}

pub(super) async fn run(common: &Common, args: AdminArgs) -> anyhow::Result<()> {
    match args.what {
        What::AddUser { login, name, role, unit } => {
            let role = Role::from_id(&role).with_context(|| {
                format!("'{role}' is no role; take officer, approver, police or administrator")
            })?;
            let config = common.load()?;
            let rules = Rules::shipped(&config)?;
            let unit = police_unit(&rules, role, unit)?;
            let password = new_password()?;
            let store = Store::open(&config.data_dir).await?;
            let added = add_user(&store, &login, &name, role, unit, &password).await;
            store.close().await;
            added?;
            say(&format!("{login} may sign in as {}; password: {password}", role.id()))
        }
        What::ResetPassword { login } => {
            let store = Store::open(&common.load()?.data_dir).await?;
            let password = new_password()?;
            let mut staff = match store.staff_by_login(&login).await {
                Ok(staff) => staff,
                Err(StoreError::NotFound) => bail!("there is no '{login}'"),
                Err(error) => return Err(error.into()),
            };
            staff.password_hash = crate::web::hash_password(&password)?;
            store.update_staff(&staff, &audit("password_reset", &format!("staff:{}", staff.id))?).await?;
            store.close().await;
            say(&format!("{login}: new password: {password}"))
        }
        What::OperatorKey { operator } => {
            let config = common.load()?;
            if !Rules::shipped(&config)?.is_operator(&operator, Clock::system()?.today()) {
                bail!("'{operator}' is no operator of data/agencies.toml");
            }
            let store = Store::open(&config.data_dir).await?;
            let key = set_operator_key(&store, &operator).await?;
            store.close().await;
            say(&format!("{operator}: {key}"))
        }
        What::Users => {
            let store = Store::open(&common.load()?.data_dir).await?;
            for staff in store.staff().await? {
                let disabled = if staff.is_disabled { " (disabled)" } else { "" };
                let unit = staff.unit.as_deref().unwrap_or("-");
                say(&format!("{}\t{}\t{}\t{unit}{disabled}", staff.login, staff.role, staff.name))?;
            }
            store.close().await;
            Ok(())
        }
    }
}

fn police_unit(rules: &Rules, role: Role, unit: Option<String>) -> anyhow::Result<Option<String>> {
    if role != Role::Police {
        return Ok(None);
    }
    let unit = unit.context("police need --unit, the id of a police unit in data/agencies.toml")?;
    let today = Clock::system()?.today();
    let is_known = rules
        .agencies
        .of_kind(canhgiac_domain::agency::AgencyKind::Police, today)
        .any(|agency| agency.id == unit);
    if !is_known {
        bail!("'{unit}' is no police unit of data/agencies.toml");
    }
    Ok(Some(unit))
}

/// Adds a member of staff with a password.
///
/// # Errors
/// When the login is taken.
pub(crate) async fn add_user(
    store: &Store,
    login: &str,
    name: &str,
    role: Role,
    unit: Option<String>,
    password: &str,
) -> anyhow::Result<()> {
    let id = Uuid::now_v7();
    let row = StaffRow {
        id,
        login: login.to_owned(),
        name: name.to_owned(),
        role: role.id().to_owned(),
        unit,
        password_hash: crate::web::hash_password(password)?,
        is_disabled: false,
        created_us: Clock::system()?.now_us(),
    };
    match store.add_staff(&row, &audit("staff_added", &format!("staff:{id}"))?).await {
        Err(StoreError::AlreadyExists) => bail!("the login '{login}' is taken"),
        other => Ok(other?),
    }
}

/// Makes an operator's key, stores its hash, and gives the key.
///
/// # Errors
/// What the database said.
pub(crate) async fn set_operator_key(store: &Store, operator: &str) -> anyhow::Result<String> {
    let key = crate::keys::new_token()?;
    let entry = audit("operator_key_made", &format!("operator:{operator}"))?;
    store.set_operator_key(operator, &crate::keys::hash_token(&key), &entry).await?;
    Ok(key)
}

fn audit(action: &str, object: &str) -> anyhow::Result<NewAudit> {
    Ok(NewAudit {
        at_us: Clock::system()?.now_us(),
        actor: "system".to_owned(),
        action: action.to_owned(),
        object: object.to_owned(),
        detail: "canhgiac admin".to_owned(),
    })
}

fn new_password() -> anyhow::Result<String> {
    match std::env::var("CANHGIAC_PASSWORD") {
        Ok(password) if password.chars().count() >= 12 => Ok(password),
        Ok(_) => bail!("CANHGIAC_PASSWORD needs at least 12 characters"),
        Err(_) => Ok(crate::keys::new_token()?.chars().take(20).collect()),
    }
}
