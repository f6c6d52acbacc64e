//! What somebody who administrates sees of the policy: entries of their own organisations and of those that these host, and of the
//! layers of both. Of those of others there is nothing here, not even a count.

use serde_json::{Value, json};

use super::table::Kind;
use crate::access::{
    AccessRequest, AreaSource, Entry, Grant, Key, KeyId, LayerState, Operation, Organisation,
    Policy, PolicyStore, Principal, Record, Standing, StoreError, Surface, Suspension, Target,
    Terms,
};
use crate::api::clock::instant;
use crate::catalog::Catalog;

/// A caller at the desk, in one snapshot.
pub(super) struct Desk<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) principal: &'a Principal,
    pub(super) standing: &'a Standing,
    /// Where requests for access are.
    pub(super) store: Option<&'a dyn PolicyStore>,
}

impl Desk<'_> {
    fn policy(&self) -> &Policy {
        self.catalog.policy()
    }

    fn may(&self, operation: Operation<'_>) -> bool {
        let is_look = matches!(operation, Operation::Look { .. });
        self.policy().may(self.standing, operation).is_ok()
            || is_look && crate::leak!("desks-of-others")
    }

    pub(super) fn may_look(&self, organisation: &str) -> bool {
        self.may(Operation::Look { organisation })
    }

    pub(super) fn may_look_at_layer(&self, layer: &str) -> bool {
        self.may(Operation::LookAtLayer { layer })
    }

    /// What the operator made for all is used by the name that the operator tells: what it says may be of others.
    fn may_look_of(&self, organisation: Option<&String>) -> bool {
        match organisation {
            Some(organisation) => self.may_look(organisation),
            None => self.standing.operator,
        }
    }

    /// Organisations that are administrated here.
    pub(super) fn organisations(&self) -> Vec<&Organisation> {
        let all = self.policy().organisations.values();
        all.filter(|o| self.may_look(&o.id)).collect()
    }

    /// Entries of a kind with their ids, in the order of these.
    pub(super) fn list(&self, kind: Kind) -> Result<Vec<(String, Value)>, StoreError> {
        let policy = self.policy();
        let mut found: Vec<(String, Value)> = match kind {
            Kind::Requests => {
                let requests = self.requests()?.into_iter();
                let named = |r: AccessRequest| (r.id.clone(), self.request_shown(&r));
                requests.map(named).collect()
            }
            Kind::Suspensions => {
                let all = policy.suspensions.iter();
                let seen = all.filter(|s| self.sees_target(&s.target));
                seen.map(|s| (s.target.to_string(), suspension(s)))
                    .collect()
            }
            Kind::Layers => {
                let own = self.catalog.administered(self.standing).into_iter();
                own.map(|id| (id.to_owned(), self.layer(id))).collect()
            }
            kind => {
                let ids = records(policy, kind).into_iter();
                let shown = ids.filter_map(|record| {
                    let shown = self.shown(&record)?;
                    Some((record.name().id(), shown))
                });
                shown.collect()
            }
        };
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    /// One entry; `None` if there is none of that id, or it is of others.
    pub(super) fn one(&self, kind: Kind, id: &str) -> Result<Option<Value>, StoreError> {
        Ok(match kind {
            Kind::Requests => self.request(id)?.map(|r| self.request_shown(&r)),
            Kind::Suspensions => {
                let mut all = self.policy().suspensions.iter();
                let found = all.find(|s| s.target.to_string() == id);
                let found = found.filter(|s| self.sees_target(&s.target));
                found.map(suspension)
            }
            Kind::Layers => {
                let own = self.catalog.administered(self.standing);
                own.contains(&id).then(|| self.layer(id))
            }
            kind => self.record(kind, id).and_then(|r| self.shown(&r)),
        })
    }

    /// An entry as the policy has it, whoever asks.
    pub(super) fn record(&self, kind: Kind, id: &str) -> Option<Record> {
        let p = self.policy();
        Some(match kind {
            Kind::Organisations => Record::Organisation(p.organisations.get(id)?.clone()),
            Kind::Members => Record::Member(p.members.get(id)?.clone()),
            Kind::Profiles => Record::Profile(p.profiles.get(id)?.clone()),
            Kind::Grants => Record::Grant(p.grants.iter().find(|g| g.id == id)?.clone()),
            Kind::Keys => Record::Key(p.keys.get(&id.parse::<KeyId>().ok()?)?.clone()),
            Kind::Terms => Record::Terms(p.terms.get(&id.parse::<Terms>().ok()?)?.clone()),
            Kind::Suspensions | Kind::Requests | Kind::Layers => return None,
        })
    }

    /// The requests that the caller decides on, or that the caller's organisations made; the latest last.
    fn requests(&self) -> Result<Vec<AccessRequest>, StoreError> {
        let Some(store) = self.store else {
            return Ok(Vec::new());
        };
        let mut all = store.requests(None, None)?;
        all.retain(|r| self.may_look_at_layer(&r.layer) || self.may_look(&r.organisation));
        Ok(all)
    }

    /// One of them.
    pub(super) fn request(&self, id: &str) -> Result<Option<AccessRequest>, StoreError> {
        Ok(self.requests()?.into_iter().find(|r| r.id == id))
    }

    /// A request; to those who asked, not who decided, nor by which grant.
    fn request_shown(&self, request: &AccessRequest) -> Value {
        let mut shown = request.clone();
        if !self.may_look_at_layer(&request.layer) {
            shown.decided_by = None;
            shown.grant = None;
        }
        entry(&Entry::Request(shown))
    }

    fn sees_target(&self, target: &Target) -> bool {
        let policy = self.policy();
        match target {
            Target::Layer(layer) => self.may_look_at_layer(layer),
            Target::Organisation(id) => self.may_look(id),
            Target::Member(id) => {
                let member = policy.members.get(id);
                member.is_some_and(|m| self.may_look(&m.organisation))
            }
            Target::Key(id) => {
                let key = policy.keys.get(id);
                key.is_some_and(|key| self.may(Operation::LookAtKey { key }))
            }
        }
    }

    /// A record as the caller sees it, if that is so.
    fn shown(&self, record: &Record) -> Option<Value> {
        let suspended = |target| self.policy().is_suspended(&target);
        match record {
            Record::Organisation(o) => self.may_look(&o.id).then(|| {
                let mut shown = json_of(record);
                if !self.knows(o.jurisdiction.as_ref()) {
                    shown["jurisdiction"] = json!({ "withheld": true });
                }
                shown["suspended"] = suspended(Target::Organisation(o.id.clone())).into();
                shown
            }),
            Record::Member(m) => self.may_look(&m.organisation).then(|| {
                let mut shown = json_of(record);
                shown["suspended"] = suspended(Target::Member(m.id.clone())).into();
                shown
            }),
            Record::Profile(p) => self
                .may_look_of(p.organisation.as_ref())
                .then(|| json_of(record)),
            Record::Terms(t) => self
                .may_look_of(t.organisation.as_ref())
                .then(|| json_of(record)),
            Record::Grant(grant) => self.grant(grant),
            Record::Key(key) => self.may(Operation::LookAtKey { key }).then(|| {
                let mut shown = key_of(key);
                shown["suspended"] = suspended(Target::Key(key.id)).into();
                // It may be so with one in whose place it is: that one is to be released.
                let with = self
                    .policy()
                    .suspensions
                    .iter()
                    .find_map(|s| match s.target {
                        Target::Key(id) if self.policy().successors(id).contains(&key.id) => {
                            Some(id)
                        }
                        _ => None,
                    });
                if let Some(with) = with {
                    shown["suspended_with"] = with.to_string().into();
                }
                shown
            }),
        }
    }

    /// A grant on some of the caller's layers. The others that the operator put beside them are not named.
    fn grant(&self, grant: &Grant) -> Option<Value> {
        let own = grant.layers.iter().filter(|l| self.may_look_at_layer(l));
        let own = Grant {
            layers: own.cloned().collect(),
            ..grant.clone()
        };
        let is_seen = !own.layers.is_empty() || self.standing.operator;
        is_seen.then(|| json_of(&Record::Grant(own)))
    }

    /// Whether the caller may know of the layer from which an area is drawn: the operator may have drawn it from any.
    fn knows(&self, area: Option<&AreaSource>) -> bool {
        match area {
            Some(AreaSource::Layer { layer, .. }) => {
                let seen = |surface| self.catalog.view_id(self.principal, layer, surface);
                self.may_look_at_layer(layer) || seen(Surface::Discover).is_some()
            }
            Some(AreaSource::Wkt(_)) | None => true,
        }
    }

    /// How a layer stands in its life.
    fn layer(&self, id: &str) -> Value {
        let policy = self.policy();
        let state = policy.layer_states.get(id).copied();
        let embargo = policy.embargoes.get(id);
        json!({
            "id": id,
            "state": state.unwrap_or(LayerState::Published),
            "embargo_until": embargo.map(|us| instant(*us)),
            "suspended": policy.is_suspended(&Target::Layer(id.to_owned())),
        })
    }
}

