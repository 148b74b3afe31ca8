//! Octets from outside into every parser of the SMPP crate: none may panic, loop or lose what it was given.
//! Run as tests on stable; long runs: README.md.

use std::time::Duration;

use bolero::check;
use bytes::{Bytes, BytesMut};
use canhgiac_smpp::pdu::{
    Bind, BindKind, Frame, Framer, HEADER_LEN, MAX_PDU_LEN, ShortMessage, Status, blank_source_address,
    decode, esm, restore_source_address,
};
use canhgiac_smpp::reassembly::{Part, assemble, part_info, split_udh};
use canhgiac_smpp::receipt::{IdForm, candidate_ids, normal_id, receipt};
use canhgiac_smpp::session::{Event, Limits, Session};
use canhgiac_smpp::text::{DefaultAlphabet, decode as decode_text, segments};

const ALPHABETS: [DefaultAlphabet; 3] =
    [DefaultAlphabet::Gsm7, DefaultAlphabet::Latin1, DefaultAlphabet::Utf8];

const COMMANDS: [u32; 24] = [
    0x8000_0000,
    1,
    0x8000_0001,
    2,
    0x8000_0002,
    3,
    4,
    0x8000_0004,
    5,
    0x8000_0005,
    6,
    0x8000_0006,
    7,
    8,
    9,
    0x8000_0009,
    0x0B,
    0x15,
    0x8000_0015,
    0x21,
    0x102,
    0x103,
    0x8000_0103,
    0x7777,
];

/// `deliver_sm` in `COMMANDS`.
const DELIVER_SM: u8 = 8;

/// A frame whose command is one of the known ones and whose body is anything.
fn frame(command: u8, status: u8, sequence: u32, body: &[u8]) -> Vec<u8> {
    let body = &body[..body.len().min(MAX_PDU_LEN - HEADER_LEN)];
    let command = COMMANDS[usize::from(command) % COMMANDS.len()];
    let words = [(HEADER_LEN + body.len()) as u32, command, u32::from(status), sequence];
    words.iter().flat_map(|word| word.to_be_bytes()).chain(body.iter().copied()).collect()
}

#[test]
fn decoding_never_panics_and_what_is_decoded_stays_the_same() {
    check!().with_type::<(u8, u8, u32, Vec<u8>)>().for_each(|(command, status, sequence, body)| {
        let raw = Bytes::from(frame(*command, *status, *sequence, body));
        let Ok(pdu) = decode(&Frame::from_bytes(raw).expect("it is one frame")) else {
            return;
        };
        let mut out = BytesMut::new();
        pdu.encode(&mut out).expect("what was decoded can be encoded");
        let again =
            decode(&Frame::from_bytes(out.freeze()).expect("it is one frame")).expect("it decodes again");
        assert_eq!(again, pdu);
    });
}

#[test]
fn a_message_body_of_any_octets_is_decoded_or_refused_and_blanked_reversibly() {
    check!().with_type::<(Vec<u8>, u8, Vec<u8>)>().for_each(|(source, esm_class, rest)| {
        let mut body = vec![0, 1, 1];
        body.extend(source);
        body.push(0);
        body.extend(b"\0\x01156\0");
        body.extend([*esm_class, 0, 0, 0, 0, 0, 0, 8, 0]);
        body.extend(rest);
        let raw = frame(DELIVER_SM, 0, 1, &body);
        let frame = Frame::from_bytes(raw.clone().into()).expect("it is one frame");
        if let Err(failure) = decode(&frame) {
            assert_eq!(failure.header.sequence, 1);
        }
        if let Some((blanked, address)) = blank_source_address(&raw) {
            assert_eq!(blanked.len() + address.bytes.len(), raw.len());
            assert_eq!(restore_source_address(&blanked, &address.bytes), Some(raw));
        }
    });
}

#[test]
fn the_framer_never_loses_sync_and_never_spins() {
    check!().with_type::<(Vec<Vec<u8>>, Vec<u8>)>().for_each(|(bodies, cuts)| {
        let frames: Vec<Vec<u8>> = bodies.iter().map(|body| frame(DELIVER_SM, 0, 7, body)).collect();
        let stream: Vec<u8> = frames.concat();
        let mut framer = Framer::default();
        let mut cut = Vec::new();
        let mut at = 0;
        let mut sizes = cuts.iter().map(|size| usize::from(*size) + 1).chain(std::iter::repeat(997));
        while at < stream.len() {
            let size = sizes.next().unwrap_or(1).min(stream.len() - at);
            framer.push(&stream[at..at + size]);
            at += size;
            while let Some(frame) = framer.next_frame().expect("every length is in bounds") {
                cut.push(frame.raw().to_vec());
            }
        }
        assert_eq!(cut, frames);
        assert_eq!(framer.buffered(), 0);
    });
}

