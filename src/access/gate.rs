//! Who stands before a layer at all, before any grant is looked at.

use super::Access;
use super::context::{Discovery, LayerContext};
use super::policy::{LayerState, Role, Target};
use super::prepared::Policy;
use super::principal::{Principal, Standing};
use super::surface::Action;

/// To whom a layer is there at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// As grants say.
    Open,
    /// To editors of its organisation, until it is published.
    Draft,
    /// To editors of its organisation, until that instant (microseconds since 1970).
    Embargo(i64),
    /// To nobody: it was withdrawn.
    Withdrawn,
    /// To nobody: it is suspended.
    Suspended,
    /// To nobody: its organisation is suspended.
    OwnerSuspended,
    /// To nobody: it is not open to everybody, and what was revoked of late is not known.
    Unconfirmed,
}

impl Policy {
    /// To whom a layer is there. Suspension wins over all, then withdrawal.
    pub fn gate(&self, layer: &LayerContext<'_>, as_of_us: i64) -> Gate {
        let suspended =
            |target| self.is_suspended(&target) && !crate::leak!("suspension-forgotten");
        if suspended(Target::Layer(layer.collection.to_owned())) {
            return Gate::Suspended;
        }
        if layer
            .organisation
            .is_some_and(|o| suspended(Target::Organisation(o.to_owned())))
        {
            return Gate::OwnerSuspended;
        }
        let is_open = self.is_open(layer.access, layer.collection);
        if self.unconfirmed && !is_open && !crate::leak!("policy-lease-ignored") {
            return Gate::Unconfirmed;
        }
        let state = self.layer_states.get(layer.collection);
        match state.copied().unwrap_or_default() {
            LayerState::Withdrawn => return Gate::Withdrawn,
            LayerState::Draft if crate::leak!("drafts-like-published") => {}
            LayerState::Draft => return Gate::Draft,
            LayerState::Published => {}
        }
        match self.embargoes.get(layer.collection) {
            Some(until) if as_of_us < *until && !crate::leak!("embargo-forgotten") => {
                Gate::Embargo(*until)
            }
            _ => Gate::Open,
        }
    }

    /// The right to all of a layer that the caller has without any grant.
    pub(super) fn whole_right(
        &self,
        principal: &Principal,
        layer: &LayerContext<'_>,
        gate: Gate,
    ) -> Option<WholeRight> {
        let standing = principal.standing();
        let least = match gate {
            Gate::Open => Role::Reader,
            Gate::Draft | Gate::Embargo(_) if crate::leak!("drafts-for-readers") => Role::Reader,
            Gate::Draft | Gate::Embargo(_) => Role::Editor,
            Gate::Withdrawn | Gate::Suspended | Gate::OwnerSuspended | Gate::Unconfirmed => {
                return None;
            }
        };
        if standing.is_some_and(|s| s.operator) {
            return Some(WholeRight::Operator);
        }
        if let Some(owner) = layer.organisation
            && standing.and_then(|s| self.role_in(s, owner)) >= Some(least)
        {
            return Some(WholeRight::Member);
        }
        (gate == Gate::Open && layer.access == Access::Open).then_some(WholeRight::Everybody)
    }

    /// The caller's role in an organisation: its own there, or in one that hosts it.
    pub fn role_in(&self, standing: &Standing, organisation: &str) -> Option<Role> {
        let own = standing.organisation.as_ref()?;
        let hosts = self.lineage(organisation);
        let by_guest = crate::leak!("guests-like-hosts")
            && self.lineage(own).iter().any(|o| o == organisation);
        standing.role.filter(|_| hosts.contains(own) || by_guest)
    }

    /// True if everybody sees all of a layer, whatever the grants.
    pub fn is_everything_for_anonymous(&self, layer: &LayerContext<'_>, as_of_us: i64) -> bool {
        let gate = self.gate(layer, as_of_us);
        self.whole_right(&Principal::Anonymous, layer, gate)
            .is_some()
    }

    /// True if a caller who sees nothing of a layer may know that it is there: its publisher says so, it is published, and the
    /// credential is not narrowed to others.
    pub fn lists(&self, principal: &Principal, layer: &LayerContext<'_>, as_of_us: i64) -> bool {
        let lets_through = |standing: &Standing| {
            !self.is_refused(standing)
                && standing.scopes.opens(layer.collection)
                && standing.scopes.allows(Action::Discover)
        };
        layer.access == Access::Restricted
            && layer.discovery == Discovery::Listed
            && self.gate(layer, as_of_us) == Gate::Open
            && principal.standing().is_none_or(lets_through)
    }
}

/// Why a caller sees all of a layer without a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WholeRight {
    /// It is an open layer.
    Everybody,
    /// A member of the organisation that owns it, or of one that hosts that.
    Member,
    /// Who runs the machine.
    Operator,
}
