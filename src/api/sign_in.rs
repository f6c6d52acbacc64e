//! The page where a key can be typed, for people: browsers never show a box of their own.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;

use super::context::Context;
use super::frame;
use super::model::SignInPage;
use super::negotiate::Offer;
use super::problem::Problem;
use super::respond;
use super::routes::Route;
use super::run;
use super::state::ApiState;
use crate::features::{Fault, FaultKind};

/// `GET /session`
pub(super) async fn page(State(api): State<Arc<ApiState>>, request: Request) -> Response<Body> {
    run::quick(&api, request, Offer::Page, |context| {
        let to = to(&context)?;
        let html = context
            .api
            .pages
            .sign_in(&form(&context, &to, None), context.language);
        Ok(context.reply(html.into_bytes(), Vec::new()))
    })
}

/// The form, with what was wrong with the key that was typed.
pub(super) fn form(context: &Context, to: &str, fault: Option<String>) -> SignInPage {
    SignInPage {
        frame: frame::of(context, Route::Session),
        action: context.base.path(Route::Session, &[]),
        to: to.to_owned(),
        fault,
    }
}

/// The form once more, with what was wrong with the key that was typed.
pub(super) fn refused(context: &Context, to: &str, problem: &Problem) -> Response<Body> {
    let fault = problem.detail(context.language);
    let page = form(context, to, Some(fault));
    let html = context.api.pages.sign_in(&page, context.language);
    respond::refusal_for(&context.api, context.language, html, problem)
}

/// Where to go afterwards: a path of this server, else the landing page.
fn to(context: &Context) -> Result<String, Problem> {
    let mut to = None;
    let mut faults = Vec::new();
    for (name, value) in &context.pairs {
        match name.as_str() {
            "to" if to.is_none() => to = Some(value.clone()),
            "to" => faults.push(Fault::new(name, FaultKind::Repeated)),
            _ => faults.push(Fault::new(name, FaultKind::Unknown)),
        }
    }
    if !faults.is_empty() {
        return Err(Problem::Parameters(faults));
    }
    let own = to.filter(|to| is_own_path(to));
    Ok(own.unwrap_or_else(|| context.base.path(Route::Landing, &[])))
}

/// A path on this server and nothing that a browser may take for another: `//host`, `/\\host`.
pub(super) fn is_own_path(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first() == Some(&b'/')
        && !matches!(bytes.get(1), Some(b'/' | b'\\'))
        && bytes.iter().all(|b| b.is_ascii_graphic() && *b != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_away() {
        for own in ["/", "/collections/a?f=html", "/o/sud/", "/a//b"] {
            assert!(is_own_path(own), "{own}");
        }
        for other in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "collections",
            "/a b",
            "/\t/evil.example",
            "/a\\b",
        ] {
            assert!(!is_own_path(other), "{other}");
        }
    }
}