#[test]
fn any_stream_is_framed_or_refused_within_its_length() {
    check!().for_each(|octets: &[u8]| {
        let mut framer = Framer::default();
        framer.push(octets);
        let mut cut = 0;
        while let Ok(Some(frame)) = framer.next_frame() {
            cut += frame.raw().len();
            if let Ok(pdu) = decode(&frame) {
                assert_eq!(pdu.sequence, frame.header().sequence);
            }
        }
        assert!(cut + framer.buffered() <= octets.len());
    });
}

#[test]
fn text_is_always_decoded_and_fits_its_segments_again() {
    check!().with_type::<(Vec<u8>, u8, u8)>().for_each(|(octets, data_coding, choice)| {
        let default = ALPHABETS[usize::from(*choice) % 3];
        let decoded = decode_text(octets, *data_coding, default);
        // An escape or a byte order mark alone is nothing to show; everything else shows.
        if octets.iter().any(|octet| !matches!(octet, 0x1B | 0x9B | 0xFE | 0xFF)) {
            assert!(!decoded.text.is_empty(), "nothing is dropped");
        }
        if let Ok(cut) = segments(&decoded.text, default, *choice) {
            assert!(cut.parts.iter().all(|part| part.len() <= 160 || default == DefaultAlphabet::Utf8));
        }
    });
}

#[test]
fn parts_of_any_kind_are_read_and_assembled() {
    check!().with_type::<(Vec<(u8, Vec<u8>, u8)>, u8, Vec<u8>, bool)>().for_each(
        |(parts, total, octets, has_udhi)| {
            let stored: Vec<Part<'_>> = parts
                .iter()
                .map(|(number, octets, data_coding)| Part {
                    number: *number,
                    octets,
                    data_coding: *data_coding,
                })
                .collect();
            let whole = assemble(&stored, *total, DefaultAlphabet::Gsm7);
            let present =
                (1..=*total).filter(|number| stored.iter().any(|part| part.number == *number)).count();
            assert_eq!(whole.missing.len() + present, usize::from(*total));
            let message = ShortMessage {
                esm_class: if *has_udhi { esm::UDHI } else { 0 },
                short_message: Bytes::from(octets.clone()),
                ..ShortMessage::default()
            };
            let info = part_info(&message);
            assert!(octets.ends_with(&info.octets), "the text is what follows the header");
            if let Some(part) = info.part {
                assert!(part.number >= 1 && part.number <= part.key.total && part.key.total >= 2);
            }
        },
    );
}

#[test]
fn a_header_of_any_octets_is_taken_apart_without_losing_one() {
    check!().for_each(|octets: &[u8]| {
        let data = Bytes::copy_from_slice(octets);
        let Ok((elements, text)) = split_udh(&data) else {
            return;
        };
        let mut again = Vec::new();
        for element in &elements {
            again.push(element.id);
            again.push(u8::try_from(element.value.len()).expect("its length was an octet"));
            again.extend_from_slice(&element.value);
        }
        let length = u8::try_from(again.len()).expect("the header's length was an octet");
        assert_eq!([&[length], again.as_slice(), &text].concat(), octets);
    });
}

