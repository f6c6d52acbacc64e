//! Writing: from what was sent to a change, whether the caller may make it, and what came of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use serde_json::{Map, Value, json};

use super::Asking;
use super::answer::{denied, done, store_problem, too_many_slices};
use super::body::{Instant, complete, explained, meant, members, refuse};
use super::desk::json_of;
use super::keys::Made;
use super::shapes;
use super::table::{Act, Kind};
use super::told::as_if;
use crate::access::{
    Change, Decision, Denial, Grant, LayerState, MOST_SLICES, Name, Operation, Policy, Record,
    Subject, Suspension, Target,
};
use crate::api::change::{self, Turn};
use crate::api::problem::{MemberFault, Problem};
use crate::api::run::pool_problem;
use crate::catalog::{Principal, Surface, ViewId};
use crate::model::Words;

/// What is asked of the store.
pub(super) struct Wish {
    pub(super) change: Change,
    /// The entry that is answered.
    pub(super) shown: Option<Name>,
    /// What is told besides it.
    pub(super) told: Value,
}

impl Wish {
    fn plain(change: Change, shown: Option<Name>) -> Self {
        let told = json!({});
        Self {
            change,
            shown,
            told,
        }
    }
}

impl From<Made> for Wish {
    fn from(made: Made) -> Self {
        Self {
            change: made.change,
            shown: Some(made.name),
            told: made.told,
        }
    }
}

fn wrong(member: &str, fr: impl Into<Text>, en: impl Into<Text>) -> Problem {
    let why = Words::new(fr, en);
    Problem::Member(member.to_owned(), MemberFault::Wrong(why))
}

type Text = std::borrow::Cow<'static, str>;

impl Asking {
    /// Answers what changes something. Whether the entry is there for the caller comes before what is to be done to it.
    pub(super) async fn write(self, parts: &Parts, body: Body) -> Result<Response<Body>, Problem> {
        let dry_run = self.dry_run()?;
        let kind = self.operation.kind.ok_or(Problem::NoSuchPath)?;
        let (asking, found) = self.off_thread(move |asking| asking.found(kind)).await?;
        found?;
        let body = match asking.operation.act {
            Act::Revoke => Map::new(),
            _ => members(parts, body).await?,
        };
        let (api, operation, id) = (Arc::clone(&asking.api), asking.operation, asking.id);
        let turn = Turn::begin(&api, parts).await?;
        loop {
            let parts = turn.request().await?;
            let asking = Self::open(&api, &parts, operation, &id)?;
            let outcome = asking.written(kind, body.clone(), dry_run).await;
            if turn.ends_with(&outcome) {
                break outcome;
            }
        }
    }

    /// Does it, by the policy of the moment.
    async fn written(
        self,
        kind: Kind,
        body: Map<String, Value>,
        dry_run: bool,
    ) -> Result<Response<Body>, Problem> {
        let wished = self.off_thread(move |asking| {
            asking.found(kind)?;
            asking.wish(kind, body, dry_run)
        });
        let (asking, wish) = wished.await?;
        asking.carry_out(kind, wish?, dry_run).await
    }

    /// Looks something up off the async threads: requests for access stand in a file.
    async fn off_thread<T: Send + 'static>(
        self,
        look: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<(Self, T), Problem> {
        let api = Arc::clone(&self.api);
        let looked = api.pool.run(move || {
            let found = look(&self);
            (self, found)
        });
        looked.await.map_err(|fault| pool_problem(&api, fault))
    }

    /// Whether what the path names is there for the caller.
    fn found(&self, kind: Kind) -> Result<(), Problem> {
        let act = self.operation.act;
        if act != Act::Create {
            self.one(kind)?;
        }
        // Part of a grant is shown to whoever owns one of its layers; who changes it owns all of them. Whatever is to be done to it is
        // answered alike, before what was sent is looked at.
        if kind == Kind::Grants && matches!(act, Act::Change | Act::Revoke) {
            let whole = Change::Revoke(Name::Grant(self.id.clone()));
            self.judge(&whole).map_err(|_| Problem::NotAllowed)?;
        }
        Ok(())
    }

