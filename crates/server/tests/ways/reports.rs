//! `POST /api/v1/reports` and what belongs to it.

use serde_json::{Value, json};

use crate::world::{World, read};

const BOTH: &str = r#"["reports:write","reports:read"]"#;

fn scam(content: &str) -> Value {
    json!({
        "kind": "scam_call", "sources": ["0912 345 678"], "content": content,
        "reporter_phone": "0900000001", "happened_at": "2026-11-20T08:00:00+07:00", "reference": "TD-1"
    })
}

async fn send(world: &World, key: &str, name: &str, body: &Value) -> (u16, Value) {
    let request = world.http.post(world.url("/api/v1/reports")).bearer_auth(key);
    read(request.header("Idempotency-Key", name).json(body).send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partners_report_is_stored_once_and_read_back() {
    let world = World::open().await;
    let (_, key) = world.key("bank", BOTH, 600).await;
    let (_, other) = world.key("other", BOTH, 600).await;
    let (status, first) = send(&world, &key, "a-1", &scam("mạo danh công an")).await;
    assert_eq!(status, 201, "{first}");
    assert_eq!(first["receipt_code"].as_str().unwrap().len(), 8);
    // Spaces and the order of members make no other body.
    let spaced = r#" {"content":"mạo danh công an","kind":"scam_call","reference":"TD-1","sources":["0912 345 678"],
        "reporter_phone":"0900000001","happened_at":"2026-11-20T08:00:00+07:00"} "#;
    let again = world.http.post(world.url("/api/v1/reports")).bearer_auth(&key);
    let again = again.header("Idempotency-Key", "\"a-1\"").header("Content-Type", "application/json");
    let again = again.body(spaced).send().await.unwrap();
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(read(again).await, (201, first.clone()));
    let (status, problem) = send(&world, &key, "a-1", &scam("lời khác")).await;
    assert_eq!((status, problem["type"].as_str()), (409, Some("/api#idempotency-key-reused")));
    // Another's name is another report.
    let (_, theirs) = send(&world, &other, "a-1", &scam("mạo danh công an")).await;
    assert_ne!(theirs["id"], first["id"]);

    let reports = world.reports(2).await;
    assert_eq!(reports.len(), 2);
    let report = &reports[0].report;
    assert_eq!((report.channel.as_str(), report.link.as_str(), report.is_proven), ("api", "bank", false));
    assert_eq!(reports[0].sources[0].canonical, "+84912345678");
    assert_eq!(format!("{:08}", report.code), first["receipt_code"].as_str().unwrap());

    let place = world.url(&format!("/api/v1/reports/{}", first["id"].as_str().unwrap()));
    let (status, standing) = read(world.http.get(&place).bearer_auth(&key).send().await.unwrap()).await;
    assert_eq!((status, standing["state"].as_str()), (200, Some("in_case")), "{standing}");
    assert_eq!(standing["case"]["state"], "open");
    let theirs = read(world.http.get(&place).bearer_auth(&other).send().await.unwrap()).await;
    assert_eq!(theirs.0, 404, "another's report is none");
    // The reporter's page opens by the link that was given.
    let token = first["status_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let page = world.http.get(world.url(&format!("/tra-cuu/{token}"))).send().await.unwrap();
    assert_eq!(page.status(), 200);

    // A restart forgets nothing.
    let world = world.restart().await;
    assert_eq!(send(&world, &key, "a-1", &scam("mạo danh công an")).await, (201, first));
    assert_eq!(world.reports(2).await.len(), 2);
    // The number is nowhere in clear.
    for file in ["data/intake.db", "data/intake.db-wal", "data/state.db", "data/state.db-wal"] {
        let bytes = std::fs::read(world.directory().join(file)).unwrap_or_default();
        for clear in ["0900000001", "+84900000001"] {
            assert!(!bytes.windows(clear.len()).any(|window| window == clear.as_bytes()), "{file}");
        }
    }
    world.close().await;
}

/// The commit is done and the answer is not: what a crash between them leaves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_got_lost_is_given_again() {
    let world = World::open().await;
    let (_, key) = world.key("bank", BOTH, 6000).await;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let request = world.http.post(world.url("/api/v1/reports")).bearer_auth(&key);
            let request = request.header("Idempotency-Key", "same").json(&scam("một lần thôi"));
            tokio::spawn(async move { read(request.send().await.unwrap()).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    assert!(answers.iter().all(|answer| answer.0 == 201 && *answer == answers[0]), "{answers:?}");
    assert_eq!(world.reports(1).await.len(), 1);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_said_by_field_and_in_two_languages() {
    let world = World::open().await;
    let (_, key) = world.key("bank", BOTH, 600).await;
    let url = world.url("/api/v1/reports");
    let post = || world.http.post(&url).bearer_auth(&key).header("Idempotency-Key", "k");
    let wrong = json!({ "kind": "khac", "sources": ["xyz!"], "content": "x", "money_lost": "nhiều lắm" });
    let (status, vi) = read(post().json(&wrong).send().await.unwrap()).await;
    assert_eq!(status, 422);
    let fields: Vec<&str> =
        vi["errors"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["/kind", "/sources/0", "/money_lost"]);
    assert!(vi["errors"][0]["detail"].as_str().unwrap().contains("Chọn một trong"));
    let (_, en) =
        read(post().header("Accept-Language", "en-GB, vi;q=0.5").json(&wrong).send().await.unwrap()).await;
    assert!(en["errors"][0]["detail"].as_str().unwrap().contains("Take one of"));

    let problem = |answer: (u16, Value)| (answer.0, answer.1["type"].as_str().unwrap_or_default().to_owned());
    let broken = post().header("Content-Type", "application/json").body("{\"kind\":").send().await.unwrap();
    assert_eq!(broken.headers()["content-type"], "application/problem+json");
    assert_eq!(problem(read(broken).await), (400, "/api#json-needed".to_owned()));
    let plain = post().header("Content-Type", "text/plain").body("{}").send().await.unwrap();
    assert_eq!(problem(read(plain).await), (415, "/api#json-needed".to_owned()));
    let unnamed = world.http.post(&url).bearer_auth(&key).json(&scam("x")).send().await.unwrap();
    assert_eq!(problem(read(unnamed).await), (400, "/api#idempotency-key-needed".to_owned()));
    let large = "a".repeat(64 * 1024);
    let large = post().json(&json!({ "content": large })).send().await.unwrap();
    assert_eq!(problem(read(large).await), (413, "/api#too-large".to_owned()));
    assert!(world.reports(0).await.is_empty());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_does_what_it_may_as_often_as_it_may_and_ends() {
    let world = World::open().await;
    let (id, key) = world.key("bank", r#"["reports:write"]"#, 3).await;
    let (status, body) = send(&world, "cgp_wrong", "1", &scam("x")).await;
    assert_eq!((status, body["type"].as_str()), (401, Some("/api#key-needed")));
    let place = world.url("/api/v1/reports/0190a000-0000-7000-8000-000000000000");
    let (status, body) = read(world.http.get(place).bearer_auth(&key).send().await.unwrap()).await;
    assert_eq!((status, body["type"].as_str()), (403, Some("/api#scope-needed")));
    for name in ["1", "2", "3"] {
        assert_eq!(send(&world, &key, name, &scam(name)).await.0, 201);
    }
    let limited = world.http.post(world.url("/api/v1/reports")).bearer_auth(&key);
    let limited = limited.header("Idempotency-Key", "4").json(&scam("4")).send().await.unwrap();
    assert!(limited.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(read(limited).await.0, 429);
    world.app().store.revoke_partner_key(id, &world.audit("partner_key_revoked")).await.unwrap();
    assert_eq!(send(&world, &key, "1", &scam("1")).await.0, 401);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_stores_what_is_good_and_says_what_is_not() {
    let world = World::open().await;
    let (_, key) = world.key("bank", BOTH, 6000).await;
    let url = world.url("/api/v1/reports/batch");
    let item = |name: &str, words: &str| json!({ "key": name, "report": scam(words) });
    let wrong = json!({ "key": "4", "report": { "kind": "LD", "sources": ["0912345678"] } });
    let body = json!({ "reports": [item("1", "a"), item("2", "b"), item("1", "a"), item("2", "c"), wrong, { "key": "" }] });
    let (status, answer) =
        read(world.http.post(&url).bearer_auth(&key).json(&body).send().await.unwrap()).await;
    assert_eq!(status, 200, "{answer}");
    let results = answer["results"].as_array().unwrap();
    let outcomes: Vec<&str> = results.iter().map(|one| one["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["stored", "stored", "known", "differs", "refused", "refused"]);
    assert_eq!(results[0]["report"], results[2]["report"]);
    assert_eq!(results[4]["errors"][0]["field"], "/content");
    let many: Vec<Value> = (0..501).map(|n| item(&n.to_string(), "x")).collect();
    let many = json!({ "reports": many });
    let (status, _) = read(world.http.post(&url).bearer_auth(&key).json(&many).send().await.unwrap()).await;
    assert_eq!(status, 422);
    assert_eq!(world.reports(2).await.len(), 2);
    // After its time a name counts as never given.
    world.clock().advance(jiff::SignedDuration::from_hours(24 * 31));
    let (_, later) = send(&world, &key, "1", &scam("khác")).await;
    assert!(later["id"].is_string());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_is_valid_and_its_page_needs_nothing_from_elsewhere() {
    let world = World::open().await;
    let answer = world.http.get(world.url("/openapi.json")).send().await.unwrap();
    let (_, spec) = read(answer).await;
    assert_eq!(spec["openapi"], "3.1.0");
    assert_eq!(spec["paths"].as_object().unwrap().len(), 5);
    let page = world.http.get(world.url("/api")).send().await.unwrap();
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let html = page.text().await.unwrap();
    assert!(html.contains("POST /api/v1/reports") && html.contains("Idempotency-Key"));
    assert!(!html.contains("http://") && !html.contains("https://"), "nothing foreign");
    // A foreign validator reads it, when the peers are there.
    if let Ok(python) = std::env::var("CANHGIAC_PYTHON") {
        let path = world.directory().join("openapi.json");
        std::fs::write(&path, spec.to_string()).unwrap();
        let done = std::process::Command::new(python)
            .args(["-m", "openapi_spec_validator", "--schema", "3.1"])
            .arg(&path)
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
    }
    world.close().await;
}
