//! The two small programs to compare with, run as processes of their own: one answers and stores nothing, one
//! appends what came to a file, calls `fdatasync` once for all of it, and then answers.

use std::fs::File;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use canhgiac_smpp::pdu::CommandId;

use crate::histogram::Histogram;
use crate::wire::{Wire, answer};

/// What a receiver does.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ReceiverArgs {
    /// The operator to bind to.
    #[arg(long)]
    connect: SocketAddr,
    /// Connections.
    #[arg(long)]
    binds: usize,
    /// The file to append to; nothing is stored without it.
    #[arg(long)]
    file: Option<PathBuf>,
}

/// Receives until the operator closes; gives the durations of `fdatasync`.
pub(crate) fn run(args: &ReceiverArgs) -> anyhow::Result<Histogram> {
    let log = args.file.as_deref().map(Log::create).transpose()?.map(Arc::new);
    let mut binds = Vec::new();
    for _ in 0..args.binds {
        let mut wire = Wire::new(TcpStream::connect(args.connect)?)?;
        wire.bind()?;
        let log = log.clone();
        binds.push(thread::spawn(move || receive(wire, log.as_deref())));
    }
    for bind in binds {
        bind.join().map_err(|_| anyhow::anyhow!("a receiver panicked"))??;
    }
    Ok(log
        .map(|log| log.state.lock().unwrap_or_else(PoisonError::into_inner).syncs.clone())
        .unwrap_or_default())
}

fn receive(mut wire: Wire, log: Option<&Log>) -> io::Result<()> {
    let (mut texts, mut answers) = (Vec::new(), Vec::new());
    loop {
        // First what was read already: texts may stand right behind the answer to the bind.
        while let Some((head, frame)) = wire.frame() {
            if CommandId(head.command) == CommandId::DELIVER_SM {
                texts.extend_from_slice(frame);
            }
            answer(&mut answers, head);
        }
        if let Some(log) = log
            && !texts.is_empty()
        {
            log.append(&texts)?;
        }
        if !answers.is_empty() {
            wire.write(&answers)?;
        }
        texts.clear();
        answers.clear();
        if !wire.read()? {
            return Ok(());
        }
    }
}

/// A file that is appended to durably.
#[derive(Debug)]
struct Log {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    syncs: Histogram,
}

impl Log {
    fn create(path: &Path) -> io::Result<Log> {
        let file = File::create(path)?;
        Ok(Log { state: Mutex::new(State { file, syncs: Histogram::default() }) })
    }

    fn append(&self, octets: &[u8]) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.file.write_all(octets)?;
        let started = Instant::now();
        state.file.sync_data()?;
        state.syncs.add(started.elapsed());
        Ok(())
    }
}

/// Appends of one text's size with `fdatasync` one after the other for this long, in `directory`: what a serial
/// program could do at most.
pub(crate) fn serial_syncs(directory: &Path, during: std::time::Duration) -> io::Result<(f64, Histogram)> {
    const TEXT: [u8; 128] = [b'x'; 128];
    let path = directory.join("serial.log");
    let log = Log::create(&path)?;
    let started = Instant::now();
    let mut count = 0_u32;
    while started.elapsed() < during {
        log.append(&TEXT)?;
        count += 1;
    }
    let rate = f64::from(count) / started.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    let state = log.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok((rate, state.syncs))
}
