//! Kannel (bearerbox and smsbox) as an ESME of our server link: texts go in by its HTTP interface and come out by
//! it, and what SMPP says beneath is read from its log and its status page.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use super::programs::{Options, emit};

const FOLDER: &str = "/usr/sbin";
const WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Signs of a part that is cut by hand.
const PART: usize = 60;

/// Whether it is installed.
pub(super) fn is_here() -> bool {
    ["bearerbox", "smsbox"].iter().all(|name| Path::new(FOLDER).join(name).exists())
}

/// A box. It ends when we do, however we end: its keeper reads from us.
struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // The keeper ends the box and itself.
        let _ = self.0.wait();
    }
}

struct Ports {
    admin: u16,
    smsbox: u16,
    sendsms: u16,
    ours: u16,
}

pub(super) async fn run(options: Options, mut commands: UnboundedReceiver<Value>) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let inbox = TcpListener::bind("127.0.0.1:0").expect("a port");
    let ours = inbox.local_addr().expect("it is bound").port();
    let ports = Ports { admin: free_port(), smsbox: free_port(), sendsms: free_port(), ours };
    let config = directory.path().join("kannel.conf");
    std::fs::write(&config, configuration(&options, &ports, directory.path())).expect("it is written");
    let _bearerbox = start("bearerbox", &config);
    until(|| get(ports.admin, "/status.txt?password=pw").is_some_and(|text| text.contains("`1.4.")));
    let _smsbox = start("smsbox", &config);
    until(|| get(ports.sendsms, "/").is_some());
    thread::spawn(move || listen(&inbox));
    let bind = options.text("bind");
    let admin = ports.admin;
    thread::spawn(move || watch_state(admin, &bind));
    let log = directory.path().join("bearerbox.log");
    thread::spawn(move || watch_log(&log));
    let mut reference = 0;
    while let Some(command) = commands.recv().await {
        if let Some(message) = command.get("submit") {
            reference += 1;
            submit(&ports, message, reference);
        } else if command.get("unbind").is_some() {
            get(ports.admin, "/stop-smsc?password=pw&smsc=link").expect("it is stopped");
        }
        // It binds again and asks for signs of life by itself.
    }
}

fn configuration(options: &Options, ports: &Ports, directory: &Path) -> String {
    let port = options.port();
    let bind = match options.text("bind").as_str() {
        "transceiver" => format!("port = {port}\ntransceiver-mode = yes"),
        "receiver" => format!("receive-port = {port}"),
        _ => format!("port = {port}"),
    };
    let (trusted, uses_ssl) = match options.get("ca") {
        Some(ca) => (format!("ssl-trusted-ca-file = \"{ca}\"\n"), "use-ssl = yes\n"),
        None => (String::new(), ""),
    };
    let (name, password) = (options.text("system-id"), options.text("password"));
    let Ports { admin, smsbox, sendsms, ours } = ports;
    let here = directory.display();
    format!(
        "group = core\nadmin-port = {admin}\nadmin-password = pw\nsmsbox-port = {smsbox}\n\
         log-file = \"{here}/bearerbox.log\"\nlog-level = 0\nbox-allow-ip = \"127.0.0.1\"\n{trusted}\n\
         group = smsc\nsmsc = smpp\nsmsc-id = link\nhost = 127.0.0.1\n{bind}\n{uses_ssl}\
         smsc-username = \"{name}\"\nsmsc-password = \"{password}\"\nsystem-type = \"\"\n\
         enquire-link-interval = 1\nreconnect-delay = 1\n\n\
         group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {sendsms}\n\
         log-file = \"{here}/smsbox.log\"\nlog-level = 0\n\n\
         group = sendsms-user\nusername = u\npassword = p\nconcatenation = yes\nmax-messages = 10\n\n\
         group = sms-service\nkeyword = default\nmax-messages = 0\ncatch-all = yes\n\
         get-url = \"http://127.0.0.1:{ours}/in?from=%p&to=%P&coding=%c&text=%b\"\n"
    )
}

fn start(name: &str, config: &Path) -> Kept {
    let keeper = "\"$@\" >/dev/null 2>&1 & box=$!; cat >/dev/null; kill -9 $box";
    let child = Command::new("sh")
        .args(["-c", keeper, "keeper"])
        .arg(Path::new(FOLDER).join(name))
        .arg(config)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn();
    Kept(child.expect("it starts"))
}

