//! The disk of these tests by itself: a program that does not sync loses data on it, one that does keeps it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Disk, EIO, Knob, Survives, foreign_peers_are_here};

/// Runs a shell script on the disk.
fn run(disk: &Disk, data: &Path, script: &str) -> Output {
    Command::new("sh")
        .args(["-c", script])
        .current_dir(data)
        .envs(disk.environment())
        .output()
        .expect("sh runs")
}

fn run_well(disk: &Disk, data: &Path, script: &str) {
    let output = run(disk, data, script);
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
}

fn fresh() -> (tempfile::TempDir, std::path::PathBuf, Disk) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary directory");
    let data = folder.path().join("data");
    let disk = Disk::below(&data, folder.path());
    (folder, data, disk)
}

#[test]
fn what_was_synced_survives_a_power_cut_and_what_was_not_does_not() {
    if !foreign_peers_are_here() {
        return;
    }
    let (_folder, data, mut disk) = fresh();
    run_well(&disk, &data, "printf kept > kept; printf name > name; mkdir shelf; printf x > shelf/x");
    run_well(
        &disk,
        &data,
        "sync kept; sync shelf/x; sync shelf; sync .; printf more >> kept; printf late > late; sync late",
    );
    disk.cut_power(Survives::Nothing, 1);
    let read = |name: &str| fs::read_to_string(data.join(name)).ok();
    assert_eq!(read("kept").as_deref(), Some("kept"), "without what was added after the sync");
    assert_eq!(read("name").as_deref(), Some(""), "its name was synced, its words were not");
    assert_eq!(read("late"), None, "its words were synced, its name was not");
    assert_eq!(read("shelf/x").as_deref(), Some("x"));

    run_well(&disk, &data, "mv kept renamed; sync renamed; rm name");
    disk.cut_power(Survives::Nothing, 2);
    assert_eq!(
        (read("kept").as_deref(), read("renamed")),
        (Some("kept"), None),
        "a rename is not synced by itself"
    );
    assert_eq!(read("name").as_deref(), Some(""), "nor is a removal");
    run_well(&disk, &data, "mv kept renamed; sync .; printf new > kept; sync kept; sync .");
    disk.cut_power(Survives::Nothing, 3);
    assert_eq!((read("kept").as_deref(), read("renamed").as_deref()), (Some("new"), Some("kept")));
}

#[test]
fn chance_decides_on_what_was_never_synced_sector_by_sector() {
    if !foreign_peers_are_here() {
        return;
    }
    let mut lengths = std::collections::BTreeSet::new();
    for seed in 0..20 {
        let (_folder, data, mut disk) = fresh();
        run_well(
            &disk,
            &data,
            "printf %0512d 1 > torn; sync torn; sync .; dd if=/dev/urandom of=torn bs=4096 count=1 oflag=append conv=notrunc",
        );
        assert_eq!(disk.cut_power(Survives::ByChance, seed), 8);
        let left = fs::read(data.join("torn")).expect("its name was synced");
        assert!(left.starts_with(format!("{:0512}", 1).as_bytes()), "what was synced is not touched");
        for sector in left[512..].chunks(512) {
            let zeros = sector.iter().filter(|octet| **octet == 0).count();
            assert!(zeros == 512 || zeros < 50, "a sector is there or not: {zeros} zeros");
        }
        lengths.insert(left.len());
    }
    assert!(lengths.len() > 3 && lengths.contains(&512) && lengths.contains(&4608), "{lengths:?}");
}

#[test]
fn a_lying_a_failing_a_full_and_a_stalled_disk_are_what_they_say() {
    if !foreign_peers_are_here() {
        return;
    }
    let (_folder, data, mut disk) = fresh();
    disk.set(Knob::IsLying, 1);
    run_well(&disk, &data, "printf lost > lost; sync lost; sync .");
    disk.cut_power(Survives::Nothing, 1);
    assert!(!data.join("lost").exists());
    disk.mend();

    disk.set(Knob::SyncError, EIO);
    run_well(&disk, &data, "printf a > a");
    assert!(!run(&disk, &data, "sync a").status.success());
    disk.mend();
    // The system forgets what it could not write: a second sync that succeeds has not written it.
    run_well(&disk, &data, "sync a; sync .");
    disk.cut_power(Survives::Nothing, 1);
    assert_eq!(fs::read_to_string(data.join("a")).ok().as_deref(), Some(""));

    disk.set(Knob::IsLimited, 1);
    disk.set(Knob::Room, 100);
    let output = run(&disk, &data, "dd if=/dev/zero of=full bs=300 count=1");
    assert!(String::from_utf8_lossy(&output.stderr).contains("No space left"), "{output:?}");
    assert_eq!(fs::metadata(data.join("full")).expect("it was begun").len(), 100);
    disk.mend();

    disk.set(Knob::ClockUs, -86_400_000_000);
    let said = run(&disk, &data, "date +%s").stdout;
    let said: u64 = String::from_utf8_lossy(&said).trim().parse().expect("seconds");
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    assert!((86_300..86_500).contains(&(now - said)), "{said} at {now}");
    disk.mend();

    disk.set(Knob::IsStalled, 1);
    let mut child =
        Command::new("sync").arg("a").current_dir(&data).envs(disk.environment()).spawn().expect("sync runs");
    disk.wait(Knob::Waiting, |waiting| waiting == 1);
    assert!(child.try_wait().expect("it can be asked").is_none());
    disk.mend();
    assert!(child.wait().expect("it ends").success());
}
