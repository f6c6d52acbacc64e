//! `guichet suspend` and `guichet resume`: the switch that wins over all grants.

use clap::Args;
use serde_json::json;

use super::desk::{At, Desk, document, go_on, name_others};
use super::whence::Work;
use crate::access::{Change, Changed, Entry, Suspension, Target};

/// `guichet suspend`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Suspend {
    /// What: layer:ID, key:ID, member:ID or organisation:ID [default: list what is suspended]
    #[arg(requires = "reason")]
    pub target: Option<Target>,
    /// Why
    #[arg(long)]
    pub reason: Option<String>,
    #[allow(missing_docs)]
    #[command(flatten)]
    pub at: At,
}

/// `guichet resume`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Resume {
    /// What: layer:ID, key:ID, member:ID or organisation:ID
    pub target: Target,
    #[allow(missing_docs)]
    #[command(flatten)]
    pub at: At,
}

/// Suspends, or lists what is suspended.
pub(super) fn suspend(args: Suspend) -> anyhow::Result<()> {
    let work = match args.target {
        Some(_) => Work::Rescue,
        None => Work::Find,
    };
    let desk = Desk::open(&args.at, work)?;
    let Some(target) = args.target else {
        let suspensions = desk.stored()?.parts.suspensions;
        let lines: Vec<String> = suspensions
            .iter()
            .map(|s| format!("{}  {}", s.target, s.reason))
            .collect();
        let documents: Vec<_> = suspensions
            .into_iter()
            .map(|s| document(&Entry::Suspension(s).to_json()?))
            .collect::<anyhow::Result<_>>()?;
        return desk.print(&documents.into(), lines);
    };
    desk.presume(&target);
    let sentence = format!("{target} is suspended");
    let others = match target {
        Target::Key(id) => desk.keys_beside(id),
        _ => Vec::new(),
    };
    let reason = args.reason.unwrap_or_default();
    let changed = desk.change(&Change::Suspend(Suspension {
        target,
        reason,
        // The operator alone releases it.
        by: None,
    }))?;
    told(&desk, &changed, &sentence, &others)
}

/// Says what was done, and to which keys that were made in the place of the one that was meant, and which others of the member go on.
fn told(desk: &Desk, changed: &Changed, sentence: &str, others: &[String]) -> anyhow::Result<()> {
    let successors = changed.fallen.iter().map(ToString::to_string);
    let successors: Vec<String> = successors.collect();
    let mut document =
        json!({ "epoch": changed.epoch, "id": changed.id, "successors": successors });
    name_others(&mut document, others);
    let sentence = format!("{sentence} (epoch {})", changed.epoch);
    let more = successors.iter();
    let more = more.map(|name| format!("and with it {name}, which was made in its place"));
    let lines = std::iter::once(sentence).chain(more);
    desk.print(&document, lines.chain(go_on(others)))
}

/// Ends a suspension.
pub(super) fn resume(args: Resume) -> anyhow::Result<()> {
    let desk = Desk::open(&args.at, Work::Rescue)?;
    let sentence = format!("{} is no longer suspended", args.target);
    let changed = desk.change(&Change::Resume(args.target))?;
    told(&desk, &changed, &sentence, &[])
}
