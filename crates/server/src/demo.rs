//! `canhgiac demo`: the whole product with two simulated operators, citizens and staff, over real TCP.
//!
//! The only place besides tests that uses the simulator; it talks to the product over the wire like
//! any operator, citizen or officer.

use std::io::{IsTerminal, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use canhgiac_domain::account::Role;
use canhgiac_simulator::citizens::Network;
use canhgiac_simulator::operator::{Carry, EsmePlan, IdStyle, SmscPlan};
use canhgiac_simulator::staff::{Login, StaffLogins};
use canhgiac_simulator::{Demo, DemoHandle, DemoPlan, OperatorKey, Pace};
use canhgiac_smpp::pdu::BindKind;
use canhgiac_smpp::text::DefaultAlphabet;

use crate::app::App;
use crate::cli::{Common, DemoArgs, interrupted, say, set_operator_key};
use crate::clock::Clock;
use crate::config::{Config, LinkBind, LinkConfig, LinkRole, TemporaryBlockConfig};
use crate::serve::{Running, start};
use crate::web::{DEMO_ACCOUNTS, add_demo_accounts};

/// How often the figures are said.
const PROGRESS_EVERY: Duration = Duration::from_secs(5);
/// Password of the simulated links.
const LINK_PASSWORD: &str = "demo";
/// Their name.
const SYSTEM_ID: &str = "canhgiac";
/// Messages under way on each.
const WINDOW: usize = 20;

pub(crate) async fn run(common: &Common, args: DemoArgs) -> anyhow::Result<()> {
    let (directory, temporary) = match &common.data_dir {
        Some(directory) => (directory.clone(), None),
        None => {
            let temporary = tempfile::tempdir().context("cannot make a temporary directory")?;
            (temporary.path().join("data"), Some(temporary))
        }
    };
    let http = free_or_else(common.load()?.http)?;
    let (smsc, esme) = (free_port()?, free_port()?);
    let config = config(directory, http, smsc, esme);
    let keys = prepare(&config).await?;
    // The operators listen first, so that the product's first bind succeeds.
    let demo = Demo::start(plan(&args, http, smsc, esme, keys)).await?;
    let running = start(config, Clock::system()?).await?;
    greet(&running, &args, temporary.is_none())?;
    let outcome = {
        let watch = watch(&running, &demo);
        tokio::select! {
            () = interrupted() => Ok(()),
            error = watch => error,
        }
    };
    demo.stop().await;
    running.stop().await;
    say("")?;
    match &temporary {
        Some(_) => say("The demo has stopped; its data is removed.")?,
        None => say("The demo has stopped; its data is kept.")?,
    }
    outcome
}

/// Puts the demo's people and the operators' keys into the databases.
async fn prepare(config: &Config) -> anyhow::Result<Vec<OperatorKey>> {
    let (app, _committer) = App::open(config.clone(), Clock::system()?).await?;
    add_demo_accounts(&app).await?;
    let mut keys = Vec::new();
    for network in [Network::Viettel, Network::Vinaphone, Network::Mobifone] {
        keys.push(OperatorKey { network, key: set_operator_key(&app.store, network.id()).await? });
    }
    app.store.close().await;
    Ok(keys)
}

fn config(data_dir: PathBuf, http: SocketAddr, smsc: SocketAddr, esme: SocketAddr) -> Config {
    let link = |name: &str, role, address: SocketAddr| LinkConfig {
        name: name.to_owned(),
        role,
        address: address.to_string(),
        system_id: SYSTEM_ID.to_owned(),
        password: LINK_PASSWORD.to_owned(),
        bind: LinkBind::Transceiver,
        default_alphabet: "gsm7".to_owned(),
        window: 20,
        operator: Some(name.to_owned()),
        rate_per_s: None,
        keyword_prefix: None,
        carries: None,
        replies: true,
        tls: None,
        group: None,
    };
    Config {
        http,
        data_dir,
        is_demo: true,
        temporary_block: Some(TemporaryBlockConfig {
            days: 7,
            issuing_body: "Cơ quan diễn tập (không có thật)".to_owned(),
            legal_basis: None,
        }),
        links: vec![link("viettel", LinkRole::Client, smsc), link("vinaphone", LinkRole::Server, esme)],
        ..Config::default()
    }
}

fn plan(
    args: &DemoArgs,
    http: SocketAddr,
    smsc: SocketAddr,
    esme: SocketAddr,
    operator_keys: Vec<OperatorKey>,
) -> DemoPlan {
    let login = |wanted: &str| {
        let known = DEMO_ACCOUNTS.iter().find(|(login, ..)| *login == wanted);
        known.map(|(login, password, ..)| Login {
            account: (*login).to_owned(),
            password: (*password).to_owned(),
        })
    };
    let staff = match (args.no_staff, login("canbo"), login("lanhdao"), login("congan")) {
        (false, Some(officer), Some(approver), Some(police)) => {
            Some(StaffLogins { officer, approver, police })
        }
        _ => None,
    };
    DemoPlan {
        smsc_listen: SmscPlan {
            listen: smsc,
            network: Network::Viettel,
            system_id: SYSTEM_ID.to_owned(),
            password: LINK_PASSWORD.to_owned(),
            alphabet: DefaultAlphabet::Gsm7,
            window: WINDOW,
            ids: IdStyle::default(),
            seed: args.seed,
        },
        esme_connect: EsmePlan {
            connect: esme,
            network: Network::Vinaphone,
            system_id: SYSTEM_ID.to_owned(),
            password: LINK_PASSWORD.to_owned(),
            bind: BindKind::Transceiver,
            alphabet: DefaultAlphabet::Gsm7,
            window: WINDOW,
            carry: Carry::DeliverSm,
            ids: IdStyle::default(),
            seed: args.seed.wrapping_add(1),
        },
        base_url: format!("http://{http}"),
        operator_keys,
        staff,
        seed: args.seed,
        pace: Pace::default(),
    }
}

fn greet(running: &Running, args: &DemoArgs, is_kept: bool) -> anyhow::Result<()> {
    let http = running.http;
    say("Cảnh Giác, bản diễn tập: hai nhà mạng, người dân và cán bộ đều là mô phỏng, đi qua TCP thật.")?;
    say("")?;
    say(&format!("  Trang cho người dân   http://{http}/"))?;
    say(&format!("  Bàn làm việc cán bộ   http://{http}/can-bo"))?;
    for (login, password, role, _) in DEMO_ACCOUNTS {
        say(&format!("    {login:<10} {password:<20} {}", role.label_vi()))?;
    }
    say("")?;
    say("Nên thử (what to try):")?;
    say(&format!(
        "  1. http://{http}/can-bo/phan-anh   tin nhắn của người dân đang đến qua SMPP, đủ kiểu viết"
    ))?;
    say(&format!(
        "  2. http://{http}/can-bo/vu-viec    một số bị nhiều người phản ánh: xác nhận, chuyển Công an, đề nghị tạm khóa"
    ))?;
    say(&format!(
        "  3. http://{http}/can-bo/canh-bao   soạn cảnh báo bằng một tài khoản, duyệt bằng tài khoản khác"
    ))?;
    say(&format!("  4. http://{http}/                  dán số hoặc tin nhắn vào ô \"Thật hay lừa đảo?\""))?;
    if args.no_staff {
        say("  Không có cán bộ mô phỏng: mọi quyết định là của bạn (--no-staff).")?;
    } else {
        say(
            "  Cán bộ mô phỏng xử lý một số trong khoảng một phút; các số khác chờ bạn (--no-staff: để bạn làm hết).",
        )?;
    }
    if is_kept {
        say(&format!("  Dữ liệu: {}", running.app.config.data_dir.display()))?;
    }
    say("")?;
    say("Ctrl-C để dừng.")
}

/// Says the figures as they grow, until a part of the product fails.
async fn watch(running: &Running, demo: &DemoHandle) -> anyhow::Result<()> {
    let is_terminal = std::io::stdout().is_terminal();
    let mut every = tokio::time::interval(PROGRESS_EVERY);
    let mut last = String::new();
    let mut told = 0;
    loop {
        every.tick().await;
        let stats = demo.stats();
        let start = if is_terminal { "\r\x1b[K" } else { "" };
        for step in stats.steps.iter().skip(told) {
            say(&format!("{start}  → {}: {}", who_vi(step.who), step.what))?;
        }
        told = stats.steps.len();
        let figures = running.app.store.figures(0).await?;
        let cases: i64 = figures.cases.iter().map(|count| count.count).sum();
        let line = format!(
            "tin gửi đến {} · đã nhận {} · trả lời {} · vụ việc {} · yêu cầu nhà mạng đã trả lời {}",
            stats.texts_sent,
            stats.messages_acknowledged,
            stats.replies_received,
            cases,
            stats.requests_answered
        );
        if line == last {
            continue;
        }
        if is_terminal {
            write!(std::io::stdout(), "\r\x1b[K{line}")?;
            std::io::stdout().flush()?;
        } else {
            say(&line)?;
        }
        last = line;
    }
}

/// Who did a step, as people read it.
fn who_vi(who: &'static str) -> &'static str {
    Role::from_id(who).map_or(who, Role::label_vi)
}

/// The wished address, or a free one beside it when it is taken.
fn free_or_else(wished: SocketAddr) -> anyhow::Result<SocketAddr> {
    match TcpListener::bind(wished) {
        Ok(_) => Ok(wished),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let free = TcpListener::bind(SocketAddr::new(wished.ip(), 0))?.local_addr()?;
            say(&format!("{wished} is in use; taking {free}"))?;
            Ok(free)
        }
        Err(error) => Err(error).with_context(|| format!("cannot serve pages on {wished}")),
    }
}

fn free_port() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
