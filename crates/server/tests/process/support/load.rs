//! A load over SMPP: binds that send what the ledger gives them, several at a time, bind again when they are cut
//! off, and send again what got no OK; as an operator's message centre does.

use std::future::pending;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::BytesMut;
use canhgiac_smpp::pdu::{Bind, BindKind, Status};
use canhgiac_smpp::session::{Event, Limits, Outcome, Session};
use canhgiac_smpp::text::{DefaultAlphabet, decode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Ledger;
use super::ledger::REFUSED_PAUSE;

/// Texts one bind has unanswered at most.
const WINDOW: usize = 20;
/// How often a bind looks whether the product listens again.
const CONNECT_EVERY: Duration = Duration::from_millis(10);

/// Binds in a thread of their own.
pub(crate) struct Load {
    stop: CancellationToken,
    thread: JoinHandle<()>,
}

impl Load {
    /// Begins with so many binds as the client of the server link `link`.
    pub(crate) fn start(port: u16, binds: usize, ledger: &Arc<Ledger>) -> Load {
        Load::start_with(
            port,
            &vec!["link".to_owned(); binds],
            ledger,
            Limits { window: WINDOW, ..Limits::default() },
        )
    }

    /// [`Load::start`] with a bind for each of these links, and with these limits of a session.
    pub(crate) fn start_with(port: u16, binds: &[String], ledger: &Arc<Ledger>, limits: Limits) -> Load {
        let binds = binds.to_vec();
        let stop = CancellationToken::new();
        let (ledger, stopping) = (Arc::clone(ledger), stop.clone());
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let mut tasks = tokio::task::JoinSet::new();
                for link in binds {
                    tasks.spawn(bind_for_ever(port, link, Arc::clone(&ledger), limits, stopping.clone()));
                }
                while let Some(ended) = tasks.join_next().await {
                    ended.expect("a bind does not panic");
                }
            });
        });
        Load { stop, thread }
    }

    /// Unbinds and waits for the end.
    pub(crate) fn stop(self) {
        self.stop.cancel();
        self.thread.join().expect("the load does not panic");
    }
}

async fn bind_for_ever(
    port: u16,
    link: String,
    ledger: Arc<Ledger>,
    limits: Limits,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        match TcpStream::connect(("127.0.0.1", port)).await {
            Ok(stream) => {
                stream.set_nodelay(true).expect("a fresh socket takes options");
                Bound::new(stream, &ledger, limits).run(&link, &stop).await;
            }
            Err(_) => {
                tokio::select! {
                    () = tokio::time::sleep(CONNECT_EVERY) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
    }
}

struct Bound<'a> {
    stream: TcpStream,
    session: Session,
    ledger: &'a Ledger,
    began: Instant,
    is_stopping: bool,
}

impl<'a> Bound<'a> {
    fn new(stream: TcpStream, ledger: &'a Ledger, limits: Limits) -> Bound<'a> {
        let session = Session::client(Duration::ZERO, limits);
        Bound { stream, session, ledger, began: Instant::now(), is_stopping: false }
    }

    /// Runs until the session is over.
    async fn run(mut self, link: &str, stop: &CancellationToken) {
        self.session
            .bind(self.now(), BindKind::Transceiver, Bind::new(link, "pw"))
            .expect("a fresh session binds");
        let mut output = BytesMut::new();
        let mut input = BytesMut::new();
        loop {
            // Before anything is looked at, so that no wake-up is missed.
            let ledger = self.ledger;
            let wake = ledger.wake.notified();
            tokio::pin!(wake);
            wake.as_mut().enable();
            self.hear();
            self.send();
            if self.session.poll_output(&mut output) && self.stream.write_all(&output).await.is_err() {
                self.session.handle_disconnect(self.now());
            }
            output.clear();
            self.hear();
            if self.session.is_closed() {
                return;
            }
            let due = self.session.next_timeout().map(|at| self.began + at);
            tokio::select! {
                read = self.stream.read_buf(&mut input) => {
                    let now = self.now();
                    match read {
                        Ok(0) | Err(_) => self.session.handle_disconnect(now),
                        Ok(_) => self.session.handle_input(now, &input),
                    }
                    input.clear();
                }
                () = wake => {}
                () = tokio::time::sleep(REFUSED_PAUSE), if ledger.has_waiting() => {}
                () = until(due) => self.session.handle_timeout(self.now()),
                () = stop.cancelled(), if !self.is_stopping => {
                    self.is_stopping = true;
                    self.session.unbind(self.now());
                }
            }
        }
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn hear(&mut self) {
        while let Some(event) = self.session.poll_event() {
            match event {
                Event::Outcome { token, outcome } => {
                    let number = u32::try_from(token).expect("tokens are numbers of texts");
                    match outcome {
                        Outcome::Answered { status, .. } if status.is_ok() => {
                            self.ledger.note_answered(number)
                        }
                        Outcome::Answered { .. } => self.ledger.note_unanswered(number, true),
                        Outcome::TimedOut | Outcome::Lost => self.ledger.note_unanswered(number, false),
                    }
                }
                Event::Message { id, message, .. } => {
                    let text = decode(message.user_data(), message.data_coding, DefaultAlphabet::Gsm7).text;
                    self.ledger.note_reply(message.destination.text(), text);
                    // When the session ended meanwhile the reply came all the same; the product does not know.
                    let _ = self.session.respond(id, Status::OK, None);
                }
                _ => {}
            }
        }
    }

    fn send(&mut self) {
        while !self.is_stopping && self.session.window_room() > 0 {
            let Some((number, text)) = self.ledger.take() else { return };
            if self.session.submit_body(self.now(), text.body(), u64::from(number)).is_err() {
                self.ledger.note_unanswered(number, false);
                return;
            }
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(at) => tokio::time::sleep_until(at).await,
        None => pending().await,
    }
}
