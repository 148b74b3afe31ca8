//! HTTP push, as aggregators send it.

use canhgiac::config::{PushConfig, PushFields};
use hmac::{Hmac, KeyInit as _, Mac};
use sha2::Sha256;

use crate::world::{World, read};

const TOKEN: &str = "mot-tu-ca-hai-biet";
const KEY: &str = "khoa-ky-cua-cong-tin";

fn push(name: &str) -> PushConfig {
    PushConfig {
        name: name.to_owned(),
        token: Some(TOKEN.to_owned()),
        hmac_key: None,
        signature_header: "X-Signature".to_owned(),
        timestamp_header: "X-Timestamp".to_owned(),
        window_s: 300,
        addresses: Vec::new(),
        fields: PushFields {
            sender: "from".to_owned(),
            id: "msgid".to_owned(),
            recipient: Some("to".to_owned()),
            text: Some("text".to_owned()),
            coding: Some("dcs".to_owned()),
            recording: Some("file".to_owned()),
        },
        answer: "{\"status\":0}".to_owned(),
        operator: None,
        keyword_prefix: None,
        replies_through: None,
    }
}

fn signed(key: &str, at: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_queries_and_json_are_read_and_a_second_push_is_stored_once() {
    let world = World::with(|config| config.pushes = vec![push("cong-tin")]).await;
    let url = world.url("/push/cong-tin");
    let text = [("from", "84900000001"), ("to", "156"), ("text", "LD 0912345678 lừa đảo"), ("msgid", "m-1")];
    for _ in 0..2 {
        let answer = world.http.post(&url).bearer_auth(TOKEN).form(&text).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/json");
        assert_eq!(read(answer).await, (200, serde_json::json!({ "status": 0 })));
    }
    let query = format!(
        "{url}?token={TOKEN}&from=0900000002&to=156&msgid=m-2&dcs=8&text=004C00440020003000390031003200330034003500360037003900200078"
    );
    assert_eq!(world.http.get(query).send().await.unwrap().status(), 200);
    let json =
        serde_json::json!({ "from": "+84900000003", "to": 5656, "text": "V 0912345677 vay", "msgid": 3 });
    assert_eq!(world.http.post(&url).bearer_auth(TOKEN).json(&json).send().await.unwrap().status(), 200);
    // The same id with other words is another message: no citizen's text is lost by it.
    let other =
        serde_json::json!({ "from": "+84900000003", "to": 5656, "text": "V 0912345676 vay", "msgid": 3 });
    assert_eq!(world.http.post(&url).bearer_auth(TOKEN).json(&other).send().await.unwrap().status(), 200);
    let reports = world.reports(4).await;
    assert_eq!(reports.len(), 4);
    let report = &reports[0].report;
    assert_eq!((report.channel.as_str(), report.link.as_str()), ("push", "cong-tin"));
    assert_eq!((report.kind.as_deref(), report.to_code.as_deref()), (Some("scam_call"), Some("156")));
    assert!(report.is_proven && !report.is_mobile, "the network names the sender; nothing answers here");
    assert_eq!(reports[1].sources[0].canonical, "+84912345679");
    assert_eq!(reports[1].report.text, "LD 0912345679 x");
    assert_eq!(reports[2].report.to_code.as_deref(), Some("5656"));
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_signed_not_allowed_or_not_readable_is_refused() {
    let world = World::with(|config| {
        let signing = PushConfig { token: None, hmac_key: Some(KEY.to_owned()), ..push("ky") };
        let elsewhere = PushConfig { addresses: vec!["192.0.2.0/24".to_owned()], ..push("xa") };
        config.pushes = vec![signing, elsewhere, push("tu")];
    })
    .await;
    let body = "from=0900000001&to=156&text=LD+0912345678+x&msgid=1";
    let now_s = world.clock().now_us() / 1_000_000;
    let send = async |at_s: i64, signature: &str| {
        let request = world.http.post(world.url("/push/ky")).body(body);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let request = request.header("X-Timestamp", at_s.to_string()).header("X-Signature", signature);
        request.send().await.unwrap().status().as_u16()
    };
    let good = signed(KEY, &now_s.to_string(), body);
    assert_eq!(send(now_s, &signed("khac", &now_s.to_string(), body)).await, 401);
    assert_eq!(send(now_s, "zz").await, 401);
    assert_eq!(send(now_s - 1, &good).await, 401, "the time is signed too");
    let old = signed(KEY, &(now_s - 400).to_string(), body);
    assert_eq!(send(now_s - 400, &old).await, 401, "an old signature is a replay");
    assert_eq!(send(now_s, &format!("sha256={good}")).await, 200);

    let form = [("from", "0900000001"), ("text", "x"), ("msgid", "1")];
    let status = async |name: &str, token: &str, form: &[(&str, &str)]| {
        let request = world.http.post(world.url(&format!("/push/{name}"))).bearer_auth(token);
        request.form(form).send().await.unwrap().status().as_u16()
    };
    assert_eq!(status("xa", TOKEN, &form).await, 401);
    assert_eq!(status("tu", "sai", &form).await, 401);
    assert_eq!(status("khong-co", TOKEN, &form).await, 404);
    assert_eq!(status("tu", TOKEN, &form[..2]).await, 422);
    let long = "a".repeat(17 * 1024);
    assert_eq!(status("tu", TOKEN, &[("from", "1"), ("text", &long), ("msgid", "2")]).await, 413);
    let large = "a".repeat(65 * 1024);
    assert_eq!(status("tu", TOKEN, &[("from", "1"), ("text", &large), ("msgid", "2")]).await, 413);
    assert_eq!(world.reports(1).await.len(), 1);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorded_call_waits_for_an_officer_with_its_recording() {
    let world = World::with(|config| config.pushes = vec![push("tong-dai")]).await;
    let sound: Vec<u8> = [b"RIFF\x24\x00\x10\x00WAVEfmt ".as_slice(), &[7; 3_000_000]].concat();
    let multipart = |file: &[u8], id: &str| {
        let mut body = Vec::new();
        for (name, value) in [("from", "0900000001"), ("to", "156"), ("msgid", id)] {
            body.extend_from_slice(
                format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                    .as_bytes(),
            );
        }
        body.extend_from_slice(
            b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"goi.wav\"\r\n\r\n",
        );
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--x--\r\n");
        body
    };
    let send = async |body: Vec<u8>| {
        let request = world.http.post(world.url("/push/tong-dai")).bearer_auth(TOKEN).body(body);
        let request = request.header("Content-Type", "multipart/form-data; boundary=x");
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(send(multipart(&sound, "c-1")).await, 200);
    assert_eq!(send(multipart(&sound, "c-1")).await, 200);
    assert_eq!(send(multipart(b"<html>", "c-2")).await, 422);
    assert_eq!(send(multipart(&vec![0; 15 * 1024 * 1024 + 1], "c-3")).await, 413);
    let reports = world.reports(1).await;
    assert_eq!(reports.len(), 1);
    let report = &reports[0].report;
    assert_eq!((report.state.as_str(), report.problem.as_deref()), ("needs_officer", Some("recording")));
    assert!(report.kind.is_none() && report.is_proven);
    let evidence = world.app().store.evidence_of(report.seq).await.unwrap();
    assert_eq!((evidence[0].mime.as_str(), evidence[0].name.as_str()), ("audio/x-wav", "goi.wav"));
    assert_eq!(world.app().evidence.read(&evidence[0].sha256).unwrap(), sound);
    world.close().await;
}
