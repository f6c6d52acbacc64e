//! `/admin`: organisations, members, profiles, keys, grants, terms, suspensions, requests for access and the state of layers, by role.
//!
//! Callers without a role are told what is told of any address where nothing is; those with one see and change what
//! [`Policy::may`](crate::access::Policy::may) lets them, and learn nothing of what belongs to others: it answers like what does not
//! exist. Sessions of pages count for nothing here, and there is no administration in portals: one desk for all.
//!
//! A request: who asks (`handle`) → which operation (`table`) → the entry, if there is one for the caller (`desk`) → the body (`body`) →
//! whether the caller may (`write`) → the store, the running server, the answer.

mod answer;
pub(super) mod body;
mod desk;
mod dry_run;
mod expected;
mod keys;
mod read;
mod schema;
mod shapes;
mod table;
mod told;
mod warnings;
mod write;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ACCESS_CONTROL_REQUEST_METHOD, ALLOW};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Response};
use percent_encoding::percent_decode_str;

pub(super) use self::answer::{denied, done, store_problem};
use self::desk::Desk;
pub(super) use self::schema::{Described, described};
use self::table::{Act, Operation};
use super::admission::Identified;
use super::context::Context;
use super::negotiate::Offer;
use super::portals::Portal;
use super::problem::Problem;
use super::routes::pattern;
use super::run::{self, told};
use super::state::ApiState;
use crate::access::{Principal, Standing};

/// What browsers are told before they show a credential: the same of every path.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PATCH, DELETE, OPTIONS");

/// One request to the desk, by somebody who may stand there.
struct Asking {
    api: Arc<ApiState>,
    context: Context,
    standing: Arc<Standing>,
    operation: &'static Operation,
    /// The id in the path.
    id: String,
}

/// Everything under `/admin`.
pub(super) async fn handle(State(api): State<Arc<ApiState>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let answered = answered(&api, &parts, body).await;
    answered.unwrap_or_else(|problem| told(&api, &parts, &problem))
}

async fn answered(
    api: &Arc<ApiState>,
    parts: &Parts,
    body: Body,
) -> Result<Response<Body>, Problem> {
    let path = parts.uri.path().strip_prefix(pattern::ADMIN);
    let segments = path.and_then(segments).ok_or(Problem::NoSuchPath)?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (found, id) = table::at(&segments);
    if found.is_empty() || parts.extensions.get::<Portal>().is_some() {
        return Err(Problem::NoSuchPath);
    }
    let is_options = parts.method == Method::OPTIONS;
    if is_options && parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        return Ok(allowing(Response::new(Body::empty()), METHODS));
    }
    let standing = standing(parts).ok_or(Problem::NoSuchPath)?;
    if is_options {
        return Ok(allowing(
            Response::new(Body::empty()),
            allowed(&found, &standing),
        ));
    }
    let method = if parts.method == Method::HEAD {
        "GET"
    } else {
        parts.method.as_str()
    };
    let Some(operation) = found.iter().find(|o| o.method == method) else {
        let refused = told(api, parts, &Problem::MethodNotAllowed);
        return Ok(allowing(refused, allowed(&found, &standing)));
    };
    let asking = Asking::open(api, parts, operation, id)?;
    match operation.act {
        Act::Overview | Act::List | Act::Show => run::off_thread(api, move || asking.read()).await,
        _ => asking.write(parts, body).await,
    }
}

/// The segments of a path below `/admin`, decoded.
fn segments(path: &str) -> Option<Vec<String>> {
    let segments = match path {
        "" => return Some(Vec::new()),
        path => path.strip_prefix('/')?.split('/'),
    };
    let decoded = |s: &str| Some(percent_decode_str(s).decode_utf8().ok()?.into_owned());
    segments.map(decoded).collect()
}

/// Who asks, if it is somebody with a role. A cookie, which browsers send by themselves, makes nobody known here.
fn standing(parts: &Parts) -> Option<Arc<Standing>> {
    let identified = Identified::of(parts)?;
    let principal = if crate::leak!("sessions-administrate") {
        identified.reader()
    } else {
        identified.principal()
    };
    match principal.ok()? {
        Principal::Known(standing) if standing.operator || standing.role.is_some() => {
            Some(standing)
        }
        _ => None,
    }
}

fn allowing(mut response: Response<Body>, methods: HeaderValue) -> Response<Body> {
    response.headers_mut().insert(ALLOW, methods);
    response
}

/// The methods of a path that a caller may use there.
fn allowed(found: &[&'static Operation], standing: &Standing) -> HeaderValue {
    let own = found.iter().filter(|o| o.least.is_met(standing));
    let mut methods: Vec<&str> = own.map(|o| o.method).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    HeaderValue::try_from(methods.join(", ")).unwrap_or(METHODS)
}

impl Asking {
    fn open(
        api: &Arc<ApiState>,
        parts: &Parts,
        operation: &'static Operation,
        id: &str,
    ) -> Result<Self, Problem> {
        let standing = standing(parts).ok_or(Problem::NoSuchPath)?;
        if !operation.least.is_met(&standing) {
            return Err(Problem::NotAllowed);
        }
        let context = Context::open(api, parts, Offer::DocumentAlone)?;
        context.writable()?;
        context.caller.personal();
        Ok(Self {
            api: Arc::clone(api),
            context,
            standing,
            operation,
            id: id.to_owned(),
        })
    }

    fn desk(&self) -> Desk<'_> {
        Desk {
            catalog: &self.context.caller.catalog,
            principal: &self.context.caller.principal,
            standing: &self.standing,
            store: self.api.store.as_deref(),
        }
    }
}
