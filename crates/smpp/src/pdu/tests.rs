//! Vectors worked out by hand from SMPP 3.4 §4, and the odd PDUs real peers send.

use bytes::{Bytes, BytesMut};

use super::*;

/// A PDU from command, status, sequence and body; `command_length` computed.
pub(crate) fn octets(command: u32, status: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    let mut pdu = ((16 + body.len()) as u32).to_be_bytes().to_vec();
    for word in [command, status, sequence] {
        pdu.extend_from_slice(&word.to_be_bytes());
    }
    pdu.extend_from_slice(body);
    pdu
}

fn read(octets: &[u8]) -> Result<Pdu, Box<DecodeFailure>> {
    decode(&Frame::from_bytes(Bytes::copy_from_slice(octets)).unwrap())
}

fn written(pdu: &Pdu) -> Vec<u8> {
    let mut out = BytesMut::new();
    pdu.encode(&mut out).unwrap();
    out.to_vec()
}

const DELIVER_BODY: &[u8] =
    b"\0\x01\x0184912345678\0\x00\x01156\0\x00\x00\x00\0\0\x00\x00\x00\x00\x0dLD 0900000001";

#[test]
fn a_bind_is_read_as_the_specification_lays_it_out() {
    // SMPP 3.4 §4.1.5, the example of a bind_transmitter in hexadecimal.
    let raw = [
        0x00, 0x00, 0x00, 0x2F, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x53,
        0x4D, 0x50, 0x50, 0x33, 0x54, 0x45, 0x53, 0x54, 0x00, 0x73, 0x65, 0x63, 0x72, 0x65, 0x74, 0x30, 0x38,
        0x00, 0x53, 0x55, 0x42, 0x4D, 0x49, 0x54, 0x31, 0x00, 0x00, 0x01, 0x01, 0x00,
    ];
    let pdu = read(&raw).unwrap();
    assert_eq!((pdu.status, pdu.sequence), (Status::OK, 1));
    let Body::Bind(BindKind::Transmitter, bind) = &pdu.body else { panic!("{pdu:?}") };
    assert_eq!(bind.system_id, "SMPP3TEST");
    assert_eq!(bind.password, "secret08");
    assert_eq!(bind.system_type, "SUBMIT1");
    assert_eq!((bind.interface_version, bind.addr_ton, bind.addr_npi), (0, 1, 1));
    assert_eq!(written(&pdu), raw);
    assert!(!format!("{pdu:?}").contains("secret08"));
}

#[test]
fn a_deliver_sm_is_read_field_by_field() {
    let raw = octets(5, 0, 0x7FFF_FFFF, DELIVER_BODY);
    let pdu = read(&raw).unwrap();
    let Body::DeliverSm(message) = &pdu.body else { panic!("{pdu:?}") };
    assert_eq!(message.source, Address::international("84912345678"));
    assert_eq!(message.destination, Address::new(0, 1, "156"));
    assert_eq!(message.short_message, "LD 0900000001");
    assert_eq!(message.kind(), MessageKind::Plain);
    assert!(message.tlvs.is_empty());
    assert_eq!(written(&pdu), raw);
}

#[test]
fn an_oversized_sm_length_fails_with_what_was_read() {
    let mut body = DELIVER_BODY.to_vec();
    let at = body.len() - 14;
    body[at] = 200;
    let failure = read(&octets(5, 0, 9, &body)).unwrap_err();
    assert_eq!(failure.header.sequence, 9);
    assert_eq!(failure.error, DecodeError { field: Field::ShortMessage, problem: Problem::Missing });
    assert_eq!(failure.partial.source.unwrap().bytes, "84912345678");
    assert_eq!(failure.partial.destination.unwrap().bytes, "156");
    assert_eq!(failure.error.status(), Status::INVALID_MESSAGE_LENGTH);
}

