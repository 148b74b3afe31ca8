//! Whatever can be written is read back the same, and whatever was read is written back the same.

use bytes::{Bytes, BytesMut};
use canhgiac_smpp::pdu::{
    Address, AlertNotification, Bind, BindKind, BindResp, Body, CommandId, DataSm, Frame, Framer,
    MessageResp, Outbind, Pdu, ShortMessage, Status, Tlvs, blank_source_address, decode,
    restore_source_address, tag,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn c_string(max: usize) -> impl Strategy<Value = Bytes> {
    vec(1u8.., 0..=max).prop_map(Bytes::from)
}

fn address() -> impl Strategy<Value = Address> {
    (any::<u8>(), any::<u8>(), c_string(40)).prop_map(|(ton, npi, bytes)| Address { ton, npi, bytes })
}

fn tlvs() -> impl Strategy<Value = Tlvs> {
    vec((any::<u16>(), vec(any::<u8>(), 0..40)), 0..4).prop_map(|pairs| {
        let mut tlvs = Tlvs::new();
        for (tag, value) in pairs {
            tlvs.push(tag, value);
        }
        tlvs
    })
}

prop_compose! {
    fn short_message()(
        service_type in c_string(6),
        source in address(),
        destination in address(),
        flags in any::<[u8; 7]>(),
        times in (c_string(17), c_string(17)),
        short_message in vec(any::<u8>(), 0..=255),
        tlvs in tlvs(),
    ) -> ShortMessage {
        let [esm_class, protocol_id, priority_flag, registered_delivery, replace_if_present, data_coding, sm_default_msg_id] = flags;
        ShortMessage {
            service_type, source, destination, esm_class, protocol_id, priority_flag,
            schedule_delivery_time: times.0, validity_period: times.1, registered_delivery, replace_if_present,
            data_coding, sm_default_msg_id, short_message: short_message.into(), tlvs,
        }
    }
}

prop_compose! {
    fn data_sm()(message in short_message()) -> DataSm {
        DataSm {
            service_type: message.service_type,
            source: message.source,
            destination: message.destination,
            esm_class: message.esm_class,
            registered_delivery: message.registered_delivery,
            data_coding: message.data_coding,
            tlvs: message.tlvs,
        }
    }
}

fn kind() -> impl Strategy<Value = BindKind> {
    prop_oneof![Just(BindKind::Receiver), Just(BindKind::Transmitter), Just(BindKind::Transceiver)]
}

fn bind() -> impl Strategy<Value = Bind> {
    (c_string(16), c_string(9), c_string(13), any::<[u8; 3]>(), c_string(41)).prop_map(
        |(system_id, password, system_type, [interface_version, addr_ton, addr_npi], address_range)| Bind {
            system_id,
            password,
            system_type,
            interface_version,
            addr_ton,
            addr_npi,
            address_range,
        },
    )
}

/// A response body: without a body there are no parameters either.
fn message_resp() -> impl Strategy<Value = MessageResp> {
    prop_oneof![
        Just(MessageResp::default()),
        (c_string(65), tlvs()).prop_map(|(id, tlvs)| MessageResp { message_id: Some(id), tlvs }),
    ]
}

fn bind_resp() -> impl Strategy<Value = BindResp> {
    prop_oneof![
        Just(BindResp::default()),
        (c_string(16), tlvs()).prop_map(|(id, tlvs)| BindResp { system_id: Some(id), tlvs }),
    ]
}

fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        4 => short_message().prop_map(Body::DeliverSm),
        4 => short_message().prop_map(Body::SubmitSm),
        2 => data_sm().prop_map(Body::DataSm),
        1 => message_resp().prop_map(Body::SubmitSmResp),
        1 => message_resp().prop_map(Body::DeliverSmResp),
        1 => message_resp().prop_map(Body::DataSmResp),
        1 => (kind(), bind()).prop_map(|(kind, bind)| Body::Bind(kind, bind)),
        1 => (kind(), bind_resp()).prop_map(|(kind, resp)| Body::BindResp(kind, resp)),
        1 => (c_string(16), c_string(9)).prop_map(|(system_id, password)| Body::Outbind(Outbind { system_id, password })),
        1 => (address(), address(), tlvs()).prop_map(|(source, esme, tlvs)| {
            Body::AlertNotification(AlertNotification { source, esme, tlvs })
        }),
        1 => prop_oneof![Just(Body::EnquireLink), Just(Body::EnquireLinkResp), Just(Body::Unbind), Just(Body::UnbindResp), Just(Body::GenericNack)],
        1 => vec(any::<u8>(), 0..80).prop_map(|body| Body::Other { command: CommandId(0x0000_0777), body: body.into() }),
    ]
}

