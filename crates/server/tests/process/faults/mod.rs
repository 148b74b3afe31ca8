//! Trouble below and around the product: power cuts, disks that are full, failing or slow, clocks that jump, more
//! texts than the disk can take. Nothing answered OK is lost or doubled, and it goes on by itself afterwards.

mod clock;
mod damage;
mod overload;
mod power;
mod shim;
mod trouble;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng};

use crate::support::{Disk, Installation, Link, Running};

/// CANHGIAC_SEED, or a new seed; whoever takes it prints it, so that a failure can be repeated.
fn seed() -> u64 {
    crate::kill::from_environment("CANHGIAC_SEED", StdRng::from_rng(&mut rand::rng()).next_u64())
}

/// An installation on a disk of ours, with one link to which operators bind.
fn on_a_disk() -> (Installation, Disk) {
    let installation = Installation::new(&[Link::Server("")]);
    let disk = Disk::below(&installation.data_dir(), &installation.directory());
    (installation, disk)
}

fn start(installation: &mut Installation, disk: &Disk) -> Running {
    let environment = disk.environment();
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    installation.start_with(&environment)
}
