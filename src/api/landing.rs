//! The landing page (OGC 17-069r4 §7.2) and the conformance classes (§7.4).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use serde_json::{Value, json};

use super::collections::cards;
use super::context::Context;
use super::frame;
use super::link::Link;
use super::maps;
use super::model::{CollectionCard, ConformancePage, LandingPage, Link as PageLink, Shelf};
use super::negotiate::{HTML, JSON, OPENAPI, Offer};
use super::routes::Route;
use super::run;
use super::state::ApiState;
use super::texts::pick;
use crate::access::Surface;
use crate::catalog::VisibleLayer;

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
    run::answer(&api, request, Offer::Document, async |context: Context| {
        context.writable()?;
        context.no_parameters()?;
        if !context.is_html() {
            let body = document(&context).to_string();
            return Ok(context.reply(body.into_bytes(), Vec::new()));
        }
        let layers = context.caller.layers(Surface::Discover).await?;
        run::off_thread(&api, move || {
            let page = page(&context, &layers);
            let html = context.api.pages.landing(&page, context.language);
            Ok(context.reply(html.into_bytes(), Vec::new()))
        })
        .await
    })
    .await
}

/// The document: of the platform, or of the organisation whose portal it is.
fn document(context: &Context) -> Value {
    let (platform, organisation) = (
        context.caller.catalog.platform(),
        context.caller.organisation(),
    );
    let (title, description, contact) = match organisation {
        Some(o) => (&o.title, &o.description, &o.contact),
        None => (&platform.title, &platform.description, &platform.contact),
    };
    let mut links = landing_links(context);
    if let Some(url) = organisation.and_then(|o| o.url.as_ref()) {
        let title = pick(
            context.language,
            "Le site de l’organisme",
            "Site of the organisation",
        );
        links.push(Link::new("related", url.clone(), HTML, title));
    }
    let mut document = json!({ "title": title, "links": links });
    for (name, text) in [("description", description), ("contact", contact)] {
        if let Some(text) = text {
            document[name] = text.as_str().into();
        }
    }
    document
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

fn page(context: &Context, layers: &[VisibleLayer]) -> LandingPage {
    let caller = &context.caller;
    let own = caller.organisation();
    let platform = caller.catalog.platform();
    LandingPage {
        frame: frame::of(context, Route::Landing),
        description: own
            .map_or(&platform.description, |o| &o.description)
            .clone(),
        shelves: shelves(context, cards(context, layers)),
        map: maps::overview(context, layers),
        service_url: context.base.service(),
        definitions: definitions(context),
        functions: context.base.path(Route::Functions, &[]),
    }
}

/// The collections by organisation, in the order of the configuration; last those of none. In a portal all are of one.
fn shelves(context: &Context, mut cards: Vec<(Option<String>, CollectionCard)>) -> Vec<Shelf> {
    let caller = &context.caller;
    let mut shelves = Vec::new();
    if caller.organisation().is_none() {
        for organisation in caller.catalog.organisations(&caller.principal) {
            let own = cards.extract_if(.., |(of, _)| of.as_ref() == Some(&organisation.id));
            shelves.push(Shelf {
                collections: own.map(|(_, card)| card).collect(),
                organisation: Some(organisation.title.clone()),
                href: Some(
                    context
                        .base
                        .clone()
                        .within(&organisation.id)
                        .path(Route::Landing, &[]),
                ),
            });
        }
    }
    if !cards.is_empty() {
        shelves.push(Shelf {
            organisation: None,
            href: None,
            collections: cards.into_iter().map(|(_, card)| card).collect(),
        });
    }
    shelves
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