    /// What was sent, as a change that the caller may make.
    fn wish(&self, kind: Kind, body: Map<String, Value>, dry_run: bool) -> Result<Wish, Problem> {
        let act = self.operation.act;
        let wish = match act {
            Act::Create => self.created(kind, body),
            Act::Change => self.changed(kind, body),
            Act::Revoke => self.revoked(kind),
            Act::Rotate => self.next_key(body).map(Wish::from),
            _ => self.decided(body),
        };
        let language = self.context.language;
        let wish =
            wish.map_err(|problem| explained(problem, shapes::body(act, kind, language).as_ref()))?;
        if !dry_run || !crate::leak!("dry-run-not-judged") {
            self.judge(&wish.change)?;
        }
        self.few_slices(&wish.change)?;
        Ok(wish)
    }

    async fn carry_out(
        self,
        kind: Kind,
        wish: Wish,
        dry_run: bool,
    ) -> Result<Response<Body>, Problem> {
        let (changed, after) = if dry_run {
            self.previewed(&wish.change).await?
        } else {
            let written =
                change::carry_out(&self.api, &self.context.caller, wish.change.clone()).await?;
            let changed = written.map_err(|e| store_problem(&self.api, &self.standing, &e))?;
            (changed, self.api.catalog.load())
        };
        let told = self.off_thread(move |asking| {
            let mut document = asking.told(kind, &wish, &changed, &after);
            if dry_run {
                as_if(&mut document, asking.operation.act, kind);
                return done(StatusCode::OK, &document, None);
            }
            asking.answer(kind, &document)
        });
        Ok(told.await?.1)
    }

    /// Whether the caller may make that change.
    fn judge(&self, change: &Change) -> Result<(), Problem> {
        let catalog = &self.context.caller.catalog;
        let is_open = |layer: &str| {
            let everybody = Principal::Anonymous;
            catalog.view_id(&everybody, layer, Surface::Items) == Some(ViewId::EVERYTHING)
        };
        let request;
        let operation = match change {
            Change::Decide {
                request: id,
                decision,
            } => {
                let found = self.desk().request(id);
                let found = found.map_err(|e| store_problem(&self.api, &self.standing, &e))?;
                request = found.ok_or(Problem::NoSuchEntry)?;
                Operation::Decide {
                    request: &request,
                    decision,
                }
            }
            change => Operation::Change {
                change,
                is_open: &is_open,
            },
        };
        match catalog.policy().may(&self.standing, operation) {
            Err(_) if crate::leak!("changes-not-judged") => Ok(()),
            // The caller was shown it already: what is denied is to change it.
            Err(Denial::Absent) if self.operation.act == Act::Revoke => Err(Problem::NotAllowed),
            answer => answer.map_err(denied),
        }
    }

