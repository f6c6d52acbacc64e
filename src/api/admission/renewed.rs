//! Who asks, looked at once more: whoever waited for a turn to write is judged by the policy of that moment.

use std::sync::Arc;

use axum::http::request::Parts;

use super::check::Check;
use super::identified::{Bearer, By, Identified, Identity, KeyHolder};
use crate::access::Policy;
use crate::api::problem::Problem;
use crate::api::state::ApiState;

impl Identified {
    /// The same caller under the snapshot of now. That the credential is genuine was found before; what it says now is worked out anew,
    /// and it is refused like any other if it no longer holds.
    pub(in crate::api) fn renewed(&self, api: &ApiState, parts: &Parts) -> Result<Self, Problem> {
        let check = Check::new(api, parts);
        if Arc::ptr_eq(&check.catalog, self.catalog()) {
            return Ok(self.clone());
        }
        let before = self.catalog().policy();
        let by = match &self.0.by {
            By::Nothing => By::Nothing,
            By::Key(holder) => By::Key(check.held_still(holder, before)?),
            By::Token(bearer) => By::Token(Bearer {
                standing: check.standing_of(&bearer.claims)?.0,
                claims: Arc::clone(&bearer.claims),
            }),
            By::Signature(signature) => By::Signature(*signature),
        };
        let session = self.0.session.as_ref();
        let session = session.and_then(|holder| check.held_still(holder, before).ok());
        Ok(Self(Arc::new(Identity {
            catalog: check.catalog,
            client: check.client,
            by,
            session,
            lapsed: self.0.lapsed,
            room: self.0.room,
            notes: self.0.notes.clone(),
        })))
    }
}

impl Check<'_> {
    /// What a key that was shown under another policy says under this one. A file may have put another in its place.
    fn held_still(&self, holder: &KeyHolder, before: &Policy) -> Result<KeyHolder, Problem> {
        let (key, old) = (
            self.policy().keys.get(&holder.id),
            before.keys.get(&holder.id),
        );
        let same = key.filter(|key| old.is_some_and(|old| old.sha256 == key.sha256));
        let key = same.ok_or(Problem::InvalidCredential)?;
        let standing = self.standing(key.id)?;
        self.is_used_where_it_may(key)?;
        Ok(KeyHolder {
            id: key.id,
            kind: key.kind,
            standing,
        })
    }
}
