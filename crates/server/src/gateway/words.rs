//! Why a link is down and why a message was not sent, as officers read it: without numbers and passwords.

use canhgiac_smpp::pdu::Status;
use canhgiac_smpp::session::CloseReason;
use tokio_rustls::rustls::{AlertDescription, CertificateError, Error as TlsError};

/// Why a session ended.
pub(super) fn closed(reason: &CloseReason) -> String {
    match reason {
        CloseReason::Unbound => "Hệ thống đã chủ động ngắt phiên.".to_owned(),
        CloseReason::PeerUnbound => "Nhà mạng đã chủ động ngắt phiên.".to_owned(),
        CloseReason::ConnectionLost => "Mất kết nối với nhà mạng.".to_owned(),
        CloseReason::BindRefused(status) => {
            format!("Nhà mạng từ chối đăng nhập: {}.", status_in_words(*status))
        }
        CloseReason::BindRejected(status) => {
            format!("Hệ thống từ chối đăng nhập của nhà mạng: {}.", status_in_words(*status))
        }
        CloseReason::BindTimeout => "Hết giờ chờ đăng nhập.".to_owned(),
        CloseReason::EnquireTimeout => "Nhà mạng không trả lời kiểm tra kết nối (enquire_link).".to_owned(),
        CloseReason::UnbindTimeout => "Nhà mạng không trả lời yêu cầu ngắt phiên.".to_owned(),
        CloseReason::Unframeable(error) => format!("Dữ liệu nhận được không phải SMPP ({error})."),
    }
}

/// Connecting failed.
pub(super) fn not_connected(error: &std::io::Error) -> String {
    if let Some(words) = tls(error) {
        return words;
    }
    match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "Máy chủ của nhà mạng từ chối kết nối.".to_owned(),
        std::io::ErrorKind::TimedOut => "Hết giờ chờ kết nối tới máy chủ của nhà mạng.".to_owned(),
        _ => format!("Không kết nối được tới máy chủ của nhà mạng ({error})."),
    }
}

/// TLS could not be agreed on; `None` when the error is not one of TLS.
pub(super) fn tls(error: &std::io::Error) -> Option<String> {
    let error = error.get_ref()?.downcast_ref::<TlsError>()?;
    Some(match error {
        TlsError::InvalidCertificate(certificate) => {
            format!("Chứng chỉ TLS của bên kia {}.", certificate_in_words(certificate))
        }
        TlsError::NoCertificatesPresented => "Bên kia không xuất trình chứng chỉ TLS.".to_owned(),
        TlsError::AlertReceived(alert) => format!("Bên kia từ chối TLS: {}.", alert_in_words(*alert)),
        TlsError::InvalidMessage(_) => "Bên kia không nói TLS trên cổng này.".to_owned(),
        other => format!("Không thiết lập được TLS ({other})."),
    })
}

fn certificate_in_words(error: &CertificateError) -> String {
    use CertificateError as Is;
    let words = match error {
        Is::Expired | Is::ExpiredContext { .. } => "đã hết hạn",
        Is::NotValidYet | Is::NotValidYetContext { .. } => "chưa đến ngày có hiệu lực",
        Is::NotValidForName | Is::NotValidForNameContext { .. } => {
            "không mang tên máy chủ này (xem server_name trong cấu hình)"
        }
        Is::UnknownIssuer => "không do tổ chức tin cậy nào ký (xem ca trong cấu hình)",
        Is::Revoked => "đã bị thu hồi",
        other => return format!("không dùng được ({other})"),
    };
    words.to_owned()
}

fn alert_in_words(alert: AlertDescription) -> String {
    let words = match alert {
        AlertDescription::CertificateRequired => {
            "cần chứng chỉ của hệ thống (certificate và key trong cấu hình)"
        }
        AlertDescription::CertificateExpired => "chứng chỉ của hệ thống đã hết hạn",
        AlertDescription::UnknownCA => "chứng chỉ của hệ thống do tổ chức lạ ký",
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown => "không chấp nhận chứng chỉ của hệ thống",
        AlertDescription::ProtocolVersion => "hai bên không có chung phiên bản TLS",
        other => return format!("{other:?}"),
    };
    words.to_owned()
}

/// A session ended by an error in the program.
pub(super) fn broken_off() -> String {
    "Phiên bị dừng do lỗi chương trình; đang kết nối lại.".to_owned()
}

/// Why a message was refused for good.
pub(super) fn refused(status: Status) -> String {
    format!("Nhà mạng từ chối tin: {}.", status_in_words(status))
}

/// Why a message waits.
pub(super) fn backed_off(status: Status) -> String {
    format!("Nhà mạng tạm thời chưa nhận: {}. Sẽ gửi lại.", status_in_words(status))
}

/// Why a message is not tried again.
pub(super) fn gave_up(status: Status, attempts: u32) -> String {
    format!("Đã thử {attempts} lần, nhà mạng vẫn chưa nhận: {}.", status_in_words(status))
}

/// The whole link pauses.
pub(super) fn throttled() -> String {
    "Nhà mạng yêu cầu gửi chậm lại. Sẽ gửi lại.".to_owned()
}

/// The operator says that we are not bound.
pub(super) fn not_bound() -> String {
    "Nhà mạng báo phiên chưa đăng nhập. Đang đăng nhập lại, sẽ gửi lại.".to_owned()
}

/// The session ended before the message was written.
pub(super) fn not_written() -> String {
    "Phiên kết thúc trước khi tin được gửi. Sẽ gửi lại.".to_owned()
}

/// The session ended before the answer.
pub(super) fn lost() -> String {
    "Phiên kết thúc trước khi nhà mạng trả lời: không rõ tin đã đi hay chưa, không gửi lại.".to_owned()
}

/// No answer in time.
pub(super) fn timed_out() -> String {
    "Nhà mạng không trả lời đúng hạn: không rõ tin đã đi hay chưa, không gửi lại.".to_owned()
}

/// The sealed number does not open.
pub(super) fn number_does_not_open() -> String {
    "Không mở được số người nhận: khóa mã hóa đã bị thay?".to_owned()
}

/// The recipient is no subscriber.
pub(super) fn no_subscriber() -> String {
    "Người nhận không phải thuê bao, không gửi.".to_owned()
}

/// The text is too long.
pub(super) fn too_long(parts: usize) -> String {
    format!("Nội dung cần {parts} tin, chỉ gửi được một tin.")
}

/// The message does not fit a PDU.
pub(super) fn not_encodable() -> String {
    "Mã gửi hoặc số nhận không ghi được vào gói tin SMPP.".to_owned()
}

fn status_in_words(status: Status) -> String {
    let words = match status {
        Status::INVALID_PASSWORD => "sai mật khẩu",
        Status::INVALID_SYSTEM_ID => "sai tên đăng nhập (system_id)",
        Status::BIND_FAILED => "kiểu đăng nhập không được phép",
        Status::ALREADY_BOUND => "đã đủ số phiên",
        Status::INVALID_SOURCE => "mã gửi không hợp lệ",
        Status::INVALID_DESTINATION => "số nhận không hợp lệ",
        Status::MESSAGE_QUEUE_FULL => "hàng đợi của người nhận đã đầy",
        Status::THROTTLED => "gửi quá nhanh",
        Status::SYSTEM_ERROR => "lỗi hệ thống của nhà mạng",
        Status::TEMPORARY_APP_ERROR => "lỗi tạm thời",
        Status::SUBMIT_FAILED => "không gửi được",
        other => return other.to_string(),
    };
    format!("{words} ({:#04x})", status.0)
}