#[test]
fn a_body_cut_anywhere_never_panics_and_keeps_the_header() {
    for length in 0..DELIVER_BODY.len() {
        let failure = read(&octets(5, 0, 3, &DELIVER_BODY[..length])).unwrap_err();
        assert_eq!(failure.header.sequence, 3);
    }
}

#[test]
fn an_unterminated_address_fails_and_keeps_the_service_type() {
    let failure = read(&octets(5, 0, 1, b"CMT\0\x01\x0184912")).unwrap_err();
    assert_eq!(failure.partial.service_type.unwrap(), "CMT");
    assert_eq!(failure.partial.source, None);
    assert_eq!(failure.error, DecodeError { field: Field::SourceAddress, problem: Problem::Unterminated });
}

#[test]
fn stray_octets_beside_a_text_are_kept_and_beside_nothing_are_an_error() {
    let mut body = DELIVER_BODY.to_vec();
    body.extend_from_slice(&[0x04, 0x24, 0x00, 0x09, 1]);
    let raw = octets(5, 0, 1, &body);
    let pdu = read(&raw).unwrap();
    assert_eq!(written(&pdu), raw);

    let mut empty = DELIVER_BODY[..DELIVER_BODY.len() - 13].to_vec();
    *empty.last_mut().unwrap() = 0;
    assert!(read(&octets(5, 0, 1, &empty)).is_ok(), "an empty message is legal");
    empty.extend_from_slice(&[0x04, 0x24, 0x00, 0x09, 1]);
    assert_eq!(read(&octets(5, 0, 1, &empty)).unwrap_err().error.field, Field::Tlvs, "the text was in there");
}

#[test]
fn a_long_sender_name_is_accepted() {
    let name = "Ngân hàng Nhà nước Việt Nam chi nhánh Đắk Lắk";
    let message =
        ShortMessage { source: Address::new(ton::ALPHANUMERIC, 0, name), ..ShortMessage::default() };
    let raw = written(&Pdu::request(1, Body::DeliverSm(message)));
    let Body::DeliverSm(message) = read(&raw).unwrap().body else { panic!() };
    assert_eq!(message.source.text(), name);
}

#[test]
fn responses_may_lack_a_body_an_id_or_its_nul() {
    for (body, id) in
        [(&b""[..], None), (b"\0", Some("")), (b"4e3b8534\0", Some("4e3b8534")), (b"77", Some("77"))]
    {
        let pdu = read(&octets(0x8000_0004, 0, 5, body)).unwrap();
        let Body::SubmitSmResp(resp) = &pdu.body else { panic!() };
        assert_eq!(resp.message_id.as_deref(), id.map(str::as_bytes));
    }
    for command in [0x8000_0001, 0x8000_0002, 0x8000_0009] {
        let pdu = read(&octets(command, 0x0D, 5, b"")).unwrap();
        assert_eq!(pdu.status, Status::BIND_FAILED);
        assert!(matches!(pdu.body, Body::BindResp(_, BindResp { system_id: None, .. })));
    }
}

#[test]
fn vendor_statuses_pass_through() {
    let raw = octets(0x8000_0004, 0x0400, 5, b"");
    let pdu = read(&raw).unwrap();
    assert_eq!(pdu.status, Status(0x400));
    assert_eq!(pdu.status.name(), None);
    assert_eq!(written(&pdu), raw);
}

#[test]
fn unread_and_unknown_commands_keep_their_octets() {
    for command in [0x03, 0x07, 0x08, 0x21, 0x111, 0xDEAD_BEEF, 0x0001_0200] {
        let raw = octets(command, 0, 5, b"\x01\x02\0abc");
        let pdu = read(&raw).unwrap();
        assert_eq!(
            pdu.body,
            Body::Other { command: CommandId(command), body: Bytes::from_static(b"\x01\x02\0abc") }
        );
        assert_eq!(written(&pdu), raw);
    }
}

