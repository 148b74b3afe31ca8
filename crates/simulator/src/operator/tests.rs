//! The two operators against each other's side of the protocol, over real TCP.

use std::collections::BTreeMap;

use canhgiac_smpp::pdu::{Address, BindKind, ShortMessage, Status, npi, ton};
use canhgiac_smpp::reassembly::part_info;
use canhgiac_smpp::receipt::receipt;
use canhgiac_smpp::session::{Event, Limits, Outcome, Session};
use canhgiac_smpp::text::{DefaultAlphabet, decode};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::line::Line;
use super::*;
use crate::citizens::{Citizens, CitizensPlan};

const HERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
/// Long enough for a busy machine; only a failing test waits for it.
const SOON: Duration = Duration::from_secs(30);

fn smsc_plan() -> SmscPlan {
    SmscPlan {
        listen: HERE,
        network: Network::Viettel,
        system_id: "cg".to_owned(),
        password: "pw".to_owned(),
        alphabet: DefaultAlphabet::Gsm7,
        window: 5,
        ids: IdStyle::HexThenDecimal,
        seed: 1,
    }
}

/// The product's side of a link, as little of it as a test needs.
struct Product {
    line: Line,
    received: Vec<ShortMessage>,
    outcomes: BTreeMap<u64, Outcome>,
    most_on_the_way: usize,
}

impl Product {
    fn on(line: Line) -> Self {
        Self { line, received: Vec::new(), outcomes: BTreeMap::new(), most_on_the_way: 0 }
    }

    async fn bound_to(address: SocketAddr, password: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.unwrap();
        let mut line = Line::new(stream, |now| Session::client(now, Limits::default())).unwrap();
        bind(&mut line, BindKind::Transceiver, "cg", password, &CancellationToken::new()).await?;
        Ok(Self::on(line))
    }

    async fn accepted_by(listener: &TcpListener) -> Self {
        let (stream, _) = listener.accept().await.unwrap();
        let mut line = Line::new(stream, |now| Session::server(now, Limits::default())).unwrap();
        loop {
            while let Some(event) = line.event() {
                match event {
                    Event::BindRequested { .. } => {
                        let now = line.now();
                        line.session.accept_bind(now, "product").unwrap();
                    }
                    Event::Bound { .. } => return Self::on(line),
                    other => panic!("{other:?}"),
                }
            }
            line.advance().await;
        }
    }

    /// Lets things happen until `done`; `status` decides each message.
    async fn until(&mut self, mut status: impl FnMut(&ShortMessage) -> Status, done: impl Fn(&Self) -> bool) {
        let run = async {
            loop {
                let mut waiting = Vec::new();
                while let Some(event) = self.line.event() {
                    match event {
                        Event::Message { id, message, .. } => waiting.push((id, *message)),
                        Event::Outcome { token, outcome } => {
                            self.outcomes.insert(token, outcome);
                        }
                        Event::Closed(reason) => panic!("{reason}"),
                        _ => {}
                    }
                }
                self.most_on_the_way = self.most_on_the_way.max(waiting.len());
                for (id, message) in waiting {
                    let status = status(&message);
                    if status.is_ok() {
                        self.received.push(message);
                    }
                    self.line.session.respond(id, status, None).unwrap();
                }
                if done(self) {
                    return;
                }
                self.line.advance().await;
            }
        };
        tokio::time::timeout(SOON, run).await.expect("it happens in time");
    }

    fn reply(&mut self, to: &Mobile, text: &str, token: u64) {
        let message = ShortMessage {
            source: Address::new(ton::NETWORK_SPECIFIC, npi::UNKNOWN, "156"),
            destination: Address::international(&to.international()),
            registered_delivery: 1,
            short_message: text.as_bytes().to_vec().into(),
            ..ShortMessage::default()
        };
        self.line.submit(&message, token).unwrap();
    }
}

fn texts(count: usize) -> Vec<CitizenText> {
    let mut citizens = Citizens::new(CitizensPlan::demo(2));
    std::iter::from_fn(|| citizens.next()).map(|(_, text)| text).take(count).collect()
}

fn is_receipt(message: &ShortMessage) -> bool {
    receipt(message, DefaultAlphabet::Gsm7).is_some()
}

fn words(message: &ShortMessage) -> String {
    decode(&part_info(message).octets, message.data_coding, DefaultAlphabet::Gsm7).text
}

