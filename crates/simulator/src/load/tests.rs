use std::sync::Mutex;

use super::*;
use canhgiac_domain::intake::{Grammar, ReportKind, understand};
use canhgiac_domain::number::NumberingPlan;
use canhgiac_smpp::pdu::Status;
use jiff::civil::date;
use std::collections::BTreeMap;

fn plan(binds: usize, texts: u64) -> LoadPlan {
    LoadPlan {
        binds,
        window: 8,
        texts,
        first: 100,
        system_id: "load".to_owned(),
        password: "pw".to_owned(),
        to: "156".to_owned(),
    }
}

/// A product that answers, refuses one in seven for now, and drops each connection after some answers.
async fn unsteady_product(listener: TcpListener, answered: Arc<Mutex<BTreeMap<String, u32>>>) {
    let mut connections = JoinSet::new();
    for breaks_after in (0_u32..).map(|round| 40 + round * 40) {
        let (stream, _) = listener.accept().await.unwrap();
        let answered = answered.clone();
        connections.spawn(async move {
            let mut line = Line::new(stream, |now| Session::server(now, Limits::default())).unwrap();
            if accept_bind(&mut line, &plan(1, 0)).await.is_err() {
                return;
            }
            let mut count = 0;
            while !line.session.is_closed() && count < breaks_after {
                while let Some(event) = line.event() {
                    let Event::Message { id, message, .. } = event else { continue };
                    count += 1;
                    if count % 7 == 0 {
                        line.session.respond(id, Status::TEMPORARY_APP_ERROR, None).unwrap();
                        continue;
                    }
                    let text = String::from_utf8(message.short_message.to_vec()).unwrap();
                    *answered.lock().unwrap().entry(text).or_default() += 1;
                    line.session.respond(id, Status::OK, None).unwrap();
                }
                line.advance().await;
            }
        });
    }
}

#[tokio::test]
async fn every_text_is_answered_once_through_refusals_and_broken_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answered = Arc::new(Mutex::new(BTreeMap::new()));
    let product = tokio::spawn(unsteady_product(listener, answered.clone()));
    let acked = run(Peer::Connect(address), plan(3, 1_000), CancellationToken::new()).await.unwrap();
    product.abort();
    let numbers: std::collections::BTreeSet<u64> = acked.iter().map(|text| text.number).collect();
    assert_eq!((acked.len(), numbers.len()), (1_000, 1_000));
    assert!(acked.iter().any(|text| text.sendings > 1));
    let answered = answered.lock().unwrap();
    for text in &acked {
        let times = answered[&text.text];
        assert!(times >= 1 && times <= text.sendings, "{text:?} {times}");
    }
}

#[tokio::test]
async fn a_stopped_run_gives_what_was_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answered = Arc::new(Mutex::new(BTreeMap::new()));
    let product = tokio::spawn(unsteady_product(listener, answered.clone()));
    let stop = CancellationToken::new();
    let run = tokio::spawn(run(Peer::Connect(address), plan(1, TEXTS_MAX), stop.clone()));
    while answered.lock().unwrap().len() < 50 {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    let acked = run.await.unwrap().unwrap();
    product.abort();
    assert!(!acked.is_empty() && acked.len() < TEXTS_MAX as usize);
}

#[tokio::test]
async fn a_plan_beyond_its_bounds_is_refused() {
    for plan in [plan(0, 1), plan(BINDS_MAX + 1, 1), plan(1, TEXTS_MAX + 1)] {
        let peer = Peer::Connect("127.0.0.1:1".parse().unwrap());
        assert!(run(peer, plan, CancellationToken::new()).await.is_err());
    }
}

#[test]
fn every_text_of_the_load_is_a_report_with_its_number_in_it() {
    let grammar = Grammar::shipped(NumberingPlan::shipped(false).unwrap()).unwrap();
    for number in [0, 1, 8_998, 8_999, 12_345, 99_999_999] {
        let read = understand(&words(number), &grammar, date(2026, 11, 23));
        assert_eq!((read.kind, read.problem, read.sources.len()), (Some(ReportKind::ScamCall), None, 1));
        assert!(read.content.contains(&format!("{number:08}")));
    }
}

#[tokio::test]
async fn a_product_that_binds_to_us_gets_the_texts_too() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let product = tokio::spawn(async move {
        let mut seen = 0;
        // It goes away once in the middle, and binds again.
        for stays_for in [60, u32::MAX] {
            let stream = TcpStream::connect(address).await.unwrap();
            let mut line = Line::new(stream, |now| Session::client(now, Limits::default())).unwrap();
            bind(&mut line, BindKind::Transceiver, "cg", "pw", &CancellationToken::new()).await.unwrap();
            let mut count = 0;
            while !line.session.is_closed() && count < stays_for {
                while let Some(event) = line.event() {
                    let Event::Message { id, .. } = event else { continue };
                    count += 1;
                    line.session.respond(id, Status::OK, None).unwrap();
                }
                line.advance().await;
            }
            seen += count;
            if stays_for == u32::MAX {
                line.close().await;
            }
        }
        seen
    });
    let acked = run(Peer::Listen(listener), plan(1, 200), CancellationToken::new()).await.unwrap();
    assert_eq!(acked.len(), 200);
    assert!(product.await.unwrap() >= 200);
}
