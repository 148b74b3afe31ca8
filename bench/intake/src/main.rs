//! `cargo run --release -p canhgiac-bench-intake -- --help`

use clap::Parser;

fn main() -> anyhow::Result<()> {
    canhgiac_bench_intake::main(canhgiac_bench_intake::Cli::parse())
}
