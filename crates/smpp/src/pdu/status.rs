//! `command_status` values (SMPP 3.4 §5.1.3, SMPP 5.0 §4.7.6).
//!
//! Which of them mean "try again" is decided in [`crate::throttle`], not here.

use core::fmt;

/// A status as it travels; reserved and vendor values (0x400–0x4FF) are legal values of this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(pub u32);

macro_rules! statuses {
    ($($name:ident = $value:literal, $text:literal;)*) => {
        impl Status {
            $(#[doc = concat!("`", $text, "`.")] pub const $name: Self = Self($value);)*

            /// The name in the specification, or `None` for reserved and vendor values.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                match self.0 { $($value => Some($text),)* _ => None }
            }
        }
    };
}

statuses! {
    OK = 0x00, "ESME_ROK";
    INVALID_MESSAGE_LENGTH = 0x01, "ESME_RINVMSGLEN";
    INVALID_COMMAND_LENGTH = 0x02, "ESME_RINVCMDLEN";
    INVALID_COMMAND = 0x03, "ESME_RINVCMDID";
    INCORRECT_BIND_STATUS = 0x04, "ESME_RINVBNDSTS";
    ALREADY_BOUND = 0x05, "ESME_RALYBND";
    INVALID_PRIORITY = 0x06, "ESME_RINVPRTFLG";
    INVALID_REGISTERED_DELIVERY = 0x07, "ESME_RINVREGDLVFLG";
    SYSTEM_ERROR = 0x08, "ESME_RSYSERR";
    INVALID_SOURCE = 0x0A, "ESME_RINVSRCADR";
    INVALID_DESTINATION = 0x0B, "ESME_RINVDSTADR";
    INVALID_MESSAGE_ID = 0x0C, "ESME_RINVMSGID";
    BIND_FAILED = 0x0D, "ESME_RBINDFAIL";
    INVALID_PASSWORD = 0x0E, "ESME_RINVPASWD";
    INVALID_SYSTEM_ID = 0x0F, "ESME_RINVSYSID";
    CANCEL_FAILED = 0x11, "ESME_RCANCELFAIL";
    REPLACE_FAILED = 0x13, "ESME_RREPLACEFAIL";
    MESSAGE_QUEUE_FULL = 0x14, "ESME_RMSGQFUL";
    INVALID_SERVICE_TYPE = 0x15, "ESME_RINVSERTYP";
    INVALID_ESM_CLASS = 0x43, "ESME_RINVESMCLASS";
    SUBMIT_FAILED = 0x45, "ESME_RSUBMITFAIL";
    INVALID_SYSTEM_TYPE = 0x53, "ESME_RINVSYSTYP";
    THROTTLED = 0x58, "ESME_RTHROTTLED";
    INVALID_SCHEDULE = 0x61, "ESME_RINVSCHED";
    INVALID_EXPIRY = 0x62, "ESME_RINVEXPIRY";
    TEMPORARY_APP_ERROR = 0x64, "ESME_RX_T_APPN";
    PERMANENT_APP_ERROR = 0x65, "ESME_RX_P_APPN";
    REJECT_APP_ERROR = 0x66, "ESME_RX_R_APPN";
    QUERY_FAILED = 0x67, "ESME_RQUERYFAIL";
    INVALID_TLV_STREAM = 0xC0, "ESME_RINVOPTPARSTREAM";
    TLV_NOT_ALLOWED = 0xC1, "ESME_ROPTPARNOTALLWD";
    INVALID_TLV_LENGTH = 0xC2, "ESME_RINVPARLEN";
    MISSING_TLV = 0xC3, "ESME_RMISSINGOPTPARAM";
    INVALID_TLV_VALUE = 0xC4, "ESME_RINVOPTPARAMVAL";
    DELIVERY_FAILURE = 0xFE, "ESME_RDELIVERYFAILURE";
    UNKNOWN_ERROR = 0xFF, "ESME_RUNKNOWNERR";
}

impl Status {
    /// Whether the request was accepted.
    #[must_use]
    pub fn is_ok(self) -> bool {
        self == Self::OK
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({:#x})", self.0),
            None => write!(f, "status {:#x}", self.0),
        }
    }
}