    /// Whoever makes an entry gives it an id that begins with that of the organisation: whether others have it is nobody's affair.
    fn named(&self, record: Record) -> Result<Record, Problem> {
        let (id, organisation) = match &record {
            Record::Member(m) => (&m.id, Some(&m.organisation)),
            Record::Profile(p) => (&p.id, p.organisation.as_ref()),
            Record::Terms(t) => (&t.terms.id, t.organisation.as_ref()),
            Record::Organisation(_) | Record::Grant(_) | Record::Key(_) => return Ok(record),
        };
        let begins = |o: &String| {
            let rest = id.strip_prefix(o.as_str());
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        match organisation.filter(|o| !begins(o)) {
            Some(organisation) if !self.standing.operator => {
                let member = if matches!(record, Record::Terms(_)) {
                    "terms"
                } else {
                    "id"
                };
                Err(wrong(
                    member,
                    format!("il doit commencer par \"{organisation}.\""),
                    format!("it must begin with \"{organisation}.\""),
                ))
            }
            _ => Ok(record),
        }
    }

    /// That the caller may know of the layers to which a key is narrowed: no answer may tell whether there are others.
    pub(super) fn knows_layers(&self, layers: Option<&BTreeSet<String>>) -> Result<(), Problem> {
        let caller = &self.context.caller;
        let policy = caller.catalog.policy();
        let knows = |layer: &String| {
            let own = Operation::LookAtLayer { layer };
            policy.may(&self.standing, own).is_ok()
                || caller
                    .collections(Surface::Discover)
                    .contains(&layer.as_str())
                || caller.notices().iter().any(|n| n.id == *layer)
        };
        let all = layers.into_iter().flatten().all(knows);
        if all || crate::leak!("scopes-probe-layers") {
            Ok(())
        } else {
            Err(Problem::NoSuchEntry)
        }
    }

    fn created(&self, kind: Kind, mut body: Map<String, Value>) -> Result<Wish, Problem> {
        let nothing = Value::Null;
        let unsaid: &[(&str, Value)] = match kind {
            Kind::Keys => return Ok(self.new_key(body)?.into()),
            Kind::Suspensions => return self.suspended(body),
            Kind::Grants => {
                refuse(&body, &["id"])?;
                &[("id", "".into())]
            }
            Kind::Organisations => &[
                ("parent", nothing.clone()),
                ("jurisdiction", nothing.clone()),
                ("siret", nothing),
            ],
            Kind::Members => &[("groups", json!([])), ("identity", nothing)],
            Kind::Terms => &[("url", nothing.clone()), ("sha256", nothing)],
            _ => &[],
        };
        complete(&mut body, unsaid);
        let record = self.named(record(kind, body)?)?;
        let shown = record.name();
        Ok(Wish::plain(Change::Create(record), Some(shown)))
    }

    fn suspended(&self, mut body: Map<String, Value>) -> Result<Wish, Problem> {
        refuse(&body, &["by"])?;
        // What the operator suspends, the operator releases.
        let by = self.standing.organisation.as_ref();
        let by = by.filter(|_| !self.standing.operator);
        body.insert("by".to_owned(), json!(by));
        let suspension: Suspension = meant(body)?;
        let shown = Name::Suspension(suspension.target.clone());
        Ok(Wish::plain(Change::Suspend(suspension), Some(shown)))
    }

    /// The entry with what was sent in the place of what it had.
    fn changed(&self, kind: Kind, body: Map<String, Value>) -> Result<Wish, Problem> {
        if kind == Kind::Layers {
            return self.layer(body);
        }
        let before = self.desk().record(kind, &self.id);
        let before = before.ok_or(Problem::NoSuchEntry)?;
        let Value::Object(mut entry) = json_of(&before) else {
            return Err(Problem::NoSuchEntry);
        };
        refuse(&body, &["id", "sha256", "replaced_by"])?;
        // Whether it is what was sent is not told either: an area may be withheld from those who administrate the organisation.
        let given = ["parent", "jurisdiction", "siret"];
        if kind == Kind::Organisations
            && !self.standing.operator
            && given.iter().any(|name| body.contains_key(*name))
        {
            return Err(Problem::NotAllowed);
        }
        for (name, value) in body {
            if !entry.contains_key(&name) {
                return Err(Problem::Member(name, MemberFault::Unknown));
            }
            entry.insert(name, value);
        }
        let record = record(kind, entry)?;
        if let Record::Key(key) = &record {
            self.knows_layers(key.scopes.layers.as_ref())?;
        }
        let shown = record.name();
        Ok(Wish::plain(Change::Update(record), Some(shown)))
    }

    fn layer(&self, mut body: Map<String, Value>) -> Result<Wish, Problem> {
        let layer = self.id.clone();
        let shown = Some(Name::Layer(layer.clone()));
        let change = match (body.remove("state"), body.remove("embargo_until")) {
            (Some(state), None) => {
                let state: State = meant(Map::from_iter([("state".to_owned(), state)]))?;
                let state = state.state;
                Change::SetLayerState { layer, state }
            }
            (None, Some(until)) => {
                let until: Until = meant(Map::from_iter([("embargo_until".to_owned(), until)]))?;
                let until_us = until.embargo_until.map(|i| i.0);
                Change::SetEmbargo { layer, until_us }
            }
            _ => {
                return Err(wrong(
                    "state",
                    "l’un de \"state\" et \"embargo_until\" à la fois",
                    "one of \"state\" and \"embargo_until\" at a time",
                ));
            }
        };
        match body.keys().next() {
            Some(name) => Err(Problem::Member(name.clone(), MemberFault::Unknown)),
            None => Ok(Wish::plain(change, shown)),
        }
    }

    fn revoked(&self, kind: Kind) -> Result<Wish, Problem> {
        if kind == Kind::Suspensions {
            let target: Target = self.id.parse().map_err(|_| Problem::NoSuchEntry)?;
            return Ok(Wish::plain(Change::Resume(target), None));
        }
        let record = self.desk().record(kind, &self.id);
        let record = record.ok_or(Problem::NoSuchEntry)?;
        Ok(Wish::plain(Change::Revoke(record.name()), None))
    }

    fn decided(&self, body: Map<String, Value>) -> Result<Wish, Problem> {
        let decision = if self.operation.act == Act::Refuse {
            let Refusal { reason } = meant(body)?;
            Decision::Refuse { reason }
        } else {
            let found = self.desk().request(&self.id);
            let found = found.map_err(|e| store_problem(&self.api, &self.standing, &e))?;
            let request = found.ok_or(Problem::NoSuchEntry)?;
            let approval: Approval = meant(body)?;
            let until = approval.until.map(|i| i.0);
            Decision::Approve(Box::new(Grant {
                id: String::new(),
                subject: Subject::Organisation(request.organisation),
                layers: BTreeSet::from([request.layer]),
                profile: approval.profile,
                actions: approval.actions,
                from_us: None,
                until_us: Some(until.unwrap_or(request.until_us)),
                terms: approval.terms,
            }))
        };
        let shown = Name::Request(self.id.clone());
        let change = Change::Decide {
            request: self.id.clone(),
            decision,
        };
        Ok(Wish::plain(change, Some(shown)))
    }

    /// Refuses a grant beside which too many others are for the same.
    fn few_slices(&self, change: &Change) -> Result<(), Problem> {
        let grant = match change {
            Change::Create(Record::Grant(grant)) | Change::Update(Record::Grant(grant)) => grant,
            Change::Decide {
                decision: Decision::Approve(grant),
                ..
            } => grant,
            _ => return Ok(()),
        };
        let catalog = &self.context.caller.catalog;
        let has_room = if crate::leak!("ceiling-counts-what-others-have") {
            let mut parts = (***catalog.policy()).clone();
            parts.grants.push((*grant).clone());
            let after = catalog.under(Arc::new(Policy::new(parts)), catalog.as_of_us());
            grant.layers.iter().all(|l| after.check_writable(l).is_ok())
        } else {
            catalog.policy().has_room_for(grant, catalog.as_of_us())
        };
        if has_room {
            Ok(())
        } else {
            Err(too_many_slices(MOST_SLICES))
        }
    }
}

/// The record of a kind that members mean.
fn record(kind: Kind, members: Map<String, Value>) -> Result<Record, Problem> {
    Ok(match kind {
        Kind::Organisations => Record::Organisation(meant(members)?),
        Kind::Members => Record::Member(meant(members)?),
        Kind::Profiles => Record::Profile(meant(members)?),
        Kind::Grants => Record::Grant(meant(members)?),
        Kind::Keys => Record::Key(meant(members)?),
        Kind::Terms => Record::Terms(meant(members)?),
        Kind::Suspensions | Kind::Requests | Kind::Layers => return Err(Problem::NoSuchPath),
    })
}

#[derive(serde::Deserialize)]
struct State {
    state: LayerState,
}

#[derive(serde::Deserialize)]
struct Until {
    embargo_until: Option<Instant>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    reason: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Approval {
    profile: String,
    actions: BTreeSet<crate::access::Action>,
    /// What was asked for, if it is not said.
    until: Option<Instant>,
    terms: Option<crate::access::Terms>,
}
