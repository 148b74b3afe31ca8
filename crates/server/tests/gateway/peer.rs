//! An operator's side: a session of `canhgiac-smpp` on a TCP connection, driven by the test.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use canhgiac_smpp::pdu::{
    Address, Bind, BindKind, Body, CommandId, HEADER_LEN, Pdu, ShortMessage, Status, esm,
};
use canhgiac_smpp::session::{CloseReason, Event, Limits, Outcome, RequestId, Session};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::world::{PASSWORD, WITHIN};

/// The code citizens write to.
pub(crate) const CODE: &str = "156";

/// A connection, plain or with TLS.
trait Io: AsyncRead + AsyncWrite + Unpin + Send {
    fn tcp(&self) -> &TcpStream;
}

impl Io for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Io for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

pub(crate) struct Peer {
    pub(crate) session: Session,
    stream: Box<dyn Io>,
    origin: Instant,
    early: VecDeque<Event>,
    tokens: u64,
}

fn limits() -> Limits {
    Limits { window: 10_000, ..Limits::default() }
}

/// A text of a citizen.
pub(crate) fn text(from: &str, words: &str) -> ShortMessage {
    ShortMessage {
        source: Address::international(from),
        destination: Address::short_code(CODE),
        short_message: Bytes::copy_from_slice(words.as_bytes()),
        ..ShortMessage::default()
    }
}

/// A delivery receipt.
pub(crate) fn receipt(id: &str, state: &str) -> ShortMessage {
    let words = format!("id:{id} sub:001 dlvrd:001 stat:{state} err:011 text:");
    ShortMessage { esm_class: esm::RECEIPT, ..text("84900000001", &words) }
}

/// The octets of a PDU.
pub(crate) fn octets(sequence: u32, body: Body) -> Vec<u8> {
    let mut out = BytesMut::new();
    Pdu::request(sequence, body).encode(&mut out).unwrap();
    out.to_vec()
}

/// A framed PDU with any body.
pub(crate) fn framed(command: CommandId, sequence: u32, body: &[u8]) -> Vec<u8> {
    let length = (HEADER_LEN + body.len()) as u32;
    let mut octets = Vec::new();
    for word in [length, command.0, 0, sequence] {
        octets.extend_from_slice(&word.to_be_bytes());
    }
    octets.extend_from_slice(body);
    octets
}

impl Peer {
    fn new(stream: impl Io + 'static, session: Session) -> Peer {
        stream.tcp().set_nodelay(true).unwrap();
        Peer { session, stream: Box::new(stream), origin: Instant::now(), early: VecDeque::new(), tokens: 0 }
    }

    /// Connects and does nothing.
    pub(crate) async fn connect(address: SocketAddr) -> Peer {
        let stream = TcpStream::connect(address).await.unwrap();
        Peer::new(stream, Session::client(Duration::ZERO, limits()))
    }

    /// Takes a connection and does nothing.
    pub(crate) fn from(stream: TcpStream) -> Peer {
        Peer::new(stream, Session::client(Duration::ZERO, limits()))
    }

