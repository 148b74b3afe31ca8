//! A disk that misbehaves below the product, and what a power cut leaves on it.
//!
//! `tests/faults/faultdisk.c` is loaded into the product: what it writes below its data directory goes through and
//! is noted in a log with what it synced. After a kill [`Disk::cut_power`] rebuilds the directory from that log:
//! everything synced, and of the rest what chance leaves, torn into sectors. The knobs reach the running product
//! through a page both have open.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng};

const SECTOR: u64 = 512;
const MAGIC: u64 = 0x6b73_6964_6c75_6166;
const RECORD: usize = 40;
/// How long something the product does may take on a busy machine.
const WITHIN: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(5);

pub(crate) const EIO: i64 = 5;

/// What the control page holds, in the order of `struct control`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Knob {
    SyncTakesUs,
    IsStalled,
    IsLimited,
    Room,
    WriteError,
    SyncError,
    ReadError,
    IsLying,
    ClockUs,
    Syncs,
    /// Syncs that wait in a stall.
    Waiting,
    /// Calls that were made to fail.
    Refused,
}

/// What of the octets that were never synced a power cut leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Survives {
    Nothing,
    ByChance,
}

/// The disk below one data directory.
pub(crate) struct Disk {
    data: PathBuf,
    log: PathBuf,
    page: PathBuf,
    control: File,
    /// As it was when the power came.
    base: Tree,
}

impl Disk {
    /// Takes the data directory, made when it is not there; whatever is in it counts as synced. The log and the
    /// control page lie in `folder`.
    pub(crate) fn below(data: &Path, folder: &Path) -> Disk {
        fs::create_dir_all(data).expect("the data directory can be made");
        let data = data.canonicalize().expect("it is there");
        let (log, page) = (folder.join("faultdisk.log"), folder.join("faultdisk.control"));
        fs::write(&page, [0; 4096]).expect("the control page is written");
        fs::write(&log, []).expect("the log is made");
        let control = File::options().read(true).write(true).open(&page).expect("it opens");
        Disk { base: Tree::scan(&data), data, log, page, control }
    }

    /// What the product must be started with.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let text = |path: &Path| path.to_str().expect("paths are UTF-8").to_owned();
        vec![
            ("LD_PRELOAD", text(shim())),
            ("FAULTDISK_DIR", text(&self.data)),
            ("FAULTDISK_LOG", text(&self.log)),
            ("FAULTDISK_CONTROL", text(&self.page)),
        ]
    }

    /// Sets a knob; the running product feels it at once.
    pub(crate) fn set(&self, knob: Knob, value: i64) {
        self.control.write_all_at(&value.to_ne_bytes(), knob as u64 * 8).expect("the page is written");
    }

    pub(crate) fn get(&self, knob: Knob) -> i64 {
        let mut value = [0; 8];
        self.control.read_exact_at(&mut value, knob as u64 * 8).expect("the page is read");
        i64::from_ne_bytes(value)
    }

    /// Waits until a knob says what is awaited.
    pub(crate) fn wait(&self, knob: Knob, fits: impl Fn(i64) -> bool) {
        let end = Instant::now() + WITHIN;
        while !fits(self.get(knob)) {
            assert!(Instant::now() < end, "{knob:?} is {} after {WITHIN:?}", self.get(knob));
            thread::sleep(LOOK_EVERY);
        }
    }

    /// No trouble any more.
    pub(crate) fn mend(&self) {
        for knob in [
            Knob::SyncTakesUs,
            Knob::IsStalled,
            Knob::IsLimited,
            Knob::Room,
            Knob::WriteError,
            Knob::SyncError,
            Knob::ReadError,
            Knob::IsLying,
            Knob::ClockUs,
        ] {
            self.set(knob, 0);
        }
    }

    /// Leaves on the disk what a power cut at the moment of the kill would have left. Nothing may run on it.
    /// Gives how many writes were never synced.
    pub(crate) fn cut_power(&mut self, survives: Survives, seed: u64) -> usize {
        let log = fs::read(&self.log).expect("the log is read");
        let mut history = History::new(std::mem::take(&mut self.base), &log);
        history.replay();
        let current = Tree::scan(&self.data);
        let mut random = StdRng::seed_from_u64(seed);
        let mut unsynced = 0;
        let old = self.data.with_extension("before-the-cut");
        fs::rename(&self.data, &old).expect("the directory can be moved aside");
        history.leave(&current, current.root, &self.data, survives, &mut random, &mut unsynced);
        fs::remove_dir_all(&old).expect("the old directory can be removed");
        fs::write(&self.log, []).expect("the log begins anew");
        self.base = Tree::scan(&self.data);
        unsynced
    }
}

