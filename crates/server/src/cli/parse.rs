//! `canhgiac parse`: what the grammar makes of citizens' texts, for tests and for those who design leaflets.

use std::io::{BufRead, BufReader, BufWriter, Write};

use anyhow::Context;
use canhgiac_domain::intake::{Grammar, Understanding, understand_on_link};
use canhgiac_domain::number::NumberingPlan;
use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use crate::clock::Clock;

/// Bytes read at once.
const INPUT_BUFFER: usize = 64 * 1024;

/// What is written for a line that is no JSON object with `text`.
const NOT_READ: &str = "{\"intent\":\"unknown\",\"kind\":null,\"sources\":[],\"content\":\"\",\"problem\":\"not_json\",\"code\":null,\"leniencies\":[]}\n";

/// What `parse` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct ParseArgs {
    /// Each line is a JSON object with `text`, for texts with line breaks.
    #[arg(long)]
    ndjson: bool,
    /// The day whose rules hold, such as 2026-11-23; today when left out.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// A word that stands before every text, as some links have it.
    #[arg(long, value_name = "WORD")]
    prefix: Option<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    intent: &'a str,
    kind: Option<&'a str>,
    sources: Vec<&'a str>,
    content: &'a str,
    problem: Option<&'a str>,
    code: Option<&'a str>,
    leniencies: Vec<&'a str>,
}

pub(super) fn run(args: ParseArgs) -> anyhow::Result<()> {
    let grammar = Grammar::shipped(NumberingPlan::shipped(false)?)?;
    let on = match args.on {
        Some(date) => date,
        None => Clock::system()?.today(),
    };
    let mut input = BufReader::with_capacity(INPUT_BUFFER, std::io::stdin().lock());
    let mut output = BufWriter::new(std::io::stdout().lock());
    let mut bytes = Vec::new();
    let mut number = 0u64;
    let mut refused = 0u64;
    loop {
        bytes.clear();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        number += 1;
        // Octets that are no UTF-8 are shown as such and never end the run.
        let line = String::from_utf8_lossy(&bytes);
        let line = line.strip_suffix('\n').unwrap_or(&line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let text = match args.ndjson {
            false => line.to_owned(),
            true => match text_of(line, number) {
                Ok(text) => text,
                Err(error) => {
                    // One line out for each line in, whatever it is.
                    refused += 1;
                    tracing::warn!(error = %format!("{error:#}"), "a line was not read");
                    output.write_all(NOT_READ.as_bytes())?;
                    continue;
                }
            },
        };
        let understanding = understand_on_link(&text, &grammar, on, args.prefix.as_deref());
        write_line(&mut output, &understanding)?;
        // Whoever talks to us line by line waits for the answer before it writes the next.
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
    output.flush().context("standard output is closed")?;
    anyhow::ensure!(refused == 0, "{refused} of {number} lines were no JSON object with \"text\"");
    Ok(())
}

fn text_of(line: &str, number: u64) -> anyhow::Result<String> {
    let value: serde_json::Value =
        serde_json::from_str(line).with_context(|| format!("line {number} is no JSON object"))?;
    value["text"]
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("line {number}: the object needs \"text\" with a string"))
}

fn write_line(output: &mut impl Write, understanding: &Understanding) -> anyhow::Result<()> {
    let code = match &understanding.intent {
        canhgiac_domain::intake::Intent::Result { code } => code.as_deref(),
        _ => None,
    };
    let line = Line {
        intent: understanding.intent.id(),
        kind: understanding.kind_id(),
        sources: understanding.canonical_sources().collect(),
        content: &understanding.content,
        problem: understanding.problem_id(),
        code,
        leniencies: understanding.leniencies.iter().map(|leniency| leniency.id()).collect(),
    };
    serde_json::to_writer(&mut *output, &line)?;
    output.write_all(b"\n")?;
    Ok(())
}
