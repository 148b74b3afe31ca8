use super::*;
use crate::web::http_server::{Answering, serve};
use std::sync::Mutex;

#[tokio::test]
async fn requests_are_fetched_with_the_key_and_answered_once_as_the_seed_says() {
    let numbers: Vec<String> = (0..40).map(|at| format!("+84969991{at:03}")).collect();
    let answers = Arc::new(Mutex::new(HashMap::<String, serde_json::Value>::new()));
    let (listed, seen) = (numbers.clone(), answers.clone());
    let product = serve(move |request| {
        if request.header("authorization") != Some("Bearer k1") {
            return Answering::status(401);
        }
        if request.method == "GET" {
            let open = listed.iter().enumerate().map(|(at, number)| {
                let measure = if at == 39 { "restore" } else { "temporary_block" };
                serde_json::json!({ "id": at.to_string(), "case": 1, "measure": measure, "is_order": false,
                    "source": { "kind": "subscriber", "number": number }, "issuing_body": "x", "until": null })
            });
            return Answering::json(&serde_json::json!({ "requests": open.collect::<Vec<_>>() }));
        }
        let id = request.path.split('/').nth(5).unwrap().to_owned();
        let mut answers = seen.lock().unwrap();
        // The first try of every fifth is not taken: it must come again, and only then count.
        let tries = answers.len();
        if tries % 5 == 4 && !answers.contains_key("busy") {
            answers.insert("busy".to_owned(), serde_json::Value::Null);
            return Answering::status(503);
        }
        let body = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(answers.insert(id, body), None, "answered once");
        Answering::json(&serde_json::json!({}))
    })
    .await;
    let plan = DeskPlan {
        base_url: product.clone(),
        network: Network::Viettel,
        key: "k1".to_owned(),
        certain: vec![numbers[0].clone()],
        seed: 3,
        pace: Pace::new(50.0),
    };
    let desk = Desk::start(plan.clone()).unwrap();
    let mut blocked = desk.blocked();
    let all = async {
        while desk.answered() < 40 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all).await.unwrap();
    assert!(blocked.borrow_and_update().contains(&numbers[0]));
    let answers = answers.lock().unwrap().clone();
    let count = |word: &str| answers.values().filter(|one| one["answer"] == word).count();
    assert_eq!(count("restored"), 1);
    assert!(count("blocked") > 20 && count("ported") > 0 && count("not_found") > 0);
    assert_eq!(answers["0"]["answer"], "blocked");
    let ported = answers.values().filter(|one| one["answer"] == "ported");
    assert!(ported.into_iter().all(|one| one["to"] == "vinaphone"));
    desk.stop().await;
}

#[tokio::test]
async fn the_operator_a_number_was_ported_to_knows_it() {
    let office = |network| {
        let plan = DeskPlan {
            base_url: String::new(),
            network,
            key: String::new(),
            certain: Vec::new(),
            seed: 9,
            pace: Pace::default(),
        };
        Office {
            network,
            client: Client::new(),
            plan,
            in_work: HashMap::new(),
            done: HashSet::new(),
            answered: Arc::default(),
            blocked: watch::channel(BTreeSet::new()).0,
            failures: 0,
        }
    };
    let (viettel, vinaphone) = (office(Network::Viettel), office(Network::Vinaphone));
    let mut ported = 0;
    for at in 0..500 {
        let source = RequestSource { number: format!("+84969991{at:03}") };
        let request = Request { id: at.to_string(), measure: "temporary_block".to_owned(), source };
        if viettel.decide(&request) == Decision::Ported(Network::Vinaphone) {
            ported += 1;
            assert_eq!(vinaphone.decide(&request), Decision::Blocked);
        }
    }
    assert!(ported > 10);
}
