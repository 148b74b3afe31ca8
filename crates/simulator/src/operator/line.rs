//! One SMPP connection: a socket around a sans-io session.
//!
//! It moves octets, keeps the session's time, and nothing else: what events mean is the caller's.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use canhgiac_smpp::pdu::ShortMessage;
use canhgiac_smpp::session::{Event, Session, SubmitError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::Instant;

/// Octets read at once.
const READ_SIZE: usize = 16 * 1024;
/// How long the last octets of an ended session may take to leave.
const FLUSH_WITHIN: Duration = Duration::from_secs(2);
/// How long the session sleeps when it waits for nothing; it never does while it is open.
const IDLE: Duration = Duration::from_secs(3600);

/// A connection with its session.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) session: Session,
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
    started: Instant,
    input: BytesMut,
    output: BytesMut,
}

impl Line {
    /// Takes the connection over; `make` gives the session at time zero.
    pub(crate) fn new(stream: TcpStream, make: impl FnOnce(Duration) -> Session) -> io::Result<Self> {
        // Without it every answer waits for the peer's delayed acknowledgement (40 ms).
        stream.set_nodelay(true)?;
        let (reader, writer) = stream.into_split();
        Ok(Self {
            session: make(Duration::ZERO),
            reader,
            writer,
            started: Instant::now(),
            input: BytesMut::with_capacity(READ_SIZE),
            output: BytesMut::new(),
        })
    }

    /// The session's time.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// The next event, until there is none.
    pub(crate) fn event(&mut self) -> Option<Event> {
        self.session.poll_event()
    }

    /// Sends a message in the way of the session's side.
    pub(crate) fn submit(&mut self, message: &ShortMessage, token: u64) -> Result<(), SubmitError> {
        let now = self.now();
        self.session.submit(now, message, token)
    }

    /// Writes, reads or waits until one of them made a difference. Nothing is lost when it is dropped halfway.
    pub(crate) async fn advance(&mut self) {
        if self.output.is_empty() {
            self.session.poll_output(&mut self.output);
        }
        let wake = self.session.next_timeout().map_or(Instant::now() + IDLE, |at| self.started + at);
        self.input.reserve(READ_SIZE);
        tokio::select! {
            written = self.writer.write_buf(&mut self.output), if !self.output.is_empty() => {
                if written.is_err() {
                    let now = self.now();
                    self.session.handle_disconnect(now);
                }
            }
            read = self.reader.read_buf(&mut self.input), if self.session.wants_input() => {
                let now = self.now();
                match read {
                    Ok(0) | Err(_) => self.session.handle_disconnect(now),
                    Ok(_) => {
                        let octets = self.input.split();
                        self.session.handle_input(now, &octets);
                    }
                }
            }
            () = tokio::time::sleep_until(wake) => {
                let now = self.now();
                self.session.handle_timeout(now);
            }
        }
    }

    /// Writes what the ended session still has to say, and closes the connection.
    pub(crate) async fn close(mut self) {
        self.session.poll_output(&mut self.output);
        let farewell = async {
            self.writer.write_all(&self.output).await?;
            self.writer.shutdown().await
        };
        // The peer may be gone already: then there is nobody to say it to.
        if let Ok(Err(error)) = tokio::time::timeout(FLUSH_WITHIN, farewell).await {
            tracing::debug!(%error, "the connection was gone before its last octets");
        }
    }
}