/// Hands a text to Kannel, cut by it or, for references of sixteen bits, by hand.
fn submit(ports: &Ports, message: &Value, reference: u16) {
    let text = message["text"].as_str().expect("a text");
    let pieces: Vec<String> = match message["udh"].as_u64() {
        Some(16) => {
            text.chars().collect::<Vec<_>>().chunks(PART).map(|piece| piece.iter().collect()).collect()
        }
        _ => vec![text.to_owned()],
    };
    let total = u8::try_from(pieces.len()).expect("few parts");
    for (number, piece) in (1..=total).zip(&pieces) {
        let coding = if message["coding"] == "ucs2" { 2 } else { 0 };
        let mut query = format!(
            "/cgi-bin/sendsms?username=u&password=p&from={}&to={}&charset=UTF-8&coding={coding}&text={}",
            message["from"].as_str().expect("an address"),
            message["to"].as_str().expect("an address"),
            escaped(piece.as_bytes()),
        );
        if total > 1 {
            let [high, low] = (0x0100 + reference).to_be_bytes();
            let _ = write!(query, "&udh={}", escaped(&[6, 8, 4, high, low, total, number]));
        }
        let about = format!("{} {number} {total}", message["ref"].as_str().expect("a reference"));
        // Told of the SMSC's answer only: 8 taken, 16 refused.
        let told =
            format!("http://127.0.0.1:{}/told?type=%d&about={}", ports.ours, escaped(about.as_bytes()));
        let _ = write!(query, "&dlr-mask=24&dlr-url={}", escaped(told.as_bytes()));
        let answer = get(ports.sendsms, &query).expect("smsbox answers");
        assert!(answer.contains("Accepted") || answer.contains("Queued"), "{answer}");
    }
}

/// Takes what Kannel fetches: texts that came, and answers to what was sent.
fn listen(inbox: &TcpListener) {
    for stream in inbox.incoming().map_while(Result::ok) {
        let mut line = String::new();
        let mut reader = BufReader::new(&stream);
        if reader.read_line(&mut line).is_err() {
            continue;
        }
        let mut head = String::new();
        while reader.read_line(&mut head).is_ok_and(|read| read > 2) {
            head.clear();
        }
        let answer = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n";
        // Kannel asks again when it did not hear us; the scenes would show it.
        let _ = (&stream).write_all(answer.as_bytes());
        let Some((path, query)) = line.split(' ').nth(1).and_then(|target| target.split_once('?')) else {
            continue;
        };
        let field = |name: &str| {
            let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            unescaped(value.unwrap_or_default())
        };
        if path == "/in" {
            let coding: u8 = field("coding").parse().unwrap_or(0);
            emit(&json!({ "deliver": {
                // It writes an international number with a plus.
                "from": field("from"), "to": field("to").trim_start_matches('+'), "text": field("text"),
                "data_coding": coding, "answered": 0,
            } }));
        } else {
            let about = field("about");
            let words: Vec<&str> = about.split(' ').collect();
            let number = |at: usize| words[at].parse::<u8>().expect("a number");
            let status = if field("type") == "8" { 0 } else { 8 };
            emit(&json!({ "submit_resp": {
                "ref": words[0], "part": number(1), "parts": number(2), "status": status
            } }));
        }
    }
}

/// Says when the link is bound and when it no longer is.
fn watch_state(admin: u16, bind: &str) {
    let mut was_bound = false;
    loop {
        let status = get(admin, "/status.txt?password=pw").unwrap_or_default();
        let is_bound = status.lines().any(|line| line.contains("SMPP:") && line.contains("(online"));
        match (was_bound, is_bound) {
            (false, true) => emit(&json!({ "bound": { "bind": bind, "status": 0 } })),
            (true, false) => emit(&json!({ "closed": {} })),
            _ => {}
        }
        was_bound = is_bound;
        thread::sleep(LOOK_EVERY);
    }
}

/// Says of PDUs that nothing else of Kannel speaks of.
fn watch_log(log: &PathBuf) {
    let mut seen = 0;
    loop {
        let text = std::fs::read(log).unwrap_or_default();
        let whole = text.iter().rposition(|octet| *octet == b'\n').map_or(0, |end| end + 1);
        for line in String::from_utf8_lossy(&text[seen.min(whole)..whole]).lines() {
            match line.split_once("type_name: ").map(|(_, name)| name.trim()) {
                Some("unbind_resp") => emit(&json!({ "unbind_resp": { "status": 0 } })),
                Some("unbind") => emit(&json!({ "unbind": {} })),
                Some("enquire_link_resp") => emit(&json!({ "enquire_link_resp": { "status": 0 } })),
                _ => {}
            }
        }
        seen = whole;
        thread::sleep(LOOK_EVERY);
    }
}

fn get(port: u16, target: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(WITHIN)).ok()?;
    write!(stream, "GET {target} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

fn until(is_so: impl Fn() -> bool) {
    let end = Instant::now() + WITHIN;
    while !is_so() {
        assert!(Instant::now() < end, "Kannel does not start");
        thread::sleep(LOOK_EVERY);
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port()
}

fn escaped(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "%{octet:02X}");
        text
    })
}

fn unescaped(text: &str) -> String {
    let mut octets = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match (first, hex.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'%', Some(octet)) => {
                octets.push(octet);
                rest = &after[2..];
            }
            (b'+', _) => {
                octets.push(b' ');
                rest = after;
            }
            _ => {
                octets.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}
