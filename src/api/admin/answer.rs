//! What is answered to a change: what was made of it, or why nothing.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, Response, StatusCode};
use serde_json::Value;

use crate::access::{ChangeRefusal, Denial, Standing, StoreError};
use crate::api::negotiate::JSON;
use crate::api::problem::Problem;
use crate::api::run::internal;
use crate::api::state::ApiState;
use crate::features::{Fault, FaultKind};

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
        StoreError::Stale { .. } | StoreError::Busy => Problem::Busy,
        StoreError::Older { .. } | StoreError::Broken(_) => internal(api, &error.to_string()),
        StoreError::Unknown(_) => Problem::NoSuchEntry,
        StoreError::InUse { .. } if standing.operator => Problem::ChangeRefused(error.to_string()),
        StoreError::Conflict(_) | StoreError::Already(_) | StoreError::InUse { .. } => {
            Problem::Conflict
        }
        StoreError::Refused(refusal) => refused(refusal),
    }
}

fn refused(refusal: &ChangeRefusal) -> Problem {
    match refusal {
        ChangeRefusal::NotYours => Problem::NoSuchEntry,
        ChangeRefusal::TooWide => Problem::NotAllowed,
        ChangeRefusal::Faulty(why) => Problem::ChangeRefused(why.clone()),
        ChangeRefusal::TooManySlices { most, .. } => too_many_slices(*most),
        ChangeRefusal::Filter { what, text, fault } => {
            let kind = FaultKind::Cql2 {
                fault: (**fault).clone(),
                text: text.clone(),
            };
            Problem::Parameters(vec![Fault::new(what.trim_matches('"'), kind)])
        }
    }
}

/// Whose view it would be is not said: it may be that of somebody of whom the caller knows nothing.
pub(super) fn too_many_slices(most: usize) -> Problem {
    Problem::ChangeRefused(format!(
        "somebody would see a layer by more than {most} different restrictions at a time; at most {most} are kept apart"
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
