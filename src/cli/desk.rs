//! The policy as commands work on it: the configuration, the store beside it, and whoever works here.

use std::io::Write as _;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use super::policy::explained;
use super::whence::{Found, Whence, Work};
use super::{operator, rule, state};
use crate::access::{
    Author, Change, ChangeRefusal, Changed, Files, KeyId, Name, Policy, PolicyStore, StoreError,
    Stored, Target,
};
use crate::config::Config;
use crate::store::SqliteStore;

/// Which policy, and for whom the output is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct At {
    #[allow(missing_docs)]
    #[command(flatten)]
    pub whence: Whence,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// A policy that is being worked on.
pub(super) struct Desk {
    pub(super) config: Config,
    pub(super) files: Arc<Files>,
    pub(super) store: SqliteStore,
    author: String,
    json: bool,
    /// The configuration has faults: entries that stand there may be unknown.
    is_partial: bool,
}

impl Desk {
    /// The policy of a configuration, for some work. It does not matter whether a server runs.
    pub(super) fn open(at: &At, work: Work) -> anyhow::Result<Self> {
        let Found { config, mut faults } = at.whence.find(work)?;
        let (files, more) = super::policy::files_and_faults(&config);
        if !more.is_empty() && work.minds_faults() {
            bail!("{}", more.join("\n"));
        }
        if faults.is_empty() {
            faults = more;
        }
        let files = Arc::new(files);
        for fault in &faults {
            eprintln!("guichet: warning: {fault}");
        }
        if !faults.is_empty() {
            eprintln!(
                "guichet: warning: with these faults the configuration is known in part; the store is whole"
            );
        }
        let folder = &config.server.state;
        let secret = state::secret_of(folder)?;
        let store = SqliteStore::open(folder, state::audit_key(&secret), Arc::clone(&files))?;
        Ok(Self {
            config,
            files,
            store,
            author: operator::name(),
            json: at.json,
            is_partial: !faults.is_empty(),
        })
    }

    /// Whether a faulty configuration hides something: then `target` is taken to be there, since the file that says so may be the faulty one.
    pub(super) fn presume(&self, target: &Target) {
        if !self.is_partial {
            return;
        }
        let files = (*self.files).clone().and_presumed(target);
        self.store.set_files(Arc::new(files));
    }

    /// Whether a program reads the output.
    pub(super) fn json(&self) -> bool {
        self.json
    }

    /// Carries out a change.
    pub(super) fn change(&self, change: &Change) -> anyhow::Result<Changed> {
        self.store.change(self.author(), change).map_err(told)
    }

    /// The other keys of a key's member, which go on when that one is stopped. Asked before it is; a store that cannot be read does not
    /// keep anybody from stopping it.
    pub(super) fn keys_beside(&self, key: KeyId) -> Vec<String> {
        let Ok(stored) = self.stored() else {
            return Vec::new();
        };
        let beside = self.policy(stored).0.keys_beside(key, rule::now_us());
        let names = beside.into_iter().map(Name::Key);
        names.map(|name| name.to_string()).collect()
    }

    /// What a change would leave behind.
    pub(super) fn preview(&self, change: &Change) -> anyhow::Result<(Changed, Stored)> {
        self.store.preview(self.author(), change).map_err(told)
    }

