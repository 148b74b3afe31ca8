//! A session on a TCP connection: octets in, octets out, time. What events mean is decided by the callers.

use std::time::Duration;

use bytes::BytesMut;
use canhgiac_smpp::session::Session;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::Instant;

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
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
    input: BytesMut,
    output: BytesMut,
    origin: Instant,
    queued: u64,
    written: u64,
}

impl Wire {
    /// Joins a fresh connection and the session that `make` starts at the given time.
    pub(super) fn new(stream: TcpStream, make: impl FnOnce(Duration) -> Session) -> std::io::Result<Wire> {
        stream.set_nodelay(true)?;
        let (reader, writer) = stream.into_split();
        Ok(Wire {
            session: make(Duration::ZERO),
            reader,
            writer,
            input: BytesMut::with_capacity(READ_SIZE),
            output: BytesMut::new(),
            origin: Instant::now(),
            queued: 0,
            written: 0,
        })
    }

    /// The session's time.
    pub(super) fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    /// Octets handed over for writing since the start.
    pub(super) fn queued(&self) -> u64 {
        self.queued
    }

    /// Octets the system took since the start.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Takes what the session wants written, in one piece, once the last piece is gone; says whether it did.
    pub(super) fn fill(&mut self) -> bool {
        if !self.output.is_empty() || !self.session.poll_output(&mut self.output) {
            return false;
        }
        self.queued += self.output.len() as u64;
        true
    }

    /// Reads, writes, or lets time pass, whichever comes first. May be dropped at any point.
    pub(super) async fn turn(&mut self, may_read: bool) -> Turn {
        let reads = may_read && self.session.wants_input();
        let timeout = self.session.next_timeout();
        let deadline = self.origin + timeout.unwrap_or_default();
        let read = self.reader.read_buf(&mut self.input);
        let write = self.writer.write_buf(&mut self.output);
        tokio::select! {
            read = read, if reads => {
                let now = self.origin.elapsed();
                match read {
                    Ok(1..) => {
                        self.session.handle_input(now, &self.input);
                        self.input.clear();
                        Turn::Heard
                    }
                    Ok(0) | Err(_) => {
                        self.session.handle_disconnect(now);
                        Turn::Other
                    }
                }
            }
            written = write, if self.queued > self.written => {
                match written {
                    Ok(count @ 1..) => {
                        self.written += count as u64;
                        Turn::Wrote
                    }
                    Ok(0) | Err(_) => {
                        self.session.handle_disconnect(self.origin.elapsed());
                        Turn::Other
                    }
                }
            }
            () = tokio::time::sleep_until(deadline), if timeout.is_some() => {
                self.session.handle_timeout(self.origin.elapsed());
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
                if self.output.is_empty() {
                    break self.writer.shutdown().await;
                }
                match self.writer.write_buf(&mut self.output).await {
                    Ok(0) => break Err(std::io::ErrorKind::WriteZero.into()),
                    Ok(count) => self.written += count as u64,
                    Err(error) => break Err(error),
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