#[test]
fn bodiless_commands_are_sixteen_octets() {
    for (body, command) in [
        (Body::EnquireLink, 0x15),
        (Body::EnquireLinkResp, 0x8000_0015),
        (Body::Unbind, 6),
        (Body::UnbindResp, 0x8000_0006),
        (Body::GenericNack, 0x8000_0000),
    ] {
        let pdu = Pdu::response(7, Status::OK, body);
        assert_eq!(written(&pdu), octets(command, 0, 7, b""));
        assert_eq!(read(&octets(command, 0, 7, b"stray")).unwrap(), pdu);
    }
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_the_output_alone() {
    let long = ShortMessage { short_message: Bytes::from(vec![b'a'; 256]), ..ShortMessage::default() };
    let nul = ShortMessage { source: Address::new(1, 1, &b"84\x009"[..]), ..ShortMessage::default() };
    let mut huge = ShortMessage::default();
    huge.tlvs.push(tag::MESSAGE_PAYLOAD, vec![0; 60_000]);
    huge.tlvs.push(0x1400, vec![0; 60_000]);
    for (message, field) in
        [(long, Field::ShortMessage), (nul, Field::SourceAddress), (huge, Field::WholePdu)]
    {
        let mut out = BytesMut::from(&b"before"[..]);
        let error = Pdu::request(1, Body::SubmitSm(message)).encode(&mut out).unwrap_err();
        assert_eq!(error.field, field);
        assert_eq!(out, "before");
    }
}

#[test]
fn blanking_takes_out_the_sender_and_nothing_else() {
    let raw = octets(5, 0, 77, DELIVER_BODY);
    let (blanked, address) = blank_source_address(&raw).unwrap();
    assert_eq!(address, Address::international("84912345678"));
    assert!(!blanked.windows(5).any(|window| window == b"84912"));
    let Body::DeliverSm(message) = read(&blanked).unwrap().body else { panic!() };
    assert_eq!((message.source.ton, message.source.npi), (1, 1), "type and plan stay");
    assert!(message.source.bytes.is_empty());
    assert_eq!(message.short_message, "LD 0900000001");
    assert_eq!(restore_source_address(&blanked, &address.bytes).unwrap(), raw);
}

#[test]
fn blanking_works_on_an_undecodable_body_and_says_so_when_it_cannot() {
    let raw = octets(5, 0, 77, b"\0\x01\x0184912345678\0\x00\x01156\0\x00\x00");
    assert!(read(&raw).is_err());
    let (blanked, address) = blank_source_address(&raw).unwrap();
    assert_eq!(restore_source_address(&blanked, &address.bytes).unwrap(), raw);

    assert_eq!(blank_source_address(&octets(5, 0, 77, b"\0\x01\x0184912345678")), None);
    assert_eq!(blank_source_address(&octets(0x15, 0, 77, DELIVER_BODY)), None);
    assert_eq!(blank_source_address(&raw[..20]), None);
    assert_eq!(restore_source_address(&raw, b"84"), None, "it has a sender already");
    assert_eq!(restore_source_address(&blanked, b"8\x004"), None);
}

#[test]
fn an_alert_notification_is_read() {
    let raw = octets(0x102, 0, 1, b"\x01\x0184912345678\0\x00\x01156\0\x04\x22\x00\x01\x00");
    let pdu = read(&raw).unwrap();
    let Body::AlertNotification(alert) = &pdu.body else { panic!() };
    assert_eq!(alert.tlvs.number(tag::MS_AVAILABILITY_STATUS), Some(0));
    assert_eq!(written(&pdu), raw);
}

#[test]
fn a_data_sm_reads_like_a_message() {
    let raw = octets(0x103, 0, 1, b"\0\x01\x0184912345678\0\x00\x01156\0\x40\x00\x08\x04\x24\x00\x02\x00A");
    let pdu = read(&raw).unwrap();
    assert_eq!(written(&pdu), raw);
    let Body::DataSm(data) = pdu.body else { panic!() };
    let message = data.into_short_message();
    assert!(message.has_udhi());
    assert_eq!((message.data_coding, message.user_data().as_ref()), (8, &b"\0A"[..]));
}
