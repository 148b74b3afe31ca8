//! What can go wrong with a console page, told so that the reader knows what to do next.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use canhgiac_store::StoreError;

use super::view::common::Shell;
use super::view::home::ErrorPage;
use crate::act::ActError;
use crate::app::AppState;
use crate::web::page::render;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(super) enum Oops {
    /// No such thing, or none this person may know of.
    #[error("not found")]
    NotFound,
    /// The role does not open this.
    #[error("forbidden")]
    Forbidden,
    /// The session ended while a form was filled in.
    #[error("session ended")]
    SessionEnded,
    /// A rule stands against it; the sentence is for the reader.
    #[error("refused: {0}")]
    Refused(String),
    /// The database is away for a while.
    #[error("the database does not answer: {0}")]
    Unavailable(StoreError),
    /// Ours.
    #[error("{0:#}")]
    Internal(anyhow::Error),
}

impl From<anyhow::Error> for Oops {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<StoreError>() {
            Ok(away) if away.is_unavailable() => Oops::Unavailable(away),
            Ok(other) => Oops::Internal(other.into()),
            Err(other) => Oops::Internal(other),
        }
    }
}

impl From<StoreError> for Oops {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Oops::NotFound,
            StoreError::Conflict => {
                Oops::Refused("Đồng nghiệp vừa thay đổi mục này. Mở lại trang để xem bản mới.".to_owned())
            }
            away if away.is_unavailable() => Oops::Unavailable(away),
            other => Oops::Internal(other.into()),
        }
    }
}

impl From<ActError> for Oops {
    fn from(error: ActError) -> Self {
        match error {
            ActError::NotFound => Oops::NotFound,
            ActError::Internal(error) => error.into(),
            told => Oops::Refused(told.to_string()),
        }
    }
}

/// An error's words, carried by a response until the frame is put around them.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) title: &'static str,
    what: String,
    advice: Vec<String>,
}

impl Told {
    /// The page.
    pub(super) fn page(self, shell: Shell, status: StatusCode) -> Response {
        let is_signed_in = shell.person.is_some();
        let way = if is_signed_in {
            ("Về trang đầu".to_owned(), "/can-bo".to_owned())
        } else {
            ("Đăng nhập".to_owned(), "/can-bo/dang-nhap".to_owned())
        };
        render(status, &ErrorPage { page: shell, what: self.what, advice: self.advice, ways: vec![way] })
    }
}

impl Oops {
    fn told(&self) -> (StatusCode, Told) {
        let told = |title, what: &str, advice: &[&str]| Told {
            title,
            what: what.to_owned(),
            advice: advice.iter().map(|one| (*one).to_owned()).collect(),
        };
        match self {
            Oops::NotFound => (
                StatusCode::NOT_FOUND,
                told(
                    "Không tìm thấy trang này",
                    "Đường dẫn sai, hoặc mục này không có.",
                    &["Kiểm tra lại đường dẫn, hoặc tìm từ danh sách."],
                ),
            ),
            Oops::Forbidden => (
                StatusCode::FORBIDDEN,
                told(
                    "Vai trò của bạn không mở được trang này",
                    "Mỗi vai trò chỉ xem những gì công việc cần.",
                    &["Nếu bạn cần trang này cho công việc, nhờ người quản trị đổi vai trò."],
                ),
            ),
            Oops::SessionEnded => (
                StatusCode::UNAUTHORIZED,
                told(
                    "Phiên làm việc đã hết",
                    "Việc vừa gửi chưa được ghi, vì bạn chưa đăng nhập hoặc phiên đã hết hạn.",
                    &[
                        "Đăng nhập ở một thẻ khác, rồi bấm Quay lại ở thẻ này và gửi lại: những gì bạn đã nhập vẫn còn.",
                    ],
                ),
            ),
            Oops::Refused(what) => (
                StatusCode::CONFLICT,
                told("Việc này chưa làm được", what, &["Bấm Quay lại để xem những gì bạn đã nhập."]),
            ),
            Oops::Unavailable(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                told(
                    "Kho dữ liệu đang tạm ngừng",
                    "Việc vừa rồi có thể chưa được ghi. Hệ thống tự trở lại, thường trong ít phút.",
                    &[
                        "Đợi ít phút, mở lại trang để xem việc đã được ghi chưa, rồi mới gửi lại.",
                        "Nếu kéo dài, báo người quản trị: trang /readyz nói rõ vì sao.",
                    ],
                ),
            ),
            Oops::Internal(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                told(
                    "Hệ thống gặp lỗi",
                    "Việc vừa rồi chưa làm được. Lỗi đã được ghi lại cho người quản trị.",
                    &["Bấm Quay lại và thử lại sau ít phút: những gì bạn đã nhập vẫn còn."],
                ),
            ),
        }
    }

    /// The page without anybody signed in around it.
    pub(super) fn alone(self, app: &AppState) -> Response {
        self.log();
        let (status, told) = self.told();
        let shell = Shell { is_training: app.config.is_demo, ..Shell::titled(told.title) };
        told.page(shell, status)
    }

    fn log(&self) {
        if let Oops::Internal(_) | Oops::Unavailable(_) = self {
            tracing::error!(error = format!("{self:#}"), "a console page failed");
        }
    }
}

impl IntoResponse for Oops {
    fn into_response(self) -> Response {
        self.log();
        let (status, told) = self.told();
        let mut response = status.into_response();
        response.extensions_mut().insert(told);
        response
    }
}
