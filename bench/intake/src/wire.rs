//! SMPP as the bench needs it: frames cut from a buffer without copying, and answers patched together.
//!
//! The product's own codec makes the texts; here only headers are read, so that neither the load nor the two
//! small receivers cost more than they must.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use bytes::BytesMut;
use canhgiac_smpp::pdu::{Bind, BindKind, BindResp, Body, CommandId, HEADER_LEN, Pdu, Status};

/// Octets read at once.
const READ_SIZE: usize = 256 * 1024;

/// The header of a frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(crate) command: u32,
    pub(crate) status: u32,
    pub(crate) sequence: u32,
}

/// A connection that is read in large pieces and cut into frames.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> io::Result<Wire> {
        stream.set_nodelay(true)?;
        Ok(Wire { stream, buffer: vec![0; READ_SIZE], start: 0, end: 0 })
    }

    pub(crate) fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        self.stream.write_all(octets)
    }

    /// Waits for more octets; false at the end of the connection.
    pub(crate) fn read(&mut self) -> io::Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if self.end == self.buffer.len() {
            return Err(io::Error::other("a frame longer than the buffer"));
        }
        let count = self.stream.read(&mut self.buffer[self.end..])?;
        self.end += count;
        Ok(count > 0)
    }

    /// The next whole frame that was read.
    pub(crate) fn frame(&mut self) -> Option<(Head, &[u8])> {
        let rest = &self.buffer[self.start..self.end];
        if rest.len() < HEADER_LEN {
            return None;
        }
        let length = number(rest, 0) as usize;
        if rest.len() < length.max(HEADER_LEN) {
            return None;
        }
        let frame = &rest[..length.max(HEADER_LEN)];
        self.start += frame.len();
        let head = Head { command: number(frame, 4), status: number(frame, 8), sequence: number(frame, 12) };
        Some((head, frame))
    }

    /// The next frame, waited for.
    fn wait(&mut self) -> io::Result<Head> {
        loop {
            if let Some((head, _)) = self.frame() {
                return Ok(head);
            }
            if !self.read()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// As the operator: takes whoever binds.
    pub(crate) fn accept_bind(&mut self) -> anyhow::Result<()> {
        let head = self.wait()?;
        let kind = match CommandId(head.command) {
            CommandId::BIND_RECEIVER => BindKind::Receiver,
            CommandId::BIND_TRANSCEIVER => BindKind::Transceiver,
            other => anyhow::bail!("expected a bind, got {other}"),
        };
        self.send(Body::BindResp(kind, BindResp::default()), head.sequence)
    }

    /// As the receiver: binds.
    pub(crate) fn bind(&mut self) -> anyhow::Result<()> {
        self.send(Body::Bind(BindKind::Receiver, Bind::new("bench", "bench")), 1)?;
        let head = self.wait()?;
        anyhow::ensure!(head.status == 0, "the bind was refused with {:#x}", head.status);
        Ok(())
    }

    fn send(&mut self, body: Body, sequence: u32) -> anyhow::Result<()> {
        let mut out = BytesMut::new();
        Pdu { status: Status::OK, sequence, body }.encode(&mut out)?;
        Ok(self.write(&out)?)
    }
}

/// Appends the answer OK to a message: as SMPP 3.4 §4.6.2 has it, with an empty message id.
pub(crate) fn answer(out: &mut Vec<u8>, to: Head) {
    let has_id = to.command == CommandId::DELIVER_SM.0;
    let length: u32 = if has_id { 17 } else { 16 };
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&(to.command | 0x8000_0000).to_be_bytes());
    out.extend_from_slice(&0_u32.to_be_bytes());
    out.extend_from_slice(&to.sequence.to_be_bytes());
    if has_id {
        out.push(0);
    }
}

fn number(octets: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&octets[at..at + 4]);
    u32::from_be_bytes(word)
}
