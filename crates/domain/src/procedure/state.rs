//! Where a case stands. What is known only in one state lives in that state.

use jiff::Timestamp;

use crate::id::UserId;

/// Where a case stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseState {
    /// Reports came in; nobody has judged them.
    Open,
    /// An officer found signs of a scam.
    Confirmed,
    /// An operator was asked to block and has not answered.
    BlockRequested {
        /// Who asked: someone else must keep the block.
        requested_by: UserId,
        /// When the block, if it comes, ends by itself.
        until: Timestamp,
        /// How often the request was passed on because the number was ported.
        reroutes: u32,
    },
    /// The operator has blocked the number for a time.
    Blocked {
        /// Who asked: someone else must keep the block.
        requested_by: UserId,
        /// Since when, as the operator said.
        since: Timestamp,
        /// When it ends by itself.
        until: Timestamp,
    },
    /// A second person keeps the block beyond its expiry.
    Kept {
        /// Since when the number is blocked.
        since: Timestamp,
    },
    /// The operator was asked to restore the number and has not answered.
    Restoring {
        /// Why it is restored.
        cause: RestoreCause,
    },
    /// The number works again.
    Restored {
        /// Why it was restored.
        cause: RestoreCause,
    },
    /// The case ended without a block in force.
    Closed {
        /// How it ended.
        outcome: ClosedAs,
    },
}

impl CaseState {
    /// Stable id of the state, without what it holds.
    pub fn id(&self) -> &'static str {
        match self {
            CaseState::Open => "open",
            CaseState::Confirmed => "confirmed",
            CaseState::BlockRequested { .. } => "block_requested",
            CaseState::Blocked { .. } => "blocked",
            CaseState::Kept { .. } => "kept",
            CaseState::Restoring { .. } => "restoring",
            CaseState::Restored { .. } => "restored",
            CaseState::Closed { .. } => "closed",
        }
    }

    /// The ids of all states in the order a case passes through them.
    pub const IDS: [&'static str; 8] =
        ["open", "confirmed", "block_requested", "blocked", "kept", "restoring", "restored", "closed"];

    /// What staff read for a state id.
    pub fn label_vi(id: &str) -> &'static str {
        match id {
            "open" => "Mới mở",
            "confirmed" => "Đã xác nhận có dấu hiệu lừa đảo",
            "block_requested" => "Chờ nhà mạng trả lời",
            "blocked" => "Đang tạm khóa",
            "kept" => "Giữ khóa",
            "restoring" => "Chờ nhà mạng khôi phục",
            "restored" => "Đã khôi phục",
            "closed" => "Đã đóng",
            _ => "Không rõ",
        }
    }

    /// Whether new reports on the source still belong to this case.
    pub fn is_active(&self) -> bool {
        !matches!(self, CaseState::Restored { .. } | CaseState::Closed { .. })
    }

    /// Whether someone found signs of a scam and that finding stands.
    pub fn is_finding(&self) -> bool {
        matches!(
            self,
            CaseState::Confirmed
                | CaseState::BlockRequested { .. }
                | CaseState::Blocked { .. }
                | CaseState::Kept { .. }
        )
    }
}

/// Why a number is restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RestoreCause {
    /// The temporary block ran out and no second person kept it.
    Expired,
    /// The holder asked for reconsideration and was heard.
    Reconsidered,
    /// Staff lifted the block.
    Lifted,
    /// The operator blocked although the request had been withdrawn or had run out.
    LateAnswer,
}

impl RestoreCause {
    /// Stable id.
    pub fn id(self) -> &'static str {
        match self {
            RestoreCause::Expired => "expired",
            RestoreCause::Reconsidered => "reconsidered",
            RestoreCause::Lifted => "lifted",
            RestoreCause::LateAnswer => "late_answer",
        }
    }

    /// The cause with this id.
    pub fn from_id(id: &str) -> Option<RestoreCause> {
        [RestoreCause::Expired, RestoreCause::Reconsidered, RestoreCause::Lifted, RestoreCause::LateAnswer]
            .into_iter()
            .find(|cause| cause.id() == id)
    }

    /// What staff read.
    pub fn label_vi(self) -> &'static str {
        match self {
            RestoreCause::Expired => "hết thời hạn tạm khóa, không có người thứ hai xác nhận giữ",
            RestoreCause::Reconsidered => "chấp nhận đề nghị xem xét lại",
            RestoreCause::Lifted => "cán bộ gỡ khóa",
            RestoreCause::LateAnswer => "nhà mạng khóa sau khi đề nghị đã rút hoặc hết hạn",
        }
    }
}

