//! Reading: the overview, lists, one entry.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Value, json};

use super::Asking;
use super::answer::store_problem;
use super::table::{Act, Kind, OPERATIONS};
use crate::api::problem::Problem;
use crate::api::routes::Route;
use crate::features::{Fault, FaultKind};

/// Entries of one page: an organisation has dozens of each kind.
const PAGE: usize = 1_000;
/// Entries of one page at most: some megabytes.
const PAGE_MAX: usize = 10_000;

/// What narrows a list.
struct Wanted {
    organisation: Option<String>,
    layer: Option<String>,
    /// The id after which the page begins.
    after: Option<String>,
    limit: usize,
}

impl Asking {
    /// Answers what changes nothing.
    pub(super) fn read(self) -> Result<Response<Body>, Problem> {
        let document = match (self.operation.act, self.operation.kind) {
            (Act::List, Some(kind)) => self.list(kind)?,
            (Act::Show, Some(kind)) => {
                self.context.no_parameters()?;
                self.one(kind)?
            }
            _ => {
                self.context.no_parameters()?;
                self.overview()
            }
        };
        let body = document.to_string().into_bytes();
        Ok(self.context.reply(body, Vec::new()))
    }

    /// What can be administrated by the caller.
    fn overview(&self) -> Value {
        let desk = self.desk();
        let organisations = desk.organisations().into_iter();
        let organisations = organisations.map(|o| json!({ "id": o.id, "title": o.title }));
        let listed = OPERATIONS.iter().filter(|o| o.act == Act::List);
        let listed = listed.filter(|o| o.least.is_met(&self.standing));
        let links = listed.filter_map(|o| o.kind).map(|kind| {
            let href = self.context.base.href(Route::Admin(kind.word()), &[]);
            json!({ "rel": "item", "type": "application/json", "title": kind.word(), "href": href })
        });
        json!({
            "name": self.standing.name,
            "operator": self.standing.operator,
            "role": self.standing.role,
            "organisations": organisations.collect::<Vec<_>>(),
            "links": links.collect::<Vec<_>>(),
        })
    }

    /// The entry that the path names, or the same refusal whether there is none or it is of others.
    pub(super) fn one(&self, kind: Kind) -> Result<Value, Problem> {
        let found = self.desk().one(kind, &self.id);
        let found = found.map_err(|e| store_problem(&self.api, &self.standing, &e))?;
        match found {
            None if crate::leak!("forbidden-if-it-exists")
                && self.desk().record(kind, &self.id).is_some() =>
            {
                Err(Problem::NotAllowed)
            }
            found => found.ok_or(Problem::NoSuchEntry),
        }
    }

    fn list(&self, kind: Kind) -> Result<Value, Problem> {
        let wanted = self.wanted(kind)?;
        let all = self.desk().list(kind);
        let all = all.map_err(|e| store_problem(&self.api, &self.standing, &e))?;
        let mut page: Vec<(String, Value)> = all
            .into_iter()
            .filter(|(id, entry)| wanted.has(id, entry))
            .take(wanted.limit + 1)
            .collect();
        let more = page.len() > wanted.limit;
        page.truncate(wanted.limit);
        let route = Route::Admin(kind.word());
        let link = |rel: &str, changes: &[(&str, Option<&str>)]| {
            let href = self
                .context
                .base
                .href(route, &self.context.changed(changes));
            json!({ "rel": rel, "type": "application/json", "href": href })
        };
        let mut links = vec![link("self", &[])];
        if let Some((last, _)) = page.last().filter(|_| more) {
            links.push(link("next", &[("after", Some(last))]));
        }
        let entries = page.into_iter().map(|(_, entry)| entry);
        Ok(json!({ kind.word(): entries.collect::<Vec<_>>(), "links": links }))
    }

    fn wanted(&self, kind: Kind) -> Result<Wanted, Problem> {
        let mut wanted = Wanted {
            organisation: None,
            layer: None,
            after: None,
            limit: PAGE,
        };
        let mut faults = Vec::new();
        for (name, value) in &self.context.pairs {
            let value = value.clone();
            match name.as_str() {
                "organisation" if has_organisation(kind) => wanted.organisation = Some(value),
                "layer" if has_layer(kind) => wanted.layer = Some(value),
                "after" => wanted.after = Some(value),
                "limit" => match value.parse::<usize>() {
                    Ok(0) => faults.push(Fault::new(
                        name,
                        FaultKind::TooSmall {
                            given: value,
                            least: 1,
                        },
                    )),
                    Ok(limit) => wanted.limit = limit.min(PAGE_MAX),
                    Err(_) => faults.push(Fault::new(name, FaultKind::NotInteger(value))),
                },
                _ => faults.push(Fault::new(name, FaultKind::Unknown)),
            }
        }
        if faults.is_empty() {
            Ok(wanted)
        } else {
            Err(Problem::Parameters(faults))
        }
    }
}

/// Whether lists of that kind can be narrowed to an organisation.
pub(super) fn has_organisation(kind: Kind) -> bool {
    use Kind::{Keys, Members, Profiles, Requests, Terms};
    matches!(kind, Members | Profiles | Keys | Terms | Requests)
}

/// Whether lists of that kind can be narrowed to a layer.
pub(super) fn has_layer(kind: Kind) -> bool {
    matches!(kind, Kind::Grants | Kind::Requests)
}

impl Wanted {
    fn has(&self, id: &str, entry: &Value) -> bool {
        let organisation = self.organisation.as_ref();
        let of_layer = |layer: &String| {
            let all = entry["layers"].as_array();
            entry["layer"] == **layer || all.is_some_and(|all| all.iter().any(|l| l == layer))
        };
        self.after.as_deref().is_none_or(|after| id > after)
            && organisation.is_none_or(|o| entry["organisation"] == **o)
            && self.layer.as_ref().is_none_or(of_layer)
    }
}
