//! `smpp34` as a client of our server link.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use async_trait::async_trait;
use serde_json::{Value, json};
use smpp34::client::{BIND_TYPE, SMSC, SmppClient, SmppClientListener};
use smpp34::{
    SmppConnectionInformation, SmppError, TlvTag, deliver_sm, deliver_sm_resp, unbind, unbind_resp,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::messages::{parts, said};
use super::programs::{Options, Plan, emit};

const WINDOW: usize = 10;

struct Listener {
    plan: Plan,
    bound: UnboundedSender<SMSC>,
    bind: String,
}

#[async_trait]
impl SmppClientListener for Listener {
    async fn on_smsc_bound(&self, smsc: SMSC, _session: &String) {
        emit(&json!({ "bound": { "bind": self.bind, "status": 0 } }));
        // The program outlives its sessions.
        let _ = self.bound.send(smsc);
    }

    async fn on_smsc_unbound(&self, _session: &String) {
        emit(&json!({ "closed": {} }));
    }

    async fn on_connection_failed(&self, error: &str) {
        emit(&json!({ "error": error }));
    }

    async fn on_unbind(
        &self,
        unbind: unbind,
        _connection: &SmppConnectionInformation,
        _session: &String,
    ) -> unbind_resp {
        emit(&json!({ "unbind": {} }));
        unbind.accept()
    }

    async fn on_deliver_sm(
        &self,
        message: deliver_sm,
        _connection: &SmppConnectionInformation,
        _session: &String,
    ) -> deliver_sm_resp {
        let status = self.plan.take();
        let (from, to) = (&message.source_addr, &message.destination_addr);
        let mut event = said(from, to, &message.short_message, message.data_coding, message.esm_class);
        event["answered"] = json!(status);
        emit(&json!({ "deliver": event }));
        match status {
            0 => message.accept(),
            0x58 => message.reject(SmppError::ESME_RTHROTTLED),
            _ => message.reject(SmppError::ESME_RSYSERR),
        }
    }
}

pub(super) async fn run(options: Options, mut commands: UnboundedReceiver<Value>) {
    let plan = Plan::default();
    let (sender, mut bound) = unbounded_channel();
    let listener = Arc::new(Listener { plan: plan.clone(), bound: sender, bind: options.text("bind") });
    let mut client = started(&options, listener.clone()).await;
    let mut smsc = bound.recv().await.expect("the listener is alive");
    let references = AtomicU16::new(0x0100);
    while let Some(command) = commands.recv().await {
        if let Some(message) = command.get("submit") {
            submit(&smsc, message, references.fetch_add(1, Ordering::Relaxed)).await;
        } else if let Some(wanted) = command.get("answer_next") {
            plan.add(wanted);
        } else if command.get("unbind").is_some() {
            let answer = smsc.send_unbind().await;
            let status = if answer.is_ok() { 0 } else { 8 };
            emit(&json!({ "unbind_resp": { "status": status } }));
        } else if command.get("reconnect").is_some() {
            client = started(&options, listener.clone()).await;
            smsc = bound.recv().await.expect("the listener is alive");
        }
    }
    drop(client);
}

async fn started(options: &Options, listener: Arc<Listener>) -> SmppClient {
    let bind = match options.text("bind").as_str() {
        "transceiver" => BIND_TYPE::TRX,
        "receiver" => BIND_TYPE::RX,
        _ => BIND_TYPE::TX,
    };
    let mut client = SmppClient::new(
        "localhost".to_owned(),
        options.port(),
        options.get("ca").is_some(),
        bind,
        options.text("system-id"),
        options.text("password"),
        String::new(),
        0,
        0,
        String::new(),
        listener,
        WINDOW,
    );
    client.start().await;
    client
}

async fn submit(smsc: &SMSC, message: &Value, reference: u16) {
    let all = parts(message, reference);
    for (number, part) in (1..).zip(&all) {
        let text = |name: &str| message[name].as_str().expect("an address").to_owned();
        let mut pdu = smsc
            .submit_sm()
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
        let (status, id) = (answer.command_status(), answer.message_id);
        emit(&json!({ "submit_resp": {
            "ref": message["ref"], "part": number, "parts": all.len(), "status": status, "message_id": id
        } }));
    }
}
