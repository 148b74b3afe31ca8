//! A foreign implementation reads what we write and writes what we read: `rusmpp` 0.4, given one cut PDU at a
//! time and only what the specification allows, because it refuses much that real peers send.

use bytes::{Bytes, BytesMut};
use canhgiac_smpp::pdu::{
    Address, Bind, BindKind, Body, Frame, MessageResp, Pdu, ShortMessage, Status, decode, tag,
};
use proptest::collection::vec;
use proptest::prelude::*;
use rusmpp::decode::DecodeWithLength;
use rusmpp::encode::{Encode, Length};
use rusmpp::{Command, pdus as theirs};

/// ASCII without NUL, as the oracle insists.
fn word(max: usize) -> impl Strategy<Value = Bytes> {
    vec(0x20u8..0x7F, 0..=max).prop_map(Bytes::from)
}

prop_compose! {
    fn address()(ton in 0u8..=6, npi in prop::sample::select(vec![0u8, 1, 3, 4, 6, 8, 9, 10, 14, 18]), bytes in word(20)) -> Address {
        Address { ton, npi, bytes }
    }
}

prop_compose! {
    fn message()(
        service_type in word(5),
        source in address(),
        destination in address(),
        esm_class in any::<u8>(),
        protocol_id in any::<u8>(),
        data_coding in any::<u8>(),
        is_scheduled in any::<bool>(),
        octets in vec(any::<u8>(), 0..=254),
        payload in prop::option::of(vec(any::<u8>(), 0..300)),
        reference in prop::option::of(any::<u16>()),
    ) -> ShortMessage {
        let schedule = if is_scheduled { Bytes::from_static(b"261123210500028+") } else { Bytes::new() };
        let mut message = ShortMessage {
            service_type, source, destination, esm_class, protocol_id, data_coding,
            schedule_delivery_time: schedule, short_message: octets.into(), ..ShortMessage::default()
        };
        if let Some(reference) = reference {
            message.tlvs.push(tag::SAR_MSG_REF_NUM, reference.to_be_bytes().to_vec());
            message.tlvs.push(tag::SAR_TOTAL_SEGMENTS, vec![3]);
        }
        if let Some(payload) = payload {
            message.tlvs.push(tag::MESSAGE_PAYLOAD, payload);
        }
        message
    }
}

fn encoded(pdu: &Pdu) -> Vec<u8> {
    let mut out = BytesMut::new();
    pdu.encode(&mut out).unwrap();
    out.to_vec()
}

/// The oracle's reading; it takes a PDU without its length.
fn read(raw: &[u8]) -> Command {
    let mut rest = BytesMut::from(&raw[4..]);
    let length = rest.len();
    let (command, size) = <Command as DecodeWithLength>::decode(&mut rest, length).unwrap();
    assert_eq!(size, length, "it read the whole PDU");
    command
}

fn written(command: &Command) -> Vec<u8> {
    let mut out = vec![0; command.length()];
    let size = command.encode(&mut out);
    assert_eq!(size, out.len());
    [((out.len() + 4) as u32).to_be_bytes().to_vec(), out].concat()
}

fn same(theirs: impl AsRef<[u8]>, ours: &[u8]) {
    assert_eq!(theirs.as_ref().strip_suffix(b"\0").unwrap_or(theirs.as_ref()), ours);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn messages_are_the_same_to_both(message in message(), sequence in any::<u32>(), delivers in any::<bool>()) {
        let body = if delivers { Body::DeliverSm(message.clone()) } else { Body::SubmitSm(message.clone()) };
        let raw = encoded(&Pdu::request(sequence, body));
        let command = read(&raw);
        prop_assert_eq!(command.sequence_number(), sequence);
        match command.pdu() {
            Some(rusmpp::Pdu::DeliverSm(read)) => {
                prop_assert!(delivers);
                same(&read.source_addr, &message.source.bytes);
                same(&read.destination_addr, &message.destination.bytes);
                prop_assert_eq!(u8::from(read.data_coding), message.data_coding);
                prop_assert_eq!(read.short_message().as_ref(), &message.short_message[..]);
                prop_assert_eq!(read.tlvs().len(), message.tlvs.iter().count());
            }
            Some(rusmpp::Pdu::SubmitSm(read)) => {
                prop_assert!(!delivers);
                same(&read.source_addr, &message.source.bytes);
                prop_assert_eq!(read.short_message().as_ref(), &message.short_message[..]);
                prop_assert_eq!(read.tlvs().len(), message.tlvs.iter().count());
            }
            other => prop_assert!(false, "{other:?}"),
        }
        prop_assert_eq!(written(&command), raw);
    }

    #[test]
    fn binds_and_answers_are_the_same_to_both(system_id in word(15), password in word(8), id in word(64), sequence in any::<u32>()) {
        let bind = Bind { system_id: system_id.clone(), password, ..Bind::new("", "") };
        let raw = encoded(&Pdu::request(sequence, Body::Bind(BindKind::Transceiver, bind)));
        let command = read(&raw);
        let Some(rusmpp::Pdu::BindTransceiver(read_bind)) = command.pdu() else { panic!("{command:?}") };
        same(&read_bind.system_id, &system_id);
        prop_assert_eq!(written(&command), raw);
        let resp = MessageResp::with_id(id);
        for body in [Body::SubmitSmResp(resp.clone()), Body::DeliverSmResp(resp)] {
            let raw = encoded(&Pdu::response(sequence, Status::THROTTLED, body));
            prop_assert_eq!(written(&read(&raw)), raw);
        }
    }
}

#[test]
fn we_read_what_the_oracle_builds() {
    use rusmpp::types::COctetString;
    let resp = theirs::SubmitSmResp::builder()
        .message_id(COctetString::from_static_slice(b"4e3b8534\0").unwrap())
        .build();
    let raw = written(&Command::new(rusmpp::CommandStatus::EsmeRok, 77, resp));
    let pdu = decode(&Frame::from_bytes(raw.into()).unwrap()).unwrap();
    assert_eq!((pdu.sequence, pdu.body), (77, Body::SubmitSmResp(MessageResp::with_id("4e3b8534"))));
    for (body, command) in [
        (Body::EnquireLink, rusmpp::Pdu::EnquireLink),
        (Body::Unbind, rusmpp::Pdu::Unbind),
        (Body::GenericNack, rusmpp::Pdu::GenericNack),
    ] {
        let raw = written(&Command::new(rusmpp::CommandStatus::EsmeRok, 5, command));
        assert_eq!(decode(&Frame::from_bytes(raw.into()).unwrap()).unwrap().body, body);
    }
}
