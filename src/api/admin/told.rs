//! What whoever changed something is told: the entry as it is now, what fell with it, what of it shows nothing.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde_json::{Value, json};

use super::Asking;
use super::answer::done;
use super::desk::Desk;
use super::table::{Act, Kind};
use super::warnings;
use super::write::Wish;
use crate::access::{Change, Changed, Name, RequestState, Target};
use crate::api::routes::{Route, segment};
use crate::catalog::Catalog;

impl Asking {
    /// The entry as it is after the change, for the caller.
    pub(super) fn told(
        &self,
        kind: Kind,
        wish: &Wish,
        changed: &Changed,
        after: &Catalog,
    ) -> Value {
        let now = Desk {
            catalog: after,
            ..self.desk()
        };
        let chosen = changed.id.clone().filter(|_| kind == Kind::Grants);
        let id = chosen.or(wish.shown.as_ref().map(Name::id));
        let mut document = match &id {
            Some(id) => now
                .one(kind, id)
                .ok()
                .flatten()
                .unwrap_or(json!({ "id": id })),
            None => json!({}),
        };
        if let (Value::Object(told), Value::Object(document)) = (&wish.told, &mut document) {
            document.extend(told.clone());
        }
        if !changed.fallen.is_empty() {
            let member = match kind {
                Kind::Suspensions => "successors",
                _ => "fallen",
            };
            document[member] = self.fallen(changed).into();
        }
        let others = self.others(&wish.change);
        if !others.is_empty() {
            document["others"] = others.into();
        }
        let made = changed.id.as_deref();
        let language = self.context.language;
        let warnings = warnings::of(&self.desk(), after, &wish.change, made, language);
        if !warnings.is_empty() {
            document["warnings"] = warnings.into();
        }
        document
    }

    /// What was done, and where the new entry is.
    pub(super) fn answer(&self, kind: Kind, document: &Value) -> Response<Body> {
        if !matches!(self.operation.act, Act::Create | Act::Rotate) {
            return done(StatusCode::OK, document, None);
        }
        let id = ["id", "terms", "target"]
            .into_iter()
            .find_map(|n| document[n].as_str());
        let location = id.map(|id| {
            let path = format!("{}/{}", kind.word(), segment(id));
            self.context.base.href(Route::Admin(&path), &[])
        });
        done(StatusCode::CREATED, document, location.as_deref())
    }

    /// The other keys of a member, one of whose was stopped, as far as the caller sees them: they go on.
    fn others(&self, change: &Change) -> Vec<String> {
        let key = match change {
            Change::Revoke(Name::Key(id)) => *id,
            Change::Suspend(suspension) => match suspension.target {
                Target::Key(id) => id,
                _ => return Vec::new(),
            },
            _ => return Vec::new(),
        };
        let desk = self.desk();
        let others = desk
            .catalog
            .policy()
            .keys_beside(key, self.context.now_us());
        let names = others.into_iter().map(Name::Key);
        let seen = names.filter(|n| matches!(desk.one(Kind::Keys, &n.id()), Ok(Some(_))));
        seen.map(|n| n.to_string()).collect()
    }

    /// What fell with what was revoked, and the keys that were suspended or released with another, as far as the caller saw them before.
    fn fallen(&self, changed: &Changed) -> Vec<String> {
        let desk = self.desk();
        let seen = |name: &&Name| {
            let kind = match name {
                Name::Organisation(_) => Kind::Organisations,
                Name::Member(_) => Kind::Members,
                Name::Profile(_) => Kind::Profiles,
                Name::Grant(_) => Kind::Grants,
                Name::Key(_) => Kind::Keys,
                Name::Terms(_) => Kind::Terms,
                _ => return self.standing.operator,
            };
            self.standing.operator || matches!(desk.one(kind, &name.id()), Ok(Some(_)))
        };
        let fallen = changed.fallen.iter().filter(seen);
        fallen.map(ToString::to_string).collect()
    }
}

/// What is told of what was not done. A key that would be made has no text, and what the store names has no name.
pub(super) fn as_if(document: &mut Value, act: Act, kind: Kind) {
    document["dry_run"] = true.into();
    let Some(members) = document.as_object_mut() else {
        return;
    };
    members.remove("key");
    // No grant was made of the request, which is as it would be otherwise.
    let decided = match act {
        Act::Approve => Some(RequestState::Approved),
        Act::Refuse => Some(RequestState::Refused),
        _ => None,
    };
    if let Some(state) = decided {
        members.insert("state".to_owned(), json!(state));
        members.insert("grant".to_owned(), Value::Null);
    }
    let is_named_by_store = matches!(kind, Kind::Grants | Kind::Keys);
    if is_named_by_store && matches!(act, Act::Create | Act::Rotate) {
        members.insert("id".to_owned(), Value::Null);
    }
}