#[test]
fn any_words_come_back_from_the_parts_they_are_sent_in() {
    check!().with_type::<(String, u8, u8)>().for_each(|(words, choice, reference)| {
        let default = ALPHABETS[usize::from(*choice) % 3];
        // What another alphabet would be believed to be, or no alphabet can say, is not ours to promise.
        let is_plain =
            words.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == ' ' || sign > '\u{1E9F}');
        let Ok(cut) = segments(words, default, *reference) else {
            return;
        };
        assert!(cut.parts.iter().all(|part| part.len() <= 160 || default == DefaultAlphabet::Utf8));
        if !is_plain || words.len() < 4 || default != DefaultAlphabet::Gsm7 {
            return;
        }
        let parts: Vec<(u8, Bytes)> = (1..)
            .zip(&cut.parts)
            .map(|(number, part)| {
                let message = ShortMessage {
                    esm_class: if cut.parts.len() > 1 { esm::UDHI } else { 0 },
                    short_message: part.clone(),
                    ..ShortMessage::default()
                };
                (number, part_info(&message).octets)
            })
            .collect();
        let stored: Vec<Part<'_>> = parts
            .iter()
            .map(|(number, octets)| Part { number: *number, octets, data_coding: cut.data_coding })
            .collect();
        let total = u8::try_from(stored.len()).expect("at most 255 parts");
        let whole = assemble(&stored, total, default);
        assert!(whole.is_complete());
        if cut.data_coding == 0 {
            assert_eq!(&whole.text, words);
        }
    });
}

#[test]
fn receipts_of_any_text_are_read() {
    check!().for_each(|octets: &[u8]| {
        let message = ShortMessage {
            esm_class: esm::RECEIPT,
            short_message: Bytes::copy_from_slice(octets),
            ..ShortMessage::default()
        };
        for default in ALPHABETS {
            let receipt = receipt(&message, default).expect("its class says so");
            if let Some(id) = receipt.message_id {
                let candidates = candidate_ids(&id, IdForm::Any);
                assert_eq!(candidates.first(), Some(&normal_id(&id)));
            }
        }
    });
}

/// A PDU of the peer: command, status, sequence number, body.
type PeerPdu = (u8, u8, u32, Vec<u8>);

#[test]
fn a_session_survives_any_peer() {
    check!().with_type::<(bool, Vec<PeerPdu>, Vec<u8>)>().for_each(|(is_client, pdus, tail)| {
        let mut now = Duration::from_secs(1);
        let limits = Limits { max_inbound: 4, max_parked: 2, ..Limits::default() };
        let mut session =
            if *is_client { Session::client(now, limits) } else { Session::server(now, limits) };
        if *is_client {
            session.bind(now, BindKind::Transceiver, Bind::new("a", "b")).expect("a fresh client binds");
        }
        let mut ends = 0;
        for (command, status, sequence, body) in pdus {
            session.handle_input(now, &frame(*command, *status, *sequence % 4, body));
            ends += answer_events(&mut session, now, *sequence);
            now += Duration::from_millis(u64::from(*sequence % 10_000));
            session.handle_timeout(now);
            assert!(session.next_timeout().is_none_or(|at| at > now), "a timer spins");
        }
        session.handle_input(now, tail);
        session.handle_disconnect(now);
        ends += answer_events(&mut session, now, 0);
        assert_eq!(ends, 1, "it ends exactly once");
        assert_output_is_whole(&mut session);
    });
}

/// Deals with all events, answering some messages; counts the ends.
fn answer_events(session: &mut Session, now: Duration, choice: u32) -> u32 {
    let mut ends = 0;
    while let Some(event) = session.poll_event() {
        assert_eq!(ends, 0, "nothing follows the end");
        let is_over = session.is_closed();
        let done = match event {
            Event::BindRequested { .. } if choice % 7 == 3 => {
                session.reject_bind(now, Status::INVALID_PASSWORD).is_ok()
            }
            Event::BindRequested { .. } => session.accept_bind(now, "server").is_ok(),
            Event::Message { id, .. } | Event::UndecodableDeliver { id, .. } if !choice.is_multiple_of(5) => {
                session.respond(id, Status::OK, Some(b"id")).is_ok()
            }
            Event::Bound { kind, .. } => {
                let may_send = session.window_room() > 0;
                let sent = session.submit(now, &ShortMessage::default(), u64::from(choice)).is_ok();
                assert_eq!(sent, may_send, "{kind:?}");
                true
            }
            Event::Closed(_) => {
                ends += 1;
                true
            }
            _ => true,
        };
        assert!(done || is_over, "only an ended session refuses an answer");
    }
    ends
}

fn assert_output_is_whole(session: &mut Session) {
    let mut out = BytesMut::new();
    session.poll_output(&mut out);
    let mut framer = Framer::default();
    framer.push(&out);
    while let Some(frame) = framer.next_frame().expect("we write sound lengths") {
        let pdu = decode(&frame).expect("we write what can be read");
        assert_eq!(pdu.body.command(), frame.header().command);
    }
    assert_eq!(framer.buffered(), 0);
}
