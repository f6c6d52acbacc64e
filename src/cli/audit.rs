//! `guichet audit`: who saw what, who changed what, and whether the audit is whole.

use std::collections::BTreeMap;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::desk::{At, Desk, instant, shown, told_at};
use super::whence::Work;
use crate::access::Name;
use crate::config::Config;
use crate::store::{Answer, AuditQuery, Hour, JournalFile, Line, Question, verify};

/// `guichet audit`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Audit {
    #[allow(missing_docs)]
    #[command(subcommand)]
    pub verb: Option<AuditVerb>,
    #[allow(missing_docs)]
    #[command(flatten)]
    pub reads: Reads,
}

/// Who saw what of restricted layers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Reads {
    /// Which collection [default: all]
    #[arg(long, value_name = "ID")]
    pub layer: Option<String>,
    /// Which caller, such as key:1f2e3d4c [default: all]
    #[arg(long, value_name = "NAME")]
    pub principal: Option<String>,
    /// First day, or an instant [default: the beginning of the journal]
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Last day, or an instant [default: now]
    #[arg(long, value_name = "DAY")]
    pub to: Option<String>,
    #[allow(missing_docs)]
    #[command(flatten)]
    pub at: At,
}

/// What else the audit tells.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum AuditVerb {
    /// Check that no line of the audit was changed or cut, and that the policy is what it says
    Verify {
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    /// List the changes of the policy
    Changes {
        /// Only those of this entry, such as grant:g-1f2e3d4c5b6a7988
        #[arg(long, value_name = "NAME")]
        name: Option<Name>,
        /// First day, or an instant
        #[arg(long, value_name = "DAY")]
        from: Option<String>,
        /// Last day, or an instant
        #[arg(long, value_name = "DAY")]
        to: Option<String>,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    /// How much each layer is used, day by day; open layers too
    Usage {
        /// Which collection [default: all]
        #[arg(long, value_name = "ID")]
        layer: Option<String>,
        /// First day
        #[arg(long, value_name = "DAY", default_value = "0000-01-01")]
        from: String,
        /// Last day
        #[arg(long, value_name = "DAY", default_value = "9999-12-31")]
        to: String,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
}

/// Answers.
pub(super) fn run(audit: Audit) -> anyhow::Result<()> {
    match audit.verb {
        None => reads(&audit.reads),
        Some(AuditVerb::Verify { at }) => check(&at),
        Some(AuditVerb::Changes { name, from, to, at }) => {
            changes(&at, name.as_ref(), from.as_deref(), to.as_deref())
        }
        Some(AuditVerb::Usage {
            layer,
            from,
            to,
            at,
        }) => usage(&at, layer.as_deref(), &from, &to),
    }
}

fn period(config: &Config, from: Option<&str>, to: Option<&str>) -> anyhow::Result<(i64, i64)> {
    let of = |text: Option<&str>, end| text.map(|t| instant(config, t, end)).transpose();
    let (from_us, to_us) = (
        of(from, false)?.unwrap_or(i64::MIN),
        of(to, true)?.unwrap_or(i64::MAX),
    );
    if from_us > to_us {
        bail!("--from is later than --to");
    }
    Ok((from_us, to_us))
}

/// A name misspelled would be answered with "nobody": only what is, or was once read, is a layer.
fn is_layer(config: &Config, layer: Option<&String>, was_read: bool) -> anyhow::Result<()> {
    match layer {
        Some(id) if !was_read && !config.layers.iter().any(|l| l.collection == *id) => bail!(
            "there is no layer {id:?}, and nothing of that name was read; `guichet layer list` shows those there are"
        ),
        _ => Ok(()),
    }
}

/// The journal of a server. It need not run, and its store need not be readable.
fn journal(at: &At) -> anyhow::Result<(Config, JournalFile)> {
    let config = at.whence.find(Work::Find)?.config;
    let folder = &config.server.state;
    if !folder.is_dir() {
        bail!(
            "there is no state folder {}: no server ran there",
            folder.display()
        );
    }
    let journal = JournalFile::open(folder)?;
    Ok((config, journal))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "every caller makes them for this"
)]
fn print(at: &At, document: &Value, lines: Vec<String>) -> anyhow::Result<()> {
    let text = if at.json {
        format!("{document:#}")
    } else {
        lines.join("\n")
    };
    super::println_out(&text)
}

fn reads(reads: &Reads) -> anyhow::Result<()> {
    let (config, journal) = journal(&reads.at)?;
    let (from_us, to_us) = period(&config, reads.from.as_deref(), reads.to.as_deref())?;
    let answer = journal.ask(&Question {
        layer: reads.layer.clone(),
        principal: reads.principal.clone(),
        from_us,
        to_us,
    })?;
    let was_read = !answer.hours.is_empty() || !answer.exports.is_empty();
    is_layer(&config, reads.layer.as_ref(), was_read)?;
    print(&reads.at, &document(&answer)?, lines(&answer))
}

fn document(answer: &Answer) -> anyhow::Result<Value> {
    let mut hours = Vec::new();
    for hour in &answer.hours {
        let mut value = serde_json::to_value(hour)?;
        value["hour"] = shown(hour.from_s.saturating_mul(1_000_000)).into();
        hours.push(value);
    }
    let mut exports = Vec::new();
    for export in &answer.exports {
        let mut value = serde_json::to_value(export)?;
        value["at"] = shown(export.at_us).into();
        exports.push(value);
    }
    Ok(json!({ "reads": hours, "exports": exports }))
}

/// A line for each caller, layer and view; a line for each export.
fn lines(answer: &Answer) -> Vec<String> {
    let mut by_caller: BTreeMap<(&str, &str, &str), Vec<&Hour>> = BTreeMap::new();
    for hour in &answer.hours {
        let key = (
            hour.layer.as_str(),
            hour.principal.as_str(),
            hour.view.as_str(),
        );
        by_caller.entry(key).or_default().push(hour);
    }
    let mut lines = Vec::new();
    for ((layer, principal, view), hours) in by_caller {
        let sum = |of: fn(&Hour) -> u64| hours.iter().map(|h| of(h)).sum::<u64>();
        let mut routes: Vec<&str> = hours.iter().map(|h| h.route.as_str()).collect();
        routes.sort_unstable();
        routes.dedup();
        let first = hours.iter().map(|h| h.from_s).min().unwrap_or(0);
        let last = hours.iter().map(|h| h.from_s).max().unwrap_or(0);
        lines.push(format!(
            "{layer}  {principal}  view {}  {} requests, {} features, {} bytes by {} from {} to {}",
            &view[..view.len().min(8)],
            sum(|h| h.requests),
            sum(|h| h.features),
            sum(|h| h.bytes),
            routes.join(", "),
            told_at(first.saturating_mul(1_000_000)),
            told_at((last + 3_600).saturating_mul(1_000_000)),
        ));
    }
    for export in &answer.exports {
        lines.push(format!(
            "{}  {}  exported {} features, {} bytes at {} from {}",
            export.layer,
            export.principal,
            export.features,
            export.bytes,
            told_at(export.at_us),
            export.address.as_deref().unwrap_or("an unknown address"),
        ));
    }
    if lines.is_empty() {
        lines.push("nothing was read".to_owned());
    }
    lines
}

fn check(at: &At) -> anyhow::Result<()> {
    let desk = Desk::open(at, Work::Find)?;
    let verified = verify(&desk.store)?;
    let mut lines = verified.faults.clone();
    if verified.faults.is_empty() {
        lines.push(format!(
            "the audit is whole: {} lines, epoch {}, last hash {}",
            verified.lines, verified.epoch, verified.head
        ));
    }
    desk.print(&serde_json::to_value(&verified)?, lines)?;
    if verified.faults.is_empty() {
        return Ok(());
    }
    bail!("the audit does not hold: {} faults", verified.faults.len())
}

fn changes(
    at: &At,
    name: Option<&Name>,
    from: Option<&str>,
    to: Option<&str>,
) -> anyhow::Result<()> {
    let desk = Desk::open(at, Work::Find)?;
    let (from_us, to_us) = period(&desk.config, from, to)?;
    let lines = desk.store.audit(&AuditQuery {
        from_us: Some(from_us),
        to_us: Some(to_us),
        name: name.map(ToString::to_string),
        ..AuditQuery::default()
    })?;
    let documents: Vec<Value> = lines.iter().map(change).collect();
    let texts = lines.iter().map(|l| {
        format!(
            "{}  {} {} {} (epoch {})",
            told_at(l.at_us),
            l.actor,
            l.act,
            l.name,
            l.epoch
        )
    });
    desk.print(&documents.into(), texts)
}

fn change(line: &Line) -> Value {
    let entry = |text: &Option<String>| {
        let read = text.as_deref().map(serde_json::from_str::<Value>);
        read.and_then(Result::ok)
    };
    json!({
        "seq": line.seq,
        "epoch": line.epoch,
        "at": shown(line.at_us),
        "actor": line.actor,
        "act": line.act,
        "name": line.name,
        "before": entry(&line.before),
        "after": entry(&line.after),
        "hash": blake3::Hash::from_bytes(line.hash).to_hex().to_string(),
    })
}

fn usage(at: &At, layer: Option<&str>, from: &str, to: &str) -> anyhow::Result<()> {
    let (_, journal) = journal(at)?;
    let usage = journal.usage(layer, from, to)?;
    let lines = usage
        .iter()
        .map(|u| {
            format!(
                "{}  {}  {}  {} requests, {} features, {} bytes",
                u.day, u.layer, u.route, u.requests, u.features, u.bytes
            )
        })
        .collect();
    print(at, &serde_json::to_value(&usage)?, lines)
}
