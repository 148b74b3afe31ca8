//! Delivery receipts: noted one after another beside the session, answered when they are.

use std::sync::Arc;

use canhgiac_smpp::receipt::{IdForm, MessageState, Receipt, candidate_ids, normal_id};
use canhgiac_smpp::session::RequestId;
use canhgiac_store::{DeliveryReceipt, StoreError};
use tokio::sync::mpsc;

use super::link::Link;

/// Receipts that must agree before the form of a link's ids counts as known.
const FORM_KNOWN_AFTER: u32 = 3;

/// Takes receipts of one session and says when they are noted.
#[derive(Debug)]
pub(super) struct ReceiptDesk {
    to: mpsc::Sender<(RequestId, Receipt)>,
    done: mpsc::Receiver<(RequestId, bool)>,
}

impl ReceiptDesk {
    /// Opens the desk; it closes when the session lets go of it, after the last receipt was noted.
    pub(super) fn open(link: Arc<Link>) -> ReceiptDesk {
        let (to, mut receipts) = mpsc::channel::<(RequestId, Receipt)>(link.limits.texts_unanswered);
        let (told, done) = mpsc::channel(link.limits.texts_unanswered);
        tokio::spawn(async move {
            while let Some((id, receipt)) = receipts.recv().await {
                let noted = note(&link, &receipt).await;
                if let Err(error) = &noted {
                    tracing::error!(link = link.name(), sequence = id.sequence, %error, "a receipt could not be noted");
                }
                // Nobody listens when the session is over; then it was not answered and comes again.
                let _ = told.send((id, noted.is_ok())).await;
            }
        });
        ReceiptDesk { to, done }
    }

    /// Hands a receipt in; false when there is no room.
    pub(super) fn hand_in(&self, id: RequestId, receipt: Receipt) -> bool {
        self.to.try_send((id, receipt)).is_ok()
    }

    /// The next one that was noted, or failed to be.
    pub(super) async fn next(&mut self) -> (RequestId, bool) {
        match self.done.recv().await {
            Some(done) => done,
            None => std::future::pending().await,
        }
    }
}

async fn note(link: &Link, receipt: &Receipt) -> Result<(), StoreError> {
    let Some(id) = &receipt.message_id else { return Ok(()) };
    let candidates = candidate_ids(id, link.id_form());
    let ids = match link.app.store.known_remote_id(link.name(), &candidates).await? {
        Some(known) => {
            link.saw_id_form(form_of(id, &known));
            vec![known]
        }
        // It came before the answer it is about, which may write the id in any of these ways.
        None => candidates,
    };
    for remote_id in ids {
        let receipt = DeliveryReceipt {
            link: link.name().to_owned(),
            remote_id,
            is_delivered: receipt.state == Some(MessageState::Delivered),
            is_final: receipt.state.is_some_and(MessageState::is_final),
            error: reason(receipt),
        };
        link.app.store.note_receipt(&receipt, link.app.clock.now_us()).await?;
    }
    Ok(())
}

fn form_of(receipt_id: &str, known: &str) -> IdForm {
    if normal_id(receipt_id) == known {
        IdForm::Same
    } else if candidate_ids(receipt_id, IdForm::AnswerHexReceiptDecimal).iter().any(|id| id == known) {
        IdForm::AnswerHexReceiptDecimal
    } else {
        IdForm::AnswerDecimalReceiptHex
    }
}

/// Why a message did not arrive, as officers read it.
fn reason(receipt: &Receipt) -> Option<String> {
    let words = match receipt.state? {
        MessageState::Expired => "Hết hạn trước khi tới được máy người nhận",
        MessageState::Deleted => "Nhà mạng đã xóa tin",
        MessageState::Undeliverable => "Không chuyển được tới người nhận",
        MessageState::Rejected => "Nhà mạng từ chối tin",
        _ => return None,
    };
    let code = receipt.error.as_deref().map(|code| format!(" (mã {code})"));
    Some(format!("{words}{}.", code.unwrap_or_default()))
}

/// How often each form was seen on a link.
#[derive(Debug, Default)]
pub(super) struct IdForms {
    same: u32,
    hex_answer: u32,
    decimal_answer: u32,
}

impl IdForms {
    pub(super) fn saw(&mut self, form: IdForm) {
        let seen = match form {
            IdForm::Same => &mut self.same,
            IdForm::AnswerHexReceiptDecimal => &mut self.hex_answer,
            IdForm::AnswerDecimalReceiptHex => &mut self.decimal_answer,
            IdForm::Any => return,
        };
        *seen = seen.saturating_add(1);
    }

    /// The form all receipts so far agree on, once they are enough.
    pub(super) fn known(&self) -> IdForm {
        match (self.same, self.hex_answer, self.decimal_answer) {
            (FORM_KNOWN_AFTER.., 0, 0) => IdForm::Same,
            (0, FORM_KNOWN_AFTER.., 0) => IdForm::AnswerHexReceiptDecimal,
            (0, 0, FORM_KNOWN_AFTER..) => IdForm::AnswerDecimalReceiptHex,
            _ => IdForm::Any,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_ids_is_known_when_several_receipts_agree() {
        let form = form_of("1312523572", "4e3b8534");
        assert_eq!(form, IdForm::AnswerHexReceiptDecimal);
        let mut forms = IdForms::default();
        for _ in 0..FORM_KNOWN_AFTER {
            assert_eq!(forms.known(), IdForm::Any);
            forms.saw(form);
        }
        assert_eq!(forms.known(), form);
        forms.saw(form_of("0007", "7"));
        assert_eq!(forms.known(), IdForm::Any, "one that disagrees and nothing is sure any more");
    }
}
