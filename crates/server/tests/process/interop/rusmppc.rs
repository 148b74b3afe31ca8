//! `rusmppc` as a client of our server link. It says version 5.0 when it binds, and insists on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use rusmpp::pdus::{BindReceiver, BindTransceiver, BindTransmitter, DeliverSmResp, SubmitSm};
use rusmpp::tlvs::MessageSubmissionRequestTlvValue as TlvValue;
use rusmpp::types::{AnyOctetString, COctetString, OctetString};
use rusmpp::values::{DataCoding, EsmClass, MessagePayload, Npi, Ton};
use rusmpp::{CommandStatus, Pdu};
use rusmppc::error::Error;
use rusmppc::{Client, ConnectionBuilder, Event};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::messages::{Part, parts, receipt, said};
use super::programs::{Options, Plan, emit};

const ANSWER_WITHIN: Duration = Duration::from_secs(20);

pub(super) async fn run(options: Options, mut commands: UnboundedReceiver<Value>) {
    let plan = Plan::default();
    let mut client = bound(&options, &plan).await;
    let mut reference = 0x0100;
    while let Some(command) = commands.recv().await {
        if let Some(message) = command.get("submit") {
            reference += 1;
            submit(&client, message, "submit_resp", reference).await;
        } else if let Some(facts) = command.get("receipt") {
            submit(&client, &receipt(facts), "receipt_resp", 0).await;
        } else if let Some(wanted) = command.get("answer_next") {
            plan.add(wanted);
        } else if command.get("enquire_link").is_some() {
            client.enquire_link().await.expect("it is answered");
            emit(&json!({ "enquire_link_resp": { "status": 0 } }));
        } else if command.get("unbind").is_some() {
            client.unbind().await.expect("it is answered");
            emit(&json!({ "unbind_resp": { "status": 0 } }));
            // We close after an unbind; whoever is first is no matter.
            let _ = client.close().await;
        } else if command.get("reconnect").is_some() {
            client = bound(&options, &plan).await;
        }
    }
}

async fn bound(options: &Options, plan: &Plan) -> Client {
    let builder = ConnectionBuilder::new().no_enquire_link_interval().response_timeout(ANSWER_WITHIN);
    let stream = TcpStream::connect(("127.0.0.1", options.port())).await.expect("it connects");
    let client = match options.get("ca") {
        None => {
            let (client, events) = builder.connected(stream);
            listen(client.clone(), events, plan.clone());
            client
        }
        Some(ca) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(ca).expect("a certificate")).expect("it is usable");
            let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
            let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
            let config = config.expect("versions").with_root_certificates(roots).with_no_client_auth();
            let name = ServerName::try_from("localhost").expect("a name");
            let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
            let stream = connector.connect(name, stream).await.expect("TLS is agreed on");
            let (client, events) = builder.connected(stream);
            listen(client.clone(), events, plan.clone());
            client
        }
    };
    let (system_id, password) = (c_string(&options.text("system-id")), c_string(&options.text("password")));
    let bind = options.text("bind");
    match bind.as_str() {
        "transceiver" => {
            let bind = BindTransceiver::builder().system_id(system_id).password(password).build();
            client.bind_transceiver(bind).await.map(drop)
        }
        "receiver" => {
            let bind = BindReceiver::builder().system_id(system_id).password(password).build();
            client.bind_receiver(bind).await.map(drop)
        }
        _ => {
            let bind = BindTransmitter::builder().system_id(system_id).password(password).build();
            client.bind_transmitter(bind).await.map(drop)
        }
    }
    .expect("it is bound");
    emit(&json!({ "bound": { "bind": bind, "status": 0 } }));
    client
}

fn c_string<const MIN: usize, const MAX: usize>(text: &str) -> COctetString<MIN, MAX> {
    COctetString::from_string(format!("{text}\0"))
        .or_else(|_| COctetString::from_string(text.to_owned()))
        .expect("it fits")
}

async fn submit(client: &Client, message: &Value, event: &str, reference: u16) {
    let all = parts(message, reference);
    for (number, part) in (1..).zip(&all) {
        let about = json!({ "ref": message["ref"], "part": number, "parts": all.len() });
        let (status, id) = match client.submit_sm(pdu(message, part)).await {
            Ok(answer) => (0, answer.message_id().to_string()),
            Err(Error::UnexpectedResponse { response }) => (u32::from(response.status()), String::new()),
            Err(error) => panic!("{error}"),
        };
        let mut said = about;
        said["status"] = json!(status);
        said["message_id"] = json!(id);
        emit(&json!({ event: said }));
    }
}

fn pdu(message: &Value, part: &Part) -> SubmitSm {
    let text = |name: &str| message[name].as_str().expect("an address").to_owned();
    let mut pdu = SubmitSm::builder()
        .source_addr_ton(Ton::International)
        .source_addr_npi(Npi::Isdn)
        .source_addr(c_string(&text("from")))
        .dest_addr_ton(Ton::NetworkSpecific)
        .destination_addr(c_string(&text("to")))
        .esm_class(EsmClass::from(part.esm_class))
        .data_coding(DataCoding::from(part.data_coding))
        .build();
    if part.is_payload {
        pdu.push_tlv(TlvValue::MessagePayload(MessagePayload::new(AnyOctetString::from_vec(
            part.octets.clone(),
        ))));
    } else {
        pdu.set_short_message(OctetString::from_vec(part.octets.clone()).expect("a part fits"));
    }
    if let Some((reference, total, number)) = part.sar {
        pdu.push_tlv(TlvValue::SarMsgRefNum(reference));
        pdu.push_tlv(TlvValue::SarTotalSegments(total));
        pdu.push_tlv(TlvValue::SarSegmentSeqnum(number));
    }
    pdu
}

fn listen(client: Client, mut events: impl Stream<Item = Event> + Send + Unpin + 'static, plan: Plan) {
    let ids = AtomicU32::new(1);
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            let Event::Incoming(command) = event else { continue };
            let sequence = command.sequence_number();
            match command.pdu() {
                Some(Pdu::DeliverSm(message)) => {
                    let status = plan.take();
                    let id = format!("r{}", ids.fetch_add(1, Ordering::Relaxed));
                    let (from, to) = (message.source_addr.as_str(), message.destination_addr.as_str());
                    let octets = message.short_message().clone().into_vec();
                    let mut event =
                        said(from, to, &octets, u8::from(message.data_coding), u8::from(message.esm_class));
                    event["message_id"] = json!(id);
                    event["answered"] = json!(status);
                    emit(&json!({ "deliver": event }));
                    let answer = DeliverSmResp::builder().message_id(c_string(&id)).build();
                    let answered =
                        client.status(CommandStatus::from(status)).deliver_sm_resp(sequence, answer);
                    answered.await.expect("the answer is written");
                }
                Some(Pdu::Unbind) => {
                    emit(&json!({ "unbind": {} }));
                    client.unbind_resp(sequence).await.expect("the answer is written");
                    // Closing is ours: the other side closes after our answer, or we do when it does not.
                    let _ = client.close().await;
                }
                _ => {}
            }
        }
        emit(&json!({ "closed": {} }));
    });
}
