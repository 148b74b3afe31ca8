//! Who works here and what each role may do.
//!
//! Deliberately without passwords or sessions: those belong to the server.

use crate::id::UserId;

/// The role of a signed-in member of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Takes in reports and works cases.
    Officer,
    /// Confirms measures and approves warnings: the second person.
    Approver,
    /// A commune's officer: takes in what people report at the desk.
    Desk,
    /// A police unit that receives referrals.
    Police,
    /// Manages people and links, reads the audit trail; works no cases.
    Administrator,
}

/// One thing a role may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Read the words of reports and their evidence.
    ReadReports,
    /// Correct what was understood of a text; put reports into cases.
    CorrectReports,
    /// Open a reporter's number, with a reason that is audited.
    OpenReporter,
    /// Take in the report of somebody who comes to the desk; see what one's own desk took in.
    TakeInReports,
    /// Hand a citizen what is held on them, or erase it, at their wish.
    ServeCitizensData,
    /// Confirm, refer, ask for blocks, close.
    WorkCases,
    /// Keep a block beyond its expiry, as the second person.
    ConfirmMeasures,
    /// Decide a reconsideration.
    DecideReconsiderations,
    /// Write a warning.
    WriteBulletins,
    /// Approve a warning someone else wrote.
    ApproveBulletins,
    /// Receive and acknowledge referrals.
    ReceiveReferrals,
    /// See links, outgoing messages and failed jobs.
    SeeOperations,
    /// Retry failed jobs.
    MendOperations,
    /// Add and disable people.
    ManagePeople,
    /// Read the audit trail.
    ReadAudit,
}

impl Role {
    /// Every role, in the order they are offered.
    pub const ALL: [Role; 5] = [Role::Officer, Role::Approver, Role::Desk, Role::Police, Role::Administrator];

    /// Stable id used in storage, configuration and the API.
    pub fn id(self) -> &'static str {
        match self {
            Role::Officer => "officer",
            Role::Approver => "approver",
            Role::Desk => "desk",
            Role::Police => "police",
            Role::Administrator => "administrator",
        }
    }

    /// The role with this id.
    pub fn from_id(id: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.id() == id)
    }

    /// The role's name as people read it.
    pub fn label_vi(self) -> &'static str {
        match self {
            Role::Officer => "Cán bộ tiếp nhận",
            Role::Approver => "Lãnh đạo duyệt",
            Role::Desk => "Cán bộ xã, phường",
            Role::Police => "Công an",
            Role::Administrator => "Quản trị",
        }
    }

    /// Whether this role holds `right`.
    pub fn may(self, right: Right) -> bool {
        use Right::{
            ApproveBulletins, ConfirmMeasures, CorrectReports, DecideReconsiderations, ManagePeople,
            MendOperations, OpenReporter, ReadAudit, ReadReports, ReceiveReferrals, SeeOperations,
            ServeCitizensData, TakeInReports, WorkCases, WriteBulletins,
        };
        match self {
            Role::Officer => matches!(
                right,
                ReadReports
                    | CorrectReports
                    | OpenReporter
                    | WorkCases
                    | DecideReconsiderations
                    | WriteBulletins
                    | SeeOperations
            ),
            Role::Approver => matches!(
                right,
                ReadReports
                    | OpenReporter
                    | WorkCases
                    | ConfirmMeasures
                    | DecideReconsiderations
                    | WriteBulletins
                    | ApproveBulletins
                    | SeeOperations
            ),
            Role::Desk => matches!(right, TakeInReports),
            Role::Police => matches!(right, ReceiveReferrals),
            Role::Administrator => {
                matches!(right, ManagePeople | ReadAudit | SeeOperations | MendOperations | ServeCitizensData)
            }
        }
    }
}

/// Who does something to a case or a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in member of staff.
    Staff {
        /// Who.
        id: UserId,
        /// In which role.
        role: Role,
    },
    /// An operator, through its keyed interface.
    Operator(String),
    /// The holder of a number, through the public page.
    Holder,
    /// The product itself: a clock ran out, a rule applied.
    System,
}

impl Actor {
    /// The member of staff, when it is one.
    pub fn staff_id(&self) -> Option<UserId> {
        match self {
            Actor::Staff { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// Whether the actor holds `right`; only staff hold rights.
    pub fn may(&self, right: Right) -> bool {
        matches!(self, Actor::Staff { role, .. } if role.may(right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::from_id(role.id()), Some(role));
        }
        assert_eq!(Role::from_id("root"), None);
    }

    #[test]
    fn an_administrator_reads_no_reports_and_police_read_only_referrals() {
        assert!(!Role::Administrator.may(Right::ReadReports));
        assert!(!Role::Administrator.may(Right::WorkCases));
        assert!(!Role::Police.may(Right::ReadReports));
        assert!(Role::Police.may(Right::ReceiveReferrals));
    }

    #[test]
    fn only_an_approver_confirms_and_approves() {
        for role in Role::ALL {
            assert_eq!(role.may(Right::ApproveBulletins), role == Role::Approver);
            assert_eq!(role.may(Right::ConfirmMeasures), role == Role::Approver);
        }
    }
}
