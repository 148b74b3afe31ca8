//! A session on a connection: octets in, octets out, time. What events mean is decided by the callers.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use canhgiac_smpp::session::Session;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

use super::connection::{Connection, Reader, Writer};

/// Octets read at once.
const READ_SIZE: usize = 64 * 1024;

/// What a turn did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Octets came.
    Heard,
    /// Octets left.
    Wrote,
    /// Time passed, or the connection ended.
    Other,
}

/// A session and its connection.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) session: Session,
    /// Why the connection broke, when the system or TLS said so.
    pub(super) trouble: Option<io::Error>,
    reader: Reader,
    outlet: Outlet,
    input: BytesMut,
    origin: Instant,
}

/// The way out. Octets count as written when the system took them, not when TLS holds them.
#[derive(Debug)]
struct Outlet {
    writer: Writer,
    output: BytesMut,
    queued: u64,
    /// Taken from `output`; TLS may still hold some.
    taken: u64,
    written: u64,
}

impl Outlet {
    /// Moves octets on until the system took some. May be dropped at any point.
    fn poll_push(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.output.is_empty() {
            let count = ready!(Pin::new(&mut self.writer).poll_write(cx, &self.output))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.output.advance(count);
            self.taken += count as u64;
        }
        ready!(Pin::new(&mut self.writer).poll_flush(cx))?;
        self.written = self.taken;
        Poll::Ready(Ok(()))
    }

    fn has_more(&self) -> bool {
        self.queued > self.written
    }

    /// Takes what the session wants written, in one piece, once the last piece is gone; says whether it did.
    fn fill(&mut self, session: &mut Session) -> bool {
        if !self.output.is_empty() || !session.poll_output(&mut self.output) {
            return false;
        }
        self.queued += self.output.len() as u64;
        true
    }
}

impl Wire {
    /// Joins a fresh connection and the session that `make` starts at the given time.
    pub(super) fn new(connection: Connection, make: impl FnOnce(Duration) -> Session) -> Wire {
        let (reader, writer) = connection.into_split();
        let outlet = Outlet { writer, output: BytesMut::new(), queued: 0, taken: 0, written: 0 };
        Wire {
            session: make(Duration::ZERO),
            trouble: None,
            reader,
            outlet,
            input: BytesMut::with_capacity(READ_SIZE),
            origin: Instant::now(),
        }
    }

    /// The session's time.
    pub(super) fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    /// Octets handed over for writing since the start.
    pub(super) fn queued(&self) -> u64 {
        self.outlet.queued
    }

    /// Octets the system took since the start.
    pub(super) fn written(&self) -> u64 {
        self.outlet.written
    }

    /// Takes what the session wants written, in one piece, once the last piece is gone; says whether it did.
    pub(super) fn fill(&mut self) -> bool {
        self.outlet.fill(&mut self.session)
    }

    /// Reads, writes, or lets time pass, whichever comes first. May be dropped at any point.
    pub(super) async fn turn(&mut self, may_read: bool) -> Turn {
        let reads = may_read && self.session.wants_input();
        let timeout = self.session.next_timeout();
        let deadline = self.origin + timeout.unwrap_or_default();
        let has_more = self.outlet.has_more();
        let read = self.reader.read_buf(&mut self.input);
        let write = poll_fn(|cx| self.outlet.poll_push(cx));
        let (turn, outcome) = tokio::select! {
            read = read, if reads => {
                let now = self.origin.elapsed();
                match read {
                    Ok(1..) => {
                        self.session.handle_input(now, &self.input);
                        self.input.clear();
                        (Turn::Heard, Ok(()))
                    }
                    Ok(0) => {
                        self.session.handle_disconnect(now);
                        (Turn::Other, Ok(()))
                    }
                    Err(error) => (Turn::Other, Err(error)),
                }
            }
            written = write, if has_more => (Turn::Wrote, written),
            () = tokio::time::sleep_until(deadline), if timeout.is_some() => {
                self.session.handle_timeout(self.origin.elapsed());
                (Turn::Other, Ok(()))
            }
        };
        match outcome {
            Ok(()) => turn,
            Err(error) => {
                self.trouble.get_or_insert(error);
                self.session.handle_disconnect(self.origin.elapsed());
                Turn::Other
            }
        }
    }

    /// Writes what is left, closes our side, and waits for the peer to close its own, so that it reads what
    /// we wrote last: closing with unread input would reset the connection and may destroy that.
    pub(super) async fn finish(&mut self, flush_within: Duration, linger: Duration) {
        let flushed = tokio::time::timeout(flush_within, async {
            loop {
                self.fill();
                if !self.outlet.has_more() {
                    break self.outlet.writer.shutdown().await;
                }
                if let Err(error) = poll_fn(|cx| self.outlet.poll_push(cx)).await {
                    break Err(error);
                }
            }
        });
        if !matches!(flushed.await, Ok(Ok(()))) {
            return;
        }
        let closed = tokio::time::timeout(linger, async {
            while let Ok(1..) = self.reader.read_buf(&mut self.input).await {
                self.input.clear();
            }
        });
        // Whether the peer closed in time or not, the connection is over.
        let _ = closed.await;
    }
}