/// The shim, compiled once.
fn shim() -> &'static Path {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    SHIM.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/faults/faultdisk.c");
        let made =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("faultdisk-{}.so", std::process::id()));
        let output = Command::new("cc")
            .args(["-shared", "-fPIC", "-O2", "-o"])
            .arg(&made)
            .arg(&source)
            .args(["-ldl", "-lpthread"])
            .output()
            .expect("cc is there (Debian: build-essential)");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        made
    })
}

/// A file or a directory, for as long as it lives: numbers of inodes are used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Id {
    inode: u64,
    generation: u32,
}

type Names<T> = BTreeMap<String, T>;

/// What lies in a directory now.
#[derive(Debug, Default)]
struct Tree {
    root: u64,
    folders: HashMap<u64, Names<u64>>,
    files: HashMap<u64, PathBuf>,
    contents: HashMap<u64, Vec<u8>>,
}

impl Tree {
    fn scan(directory: &Path) -> Tree {
        let root = fs::metadata(directory).expect("the directory is there").ino();
        let mut tree = Tree { root, ..Tree::default() };
        tree.scan_folder(directory, root);
        tree
    }

    fn scan_folder(&mut self, folder: &Path, inode: u64) {
        let mut names = Names::new();
        for entry in fs::read_dir(folder).expect("a folder can be listed") {
            let entry = entry.expect("an entry can be read");
            let name = entry.file_name().into_string().expect("names are UTF-8");
            let meta = entry.metadata().expect("it is there");
            if is_shared_memory(&name) {
                continue;
            }
            names.insert(name, meta.ino());
            if meta.is_dir() {
                self.scan_folder(&entry.path(), meta.ino());
            } else {
                self.contents.insert(meta.ino(), fs::read(entry.path()).expect("a file can be read"));
                self.files.insert(meta.ino(), entry.path());
            }
        }
        self.folders.insert(inode, names);
    }
}

/// SQLite's index of the WAL: mapped memory, made anew by whoever opens the database first.
fn is_shared_memory(name: &str) -> bool {
    name.ends_with("-shm")
}

#[derive(Debug, Clone, Copy)]
enum Change<'a> {
    Sector { at: u64, octets: &'a [u8] },
    Truncate(u64),
}

#[derive(Debug)]
struct Pending<'a> {
    logged: u64,
    change: Change<'a>,
    /// A sync of it failed: the system has forgotten that it must still be written.
    is_doomed: bool,
}

#[derive(Debug, Default)]
struct Kept<'a> {
    synced: Vec<u8>,
    pending: Vec<Pending<'a>>,
}

impl<'a> Kept<'a> {
    fn write(&mut self, logged: u64, mut at: u64, mut octets: &'a [u8]) {
        while !octets.is_empty() {
            let fits = usize::try_from(SECTOR - at % SECTOR).expect("a sector is small").min(octets.len());
            let (sector, rest) = octets.split_at(fits);
            self.pending.push(Pending {
                logged,
                change: Change::Sector { at, octets: sector },
                is_doomed: false,
            });
            at += fits as u64;
            octets = rest;
        }
    }

    fn sync(&mut self, up_to: u64) {
        let (done, rest): (Vec<_>, Vec<_>) =
            self.pending.drain(..).partition(|one| one.logged < up_to && !one.is_doomed);
        let mut newest: HashMap<u64, u64> = HashMap::new();
        for one in &done {
            apply(&mut self.synced, one.change);
            if let Change::Sector { at, .. } = one.change {
                newest.insert(at / SECTOR, one.logged);
            }
        }
        // What was written over is not there any more to come back.
        self.pending = rest
            .into_iter()
            .filter(|one| match one.change {
                Change::Sector { at, .. } => {
                    newest.get(&(at / SECTOR)).is_none_or(|later| one.logged > *later)
                }
                Change::Truncate(_) => true,
            })
            .collect();
    }

    fn fail(&mut self, up_to: u64) {
        self.pending.iter_mut().filter(|one| one.logged < up_to).for_each(|one| one.is_doomed = true);
    }

    fn after_the_cut(&self, survives: Survives, random: &mut StdRng) -> Vec<u8> {
        let mut left = self.synced.clone();
        if survives == Survives::Nothing {
            return left;
        }
        // Nothing, everything, everything up to a point, or sectors by chance.
        let way = random.random_range(0..4);
        let point = random.random_range(0..=self.pending.len());
        let share = random.random_range(0.0..1.0);
        for (nth, one) in self.pending.iter().enumerate() {
            let survives = match way {
                0 => false,
                1 => true,
                2 => nth < point,
                _ => random.random_bool(share),
            };
            if survives {
                apply(&mut left, one.change);
            }
        }
        left
    }
}

fn apply(content: &mut Vec<u8>, change: Change<'_>) {
    match change {
        Change::Sector { at, octets } => {
            let at = usize::try_from(at).expect("files are small");
            if content.len() < at + octets.len() {
                content.resize(at + octets.len(), 0);
            }
            content[at..at + octets.len()].copy_from_slice(octets);
        }
        Change::Truncate(len) => content.resize(usize::try_from(len).expect("files are small"), 0),
    }
}

