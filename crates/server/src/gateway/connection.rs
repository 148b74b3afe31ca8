//! A connection to an operator, plain or with TLS, in two halves.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_rustls::TlsStream;

use super::tls::{Dialer, Doorman};

/// A connection on which SMPP may begin.
#[derive(Debug)]
pub(super) enum Connection {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// What comes in.
#[derive(Debug)]
pub(super) enum Reader {
    Plain(OwnedReadHalf),
    Tls(ReadHalf<TlsStream<TcpStream>>),
}

/// What goes out.
#[derive(Debug)]
pub(super) enum Writer {
    Plain(OwnedWriteHalf),
    Tls(WriteHalf<TlsStream<TcpStream>>),
}

impl Connection {
    /// A connection we made.
    pub(super) async fn dialled(stream: TcpStream, tls: Option<&Dialer>) -> io::Result<Connection> {
        stream.set_nodelay(true)?;
        let Some(Dialer { connector, name }) = tls else { return Ok(Connection::Plain(stream)) };
        let stream = connector.connect(name.clone(), stream).await?;
        Ok(Connection::Tls(Box::new(stream.into())))
    }

    /// A connection we were given.
    pub(super) async fn taken(stream: TcpStream, tls: Option<&Doorman>) -> io::Result<Connection> {
        stream.set_nodelay(true)?;
        let Some(Doorman(acceptor)) = tls else { return Ok(Connection::Plain(stream)) };
        let stream = acceptor.accept(stream).await?;
        Ok(Connection::Tls(Box::new(stream.into())))
    }

    pub(super) fn into_split(self) -> (Reader, Writer) {
        match self {
            Connection::Plain(stream) => {
                let (reader, writer) = stream.into_split();
                (Reader::Plain(reader), Writer::Plain(writer))
            }
            Connection::Tls(stream) => {
                let (reader, writer) = tokio::io::split(*stream);
                (Reader::Tls(reader), Writer::Tls(writer))
            }
        }
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Reader::Plain(reader) => Pin::new(reader).poll_read(cx, buffer),
            Reader::Tls(reader) => Pin::new(reader).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Writer {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Writer::Plain(writer) => Pin::new(writer).poll_write(cx, octets),
            Writer::Tls(writer) => Pin::new(writer).poll_write(cx, octets),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Writer::Plain(writer) => Pin::new(writer).poll_flush(cx),
            Writer::Tls(writer) => Pin::new(writer).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Writer::Plain(writer) => Pin::new(writer).poll_shutdown(cx),
            Writer::Tls(writer) => Pin::new(writer).poll_shutdown(cx),
        }
    }
}