fn pdu() -> impl Strategy<Value = Pdu> {
    (any::<u32>(), any::<u32>(), body()).prop_map(|(status, sequence, body)| Pdu {
        status: Status(status),
        sequence,
        body,
    })
}

fn encoded(pdu: &Pdu) -> Bytes {
    let mut out = BytesMut::new();
    pdu.encode(&mut out).unwrap();
    out.freeze()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_is_written_is_read_back(pdu in pdu()) {
        let raw = encoded(&pdu);
        prop_assert_eq!(decode(&Frame::from_bytes(raw).unwrap()).unwrap(), pdu);
    }

    #[test]
    fn a_stream_cut_anywhere_yields_the_same_pdus(
        pdus in vec(pdu(), 1..6),
        cuts in vec(1usize..200, 1..20),
    ) {
        let mut stream = BytesMut::new();
        for pdu in &pdus {
            pdu.encode(&mut stream).unwrap();
        }
        let mut framer = Framer::default();
        let mut read = Vec::new();
        let mut sizes = cuts.iter().copied().cycle();
        while !stream.is_empty() {
            let size = sizes.next().unwrap().min(stream.len());
            framer.push(&stream.split_to(size));
            while let Some(frame) = framer.next_frame().unwrap() {
                read.push(decode(&frame).unwrap());
            }
        }
        prop_assert_eq!(read, pdus);
        prop_assert_eq!(framer.buffered(), 0);
    }

    #[test]
    fn a_message_cut_or_changed_anywhere_is_read_or_refused(
        message in short_message(),
        at in any::<prop::sample::Index>(),
        octet in any::<u8>(),
        keep in any::<prop::sample::Index>(),
    ) {
        let mut raw = encoded(&Pdu::request(1, Body::DeliverSm(message))).to_vec();
        let length = 16 + keep.index(raw.len() - 15);
        raw.truncate(length);
        let at = at.index(raw.len());
        raw[at] = octet;
        raw[..4].copy_from_slice(&(length as u32).to_be_bytes());
        let frame = Frame::from_bytes(raw.clone().into()).unwrap();
        match decode(&frame) {
            Ok(pdu) => {
                let again = encoded(&pdu);
                prop_assert_eq!(decode(&Frame::from_bytes(again).unwrap()).unwrap(), pdu);
            }
            Err(failure) => prop_assert_eq!(failure.header.length as usize, length),
        }
        if let Some((blanked, address)) = blank_source_address(&raw) {
            prop_assert_eq!(restore_source_address(&blanked, &address.bytes).unwrap(), raw);
        }
    }

    #[test]
    fn a_blanked_message_differs_in_its_sender_only(message in short_message()) {
        let raw = encoded(&Pdu::request(9, Body::DeliverSm(message.clone())));
        let (blanked, address) = blank_source_address(&raw).unwrap();
        prop_assert_eq!(&address, &message.source);
        let Body::DeliverSm(mut read) = decode(&Frame::from_bytes(blanked.into()).unwrap()).unwrap().body else {
            panic!("another command")
        };
        prop_assert!(read.source.bytes.is_empty());
        read.source = message.source.clone();
        prop_assert_eq!(read, message);
    }

    #[test]
    fn a_payload_of_any_length_fits(length in 0usize..=65_535) {
        let mut message = ShortMessage::default();
        message.tlvs.push(tag::MESSAGE_PAYLOAD, vec![7; length]);
        let raw = encoded(&Pdu::request(1, Body::DeliverSm(message)));
        let mut framer = Framer::default();
        framer.push(&raw);
        let frame = framer.next_frame().unwrap().unwrap();
        let Body::DeliverSm(read) = decode(&frame).unwrap().body else { panic!("another command") };
        prop_assert_eq!(read.user_data().len(), length);
    }
}
