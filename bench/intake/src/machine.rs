//! The machine a bench ran on, in words.

use std::fs;
use std::path::Path;
use std::process::Command;

/// One line: processor, cores, memory, kernel, and the file system under `directory`.
#[must_use]
pub fn describe(directory: &Path) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").parse::<u64>().ok())
        .map_or_else(|| "?".to_owned(), |kib| (kib / 1024 / 1024).to_string());
    let kernel = said("uname", &["-sr"]);
    let files = said("df", &["--output=fstype,source", &directory.display().to_string()]);
    let files = files.lines().last().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" on ");
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    format!("{cores} cores of {cpu}, {memory} GiB, {kernel}, {files}; load average at the start {load}")
}

/// Today, as `2026-01-31`.
#[must_use]
pub fn today() -> String {
    said("date", &["-u", "+%F"]).trim().to_owned()
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn said(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
