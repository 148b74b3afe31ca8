//! Keys of partners.

use canhgiac_store::{NewAudit, NewPartnerKey, StoreError};
use uuid::Uuid;

use crate::support::{DAY, Home, START};

fn entry(action: &str, at_us: i64) -> NewAudit {
    NewAudit {
        at_us,
        actor: "system".to_owned(),
        action: action.to_owned(),
        object: "partner:bank".to_owned(),
        detail: String::new(),
    }
}

fn key(hash: u8, expires_us: Option<i64>) -> NewPartnerKey {
    NewPartnerKey {
        id: Uuid::now_v7(),
        key_hash: vec![hash; 32],
        partner: "bank".to_owned(),
        scopes: "[\"reports:write\"]".to_owned(),
        per_minute: Some(60),
        expires_us,
    }
}

pub(crate) async fn a_key_holds_until_it_is_revoked_or_over(home: &Home) {
    let store = home.open().await;
    let (first, second) = (key(1, None), key(2, Some(START + DAY)));
    store.add_partner_key(&first, &entry("partner_key_made", START)).await.unwrap();
    store.add_partner_key(&second, &entry("partner_key_made", START)).await.unwrap();
    let found = store.partner_of_key(&[1; 32], START).await.unwrap().unwrap();
    assert_eq!((found.id, found.partner.as_str(), found.per_minute), (first.id, "bank", Some(60)));
    assert!(store.partner_of_key(&[2; 32], START + DAY - 1).await.unwrap().is_some(), "both hold at once");
    assert!(store.partner_of_key(&[2; 32], START + DAY).await.unwrap().is_none());
    assert!(store.partner_of_key(&[3; 32], START).await.unwrap().is_none());
    store.revoke_partner_key(first.id, &entry("partner_key_revoked", START + 1)).await.unwrap();
    assert!(store.partner_of_key(&[1; 32], START + 1).await.unwrap().is_none());
    let again = store.revoke_partner_key(first.id, &entry("partner_key_revoked", START + 2)).await;
    assert!(matches!(again, Err(StoreError::NotFound)));
}

pub(crate) async fn keys_are_listed_without_what_opens(home: &Home) {
    let store = home.open().await;
    store.add_partner_key(&key(1, None), &entry("partner_key_made", START)).await.unwrap();
    store.add_partner_key(&key(2, None), &entry("partner_key_made", START + 1)).await.unwrap();
    let listed = store.partner_keys().await.unwrap();
    assert_eq!(listed.iter().map(|key| key.created_us).collect::<Vec<_>>(), [START + 1, START]);
    let twice = store.add_partner_key(&key(1, None), &entry("partner_key_made", START)).await;
    assert!(matches!(twice, Err(StoreError::AlreadyExists)));
}
