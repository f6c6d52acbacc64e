//! The landing page (OGC 17-069r4 §7.2) and the conformance classes (§7.4).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use serde_json::json;

use super::collections::cards;
use super::context::Context;
use super::frame;
use super::link::Link;
use super::maps;
use super::model::{ConformancePage, LandingPage, Link as PageLink, Shelf};
use super::negotiate::{HTML, JSON, OPENAPI, Offer};
use super::problem::Problem;
use super::routes::Route;
use super::run;
use super::state::ApiState;
use super::texts::pick;

/// The classes that this server conforms to; each of their abstract tests has a test of ours under its id.
pub const CONFORMANCE: &[&str] = &[
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/array-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
];

/// Link relation to the functions of filters (OGC 19-079r2 §8.8 names none; this one is used by other servers).
const FUNCTIONS: &str = "http://www.opengis.net/def/rel/ogc/1.0/functions";

/// `GET /`
pub(super) async fn landing(State(api): State<Arc<ApiState>>, request: Request) -> Response<Body> {
    run::heavy(api, request, Offer::Document, |context| {
        landing_response(&context)
    })
    .await
}

fn landing_response(context: &Context) -> Result<Response<Body>, Problem> {
    context.no_parameters()?;
    if context.is_html() {
        let page = landing_page(context);
        let html = context.api.pages.landing(&page, context.language);
        return Ok(context.reply(html.into_bytes(), Vec::new()));
    }
    let platform = context.catalog.platform();
    let mut document = json!({ "title": platform.title, "links": landing_links(context) });
    if let Some(description) = &platform.description {
        document["description"] = description.as_str().into();
    }
    if let Some(attribution) = &platform.contact {
        document["contact"] = attribution.as_str().into();
    }
    Ok(context.reply(document.to_string().into_bytes(), Vec::new()))
}

fn landing_links(context: &Context) -> Vec<Link> {
    let (base, l) = (&context.base, context.language);
    let mut links = context.self_and_alternates(Route::Landing);
    let more = [
        (
            "service-desc",
            Route::Api,
            OPENAPI,
            "Définition de l’API (OpenAPI 3.0)",
            "API definition (OpenAPI 3.0)",
        ),
        (
            "service-doc",
            Route::ApiPage,
            HTML,
            "Documentation de l’API",
            "Documentation of the API",
        ),
        (
            "conformance",
            Route::Conformance,
            JSON,
            "Classes de conformité",
            "Conformance classes",
        ),
        (
            "data",
            Route::Collections,
            JSON,
            "Collections",
            "Collections",
        ),
        (
            FUNCTIONS,
            Route::Functions,
            JSON,
            "Fonctions des filtres",
            "Functions of filters",
        ),
    ];
    links.extend(more.map(|(rel, route, media_type, fr, en)| {
        Link::new(rel, base.href(route, &[]), media_type, pick(l, fr, en))
    }));
    links
}

/// The definitions of the API, for pages.
pub(super) fn definitions(context: &Context) -> Vec<PageLink> {
    vec![PageLink {
        href: context.base.path(Route::Api, &[("f", "json")]),
        media_type: OPENAPI.to_owned(),
        title: "OpenAPI 3.0".to_owned(),
    }]
}

fn landing_page(context: &Context) -> LandingPage {
    let organisations = context.catalog.organisations(&context.principal);
    let mut rest = cards(context);
    let mut shelves: Vec<Shelf> = organisations
        .iter()
        .map(|organisation| Shelf {
            organisation: Some(organisation.title.clone()),
            href: None,
            collections: rest
                .extract_if(.., |(of, _)| of.as_ref() == Some(&organisation.id))
                .map(|(_, c)| c)
                .collect(),
        })
        .collect();
    if !rest.is_empty() {
        shelves.push(Shelf {
            organisation: None,
            href: None,
            collections: rest.into_iter().map(|(_, c)| c).collect(),
        });
    }
    LandingPage {
        frame: frame::of(context, Route::Landing),
        description: context.catalog.platform().description.clone(),
        shelves,
        map: maps::overview(context, &super::collections::visible(context)),
        service_url: context.base.service(),
        definitions: definitions(context),
        functions: context.base.path(Route::Functions, &[]),
    }
}

/// `GET /conformance`
pub(super) async fn conformance(
    State(api): State<Arc<ApiState>>,
    request: Request,
) -> Response<Body> {
    run::quick(&api, request, Offer::Document, |context| {
        context.no_parameters()?;
        let body = if context.is_html() {
            let page = ConformancePage {
                frame: frame::of(&context, Route::Conformance),
                classes: CONFORMANCE.iter().map(|c| (*c).to_owned()).collect(),
            };
            context
                .api
                .pages
                .conformance(&page, context.language)
                .into_bytes()
        } else {
            let links = context.self_and_alternates(Route::Conformance);
            json!({ "conformsTo": CONFORMANCE, "links": links })
                .to_string()
                .into_bytes()
        };
        Ok(context.reply(body, Vec::new()))
    })
}
