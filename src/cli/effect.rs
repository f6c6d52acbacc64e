//! What a change of the policy would do, told before it is done.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::anyhow;
use serde_json::json;

use super::desk::Desk;
use super::look;
use crate::access::{Change, Decision, Grant, Policy, Record};
use crate::catalog::Catalog;
use crate::model::Language;

/// What is told of a change.
#[derive(Default)]
struct Told {
    /// Who sees what otherwise.
    changes: Vec<String>,
    /// What whoever decides may not have thought of.
    warnings: Vec<String>,
}

/// Makes a grant: says what it changes, refuses what would be made of too many slices. `dry_run` leaves it at that.
pub(super) fn carry_out(desk: &Desk, change: &Change, dry_run: bool) -> anyhow::Result<()> {
    let told = tell(desk, change)?;
    for warning in &told.warnings {
        eprintln!("guichet: warning: {warning}");
    }
    if dry_run {
        let document = json!({ "changes": told.changes, "warnings": told.warnings });
        let last = "nothing is changed".to_owned();
        return desk.print(&document, told.changes.into_iter().chain([last]));
    }
    let changed = desk.change(change)?;
    let id = changed.id.clone().unwrap_or_default();
    let document = json!({
        "epoch": changed.epoch, "id": id, "changes": told.changes, "warnings": told.warnings,
    });
    let last = format!("grant {id} is made (epoch {})", changed.epoch);
    desk.print(&document, told.changes.into_iter().chain([last]))
}

/// The grant that a change makes.
fn made(change: &Change) -> Option<&Grant> {
    match change {
        Change::Create(Record::Grant(grant)) => Some(grant),
        Change::Decide {
            decision: Decision::Approve(grant),
            ..
        } => Some(grant),
        _ => None,
    }
}

fn tell(desk: &Desk, change: &Change) -> anyhow::Result<Told> {
    let mut told = Told::default();
    let (before, old_faults) = desk.policy(desk.stored()?);
    let (changed, stored) = desk.preview(change)?;
    let (after, new_faults) = desk.policy(stored);
    let fresh = new_faults.into_iter().filter(|f| !old_faults.contains(f));
    // A grant that is not made yet has no id to be called by.
    let own = changed.id.as_ref().map(|id| format!("grant {id:?}: "));
    let bare = |f: &str| {
        let rest = own.as_ref().and_then(|own| f.strip_prefix(own));
        rest.unwrap_or(f).to_owned()
    };
    told.warnings
        .extend(fresh.map(|f| format!("it gives nobody anything: {}", bare(&f))));
    let Some(grant) = made(change) else {
        return Ok(told);
    };
    let layers: BTreeSet<String> = grant.layers.clone();
    let before = look::catalogue(desk, &layers, Arc::new(before))?;
    let now = crate::cli::rule::now_us();
    let after = before.under(Arc::new(after), now);
    for layer in &layers {
        after.check_writable(layer).map_err(|e| anyhow!("{e}"))?;
        of_layer(&before, &after, grant, layer, &mut told)?;
    }
    let id = changed.id.as_deref();
    let idle = after
        .idle_grants()
        .into_iter()
        .filter(|g| Some(g.grant.as_str()) == id);
    told.warnings.extend(idle.map(|g| {
        format!(
            "it shows nothing of {}: {}",
            g.collection,
            g.fault.words(Language::En)
        )
    }));
    told.warnings.extend(of_period(grant, now));
    Ok(told)
}

/// What the grant changes for those whom it is for.
fn of_layer(
    before: &Catalog,
    after: &Catalog,
    grant: &Grant,
    layer: &str,
    told: &mut Told,
) -> anyhow::Result<()> {
    let policy: &Policy = after.policy();
    let principal = match look::of_subject(policy, &grant.subject)? {
        Ok(principal) => principal,
        Err(refusal) => {
            told.warnings
                .push(format!("{} is refused: {refusal}", grant.subject));
            return Ok(());
        }
    };
    let Some(changes) = before.compared_with(after, &principal, layer) else {
        return Ok(());
    };
    if changes.differences.is_empty() {
        told.changes
            .push(format!("{} sees nothing else of {layer}", grant.subject));
    } else {
        told.changes.push(format!("{} on {layer}:", grant.subject));
    }
    let lines = changes
        .differences
        .iter()
        .flat_map(|d| d.lines(Language::En));
    told.changes.extend(lines.map(|line| format!("  {line}")));
    let pairs = changes.pairs.iter().map(|p| p.words(Language::En));
    told.warnings.extend(pairs);
    if let Some(terms) = &grant.terms {
        let accepted = match &grant.subject {
            crate::access::Subject::Organisation(o) => {
                policy.acceptances.contains(&(o.clone(), terms.clone()))
            }
            _ => true,
        };
        if !accepted {
            told.warnings.push(format!(
                "{} has not accepted {terms} yet: until then it opens nothing",
                grant.subject
            ));
        }
    }
    Ok(())
}

fn of_period(grant: &Grant, now_us: i64) -> Option<String> {
    if grant.until_us.is_some_and(|until| until <= now_us) {
        return Some("it has ended already".to_owned());
    }
    let from = grant.from_us.filter(|from| now_us < *from)?;
    Some(format!("it begins at {}", super::desk::told_at(from)))
}
