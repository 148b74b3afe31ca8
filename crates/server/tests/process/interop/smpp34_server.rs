//! `smpp34` as the SMSC to which we bind.

use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use serde_json::{Value, json};
use smpp34::server::ESME;
use smpp34::{
    SmppConnectionInformation, SmppError, SmppServer, SmppServerListener, TlvTag, bind_receiver,
    bind_receiver_resp, bind_transceiver, bind_transceiver_resp, bind_transmitter, bind_transmitter_resp,
    submit_sm, submit_sm_resp, unbind, unbind_resp,
};
use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedReceiver;

use super::messages::{parts, receipt, said};
use super::programs::{Options, Plan, emit};

const VERSION: u8 = 0x34;

struct Listener {
    options: Options,
    plan: Plan,
    ids: AtomicU32,
    /// How the newest peer asked to be bound.
    bind: Mutex<String>,
    esmes: Mutex<Vec<Arc<ESME>>>,
}

impl Listener {
    async fn knows(&self, system_id: &str, password: &str, bind: &'static str) -> bool {
        bind.clone_into(&mut *self.bind.lock().await);
        self.options.text("system-id") == system_id && self.options.text("password") == password
    }
}

#[async_trait]
impl SmppServerListener for Listener {
    async fn on_bind_transceiver(
        &self,
        bind: bind_transceiver,
        _connection: &SmppConnectionInformation,
        _session: &String,
    ) -> bind_transceiver_resp {
        match self.knows(&bind.system_id, &bind.password, "transceiver").await {
            true => bind.accept("SMPP34".to_owned(), Some(VERSION)),
            false => bind.reject(SmppError::ESME_RINVPASWD),
        }
    }

    async fn on_bind_receiver(
        &self,
        bind: bind_receiver,
        _connection: &SmppConnectionInformation,
        _session: &String,
    ) -> bind_receiver_resp {
        match self.knows(&bind.system_id, &bind.password, "receiver").await {
            true => bind.accept("SMPP34".to_owned(), Some(VERSION)),
            false => bind.reject(SmppError::ESME_RINVPASWD),
        }
    }

    async fn on_bind_transmitter(
        &self,
        bind: bind_transmitter,
        _connection: &SmppConnectionInformation,
        _session: &String,
    ) -> bind_transmitter_resp {
        match self.knows(&bind.system_id, &bind.password, "transmitter").await {
            true => bind.accept("SMPP34".to_owned(), Some(VERSION)),
            false => bind.reject(SmppError::ESME_RINVPASWD),
        }
    }

    async fn on_esme_bound(&self, esme: ESME, _session: &String) {
        self.esmes.lock().await.push(Arc::new(esme));
        emit(&json!({ "bound": { "bind": *self.bind.lock().await } }));
    }

    async fn on_esme_unbound(&self, session: &String) {
        self.esmes.lock().await.retain(|esme| esme.session_id != *session);
        emit(&json!({ "closed": {} }));
    }

    async fn on_unbind(
        &self,
        unbind: unbind,
        _connection: &SmppConnectionInformation,
        session: &String,
    ) -> unbind_resp {
        // It is told to be over only half a second later.
        self.esmes.lock().await.retain(|esme| esme.session_id != *session);
        emit(&json!({ "unbind": {} }));
        unbind.accept()
    }

    async fn on_submit_sm(
        &self,
        message: submit_sm,
        _connection: &SmppConnectionInformation,
        _session: &String,
    ) -> submit_sm_resp {
        let status = self.plan.take();
        let id = format!("{:08x}", self.ids.fetch_add(1, Ordering::Relaxed));
        let (from, to) = (&message.source_addr, &message.destination_addr);
        let mut event = said(from, to, &message.short_message, message.data_coding, message.esm_class);
        event["answered"] = json!(status);
        event["message_id"] = json!(id);
        emit(&json!({ "submit": event }));
        match status {
            0 => message.accept(id),
            0x58 => message.reject(SmppError::ESME_RTHROTTLED),
            _ => message.reject(SmppError::ESME_RSYSERR),
        }
    }
}

pub(super) async fn run(options: Options, mut commands: UnboundedReceiver<Value>) {
    let port = match options.port() {
        0 => TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port(),
        port => port,
    };
    let plan = Plan::default();
    let listener = Arc::new(Listener {
        options,
        plan: plan.clone(),
        ids: AtomicU32::new(0x4E3B_8500),
        bind: Mutex::default(),
        esmes: Mutex::default(),
    });
    let mut server = SmppServer::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port, listener.clone());
    server.start().await;
    assert!(server.is_alive(), "port {port} is taken");
    emit(&json!({ "listening": port }));
    let mut reference = 0x0100;
    while let Some(command) = commands.recv().await {
        let esme = listener.esmes.lock().await.iter().rfind(|esme| esme.can_receive).cloned();
        if let Some(wanted) = command.get("throttle_next") {
            plan.add(&json!({ "status": 0x58, "count": wanted["count"] }));
            continue;
        }
        let Some(esme) = esme else {
            emit(&json!({ "error": "nobody is bound who could receive" }));
            continue;
        };
        if let Some(message) = command.get("deliver") {
            reference += 1;
            deliver(&esme, message, "deliver_resp", reference).await;
        } else if let Some(facts) = command.get("receipt") {
            deliver(&esme, &receipt(facts), "receipt_resp", 0).await;
        } else if command.get("unbind").is_some() {
            let status = if esme.send_unbind().await.is_ok() { 0 } else { 8 };
            emit(&json!({ "unbind_resp": { "status": status } }));
        }
    }
}

async fn deliver(esme: &ESME, message: &Value, event: &str, reference: u16) {
    let all = parts(message, reference);
    for (number, part) in (1..).zip(&all) {
        let text = |name: &str| message[name].as_str().expect("an address").to_owned();
        let mut pdu = esme
            .deliver_sm()
            .source_addr_ton(1)
            .source_addr_npi(1)
            .source_addr(text("from"))
            .dest_addr_ton(3)
            .destination_addr(text("to"))
            .esm_class(part.esm_class)
            .data_coding(part.data_coding);
        pdu = match part.is_payload {
            true => pdu.tlv(TlvTag::MessagePayload, part.octets.clone()),
            false => pdu.short_message(part.octets.clone()),
        };
        if let Some((reference, total, number)) = part.sar {
            pdu = pdu
                .tlv(TlvTag::SarMsgRefNum, reference.to_be_bytes())
                .tlv(TlvTag::SarTotalSegments, [total])
                .tlv(TlvTag::SarSegmentSeqnum, [number]);
        }
        let answer = pdu.send().await.expect("it is answered");
        emit(&json!({ event: {
            "ref": message["ref"], "part": number, "parts": all.len(), "status": answer.command_status()
        } }));
    }
}