fn records(policy: &Policy, kind: Kind) -> Vec<Record> {
    let p = policy;
    match kind {
        Kind::Organisations => p
            .organisations
            .values()
            .cloned()
            .map(Record::Organisation)
            .collect(),
        Kind::Members => p.members.values().cloned().map(Record::Member).collect(),
        Kind::Profiles => p.profiles.values().cloned().map(Record::Profile).collect(),
        Kind::Grants => p.grants.iter().cloned().map(Record::Grant).collect(),
        Kind::Keys => p.keys.values().cloned().map(Record::Key).collect(),
        Kind::Terms => p.terms.values().cloned().map(Record::Terms).collect(),
        Kind::Suspensions | Kind::Requests | Kind::Layers => Vec::new(),
    }
}

/// A record as it is written.
pub(super) fn json_of(record: &Record) -> Value {
    entry(&Entry::Record(record.clone()))
}

fn entry(entry: &Entry) -> Value {
    let text = entry.to_json().unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// A suspension, and whose it is: what the operator suspended, nobody else releases.
fn suspension(suspension: &Suspension) -> Value {
    let mut shown = entry(&Entry::Suspension(suspension.clone()));
    shown["by_operator"] = suspension.by.is_none().into();
    shown
}

/// A key without the hash of its text.
pub(super) fn key_of(key: &Key) -> Value {
    let mut shown = json_of(&Record::Key(key.clone()));
    if let Some(members) = shown.as_object_mut()
        && !crate::leak!("hashes-of-keys-shown")
    {
        members.remove("sha256");
    }
    shown
}