/// How a case ended without a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClosedAs {
    /// Not enough ground to act.
    NotEnoughGround,
    /// The caller ID was forged: the number's holder is a victim too.
    Forged,
    /// No operator here can block the source (foreign number, sender name); what could be done was done.
    NoOperator,
    /// The holder asked for reconsideration and was right before any block came.
    Reconsidered,
}

impl ClosedAs {
    /// Every ending, in the order they are offered.
    pub const ALL: [ClosedAs; 4] =
        [ClosedAs::NotEnoughGround, ClosedAs::Forged, ClosedAs::NoOperator, ClosedAs::Reconsidered];

    /// Stable id.
    pub fn id(self) -> &'static str {
        match self {
            ClosedAs::NotEnoughGround => "not_enough_ground",
            ClosedAs::Forged => "forged",
            ClosedAs::NoOperator => "no_operator",
            ClosedAs::Reconsidered => "reconsidered",
        }
    }

    /// The ending with this id.
    pub fn from_id(id: &str) -> Option<ClosedAs> {
        ClosedAs::ALL.into_iter().find(|outcome| outcome.id() == id)
    }

    /// What staff read.
    pub fn label_vi(self) -> &'static str {
        match self {
            ClosedAs::NotEnoughGround => "Chưa đủ căn cứ",
            ClosedAs::Forged => "Số bị giả mạo, chủ số cũng là nạn nhân",
            ClosedAs::NoOperator => {
                "Không có nhà mạng trong nước để khóa; đã cảnh báo và chuyển nơi có thẩm quyền"
            }
            ClosedAs::Reconsidered => "Chấp nhận đề nghị xem xét lại",
        }
    }
}

/// What an operator is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Block the number both ways for a time.
    TemporaryBlock,
    /// Let the number work again.
    Restore,
}

impl Measure {
    /// Stable id.
    pub fn id(self) -> &'static str {
        match self {
            Measure::TemporaryBlock => "temporary_block",
            Measure::Restore => "restore",
        }
    }

    /// The measure with this id.
    pub fn from_id(id: &str) -> Option<Measure> {
        [Measure::TemporaryBlock, Measure::Restore].into_iter().find(|measure| measure.id() == id)
    }

    /// What staff and operators read.
    pub fn label_vi(self) -> &'static str {
        match self {
            Measure::TemporaryBlock => "Tạm khóa hai chiều",
            Measure::Restore => "Khôi phục",
        }
    }
}

/// Whether the police have the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Referral {
    /// Not referred.
    None,
    /// Sent; the unit has not acknowledged.
    Sent,
    /// The unit has acknowledged.
    Acknowledged,
}

impl Referral {
    /// Stable id.
    pub fn id(self) -> &'static str {
        match self {
            Referral::None => "none",
            Referral::Sent => "sent",
            Referral::Acknowledged => "acknowledged",
        }
    }

    /// The state with this id.
    pub fn from_id(id: &str) -> Option<Referral> {
        [Referral::None, Referral::Sent, Referral::Acknowledged].into_iter().find(|state| state.id() == id)
    }
}

/// Whether the holder has asked for reconsideration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reconsideration {
    /// Nobody asked.
    None,
    /// Asked, undecided.
    Filed,
    /// Decided for the holder.
    Granted,
    /// Decided against the holder.
    Refused,
}

impl Reconsideration {
    /// Stable id.
    pub fn id(self) -> &'static str {
        match self {
            Reconsideration::None => "none",
            Reconsideration::Filed => "filed",
            Reconsideration::Granted => "granted",
            Reconsideration::Refused => "refused",
        }
    }

    /// The state with this id.
    pub fn from_id(id: &str) -> Option<Reconsideration> {
        [Reconsideration::None, Reconsideration::Filed, Reconsideration::Granted, Reconsideration::Refused]
            .into_iter()
            .find(|state| state.id() == id)
    }
}
