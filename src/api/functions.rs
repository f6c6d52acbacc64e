//! The functions that filters may call (OGC 19-079r2 `/req/filter/get-functions-operation`).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use serde_json::{Value, json};

use super::context::Context;
use super::frame;
use super::model::{FunctionRow, FunctionsPage};
use super::negotiate::Offer;
use super::routes::Route;
use super::run;
use super::state::ApiState;
use super::texts::pick;
use crate::catalog::Language;
use crate::filter::Type;
use crate::filter::functions::{Argument, Function, all};

/// `GET /functions`
pub(super) async fn functions(
    State(api): State<Arc<ApiState>>,
    request: Request,
) -> Response<Body> {
    run::quick(&api, request, Offer::Document, |context| {
        context.no_parameters()?;
        let body = if context.is_html() {
            let page = page(&context);
            context.api.pages.functions(&page, context.language)
        } else {
            document(&context).to_string()
        };
        Ok(context.reply(body.into_bytes(), Vec::new()))
    })
}

fn document(context: &Context) -> Value {
    let functions = all().map(|f| {
        json!({
            "name": f.name,
            "description": pick(context.language, f.summary.fr, f.summary.en),
            "arguments": f.arguments.iter().map(argument).collect::<Vec<_>>(),
            "returns": types(&[f.returns]),
        })
    });
    json!({
        "functions": functions.collect::<Vec<_>>(),
        "links": context.self_and_alternates(Route::Functions),
    })
}

fn argument(argument: &Argument) -> Value {
    json!({ "title": argument.name, "type": types(argument.types) })
}

/// The standard's names of types, which has one for all that is temporal (`/req/filter/get-functions-response-json` B).
fn types(types: &[Type]) -> Vec<&'static str> {
    let mut names: Vec<_> = types
        .iter()
        .map(|t| match t {
            Type::Bool => "boolean",
            Type::Number => "number",
            Type::Text => "string",
            Type::Date | Type::Timestamp | Type::Interval => "datetime",
            Type::Geometry => "geometry",
            Type::Array => "array",
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn page(context: &Context) -> FunctionsPage {
    let l = context.language;
    FunctionsPage {
        frame: frame::of(context, Route::Functions),
        functions: all()
            .map(|f| FunctionRow {
                name: f.name.to_owned(),
                call: call(f),
                returns: type_name(f.returns, l).to_owned(),
                description: pick(l, f.summary.fr, f.summary.en).to_owned(),
            })
            .collect(),
    }
}

/// How a function is called: `round(number[, digits])`, `concat(text, …)`.
fn call(f: &Function) -> String {
    let mut text = format!("{}(", f.name);
    for (place, argument) in f.arguments.iter().enumerate() {
        let comma = if place == 0 { "" } else { ", " };
        let may_be_left_out = place >= f.least;
        text.push_str(if may_be_left_out { "[" } else { "" });
        text.push_str(comma);
        text.push_str(argument.name);
        text.push_str(if may_be_left_out { "]" } else { "" });
    }
    if f.most > f.arguments.len() {
        text.push_str(", …");
    }
    text.push(')');
    text
}

fn type_name(t: Type, l: Language) -> &'static str {
    let (fr, en) = match t {
        Type::Bool => ("booléen", "boolean"),
        Type::Number => ("nombre", "number"),
        Type::Text => ("texte", "text"),
        Type::Date => ("jour", "day"),
        Type::Timestamp => ("instant", "instant"),
        Type::Interval => ("intervalle", "interval"),
        Type::Geometry => ("géométrie", "geometry"),
        Type::Array => ("liste", "list"),
    };
    pick(l, fr, en)
}
