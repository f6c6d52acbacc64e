//! What all kinds of entries have in common: they are listed, shown, made, changed and revoked.

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::desk::{At, Desk, document, pair};
use super::whence::Work;
use crate::access::{Change, Name, PolicyParts, Record, Target};

/// What is done with entries of a kind that are made by one command.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Entries<A: Args> {
    /// Make one
    Add {
        #[allow(missing_docs)]
        #[command(flatten)]
        new: A,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    #[allow(missing_docs)]
    #[command(flatten)]
    Common(Verb),
}

/// What is done with entries of every kind.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Verb {
    /// List them, those of the configuration too
    List {
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    /// Show one whole
    Show {
        /// Its id
        id: String,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    /// Change parts of one, each as KEY=VALUE; `show` tells the keys, values are JSON or plain texts
    Set {
        /// Its id
        id: String,
        /// What becomes what, such as `until=2027-06-30` or `layers=["a.b"]`
        #[arg(required = true, value_name = "KEY=VALUE")]
        changes: Vec<String>,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    /// Take one back for good, with all that cannot be without it
    Revoke {
        /// Its id
        id: String,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
}

/// Arguments that make an entry.
pub(super) trait New: Args {
    /// The kind of entry ([`Name::kind`]).
    const KIND: &'static str;

    /// The entry that they make.
    fn record(self, desk: &Desk) -> anyhow::Result<Record>;
}

/// Carries out what is asked of entries.
pub(super) fn run<A: New>(entries: Entries<A>) -> anyhow::Result<()> {
    match entries {
        Entries::Common(verb) => common(verb, A::KIND),
        Entries::Add { new, at } => {
            let desk = Desk::open(&at, Work::Change)?;
            let record = new.record(&desk)?;
            add(&desk, &record)
        }
    }
}

/// Carries out a verb on entries of a kind.
pub(super) fn common(verb: Verb, kind: &str) -> anyhow::Result<()> {
    match verb {
        Verb::List { at } => list(&Desk::open(&at, Work::Find)?, kind),
        Verb::Show { id, at } => show(&Desk::open(&at, Work::Find)?, kind, &id),
        Verb::Set { id, changes, at } => set(&Desk::open(&at, Work::Change)?, kind, &id, &changes),
        Verb::Revoke { id, at } => revoke(&Desk::open(&at, Work::Rescue)?, kind, &id),
    }
}

/// Where an entry stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    File,
    Store,
}

impl Source {
    fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Store => "store",
        }
    }
}

/// The records of a kind, in the order of their ids; grants in the order in which they were made.
pub(super) fn records(parts: &PolicyParts, kind: &str) -> Vec<Record> {
    match kind {
        "organisation" => parts
            .organisations
            .values()
            .cloned()
            .map(Record::Organisation)
            .collect(),
        "member" => parts
            .members
            .values()
            .cloned()
            .map(Record::Member)
            .collect(),
        "profile" => parts
            .profiles
            .values()
            .cloned()
            .map(Record::Profile)
            .collect(),
        "grant" => parts.grants.iter().cloned().map(Record::Grant).collect(),
        "key" => parts.keys.values().cloned().map(Record::Key).collect(),
        "terms" => parts.terms.values().cloned().map(Record::Terms).collect(),
        _ => Vec::new(),
    }
}

fn all(desk: &Desk, kind: &str) -> anyhow::Result<Vec<(Source, Record)>> {
    let files = records(desk.files.parts(), kind).into_iter();
    let files = files.map(|r| (Source::File, r));
    let stored = records(&desk.stored()?.parts, kind).into_iter();
    Ok(files.chain(stored.map(|r| (Source::Store, r))).collect())
}

fn find(desk: &Desk, kind: &str, id: &str) -> anyhow::Result<(Source, Record)> {
    let found = all(desk, kind)?
        .into_iter()
        .find(|(_, record)| record.name().id() == id);
    found.with_context(|| {
        format!(
            "there is no {kind} {id:?}; `guichet {} list` shows those there are",
            command(kind)
        )
    })
}

/// The command for a kind.
fn command(kind: &str) -> &str {
    if kind == "organisation" { "org" } else { kind }
}

fn list(desk: &Desk, kind: &str) -> anyhow::Result<()> {
    let suspended = desk.stored()?.parts.suspended();
    let is_suspended = |name: &Name| {
        let target = match name {
            Name::Organisation(id) => Target::Organisation(id.clone()),
            Name::Member(id) => Target::Member(id.clone()),
            Name::Key(id) => Target::Key(*id),
            _ => return false,
        };
        suspended.contains(&target)
    };
    let mut documents = Vec::new();
    let mut lines = Vec::new();
    for (source, record) in all(desk, kind)? {
        let name = record.name();
        let mut marks = String::new();
        if source == Source::File {
            marks.push_str("  [file]");
        }
        if is_suspended(&name) {
            marks.push_str("  [suspended]");
        }
        let mut entry = document(&record.to_json()?)?;
        lines.push(format!("{}  {}{marks}", name.id(), summary(&entry)));
        entry["source"] = source.word().into();
        entry["suspended"] = is_suspended(&name).into();
        documents.push(entry);
    }
    desk.print(&Value::from(documents), lines)
}