    /// Connects with TLS, trusting this authority, and does nothing.
    pub(crate) async fn connect_tls(address: SocketAddr, authority: &Path) -> Peer {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.unwrap().with_root_certificates(roots).with_no_client_auth();
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::from(address.ip());
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, stream).await.unwrap();
        Peer::new(stream, Session::client(Duration::ZERO, limits()))
    }

    /// Connects with TLS and binds.
    pub(crate) async fn bind_tls(address: SocketAddr, system_id: &str, authority: &Path) -> Peer {
        let mut peer = Peer::connect_tls(address, authority).await;
        let bind = Bind::new(system_id, PASSWORD);
        peer.session.bind(Duration::ZERO, BindKind::Transceiver, bind).unwrap();
        assert!(matches!(peer.event().await, Event::Bound { .. }));
        peer
    }

    /// Connects and binds.
    pub(crate) async fn try_bind(
        address: SocketAddr,
        kind: BindKind,
        system_id: &str,
        password: &str,
    ) -> Result<Peer, CloseReason> {
        let mut peer = Peer::connect(address).await;
        peer.session.bind(Duration::ZERO, kind, Bind::new(system_id, password)).unwrap();
        match peer.event().await {
            Event::Bound { .. } => Ok(peer),
            Event::Closed(reason) => Err(reason),
            other => panic!("{other:?}"),
        }
    }

    /// An operator's system bound to a server link.
    pub(crate) async fn bind(address: SocketAddr, system_id: &str) -> Peer {
        Peer::try_bind(address, BindKind::Transceiver, system_id, PASSWORD).await.unwrap()
    }

    /// An operator's SMSC to which a client link connects: waits for its bind, lets the test decide.
    pub(crate) async fn accept(listener: &TcpListener) -> (Peer, BindKind, Bind) {
        let accepted = tokio::time::timeout(WITHIN, listener.accept()).await.expect("it connects");
        let mut peer = Peer::new(accepted.unwrap().0, Session::server(Duration::ZERO, limits()));
        match peer.event().await {
            Event::BindRequested { kind, bind } => (peer, kind, bind),
            other => panic!("{other:?}"),
        }
    }

    /// The same, letting it in.
    pub(crate) async fn smsc(listener: &TcpListener) -> Peer {
        let (mut peer, _, bind) = Peer::accept(listener).await;
        assert_eq!(bind.password.as_ref(), PASSWORD.as_bytes());
        peer.session.accept_bind(peer.now(), "SMSC").unwrap();
        assert!(matches!(peer.event().await, Event::Bound { .. }));
        peer
    }

    pub(crate) fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    /// Writes what the session wants written.
    pub(crate) async fn flush(&mut self) {
        let mut out = BytesMut::new();
        if self.session.poll_output(&mut out) {
            // The other side may be gone; the session learns of it by reading.
            let _ = self.stream.write_all(&out).await;
        }
    }

    /// Writes octets past the session.
    pub(crate) async fn write(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).await.unwrap();
    }

    /// Reads octets past the session, until the end or as many as asked for.
    pub(crate) async fn read(&mut self, count: usize) -> Vec<u8> {
        let mut octets = vec![0; count];
        let mut have = 0;
        while have < count {
            let read = tokio::time::timeout(WITHIN, self.stream.read(&mut octets[have..])).await;
            match read.expect("octets come").unwrap_or(0) {
                0 => break,
                more => have += more,
            }
        }
        octets.truncate(have);
        octets
    }

    /// What one read gives, past the session, once something is there.
    pub(crate) async fn read_once(&mut self) -> Vec<u8> {
        let mut octets = vec![0; 65536];
        let count = tokio::time::timeout(WITHIN, self.stream.read(&mut octets)).await;
        octets.truncate(count.expect("octets come").unwrap());
        octets
    }

    /// The next event.
    pub(crate) async fn event(&mut self) -> Event {
        if let Some(event) = self.early.pop_front() {
            return event;
        }
        tokio::time::timeout(WITHIN, self.fresh_event()).await.expect("something happens")
    }

    async fn fresh_event(&mut self) -> Event {
        let mut buffer = [0; 65536];
        loop {
            self.flush().await;
            if let Some(event) = self.session.poll_event() {
                // What the event itself wants written goes out before the test reacts.
                self.flush().await;
                return event;
            }
            match self.stream.read(&mut buffer).await {
                Ok(count @ 1..) => self.session.handle_input(self.origin.elapsed(), &buffer[..count]),
                Ok(0) | Err(_) => self.session.handle_disconnect(self.origin.elapsed()),
            }
        }
    }

    /// The first event, by now or later, for which `pick` gives something.
    pub(crate) async fn pick<T>(&mut self, pick: impl Fn(&Event) -> Option<T>) -> T {
        if let Some(at) = self.early.iter().position(|event| pick(event).is_some()) {
            return self.early.remove(at).as_ref().and_then(pick).unwrap();
        }
        loop {
            let event = tokio::time::timeout(WITHIN, self.fresh_event()).await;
            let event = event.unwrap_or_else(|_| panic!("it does not happen; heard {:?}", self.early));
            match pick(&event) {
                Some(picked) => return picked,
                None => self.early.push_back(event),
            }
        }
    }

    /// Sends a message (`submit_sm` as client, `deliver_sm` as server) and gives its token.
    pub(crate) async fn send(&mut self, message: &ShortMessage) -> u64 {
        self.tokens += 1;
        self.session.submit(self.now(), message, self.tokens).unwrap();
        self.flush().await;
        self.tokens
    }

    /// Sends any message body and gives its token.
    pub(crate) async fn send_body(&mut self, body: Body) -> u64 {
        self.tokens += 1;
        self.session.submit_body(self.now(), body, self.tokens).unwrap();
        self.flush().await;
        self.tokens
    }

    /// The answer to one of our messages: status and id.
    pub(crate) async fn answer(&mut self, wanted: u64) -> (Status, Option<Bytes>) {
        let outcome = self.pick(|event| match event {
            Event::Outcome { token, outcome } if *token == wanted => Some(outcome.clone()),
            _ => None,
        });
        match outcome.await {
            Outcome::Answered { status, message_id } => (status, message_id),
            other => panic!("{other:?}"),
        }
    }

    /// The status of an answer to a PDU written past the session.
    pub(crate) async fn answer_to(&mut self, command: CommandId, wanted: u32) -> Status {
        self.pick(|event| match event {
            Event::Unmatched { command: got, sequence, status } if (*got, *sequence) == (command, wanted) => {
                Some(*status)
            }
            _ => None,
        })
        .await
    }

    /// The next message of the product.
    pub(crate) async fn message(&mut self) -> (RequestId, ShortMessage) {
        self.pick(|event| match event {
            Event::Message { id, message, .. } => Some((*id, message.as_ref().clone())),
            _ => None,
        })
        .await
    }

    /// Answers one.
    pub(crate) async fn respond(&mut self, id: RequestId, status: Status, message_id: Option<&[u8]>) {
        self.session.respond(id, status, message_id).unwrap();
        self.flush().await;
    }

    /// Breaks the connection: what was not read is gone.
    pub(crate) fn cut(self) {
        self.stream.tcp().set_zero_linger().unwrap();
    }
}
