//! `guichet suspend` and `guichet resume`: the switch that wins over all grants.

use clap::Args;

use super::desk::{At, Desk, document};
use crate::access::{Change, Entry, Suspension, Target};

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
    let desk = Desk::open(&args.at)?;
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
    let sentence = format!("{target} is suspended");
    let reason = args.reason.unwrap_or_default();
    let changed = desk.change(&Change::Suspend(Suspension {
        target,
        reason,
        // The operator alone releases it.
        by: None,
    }))?;
    desk.done(&changed, format!("{sentence} (epoch {})", changed.epoch))
}

/// Ends a suspension.
pub(super) fn resume(args: Resume) -> anyhow::Result<()> {
    let desk = Desk::open(&args.at)?;
    let sentence = format!("{} is no longer suspended", args.target);
    let changed = desk.change(&Change::Resume(args.target))?;
    desk.done(&changed, format!("{sentence} (epoch {})", changed.epoch))
}
