//! `canhgiac admin`: the first people and operators' keys, from a terminal on the machine.

use anyhow::{Context, bail};
use canhgiac_domain::account::Role;
use canhgiac_store::{NewAudit, NewPartnerKey, StaffRow, Store, StoreError};
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::{Common, say};
use crate::api::Scope;
use crate::app::open_store;
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
    /// Make a key with which a partner reports over the API; it is shown once.
    PartnerKey {
        /// Name of the partner, in lower-case letters, digits and '-'.
        #[arg(long)]
        partner: String,
        /// What the key may do: reports:write, reports:read, reports:import (repeatable).
        #[arg(long = "scope", default_values = ["reports:write", "reports:read"])]
        scopes: Vec<String>,
        /// Reports a minute.
        #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
        per_minute: i64,
        /// Days until the key ends by itself; it holds until revoked when left out.
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: Option<i64>,
    },
    /// List partners' keys, without what opens.
    PartnerKeys,
    /// End a partner's key.
    RevokePartnerKey {
        /// Its id, as partner-keys lists it.
        #[arg(long)]
        id: Uuid,
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
            let store = open_store(&config).await?;
            let added = add_user(&store, &login, &name, role, unit, &password).await;
            store.close().await;
            added?;
            say(&format!("{login} may sign in as {}; password: {password}", role.id()))
        }
        What::ResetPassword { login } => {
            let store = open_store(&common.load()?).await?;
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
            let store = open_store(&config).await?;
            let key = set_operator_key(&store, &operator).await?;
            store.close().await;
            say(&format!("{operator}: {key}"))
        }
        What::PartnerKey { partner, scopes, per_minute, days } => {
            let store = Store::open(&common.load()?.data_dir).await?;
            let made = make_partner_key(&store, &partner, &scopes, Some(per_minute), days).await;
            store.close().await;
            let (id, key) = made?;
            say(&format!("{partner}: {key} (id {id}; it is not shown again)"))
        }
        What::PartnerKeys => {
            let store = Store::open(&common.load()?.data_dir).await?;
            for key in store.partner_keys().await? {
                let rate = key.per_minute.map_or("unlimited".to_owned(), |rate| format!("{rate}/min"));
                let state = match (key.revoked_us, key.expires_us) {
                    (Some(at_us), _) => format!("revoked {}", instant(at_us)),
                    (None, Some(at_us)) => format!("until {}", instant(at_us)),
                    (None, None) => "until revoked".to_owned(),
                };
                say(&format!("{}\t{}\t{}\t{rate}\t{state}", key.id, key.partner, key.scopes))?;
            }
            store.close().await;
            Ok(())
        }
        What::RevokePartnerKey { id } => {
            let store = Store::open(&common.load()?.data_dir).await?;
            let revoked = store
                .revoke_partner_key(id, &audit("partner_key_revoked", &format!("partner_key:{id}"))?)
                .await;
            store.close().await;
            match revoked {
                Ok(()) => say(&format!("{id}: the key no longer holds")),
                Err(StoreError::NotFound) => bail!("there is no key {id} that holds"),
                Err(error) => Err(error.into()),
            }
        }
        What::Users => {
            let store = open_store(&common.load()?).await?;
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
    if role == Role::Desk {
        let commune = unit.context("desk needs --unit, the code of a commune in data/communes.csv")?;
        if rules.areas.commune(&commune).is_none() {
            bail!("'{commune}' is no commune of data/communes.csv");
        }
        return Ok(Some(commune));
    }
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

/// Makes a partner's key, stores its hash, and gives its id and the key.
///
/// # Errors
/// When the name or a scope does not read, or the database fails.
pub(crate) async fn make_partner_key(
    store: &Store,
    partner: &str,
    scopes: &[String],
    per_minute: Option<i64>,
    days: Option<i64>,
) -> anyhow::Result<(Uuid, String)> {
    let is_name = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '-';
    if partner.is_empty() || partner.len() > 40 || !partner.chars().all(is_name) {
        bail!("a partner's name has 1 to 40 lower-case letters, digits and '-'");
    }
    for scope in scopes {
        if !Scope::ALL.iter().any(|known| known.id() == scope) {
            let known: Vec<&str> = Scope::ALL.iter().map(|known| known.id()).collect();
            bail!("'{scope}' is no scope; take {}", known.join(", "));
        }
    }
    let key = format!("cgp_{}", crate::keys::new_token()?);
    let entry = audit("partner_key_made", &format!("partner:{partner}"))?;
    let new = NewPartnerKey {
        id: Uuid::now_v7(),
        key_hash: crate::keys::hash_token(&key),
        partner: partner.to_owned(),
        scopes: serde_json::to_string(scopes)?,
        per_minute,
        expires_us: days.map(|days| entry.at_us + days * 86_400_000_000),
    };
    store.add_partner_key(&new, &entry).await?;
    Ok((new.id, key))
}

fn instant(at_us: i64) -> String {
    jiff::Timestamp::from_microsecond(at_us).map(|at| at.to_string()).unwrap_or_default()
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