/// What tells an entry from its neighbours in a list: everything but its id and what is empty.
fn summary(entry: &Value) -> String {
    const ELSEWHERE: [&str; 3] = ["id", "sha256", "rows"];
    let Some(entry) = entry.as_object() else {
        return String::new();
    };
    let parts = entry
        .iter()
        .filter(|(key, value)| !ELSEWHERE.contains(&key.as_str()) && !is_empty(value))
        .map(|(key, value)| format!("{key}={}", plain(value)));
    parts.collect::<Vec<_>>().join(" ")
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.values().all(is_empty),
        _ => false,
    }
}

/// A value as people read it: texts as they are, lists with commas.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains(' ') => format!("{text:?}"),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(","),
        Value::Object(map) => {
            let parts = map.iter().filter(|(_, v)| !is_empty(v));
            let parts = parts.map(|(k, v)| format!("{k}:{}", plain(v)));
            format!("{{{}}}", parts.collect::<Vec<_>>().join(" "))
        }
        other => other.to_string(),
    }
}

fn show(desk: &Desk, kind: &str, id: &str) -> anyhow::Result<()> {
    let (source, record) = find(desk, kind, id)?;
    let entry = document(&record.to_json()?)?;
    let lines: Vec<String> = entry
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}: {value}"))
        .chain([format!("source: {}", source.word())])
        .collect();
    desk.print(&entry, lines)
}

/// Makes an entry, and says so.
pub(super) fn add(desk: &Desk, record: &Record) -> anyhow::Result<()> {
    let changed = desk.change(&Change::Create(record.clone()))?;
    let id = changed.id.clone().unwrap_or_else(|| record.name().id());
    let kind = record.name().kind();
    desk.done(
        &changed,
        format!("{kind} {id} is made (epoch {})", changed.epoch),
    )
}

fn set(desk: &Desk, kind: &str, id: &str, changes: &[String]) -> anyhow::Result<()> {
    let (source, before) = find(desk, kind, id)?;
    if source == Source::File {
        bail!("{kind} {id} stands in the configuration: change it there and reload");
    }
    let Value::Object(mut entry) = document(&before.to_json()?)? else {
        bail!("{kind} {id} cannot be changed");
    };
    for change in changes {
        let (key, value) = pair(change)?;
        let value = read(desk, &mut entry, key, value)?;
        entry.insert(key.to_owned(), value);
    }
    let text = Value::Object(entry).to_string();
    let record = Record::from_json(kind, &text).context("what was written makes no entry")?;
    let name = record.name();
    let prolonged = prolonged(&before, &record);
    let changed = desk.change(&Change::Update(record))?;
    if let Some(warning) = prolonged {
        eprintln!("warning: {warning}");
    }
    desk.done(
        &changed,
        format!("{name} is changed (epoch {})", changed.epoch),
    )
}

/// What is to be said where a change lets a key hold longer that has been replaced.
fn prolonged(before: &Record, after: &Record) -> Option<String> {
    let (Record::Key(before), Record::Key(after)) = (before, after) else {
        return None;
    };
    let successor = after.replaced_by?;
    let end = |until_us: Option<i64>| until_us.unwrap_or(i64::MAX);
    let until = after.until_us.map(super::desk::told_at);
    (end(after.until_us) > end(before.until_us)).then(|| {
        format!(
            "key {} was replaced by {successor}, and now holds longer, {}; to end it at once, give `until` an instant that has passed",
            after.id,
            until.map_or("without end".to_owned(), |until| format!("until {until}"))
        )
    })
}

/// The value that a text means for a key that is there.
fn read(
    desk: &Desk,
    entry: &mut Map<String, Value>,
    key: &str,
    text: &str,
) -> anyhow::Result<Value> {
    if !entry.contains_key(key) {
        let known: Vec<&str> = entry.keys().map(String::as_str).collect();
        bail!("there is no key {key:?}; there are {}", known.join(", "));
    }
    if key == "id" {
        bail!("an id is never changed: make another entry and revoke this one");
    }
    if ["from", "until"].contains(&key) && text != "null" {
        let us = desk.instant(text, key == "until")?;
        return Ok(json!(super::desk::shown(us)));
    }
    // What is no JSON is a text: title=Communes needs no quotes.
    Ok(serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)))
}

fn revoke(desk: &Desk, kind: &str, id: &str) -> anyhow::Result<()> {
    let name: Name = format!("{kind}:{id}").parse()?;
    let others = match name {
        Name::Key(id) => desk.keys_beside(id),
        _ => Vec::new(),
    };
    let changed = desk.change(&Change::Revoke(name.clone()))?;
    let sentence = format!("{name} is revoked (epoch {})", changed.epoch);
    desk.revoked(&changed, sentence, &others)
}