/// What happened to every file since the power came.
struct History<'a> {
    log: &'a [u8],
    generations: HashMap<u64, u32>,
    files: HashMap<Id, Kept<'a>>,
    /// What the last sync of each directory kept, by its inode.
    folders: HashMap<u64, Names<Id>>,
}

impl<'a> History<'a> {
    fn new(base: Tree, log: &'a [u8]) -> History<'a> {
        let first = |inode: u64| Id { inode, generation: 0 };
        History {
            log,
            generations: HashMap::new(),
            files: base
                .contents
                .into_iter()
                .map(|(inode, synced)| (first(inode), Kept { synced, pending: Vec::new() }))
                .collect(),
            folders: base
                .folders
                .into_iter()
                .map(|(inode, names)| {
                    (inode, names.into_iter().map(|(name, inode)| (name, first(inode))).collect())
                })
                .collect(),
        }
    }

    fn id(&self, inode: u64) -> Id {
        Id { inode, generation: self.generations.get(&inode).copied().unwrap_or(0) }
    }

    fn replay(&mut self) {
        let mut at = 0;
        // A record that the kill cut short stands at the end; what it is about was never said to be done.
        while at + RECORD <= self.log.len() {
            let word = |nth: usize| {
                u64::from_ne_bytes(self.log[at + nth * 8..at + nth * 8 + 8].try_into().expect("eight octets"))
            };
            let (magic, kind, inode, place, len) = (word(0), word(1), word(2), word(3), word(4));
            assert_eq!(magic, MAGIC, "the log does not read at {at}");
            let Some(octets) = self.log.get(at + RECORD..at + RECORD + usize::try_from(len).expect("small"))
            else {
                break;
            };
            self.happened(at as u64, kind, inode, place, octets);
            at += RECORD + octets.len();
        }
    }

    fn happened(&mut self, logged: u64, kind: u64, inode: u64, at: u64, octets: &'a [u8]) {
        if kind == 1 {
            *self.generations.entry(inode).or_default() += 1;
            self.files.insert(self.id(inode), Kept::default());
            return;
        }
        if kind == 6 {
            let names = self.listing(octets);
            self.folders.insert(inode, names);
            return;
        }
        let id = self.id(inode);
        let file = self.files.get_mut(&id).unwrap_or_else(|| panic!("nobody saw {id:?} being made"));
        match kind {
            2 => file.write(logged, at, octets),
            3 => file.pending.push(Pending { logged, change: Change::Truncate(at), is_doomed: false }),
            4 => file.sync(at),
            5 => file.fail(at),
            _ => panic!("no record is of kind {kind}"),
        }
    }

    fn listing(&self, mut octets: &[u8]) -> Names<Id> {
        let mut names = Names::new();
        while octets.len() >= 16 {
            let inode = u64::from_ne_bytes(octets[..8].try_into().expect("eight octets"));
            let len = u32::from_ne_bytes(octets[12..16].try_into().expect("four octets")) as usize;
            let name = String::from_utf8(octets[16..16 + len].to_vec()).expect("names are UTF-8");
            if !is_shared_memory(&name) {
                names.insert(name, self.id(inode));
            }
            octets = &octets[16 + len..];
        }
        names
    }

    /// Makes `folder` anew as the cut left it: of a directory either what its last sync kept, or all of it.
    fn leave(
        &self,
        current: &Tree,
        inode: u64,
        folder: &Path,
        survives: Survives,
        random: &mut StdRng,
        unsynced: &mut usize,
    ) {
        fs::create_dir(folder).expect("a folder can be made");
        let is_new = survives == Survives::ByChance && random.random_bool(0.5);
        let now = current.folders.get(&inode);
        let names = match now {
            Some(now) if is_new => now.iter().map(|(name, inode)| (name.clone(), self.id(*inode))).collect(),
            _ => self.folders.get(&inode).cloned().unwrap_or_default(),
        };
        for (name, id) in names {
            let path = folder.join(&name);
            match self.files.get(&id) {
                Some(file) => {
                    *unsynced += file.pending.len();
                    let made = File::options().write(true).create_new(true).mode(0o600).open(&path);
                    let left = file.after_the_cut(survives, random);
                    made.and_then(|made| made.write_all_at(&left, 0)).expect("a file can be written");
                }
                None if current.folders.contains_key(&id.inode) => {
                    self.leave(current, id.inode, &path, survives, random, unsynced);
                }
                None => {
                    // The kill came between its making and our note of it: nothing was written to it yet.
                    let is_empty = current.contents.get(&id.inode).is_some_and(Vec::is_empty);
                    assert!(is_empty, "{} was written without us seeing it", path.display());
                    fs::write(&path, []).expect("a file can be made");
                }
            }
        }
    }
}