#[tokio::test]
async fn texts_replies_and_receipts_pass_through_an_smsc() {
    let (heard, mut ears) = mpsc::channel(10);
    let smsc = Smsc::start(smsc_plan(), heard).await.unwrap();
    let texts = texts(60);
    for text in &texts {
        smsc.send(text).await;
    }
    let count = smsc.unanswered();
    let mut product = Product::bound_to(smsc.address(), "pw").await.unwrap();
    product.until(|_| Status::OK, |product| product.received.len() == count).await;
    assert!(product.most_on_the_way > 1 && product.most_on_the_way <= 5, "{}", product.most_on_the_way);
    let single = texts.iter().find(|text| text.text.chars().count() < 60).unwrap();
    assert!(product.received.iter().any(|message| words(message) == single.text));

    product.reply(&single.from, "Da nhan phan anh", 7);
    product
        .until(
            |_| Status::OK,
            |product| product.received.iter().any(is_receipt) && product.outcomes.len() == 1,
        )
        .await;
    let Outcome::Answered { status: Status::OK, message_id: Some(id) } = &product.outcomes[&7] else {
        panic!("{:?}", product.outcomes);
    };
    let told = product.received.iter().find_map(|message| receipt(message, DefaultAlphabet::Gsm7)).unwrap();
    let told: u64 = told.message_id.unwrap().parse().unwrap();
    assert_eq!(
        format!("{told:x}").as_bytes(),
        id.as_ref(),
        "hexadecimal in the answer, decimal in the receipt"
    );
    let heard = ears.recv().await.unwrap();
    assert_eq!((heard.citizen, heard.text.as_str()), (single.from.clone(), "Da nhan phan anh"));
    let counts = smsc.counts();
    assert_eq!((counts.texts, counts.messages_acknowledged, counts.replies), (60, count as u64, 1));
    let (_, ()) = tokio::join!(drain(product), smsc.stop());
}

/// Goes on answering until the operator has unbound.
async fn drain(mut product: Product) {
    while !product.line.session.is_closed() {
        while product.line.event().is_some() {}
        product.line.advance().await;
    }
    product.line.close().await;
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let (heard, _ears) = mpsc::channel(1);
    let smsc = Smsc::start(smsc_plan(), heard).await.unwrap();
    let refused = Product::bound_to(smsc.address(), "wrong").await.err().unwrap().to_string();
    assert!(refused.contains("ESME_RINVPASWD"), "{refused}");
    smsc.stop().await;
}

#[tokio::test]
async fn a_text_refused_for_now_or_lost_with_its_connection_comes_again() {
    let (heard, _ears) = mpsc::channel(1);
    let smsc = Smsc::start(smsc_plan(), heard).await.unwrap();
    for text in texts(10) {
        smsc.send(&text).await;
    }
    let count = smsc.unanswered();
    let mut first = Product::bound_to(smsc.address(), "pw").await.unwrap();
    let mut refusals = 3;
    let status = |_: &ShortMessage| {
        refusals -= i32::from(refusals > 0);
        if refusals > 0 { Status::TEMPORARY_APP_ERROR } else { Status::OK }
    };
    first.until(status, |product| product.received.len() >= 4).await;
    // What was received and perhaps not yet told as answered comes again, and nothing is missing.
    let mut all: Vec<ShortMessage> = std::mem::take(&mut first.received);
    drop(first);
    let mut second = Product::bound_to(smsc.address(), "pw").await.unwrap();
    let station = smsc.station.clone();
    second.until(|_| Status::OK, |second| distinct(all.iter().chain(&second.received)) == count).await;
    all.append(&mut second.received);
    let (_, ()) = tokio::join!(drain(second), smsc.stop());
    let counts = station.counts();
    assert!(counts.sent_again >= 2 && counts.given_up == 0, "{counts:?}");
    assert_eq!(counts.messages_acknowledged, count as u64);
    assert!(all.len() >= count);
}

fn distinct<'a>(messages: impl Iterator<Item = &'a ShortMessage>) -> usize {
    let keys = messages.map(|one| (one.source.bytes.clone(), one.user_data().clone()));
    keys.collect::<std::collections::BTreeSet<_>>().len()
}

#[tokio::test]
async fn an_operator_that_connects_binds_again_after_the_product_went_away() {
    let listener = TcpListener::bind(HERE).await.unwrap();
    let (heard, mut ears) = mpsc::channel(10);
    for carry in [Carry::Usual, Carry::DeliverSm] {
        let plan = EsmePlan {
            connect: listener.local_addr().unwrap(),
            network: Network::Vinaphone,
            system_id: "vnp".to_owned(),
            password: "pw".to_owned(),
            bind: BindKind::Transceiver,
            alphabet: DefaultAlphabet::Gsm7,
            window: 3,
            carry,
            ids: IdStyle::Padded,
            seed: 5,
        };
        let esme = Esme::start(plan, heard.clone());
        drop(Product::accepted_by(&listener).await);
        let mut product = Product::accepted_by(&listener).await;
        let text = &texts(1)[0];
        esme.send(text).await;
        product.until(|_| Status::OK, |product| !product.received.is_empty()).await;
        product.reply(&text.from, "Cam on ban", 1);
        product
            .until(
                |_| Status::OK,
                |product| product.outcomes.len() == 1 && product.received.iter().any(is_receipt),
            )
            .await;
        assert_eq!(ears.recv().await.unwrap().text, "Cam on ban");
        let (_, ()) = tokio::join!(drain(product), esme.stop());
    }
}