    /// Whoever works here, now.
    pub(super) fn author(&self) -> Author<'_> {
        Author {
            name: &self.author,
            at_us: rule::now_us(),
            seen: None,
        }
    }

    /// What the store holds.
    pub(super) fn stored(&self) -> anyhow::Result<Stored> {
        self.store.load().map_err(told)
    }

    /// The policy that rules, and what of it gives nobody anything.
    pub(super) fn policy(&self, stored: Stored) -> (Policy, Vec<String>) {
        let (parts, aside) = self.files.with(stored.parts);
        let policy = Policy::new(parts);
        let broken = stored.broken.iter().chain(&aside).map(ToString::to_string);
        let inert = policy.inert().iter().map(ToString::to_string);
        let faults = broken.chain(inert).collect();
        (policy, faults)
    }

    /// The instant of a day (`2027-06-30`, in the platform's zone) or of a date-time with an offset. As an end, a day is included.
    pub(super) fn instant(&self, text: &str, end: bool) -> anyhow::Result<i64> {
        instant(&self.config, text, end)
    }

    /// The same of what may be left out.
    pub(super) fn instant_of(&self, text: Option<&str>, end: bool) -> anyhow::Result<Option<i64>> {
        text.map(|t| self.instant(t, end)).transpose()
    }

    /// Prints a JSON document or lines for people.
    pub(super) fn print(
        &self,
        document: &serde_json::Value,
        lines: impl IntoIterator<Item = String>,
    ) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        if self.json {
            writeln!(out, "{document:#}")?;
            return Ok(());
        }
        for line in lines {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    /// Prints what a change did.
    pub(super) fn done(&self, changed: &Changed, sentence: String) -> anyhow::Result<()> {
        self.revoked(changed, sentence, &[])
    }

    /// The same, and the other keys of the member whose key was revoked.
    pub(super) fn revoked(
        &self,
        changed: &Changed,
        sentence: String,
        others: &[String],
    ) -> anyhow::Result<()> {
        let fallen: Vec<String> = changed.fallen.iter().map(ToString::to_string).collect();
        let mut document =
            serde_json::json!({ "epoch": changed.epoch, "id": changed.id, "fallen": fallen });
        name_others(&mut document, others);
        let more = fallen.iter().map(|name| format!("{name} falls with it"));
        let lines = std::iter::once(sentence).chain(more);
        self.print(&document, lines.chain(go_on(others)))
    }
}

/// Names the keys that go on to programs.
pub(super) fn name_others(document: &mut serde_json::Value, others: &[String]) {
    if !others.is_empty() {
        document["others"] = others.into();
    }
}

/// Names the keys that go on to people.
pub(super) fn go_on(others: &[String]) -> impl Iterator<Item = String> {
    let line = |name| {
        format!("{name} of the same member goes on: `guichet suspend member:ID` stops all of them")
    };
    others.iter().map(line)
}

/// The instant of a day or date-time as a command has it.
pub(super) fn instant(config: &Config, text: &str, end: bool) -> anyhow::Result<i64> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant.as_microsecond());
    }
    let day: Date = text
        .parse()
        .ok()
        .filter(|d: &Date| d.to_string() == text)
        .ok_or_else(|| {
            anyhow!(
                "{text:?} is no day such as 2027-06-30 and no instant such as 2027-06-30T12:00:00Z"
            )
        })?;
    let day = if end { day.checked_add(1.day())? } else { day };
    let zone = config.platform.timezone.clone();
    Ok(day.to_zoned(zone)?.timestamp().as_microsecond())
}

/// An instant as programs read it: exact.
pub(super) fn shown(us: i64) -> String {
    Timestamp::from_microsecond(us).map_or_else(|_| us.to_string(), |t| t.to_string())
}

/// An instant for people: to the second.
pub(super) fn told_at(us: i64) -> String {
    Timestamp::from_microsecond(us).map_or_else(|_| us.to_string(), |t| format!("{t:.0}"))
}

/// A store's error in words for the command line.
pub(super) fn told(error: StoreError) -> anyhow::Error {
    match error {
        StoreError::Refused(refusal @ ChangeRefusal::Filter { .. }) => anyhow!(explained(&refusal)),
        StoreError::Older { .. } => anyhow!("{error}").context("nothing is changed"),
        other => other.into(),
    }
}

/// A comma between names: `a,b`; nothing is the empty list.
pub(super) fn list_of<T: std::str::FromStr>(text: &str) -> anyhow::Result<Vec<T>>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts.map(|part| Ok(part.parse()?)).collect()
}

/// `name=value`.
pub(super) fn pair(text: &str) -> anyhow::Result<(&str, &str)> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name, value)),
        _ => bail!("{text:?} is not written as NAME=VALUE"),
    }
}

/// An entry as a JSON document.
pub(super) fn document(json: &str) -> anyhow::Result<serde_json::Value> {
    serde_json::from_str(json).context("an entry cannot be read")
}
