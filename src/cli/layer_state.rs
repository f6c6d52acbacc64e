//! `guichet layer`: drafts, publication, withdrawal, embargoes. A layer becomes visible by its own verb, never by leaving something out.

use clap::Subcommand;
use serde_json::json;

use super::desk::{At, Desk, shown, told_at};
use super::whence::Work;
use crate::access::{Change, LayerState, Target};

/// `guichet layer`
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum LayerVerb {
    /// List the layers of the configuration with their state
    List {
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    /// Show it as grants say
    Publish {
        /// Collection id
        layer: String,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    /// Show it to editors of its organisation alone
    Draft {
        /// Collection id
        layer: String,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    /// Show it to nobody
    Withdraw {
        /// Collection id
        layer: String,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
    /// Show it to others than its editors from a day on
    Embargo {
        /// Collection id
        layer: String,
        /// The first day on which it is shown
        #[arg(long, value_name = "DAY", required_unless_present = "end")]
        until: Option<String>,
        /// End the embargo now
        #[arg(long, conflicts_with = "until")]
        end: bool,
        #[allow(missing_docs)]
        #[command(flatten)]
        at: At,
    },
}

/// Carries out a verb.
pub(super) fn run(verb: LayerVerb) -> anyhow::Result<()> {
    match verb {
        LayerVerb::List { at } => list(&Desk::open(&at, Work::Find)?),
        LayerVerb::Publish { layer, at } => set(&at, layer, LayerState::Published),
        LayerVerb::Draft { layer, at } => set(&at, layer, LayerState::Draft),
        LayerVerb::Withdraw { layer, at } => set(&at, layer, LayerState::Withdrawn),
        LayerVerb::Embargo {
            layer, until, at, ..
        } => {
            let desk = Desk::open(&at, Work::Change)?;
            // It opens at the beginning of that day.
            let until_us = desk.instant_of(until.as_deref(), false)?;
            let sentence = match until_us {
                Some(us) => format!("{layer} is under an embargo until {}", told_at(us)),
                None => format!("{layer} is under no embargo"),
            };
            let changed = desk.change(&Change::SetEmbargo { layer, until_us })?;
            desk.done(&changed, format!("{sentence} (epoch {})", changed.epoch))
        }
    }
}

fn set(at: &At, layer: String, state: LayerState) -> anyhow::Result<()> {
    let work = match state {
        LayerState::Published => Work::Change,
        LayerState::Draft | LayerState::Withdrawn => Work::Rescue,
    };
    let desk = Desk::open(at, work)?;
    if work == Work::Rescue {
        desk.presume(&Target::Layer(layer.clone()));
    }
    let sentence = format!("{layer} is {state}");
    let changed = desk.change(&Change::SetLayerState { layer, state })?;
    desk.done(&changed, format!("{sentence} (epoch {})", changed.epoch))
}

fn list(desk: &Desk) -> anyhow::Result<()> {
    let (policy, _) = desk.policy(desk.stored()?);
    let mut documents = Vec::new();
    let mut lines = Vec::new();
    for layer in &desk.config.layers {
        let id = &layer.collection;
        let access = match layer.access {
            crate::config::Access::Open => "open",
            crate::config::Access::Restricted => "restricted",
        };
        let state = policy.layer_states.get(id).copied().unwrap_or_default();
        let embargo = policy.embargoes.get(id).map(|us| shown(*us));
        let suspended = policy.is_suspended(&Target::Layer(id.clone()));
        let mut line = format!("{id}  {access} {state}");
        if let Some(until) = policy.embargoes.get(id) {
            line.push_str(" embargo_until=");
            line.push_str(&told_at(*until));
        }
        if suspended {
            line.push_str("  [suspended]");
        }
        lines.push(line);
        documents.push(json!({
            "layer": id, "access": access, "state": state, "embargo_until": embargo, "suspended": suspended
        }));
    }
    desk.print(&documents.into(), lines)
}
