//! What is answered to a change: what was made of it, or why nothing.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, Response, StatusCode};
use serde_json::Value;

use crate::access::{ChangeRefusal, Denial, Name, Operation, Standing, StoreError};
use crate::api::negotiate::JSON;
use crate::api::problem::Problem;
use crate::api::run::internal;
use crate::api::state::ApiState;
use crate::features::{Fault, FaultKind};
use crate::model::Words;

/// Why somebody may not.
pub(in crate::api) fn denied(denial: Denial) -> Problem {
    match denial {
        Denial::Absent => Problem::NoSuchEntry,
        Denial::Forbidden => Problem::NotAllowed,
    }
}

/// Why a store did not. What it says of entries of others is for the operator alone.
pub(in crate::api) fn store_problem(
    api: &ApiState,
    standing: &Standing,
    error: &StoreError,
) -> Problem {
    match error {
        StoreError::InFile(_) => Problem::ReadOnly,
        StoreError::Stale { .. } | StoreError::Busy => Problem::ChangedMeanwhile,
        StoreError::Older { .. } | StoreError::Broken(_) => internal(api, &error.to_string()),
        StoreError::Unknown(Name::Layer(layer)) if is_theirs(api, standing, layer) => {
            no_such_layer(layer)
        }
        StoreError::Unknown(_) => Problem::NoSuchEntry,
        StoreError::InUse { name, by } if standing.operator => in_use(name, by),
        StoreError::Conflict(_) | StoreError::Already(_) | StoreError::InUse { .. } => {
            Problem::Conflict
        }
        StoreError::Refused(refusal) => refused(refusal),
    }
}

/// Whether a layer of that id would be one that the caller administrates: that there is none is the caller's to know.
fn is_theirs(api: &ApiState, standing: &Standing, layer: &str) -> bool {
    let catalog = api.catalog.load();
    let look = Operation::LookAtLayer { layer };
    catalog.policy().may(standing, look).is_ok()
}

fn no_such_layer(layer: &str) -> Problem {
    Problem::ChangeRefused(Words::new(
        format!("il n’y a pas de couche {layer:?} ; GET /admin/layers donne celles qu’il y a"),
        format!("there is no layer {layer:?}; GET /admin/layers lists those that there are"),
    ))
}

/// So many are named of those that cannot be without an entry.
const NAMED: usize = 5;

fn in_use(name: &Name, by: &[Name]) -> Problem {
    let named: Vec<String> = by.iter().take(NAMED).map(Name::to_string).collect();
    let (named, more) = (named.join(", "), by.len().saturating_sub(NAMED));
    let (fr, en) = match more {
        0 => (named.clone(), named),
        more => (
            format!("{named} et {more} autres"),
            format!("{named} and {more} more"),
        ),
    };
    Problem::ChangeRefused(Words::new(
        format!("{name} sert à {fr} : changez ou retirez cela d’abord"),
        format!("{name} is used by {en}: change or revoke that first"),
    ))
}

fn refused(refusal: &ChangeRefusal) -> Problem {
    match refusal {
        ChangeRefusal::NotYours => Problem::NoSuchEntry,
        ChangeRefusal::TooWide => Problem::NotAllowed,
        ChangeRefusal::AskedAlready(request) => Problem::AskedAlready(request.clone()),
        ChangeRefusal::Faulty(why) => Problem::ChangeRefused(why.clone()),
        ChangeRefusal::TooManySlices { most, .. } => too_many_slices(*most),
        ChangeRefusal::Filter { what, text, fault } => {
            let kind = FaultKind::Cql2 {
                fault: (**fault).clone(),
                text: text.clone(),
            };
            let member = match *what {
                "the filter of the area" => "filter",
                what => what.trim_matches('"'),
            };
            Problem::Parameters(vec![Fault::new(member, kind)])
        }
    }
}

/// Whose view it would be is not said: it may be that of somebody of whom the caller knows nothing.
pub(super) fn too_many_slices(most: usize) -> Problem {
    Problem::ChangeRefused(Words::new(
        format!(
            "quelqu’un verrait une couche par plus de {most} restrictions différentes à la fois ; au plus {most} sont tenues à part"
        ),
        format!(
            "somebody would see a layer by more than {most} different restrictions at a time; at most {most} are kept apart"
        ),
    ))
}

/// What was done, for whoever asked and nobody else: there may be a key in it.
pub(in crate::api) fn done(
    status: StatusCode,
    document: &Value,
    location: Option<&str>,
) -> Response<Body> {
    let mut response = Response::new(Body::from(document.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(location) = location.and_then(|l| HeaderValue::try_from(l).ok()) {
        headers.insert(LOCATION, location);
    }
    response
}
