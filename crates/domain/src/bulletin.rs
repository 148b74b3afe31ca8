//! A warning to the public: drafted, approved by a second person, published, cancelled.
//!
//! Pure: says what may happen next and why not; it neither stores nor sends.

use crate::account::{Actor, Right};
use crate::id::UserId;

/// Longest title, in characters.
pub const TITLE_LIMIT: usize = 160;
/// Longest text of the page, in characters.
pub const BODY_LIMIT: usize = 8_000;

/// Where a warning stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BulletinState {
    /// Being written; nobody outside sees it.
    Draft,
    /// Public, and broadcast to subscribers.
    Published,
    /// Withdrawn after publication; the page says so.
    Cancelled,
}

impl BulletinState {
    /// Stable id used in storage.
    pub fn id(self) -> &'static str {
        match self {
            BulletinState::Draft => "draft",
            BulletinState::Published => "published",
            BulletinState::Cancelled => "cancelled",
        }
    }

    /// The state with this id.
    pub fn from_id(id: &str) -> Option<BulletinState> {
        [BulletinState::Draft, BulletinState::Published, BulletinState::Cancelled]
            .into_iter()
            .find(|state| state.id() == id)
    }
}

/// What someone wants to do with a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulletinAction {
    /// Change its words.
    Edit,
    /// Publish it.
    Approve,
    /// Withdraw it.
    Cancel,
}

/// Why a warning cannot be changed that way. The texts are shown to staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BulletinRefusal {
    /// The role lacks the right.
    #[error("Vai trò của bạn không được làm việc này.")]
    NotAllowed,
    /// Whoever wrote any of its words cannot approve it.
    #[error("Người soạn không được tự duyệt cảnh báo của mình. Hãy nhờ người khác duyệt.")]
    AuthorCannotApprove,
    /// It is not in a state in which this can be done.
    #[error("Cảnh báo không còn ở trạng thái cho phép thao tác này.")]
    WrongState,
}

/// The state after `action`, or why not. `authors` are all who wrote any of its words.
///
/// # Errors
/// [`BulletinRefusal`] says who or what stands against it.
pub fn decide(
    state: BulletinState,
    authors: &[UserId],
    action: BulletinAction,
    actor: &Actor,
) -> Result<BulletinState, BulletinRefusal> {
    let right = match action {
        BulletinAction::Edit => Right::WriteBulletins,
        BulletinAction::Approve | BulletinAction::Cancel => Right::ApproveBulletins,
    };
    if !actor.may(right) {
        return Err(BulletinRefusal::NotAllowed);
    }
    match (state, action) {
        (BulletinState::Draft, BulletinAction::Edit) => Ok(BulletinState::Draft),
        (BulletinState::Draft, BulletinAction::Approve) => {
            if actor.staff_id().is_none_or(|id| authors.contains(&id)) {
                return Err(BulletinRefusal::AuthorCannotApprove);
            }
            Ok(BulletinState::Published)
        }
        (BulletinState::Draft | BulletinState::Published, BulletinAction::Cancel) => {
            Ok(BulletinState::Cancelled)
        }
        _ => Err(BulletinRefusal::WrongState),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Role;
    use uuid::Uuid;

    fn staff(n: u128, role: Role) -> Actor {
        Actor::Staff { id: UserId(Uuid::from_u128(n)), role }
    }

    #[test]
    fn the_author_never_approves_even_with_the_right() {
        let authors = [UserId(Uuid::from_u128(1))];
        assert_eq!(
            decide(BulletinState::Draft, &authors, BulletinAction::Approve, &staff(1, Role::Approver)),
            Err(BulletinRefusal::AuthorCannotApprove)
        );
        assert_eq!(
            decide(BulletinState::Draft, &authors, BulletinAction::Approve, &staff(2, Role::Approver)),
            Ok(BulletinState::Published)
        );
    }

    #[test]
    fn an_officer_or_the_system_does_not_approve() {
        for actor in [staff(2, Role::Officer), Actor::System, Actor::Holder] {
            assert_eq!(
                decide(BulletinState::Draft, &[], BulletinAction::Approve, &actor),
                Err(BulletinRefusal::NotAllowed)
            );
        }
    }

    #[test]
    fn what_is_published_is_not_edited_nor_published_again() {
        let approver = staff(2, Role::Approver);
        for action in [BulletinAction::Edit, BulletinAction::Approve] {
            assert_eq!(
                decide(BulletinState::Published, &[], action, &approver),
                Err(BulletinRefusal::WrongState)
            );
        }
        assert_eq!(
            decide(BulletinState::Published, &[], BulletinAction::Cancel, &approver),
            Ok(BulletinState::Cancelled)
        );
        assert_eq!(
            decide(BulletinState::Cancelled, &[], BulletinAction::Cancel, &approver),
            Err(BulletinRefusal::WrongState)
        );
    }
}
