//! `?dry_run=true`: a change that is judged and checked like any other, told as if it were made, and not made.

use std::sync::Arc;

use super::Asking;
use super::answer::store_problem;
use crate::access::{Author, Change, Changed, Policy, StoreError};
use crate::api::problem::Problem;
use crate::api::run::pool_problem;
use crate::catalog::Catalog;
use crate::features::{Fault, FaultKind};

/// The name of the parameter.
pub(super) const DRY_RUN: &str = "dry_run";

impl Asking {
    /// Whether nothing is to be written. Writes have no other parameter.
    pub(super) fn dry_run(&self) -> Result<bool, Problem> {
        let mut dry_run = false;
        let mut faults = Vec::new();
        for (name, value) in &self.context.pairs {
            match (name.as_str(), value.as_str()) {
                (DRY_RUN, "true") => dry_run = true,
                (DRY_RUN, "false") => dry_run = false,
                (DRY_RUN, other) => faults.push(Fault::new(
                    name,
                    FaultKind::NotOneOf {
                        given: other.to_owned(),
                        allowed: &["true", "false"],
                    },
                )),
                _ => faults.push(Fault::new(name, FaultKind::Unknown)),
            }
        }
        if faults.is_empty() {
            Ok(dry_run)
        } else {
            Err(Problem::Parameters(faults))
        }
    }

    /// What a change would do, and what would be served after it.
    pub(super) async fn previewed(
        &self,
        change: &Change,
    ) -> Result<(Changed, Arc<Catalog>), Problem> {
        let store = self.api.store.clone().ok_or(Problem::ReadOnly)?;
        let catalog = Arc::clone(&self.context.caller.catalog);
        let standing = Arc::clone(&self.standing);
        let (at_us, change) = (self.context.now_us(), change.clone());
        let looked = self.api.pool.run(move || {
            let author = Author {
                name: &standing.name,
                at_us,
                seen: (!standing.operator).then_some(catalog.policy().epoch),
            };
            let (changed, stored) = store.preview(author, &change)?;
            let (parts, _) = store.files().with(stored.parts);
            let after = catalog.under(Arc::new(Policy::new(parts)), catalog.as_of_us());
            Ok::<_, StoreError>((changed, Arc::new(after)))
        });
        let looked = looked.await.map_err(|f| pool_problem(&self.api, f))?;
        looked.map_err(|e| store_problem(&self.api, &self.standing, &e))
    }
}
