//! Behaviour of one session against octets written by hand.

use bytes::{Bytes, BytesMut};

use super::*;
use crate::pdu::{Address, Bind, Frame, FrameError, decode};

const START: Duration = Duration::from_secs(100);
const SECOND: Duration = Duration::from_secs(1);
const BIND_RESP: &[u8] = b"SMSC\0\x02\x10\x00\x01\x34";
const DELIVER: &[u8] =
    b"\0\x01\x0184912345678\0\x00\x01156\0\x00\x00\x00\0\0\x00\x00\x00\x00\x0dLD 0900000001";

fn pdu(command: CommandId, status: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    let mut octets = ((16 + body.len()) as u32).to_be_bytes().to_vec();
    for word in [command.0, status, sequence] {
        octets.extend_from_slice(&word.to_be_bytes());
    }
    octets.extend_from_slice(body);
    octets
}

fn deliver(sequence: u32) -> Vec<u8> {
    pdu(CommandId::DELIVER_SM, 0, sequence, DELIVER)
}

/// Everything the session wants written, as command, status, sequence.
fn written(session: &mut Session) -> Vec<(CommandId, Status, u32)> {
    let mut out = BytesMut::new();
    session.poll_output(&mut out);
    let mut framer = Framer::default();
    framer.push(&out);
    let mut pdus = Vec::new();
    while let Some(frame) = framer.next_frame().unwrap() {
        decode(&frame).unwrap();
        let header = frame.header();
        pdus.push((header.command, header.status, header.sequence));
    }
    assert_eq!(framer.buffered(), 0);
    pdus
}

fn events(session: &mut Session) -> Vec<Event> {
    core::iter::from_fn(|| session.poll_event()).collect()
}

fn bound_client(limits: Limits) -> Session {
    let mut session = Session::client(START, limits);
    session.bind(START, BindKind::Transceiver, Bind::new("canhgiac", "secret")).unwrap();
    assert_eq!(written(&mut session), [(CommandId::BIND_TRANSCEIVER, Status::OK, 1)]);
    session.handle_input(START, &pdu(CommandId::BIND_TRANSCEIVER_RESP, 0, 1, BIND_RESP));
    let expected = Event::Bound { kind: BindKind::Transceiver, peer: "SMSC".into(), version: Some(0x34) };
    assert_eq!(events(&mut session), [expected]);
    session
}

fn bound_server(kind: BindKind, limits: Limits) -> Session {
    let mut session = Session::server(START, limits);
    session.handle_input(START, &pdu(kind.request(), 0, 5, b"operator\0pw\0\0\x34\0\0\0"));
    assert!(matches!(events(&mut session)[..], [Event::BindRequested { .. }]));
    session.accept_bind(START, "canhgiac").unwrap();
    assert_eq!(written(&mut session), [(kind.request().response(), Status::OK, 5)]);
    events(&mut session);
    session
}

