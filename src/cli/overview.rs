//! `guichet policy`: the policy at a glance, and what of it gives nobody anything.

use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::desk::{At, Desk};
use super::whence::Work;
use super::{look, rule};

/// `guichet policy`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Overview {
    #[allow(missing_docs)]
    #[command(flatten)]
    pub at: At,
}

/// Tells.
pub(super) fn run(overview: &Overview) -> anyhow::Result<()> {
    let desk = Desk::open(&overview.at, Work::Look)?;
    let (policy, mut faults) = desk.policy(desk.stored()?);
    // Whether a profile fits a layer is known of the layer alone.
    let granted = policy.grants.iter().flat_map(|g| g.layers.iter().cloned());
    let granted = granted
        .filter(|l| desk.files.layers().contains(l))
        .collect();
    let unread = match look::catalogue(&desk, &granted, Arc::new(policy.clone())) {
        Ok(catalogue) => {
            faults.extend(catalogue.idle_grants().iter().map(ToString::to_string));
            None
        }
        Err(why) => Some(format!(
            "whether profiles fit their layers was not looked at: {why}"
        )),
    };
    let next = policy
        .next_boundary_us(rule::now_us())
        .map(super::desk::shown);
    let counts = [
        ("organisations", policy.organisations.len()),
        ("members", policy.members.len()),
        ("profiles", policy.profiles.len()),
        ("grants", policy.grants.len()),
        ("keys", policy.keys.len()),
        ("suspensions", policy.suspensions.len()),
    ];
    let mut document = json!({ "epoch": policy.epoch, "next_change": next, "inert": faults });
    let mut lines = vec![format!("epoch {}", policy.epoch)];
    for (what, count) in counts {
        document[what] = count.into();
        lines.push(format!("{count} {what}"));
    }
    lines.extend(next.map(|at| format!("the next period begins or ends at {at}")));
    document["unread"] = unread.clone().into();
    lines.extend(unread);
    lines.extend(faults.iter().map(|f| format!("gives nobody anything: {f}")));
    desk.print(&document, lines)
}
