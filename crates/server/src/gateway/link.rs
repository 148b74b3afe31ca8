//! What the tasks of one link share.

use std::sync::{Arc, Mutex, PoisonError};

use canhgiac_smpp::pdu::BindKind;
use canhgiac_smpp::receipt::IdForm;
use tokio::sync::{Semaphore, mpsc};

use super::figures::Figures;
use super::limits::GatewayLimits;
use super::outbound::Notice;
use super::receipts::IdForms;
use super::redelivery::Redelivery;
use crate::app::AppState;
use crate::config::{LinkBind, LinkConfig};

/// One link, shared by its sessions. Its sender ends when the last of them has let go of it.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) app: AppState,
    pub(super) config: LinkConfig,
    pub(super) limits: GatewayLimits,
    pub(super) figures: Figures,
    /// Texts whose answers may not have arrived.
    pub(super) redelivery: Arc<Redelivery>,
    /// Where the link's sender hears of sessions and answers.
    pub(super) notices: mpsc::UnboundedSender<Notice>,
    /// Room for bound sessions.
    pub(super) seats: Arc<Semaphore>,
    id_forms: Mutex<IdForms>,
}

impl Link {
    pub(super) fn new(
        app: AppState,
        config: LinkConfig,
        limits: GatewayLimits,
        redelivery: Arc<Redelivery>,
        notices: mpsc::UnboundedSender<Notice>,
    ) -> Link {
        Link {
            figures: Figures::new(app.links.clone(), &config.name),
            seats: Arc::new(Semaphore::new(limits.sessions_per_link)),
            app,
            config,
            limits,
            redelivery,
            notices,
            id_forms: Mutex::default(),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.config.name
    }

    pub(super) fn window(&self) -> usize {
        usize::try_from(self.config.window).unwrap_or(1).max(1)
    }

    /// How the ids of receipts relate to those of answers, as far as this link has shown it.
    pub(super) fn id_form(&self) -> IdForm {
        self.id_forms.lock().unwrap_or_else(PoisonError::into_inner).known()
    }

    pub(super) fn saw_id_form(&self, form: IdForm) {
        self.id_forms.lock().unwrap_or_else(PoisonError::into_inner).saw(form);
    }
}

/// The bind of the configuration in SMPP's words.
pub(super) fn bind_kind(bind: LinkBind) -> BindKind {
    match bind {
        LinkBind::Transceiver => BindKind::Transceiver,
        LinkBind::Receiver => BindKind::Receiver,
        LinkBind::Transmitter => BindKind::Transmitter,
    }
}