fn message_ids(session: &mut Session) -> Vec<RequestId> {
    events(session)
        .into_iter()
        .map(|event| match event {
            Event::Message { id, .. } | Event::UndecodableDeliver { id, .. } => id,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn text(words: &str) -> ShortMessage {
    ShortMessage {
        source: Address::short_code("156"),
        destination: Address::international("84912345678"),
        short_message: Bytes::copy_from_slice(words.as_bytes()),
        ..ShortMessage::default()
    }
}

#[test]
fn a_message_is_answered_with_its_own_odd_number_and_only_when_told() {
    let mut session = bound_client(Limits::default());
    for sequence in [0, 7, 0x8000_0000, u32::MAX] {
        let raw = deliver(sequence);
        session.handle_input(START, &raw);
        let Some(Event::Message { id, message, raw: kept }) = session.poll_event() else { panic!() };
        assert_eq!((message.short_message.as_ref(), kept.as_ref()), (&b"LD 0900000001"[..], &raw[..]));
        assert_eq!(written(&mut session), []);
        session.respond(id, Status::OK, None).unwrap();
        assert_eq!(written(&mut session), [(CommandId::DELIVER_SM_RESP, Status::OK, sequence)]);
        assert_eq!(session.respond(id, Status::OK, None), Err(RespondError::UnknownRequest));
    }
}

#[test]
fn answers_of_one_batch_come_out_in_one_piece() {
    let mut session = bound_client(Limits::default());
    let batch: Vec<u8> = (1..=100).flat_map(deliver).collect();
    session.handle_input(START, &batch);
    for id in message_ids(&mut session) {
        session.respond(id, Status::OK, None).unwrap();
    }
    let mut out = BytesMut::new();
    assert!(session.poll_output(&mut out));
    assert_eq!(out.len(), 100 * 17, "header and an empty message_id each");
    assert!(!session.poll_output(&mut out));
}

#[test]
fn a_message_behind_the_bind_resp_in_the_same_segment_is_taken() {
    let mut session = Session::client(START, Limits::default());
    session.bind(START, BindKind::Receiver, Bind::new("canhgiac", "secret")).unwrap();
    let mut segment = pdu(CommandId::BIND_RECEIVER_RESP, 0, 1, BIND_RESP);
    segment.extend(deliver(1));
    session.handle_input(START, &segment);
    assert!(matches!(events(&mut session)[..], [Event::Bound { .. }, Event::Message { .. }]));
}

#[test]
fn an_undecodable_deliver_is_handed_over_raw_and_others_are_refused_in_kind() {
    let mut session = bound_server(BindKind::Transceiver, Limits::default());
    let mut body = DELIVER.to_vec();
    let at = body.len() - 14;
    body[at] = 0xFF;
    let raw = pdu(CommandId::DELIVER_SM, 0, 9, &body);
    session.handle_input(START, &raw);
    let Some(Event::UndecodableDeliver { id, failure, raw: kept }) = session.poll_event() else { panic!() };
    assert_eq!(
        (kept.as_ref(), failure.partial.source.unwrap()),
        (&raw[..], Address::international("84912345678"))
    );
    session.respond(id, Status::OK, None).unwrap();
    session.handle_input(START, &pdu(CommandId::SUBMIT_SM, 0, 10, &body));
    session.handle_input(START, &pdu(CommandId::DATA_SM, 0, 11, b"no end"));
    session.handle_input(START, &pdu(CommandId::ALERT_NOTIFICATION, 0, 12, b"\x01"));
    assert_eq!(
        written(&mut session),
        [
            (CommandId::DELIVER_SM_RESP, Status::OK, 9),
            (CommandId::SUBMIT_SM_RESP, Status::INVALID_MESSAGE_LENGTH, 10),
            (CommandId::DATA_SM_RESP, Status::INVALID_SERVICE_TYPE, 11),
            (CommandId::GENERIC_NACK, Status::INVALID_SOURCE, 12),
        ]
    );
}

#[test]
fn undecodable_messages_of_every_kind_are_handed_over_when_asked() {
    let session = Session::server(START, Limits::default());
    let mut session = session.keeping_undecodable();
    session.handle_input(START, &pdu(CommandId::BIND_TRANSMITTER, 0, 5, b"operator\0pw\0\0\x34\0\0\0"));
    session.accept_bind(START, "canhgiac").unwrap();
    events(&mut session);
    written(&mut session);
    for command in [CommandId::SUBMIT_SM, CommandId::DATA_SM, CommandId::DELIVER_SM] {
        session.handle_input(START, &pdu(command, 0, 9, b"no end"));
        assert_eq!(message_ids(&mut session), [RequestId { command, sequence: 9 }]);
    }
}

#[test]
fn commands_we_do_not_serve_are_refused_and_the_session_goes_on() {
    let mut session = bound_server(BindKind::Transceiver, Limits::default());
    let cases = [
        (CommandId::QUERY_SM, CommandId::QUERY_SM_RESP, Status::QUERY_FAILED),
        (CommandId::CANCEL_SM, CommandId::CANCEL_SM_RESP, Status::CANCEL_FAILED),
        (CommandId::REPLACE_SM, CommandId::REPLACE_SM_RESP, Status::REPLACE_FAILED),
        (CommandId::SUBMIT_MULTI, CommandId::SUBMIT_MULTI_RESP, Status::SUBMIT_FAILED),
        (CommandId(0x111), CommandId::GENERIC_NACK, Status::INVALID_COMMAND),
        (CommandId(0x7777_7777), CommandId::GENERIC_NACK, Status::INVALID_COMMAND),
        (CommandId::BIND_RECEIVER, CommandId::BIND_RECEIVER_RESP, Status::INVALID_PASSWORD),
    ];
    for (command, answer, status) in cases {
        session.handle_input(START, &pdu(command, 0, 3, b"x\0"));
        assert_eq!(written(&mut session), [(answer, status, 3)]);
    }
    session.handle_input(START, &pdu(CommandId::BIND_RECEIVER, 0, 3, b"a\0b\0\0\x34\0\0\0"));
    session.handle_input(START, &pdu(CommandId::ENQUIRE_LINK, 0, 4, b""));
    let expected = [
        (CommandId::BIND_RECEIVER_RESP, Status::ALREADY_BOUND, 3),
        (CommandId::ENQUIRE_LINK_RESP, Status::OK, 4),
    ];
    assert_eq!(written(&mut session), expected);
    assert!(session.is_bound());
}

#[test]
fn an_unknown_response_is_reported_and_never_answered() {
    let mut session = bound_client(Limits::default());
    for command in
        [CommandId::GENERIC_NACK, CommandId::SUBMIT_SM_RESP, CommandId(0x8000_7777), CommandId::UNBIND_RESP]
    {
        session.handle_input(START, &pdu(command, 0x401, 77, b""));
        let expected = Event::Unmatched { command, sequence: 77, status: Status(0x401) };
        assert_eq!((events(&mut session), written(&mut session)), (vec![expected], vec![]));
    }
}

#[test]
fn what_cannot_be_framed_ends_the_session_with_a_nack() {
    let mut session = bound_client(Limits::default());
    session.submit(START, &text("a"), 1).unwrap();
    written(&mut session);
    session.handle_input(START, &[0, 0, 0, 3, 9, 9]);
    assert_eq!(written(&mut session), [(CommandId::GENERIC_NACK, Status::INVALID_COMMAND_LENGTH, 0)]);
    assert_eq!(
        events(&mut session),
        [
            Event::Outcome { token: 1, outcome: Outcome::Lost },
            Event::Closed(CloseReason::Unframeable(FrameError::TooShort(3)))
        ]
    );
    session.handle_input(START, &deliver(1));
    assert!(session.is_closed() && events(&mut session).is_empty() && session.next_timeout().is_none());
}

#[test]
fn messages_in_the_wrong_state_or_direction_get_the_error_of_their_type() {
    let mut session = Session::server(START, Limits::default());
    session.handle_input(START, &deliver(1));
    session.handle_input(START, &pdu(CommandId::SUBMIT_SM, 0, 2, DELIVER));
    session.handle_input(START, &pdu(CommandId::UNBIND, 0, 3, b""));
    session.handle_input(START, &pdu(CommandId::QUERY_SM, 0, 4, b""));
    session.handle_input(START, &pdu(CommandId::ENQUIRE_LINK, 0, 5, b""));
    let wrong = Status::INCORRECT_BIND_STATUS;
    assert_eq!(
        written(&mut session),
        [
            (CommandId::DELIVER_SM_RESP, wrong, 1),
            (CommandId::SUBMIT_SM_RESP, wrong, 2),
            (CommandId::UNBIND_RESP, wrong, 3),
            (CommandId::QUERY_SM_RESP, wrong, 4),
            (CommandId::ENQUIRE_LINK_RESP, Status::OK, 5),
        ]
    );
    let mut session = bound_server(BindKind::Receiver, Limits::default());
    session.handle_input(START, &pdu(CommandId::SUBMIT_SM, 0, 2, DELIVER));
    assert_eq!(written(&mut session), [(CommandId::SUBMIT_SM_RESP, wrong, 2)]);
    let mut session = bound_server(BindKind::Transmitter, Limits::default());
    assert_eq!(session.submit(START, &text("a"), 1), Err(SubmitError::NotBound));
    let mut session = bound_client(Limits::default());
    session.handle_input(START, &pdu(CommandId::SUBMIT_SM, 0, 2, DELIVER));
    assert_eq!(written(&mut session), [(CommandId::SUBMIT_SM_RESP, wrong, 2)]);
}

#[test]
fn a_server_takes_submit_deliver_and_data() {
    let mut session = bound_server(BindKind::Transmitter, Limits::default());
    session.handle_input(START, &pdu(CommandId::SUBMIT_SM, 0, 1, DELIVER));
    session.handle_input(START, &deliver(2));
    let data = b"\0\x01\x0184912345678\0\x00\x01156\0\x00\x00\x00\x04\x24\x00\x01a";
    session.handle_input(START, &pdu(CommandId::DATA_SM, 0, 3, data));
    for id in message_ids(&mut session) {
        session.respond(id, Status::OK, Some(b"id1")).unwrap();
    }
    let mut out = BytesMut::new();
    session.poll_output(&mut out);
    assert_eq!(out.windows(4).filter(|window| window == b"id1\0").count(), 3);
    session.handle_input(START, &pdu(CommandId::SUBMIT_SM, 0, 4, DELIVER));
    let id = message_ids(&mut session)[0];
    session.respond(id, Status::TEMPORARY_APP_ERROR, Some(b"ignored")).unwrap();
    out.clear();
    session.poll_output(&mut out);
    assert_eq!(out.len(), 16, "a refusing submit_sm_resp has no body");
}

#[test]
fn a_server_lets_in_or_refuses_and_reads_on_only_then() {
    let bind = pdu(CommandId::BIND_TRANSCEIVER, 0, 1, b"operator\0pw\0VMA\0\x33\0\0\0");
    let segment: Vec<u8> = bind.iter().copied().chain(pdu(CommandId::SUBMIT_SM, 0, 2, DELIVER)).collect();
    let mut session = Session::server(START, Limits::default());
    session.handle_input(START, &segment);
    let [Event::BindRequested { kind: BindKind::Transceiver, bind }] = &events(&mut session)[..] else {
        panic!()
    };
    assert_eq!((bind.system_id.as_ref(), bind.password.as_ref()), (&b"operator"[..], &b"pw"[..]));
    assert!(!session.wants_input());
    session.accept_bind(START, "canhgiac").unwrap();
    let mut out = BytesMut::new();
    session.poll_output(&mut out);
    assert_eq!(out.len(), 16 + 9, "no optional parameters for version 3.3");
    assert!(matches!(
        events(&mut session)[..],
        [Event::Bound { version: Some(0x33), .. }, Event::Message { .. }]
    ));

    let mut session = Session::server(START, Limits::default());
    session.handle_input(START, &segment);
    session.reject_bind(START, Status::INVALID_PASSWORD).unwrap();
    assert_eq!(written(&mut session), [(CommandId::BIND_TRANSCEIVER_RESP, Status::INVALID_PASSWORD, 1)]);
    assert_eq!(
        events(&mut session).last(),
        Some(&Event::Closed(CloseReason::BindRejected(Status::INVALID_PASSWORD)))
    );
    assert_eq!(session.accept_bind(START, "late"), Err(WrongState));
}

#[test]
fn a_refused_or_unanswered_bind_ends_the_session() {
    for (body, answer) in [(&b""[..], CommandId::BIND_TRANSCEIVER_RESP), (b"", CommandId::GENERIC_NACK)] {
        let mut session = Session::client(START, Limits::default());
        session.bind(START, BindKind::Transceiver, Bind::new("a", "b")).unwrap();
        session.handle_input(START, &pdu(answer, 0x0E, 1, body));
        assert_eq!(events(&mut session), [Event::Closed(CloseReason::BindRefused(Status::INVALID_PASSWORD))]);
    }
    for mut session in [Session::client(START, Limits::default()), Session::server(START, Limits::default())]
    {
        let timeout = session.next_timeout().unwrap();
        assert_eq!(timeout, START + Limits::default().bind_timeout);
        session.handle_timeout(timeout - Duration::from_millis(1));
        assert!(!session.is_closed());
        session.handle_timeout(timeout);
        assert_eq!(events(&mut session), [Event::Closed(CloseReason::BindTimeout)]);
    }
    let mut session = Session::server(START, Limits::default());
    session.handle_input(START, &pdu(CommandId::BIND_RECEIVER, 0, 1, b"a\0b\0\0\x34\0\0\0"));
    session.handle_timeout(START + Limits::default().bind_timeout);
    assert_eq!(written(&mut session), [(CommandId::BIND_RECEIVER_RESP, Status::SYSTEM_ERROR, 1)]);
    assert!(session.is_closed());
}

#[test]
fn the_window_bounds_what_is_on_the_way_and_answers_carry_their_token() {
    let mut session = bound_client(Limits { window: 2, ..Limits::default() });
    session.submit(START, &text("a"), 70).unwrap();
    session.submit(START, &text("b"), 71).unwrap();
    assert_eq!(session.submit(START, &text("c"), 72), Err(SubmitError::WindowFull));
    assert_eq!(session.window_room(), 0);
    session.handle_input(START, &pdu(CommandId::SUBMIT_SM_RESP, 0, 3, b"4e3b8534\0"));
    session.handle_input(START, &pdu(CommandId::SUBMIT_SM_RESP, 0x58, 2, b""));
    assert_eq!(
        events(&mut session),
        [
            Event::Outcome {
                token: 71,
                outcome: Outcome::Answered { status: Status::OK, message_id: Some("4e3b8534".into()) }
            },
            Event::Outcome {
                token: 70,
                outcome: Outcome::Answered { status: Status::THROTTLED, message_id: None }
            },
        ]
    );
    assert_eq!(session.window_room(), 2);
}

#[test]
fn a_nack_never_means_acceptance_and_a_foreign_resp_type_still_answers() {
    let mut session = bound_server(BindKind::Transceiver, Limits::default());
    session.submit(START, &text("a"), 1).unwrap();
    session.submit(START, &text("b"), 2).unwrap();
    session.handle_input(START, &pdu(CommandId::GENERIC_NACK, 0, 1, b""));
    session.handle_input(START, &pdu(CommandId::SUBMIT_SM_RESP, 0, 2, b"\0"));
    let statuses: Vec<Status> = events(&mut session)
        .into_iter()
        .map(|event| match event {
            Event::Outcome { outcome: Outcome::Answered { status, .. }, .. } => status,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(statuses, [Status::UNKNOWN_ERROR, Status::OK]);
}

#[test]
fn an_unanswered_message_times_out_once_and_a_late_answer_is_told() {
    let limits = Limits { response_timeout: SECOND, ..Limits::default() };
    let mut session = bound_client(limits);
    session.submit(START, &text("a"), 70).unwrap();
    assert_eq!(session.next_timeout(), Some(START + SECOND));
    session.handle_timeout(START + SECOND);
    assert_eq!(events(&mut session), [Event::Outcome { token: 70, outcome: Outcome::TimedOut }]);
    assert_eq!(session.window_room(), limits.window);
    session.handle_input(START + SECOND, &pdu(CommandId::SUBMIT_SM_RESP, 0, 2, b"x\0"));
    let late = Event::LateAnswer { token: 70, status: Status::OK, message_id: Some("x".into()) };
    assert_eq!(events(&mut session), [late]);
}

#[test]
fn a_message_that_cannot_be_encoded_is_refused_and_takes_no_room() {
    let mut session = bound_client(Limits::default());
    let long = ShortMessage { short_message: Bytes::from(vec![b'a'; 300]), ..ShortMessage::default() };
    assert!(matches!(session.submit(START, &long, 1), Err(SubmitError::Encode(_))));
    assert_eq!((session.window_room(), written(&mut session)), (Limits::default().window, vec![]));
}

#[test]
fn silence_is_enquired_about_and_then_ends_the_session() {
    let limits = Limits::default();
    let mut session = bound_client(limits);
    let asked = session.next_timeout().unwrap();
    assert_eq!(asked, START + limits.enquire_interval);
    session.handle_timeout(asked);
    assert_eq!(written(&mut session), [(CommandId::ENQUIRE_LINK, Status::OK, 2)]);
    session.handle_input(asked + SECOND, &pdu(CommandId::ENQUIRE_LINK_RESP, 0, 2, b""));
    assert_eq!(session.next_timeout(), Some(asked + SECOND + limits.enquire_interval));
    let asked = asked + SECOND + limits.enquire_interval;
    session.handle_timeout(asked);
    session.handle_timeout(asked + limits.enquire_timeout);
    assert_eq!(events(&mut session), [Event::Closed(CloseReason::EnquireTimeout)]);
}

#[test]
fn a_full_session_stops_reading_then_refuses_and_still_answers_enquiries() {
    let limits = Limits { max_inbound: 2, max_parked: 1, ..Limits::default() };
    let mut session = bound_client(limits);
    let mut segment: Vec<u8> = (1..=4).flat_map(deliver).collect();
    segment.extend(pdu(CommandId::ENQUIRE_LINK, 0, 99, b""));
    session.handle_input(START, &segment);
    let ids = message_ids(&mut session);
    assert_eq!(ids.len(), 2, "two are handed over, one waits, one is refused");
    assert!(!session.wants_input());
    let temporary = Status::TEMPORARY_APP_ERROR;
    assert_eq!(
        written(&mut session),
        [(CommandId::DELIVER_SM_RESP, temporary, 4), (CommandId::ENQUIRE_LINK_RESP, Status::OK, 99)]
    );
    assert_eq!(session.next_timeout(), Some(START + limits.full_grace));
    session.handle_timeout(START + limits.full_grace);
    assert_eq!(written(&mut session), [(CommandId::DELIVER_SM_RESP, temporary, 3)]);
    assert!(session.wants_input(), "refusing is better than silence");
    session.handle_input(START, &deliver(5));
    assert_eq!(written(&mut session), [(CommandId::DELIVER_SM_RESP, temporary, 5)]);
    session.respond(ids[0], Status::OK, None).unwrap();
    session.handle_input(START, &deliver(6));
    assert_eq!(message_ids(&mut session).len(), 1);
}

#[test]
fn room_lets_the_waiting_in_and_a_full_session_is_not_taken_for_a_dead_peer() {
    let limits = Limits { max_inbound: 1, full_grace: SECOND * 1000, ..Limits::default() };
    let mut session = bound_client(limits);
    session.handle_input(START, &[deliver(1), deliver(2)].concat());
    let first = message_ids(&mut session)[0];
    for second in 1..500 {
        session.handle_timeout(START + SECOND * second);
    }
    assert_eq!((written(&mut session), session.is_closed()), (vec![], false));
    session.respond(first, Status::OK, None).unwrap();
    assert_eq!(message_ids(&mut session), [RequestId { command: CommandId::DELIVER_SM, sequence: 2 }]);
}

#[test]
fn a_peer_that_does_not_read_is_not_read_from() {
    let mut session = bound_client(Limits { max_output: 64, ..Limits::default() });
    session.handle_input(START, &pdu(CommandId::ENQUIRE_LINK, 0, 9, b"").repeat(4));
    assert!(!session.wants_input());
    written(&mut session);
    assert!(session.wants_input());
}

#[test]
fn repeated_numbers_of_the_peer_are_answered_as_often() {
    let mut session = bound_client(Limits::default());
    session.handle_input(START, &[deliver(1), deliver(1)].concat());
    for id in message_ids(&mut session) {
        session.respond(id, Status::OK, None).unwrap();
    }
    assert_eq!(written(&mut session).len(), 2);
    assert_eq!(session.unanswered(), 0);
}

#[test]
fn unbinding_waits_for_both_directions() {
    let mut session = bound_client(Limits::default());
    session.handle_input(START, &deliver(1));
    let id = message_ids(&mut session)[0];
    session.submit(START, &text("a"), 1).unwrap();
    written(&mut session);
    session.unbind(START);
    assert_eq!(session.submit(START, &text("b"), 2), Err(SubmitError::NotBound));
    session.handle_input(START, &deliver(2));
    assert_eq!(written(&mut session), [(CommandId::DELIVER_SM_RESP, Status::TEMPORARY_APP_ERROR, 2)]);
    session.respond(id, Status::OK, None).unwrap();
    assert_eq!(written(&mut session), [(CommandId::DELIVER_SM_RESP, Status::OK, 1)]);
    session.handle_input(START, &pdu(CommandId::SUBMIT_SM_RESP, 0, 2, b"x\0"));
    assert_eq!(written(&mut session), [(CommandId::UNBIND, Status::OK, 3)]);
    session.handle_input(START, &pdu(CommandId::UNBIND_RESP, 0, 3, b""));
    assert_eq!(events(&mut session).last(), Some(&Event::Closed(CloseReason::Unbound)));
}

#[test]
fn unbinding_does_not_wait_for_ever() {
    let limits = Limits::default();
    let mut session = bound_client(limits);
    session.submit(START, &text("a"), 1).unwrap();
    written(&mut session);
    session.unbind(START);
    session.handle_timeout(START + limits.drain_timeout);
    assert_eq!(written(&mut session), [(CommandId::UNBIND, Status::OK, 3)]);
    session.handle_timeout(START + limits.drain_timeout + limits.unbind_timeout);
    assert_eq!(
        events(&mut session),
        [Event::Outcome { token: 1, outcome: Outcome::Lost }, Event::Closed(CloseReason::UnbindTimeout)]
    );
}

#[test]
fn the_peers_unbind_is_answered_after_its_messages() {
    let limits = Limits::default();
    for (answered, close_at) in [(true, START), (false, START + limits.drain_timeout)] {
        let mut session = bound_client(limits);
        session.handle_input(START, &[deliver(1), pdu(CommandId::UNBIND, 0, 2, b"")].concat());
        assert_eq!(written(&mut session), []);
        let id = message_ids(&mut session)[0];
        if answered {
            session.respond(id, Status::OK, None).unwrap();
        }
        session.handle_timeout(close_at);
        assert_eq!(written(&mut session).last(), Some(&(CommandId::UNBIND_RESP, Status::OK, 2)));
        assert_eq!(events(&mut session), [Event::Closed(CloseReason::PeerUnbound)]);
        assert_eq!(session.respond(id, Status::OK, None), Err(RespondError::Closed));
    }
}

#[test]
fn both_sides_may_unbind_at_once() {
    let mut session = bound_client(Limits::default());
    session.unbind(START);
    session.handle_input(
        START,
        &[pdu(CommandId::UNBIND, 0, 8, b""), pdu(CommandId::UNBIND_RESP, 0, 2, b"")].concat(),
    );
    assert_eq!(
        written(&mut session),
        [(CommandId::UNBIND, Status::OK, 2), (CommandId::UNBIND_RESP, Status::OK, 8)]
    );
    assert!(session.is_closed());
}

#[test]
fn a_peer_that_just_closes_leaves_nothing_untold() {
    let mut session = bound_client(Limits::default());
    session.handle_input(START, &deliver(1));
    let id = message_ids(&mut session)[0];
    session.submit(START, &text("a"), 5).unwrap();
    session.handle_disconnect(START);
    session.handle_disconnect(START);
    assert_eq!(
        events(&mut session),
        [Event::Outcome { token: 5, outcome: Outcome::Lost }, Event::Closed(CloseReason::ConnectionLost)]
    );
    assert_eq!(session.respond(id, Status::OK, None), Err(RespondError::Closed), "so the caller knows");
}

#[test]
fn an_outbind_is_reported_before_binding_only() {
    let outbind = pdu(CommandId::OUTBIND, 0, 1, b"SMSC\0pw\0");
    let mut session = Session::client(START, Limits::default());
    session.handle_input(START, &outbind);
    assert!(matches!(events(&mut session)[..], [Event::Outbind(_)]));
    let mut session = bound_client(Limits::default());
    session.handle_input(START, &outbind);
    assert_eq!(written(&mut session), [(CommandId::GENERIC_NACK, Status::INCORRECT_BIND_STATUS, 1)]);
}

#[test]
fn raw_octets_of_an_event_are_one_storable_pdu() {
    let mut session = bound_client(Limits::default());
    session.handle_input(START, &[deliver(1), deliver(2)].concat());
    for event in events(&mut session) {
        let Event::Message { raw, .. } = event else { panic!() };
        assert!(decode(&Frame::from_bytes(raw).unwrap()).is_ok());
    }
}
