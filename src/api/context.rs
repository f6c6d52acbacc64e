//! One request, understood: who asks, for which representation, in which language, from where. Opened once, before anything else.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use super::base::{self, Base};
use super::language;
use super::link::Link;
use super::negotiate::{self, HTML, Offer, Representation};
use super::problem::Problem;
use super::query::{self, Pairs};
use super::routes::Route;
use super::state::ApiState;
use super::texts::pick;
use crate::access::{Principal, Surface};
use crate::catalog::{Catalog, Language, Resolution, VisibleLayer};
use crate::features::{Fault, FaultKind};

/// A request and the one snapshot that it is answered from.
pub struct Context {
    pub(super) api: Arc<ApiState>,
    /// Loaded once.
    pub(super) catalog: Arc<Catalog>,
    pub(super) principal: Principal,
    /// Base of all links; names the language if the request did.
    pub(super) base: Base,
    pub(super) language: Language,
    pub(super) offer: Offer,
    pub(super) representation: Representation,
    /// Parameters other than `f` and `lang`.
    pub(super) pairs: Pairs,
    /// `f` was given.
    explicit: bool,
    pub(super) headers: HeaderMap,
    /// Only the headers of the answer are wanted.
    pub(super) head: bool,
}

impl Context {
    /// Reads the request. The error is to be told in the language and form of [`Asked::of`].
    pub fn open(api: &Arc<ApiState>, parts: &Parts, offer: Offer) -> Result<Self, Problem> {
        let catalog = api.catalog.load();
        let base = base_of(api, parts).ok_or(Problem::BadHost)?;
        let mut pairs = query::parse(parts.uri.query())?;
        let mut faults = Vec::new();
        let mut choice = |name, allowed: &'static [&'static str]| match offer {
            // A file is the same in every form and language.
            Offer::File => None,
            _ => take(&mut pairs, name, allowed, &mut faults),
        };
        let (f, lang) = (choice("f", offer.names()), choice("lang", language::TAGS));
        if !faults.is_empty() {
            return Err(Problem::Parameters(faults));
        }
        let wanted = match &f {
            Some(name) => Some(if name == "html" {
                Representation::Html
            } else {
                Representation::Json
            }),
            None => negotiate::representation(&parts.headers, offer),
        };
        let representation = wanted.ok_or(Problem::NotAcceptable)?;
        let named = lang.as_deref().and_then(language::from_tag);
        let own = catalog.platform().language;
        let language = match named {
            Some(l) => l,
            None => language::negotiate(&parts.headers, own).ok_or(Problem::NotAcceptable)?,
        };
        Ok(Self {
            api: Arc::clone(api),
            catalog,
            principal: Principal::Anonymous,
            base: base.with_language(named),
            language,
            offer,
            representation,
            pairs,
            explicit: f.is_some(),
            headers: parts.headers.clone(),
            head: parts.method == Method::HEAD,
        })
    }

    /// The collection, through the one door. A hidden one and none at all are the same.
    pub fn layer(&self, collection: &str) -> Result<VisibleLayer, Problem> {
        match self
            .catalog
            .resolve(&self.principal, collection, Surface::Items)
        {
            Resolution::Visible(layer) => Ok(layer),
            Resolution::Absent => Err(Problem::NoSuchCollection(collection.to_owned())),
        }
    }

    /// For resources without parameters of their own: anything given is unknown (`/req/core/query-param-unknown`).
    pub fn no_parameters(&self) -> Result<(), Problem> {
        let faults: Vec<_> = self
            .pairs
            .iter()
            .map(|(name, _)| Fault::new(name, FaultKind::Unknown))
            .collect();
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Problem::Parameters(faults))
        }
    }

    /// True if a page for people is wanted.
    pub fn is_html(&self) -> bool {
        self.representation == Representation::Html
    }

    /// The media type of the answer.
    pub fn media_type(&self) -> &'static str {
        match self.representation {
            Representation::Json => self.offer.json_type(),
            Representation::Html => HTML,
        }
    }

    /// The request's own parameters with changes: a value replaces or adds, `None` takes out.
    pub fn changed<'a>(
        &'a self,
        changes: &[(&'a str, Option<&'a str>)],
    ) -> Vec<(&'a str, &'a str)> {
        let f = self.explicit.then(|| ("f", self.representation.name()));
        let own = self
            .pairs
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .chain(f);
        let kept = own.filter(|(n, _)| !changes.iter().any(|(c, _)| c == n));
        let added = changes.iter().filter_map(|(n, v)| v.map(|v| (*n, v)));
        kept.chain(added).collect()
    }

    /// Links of this document to itself and to its other representations (`/req/core/fc-md-links`, `fc-links`, `f-links`).
    pub fn self_and_alternates(&self, route: Route<'_>) -> Vec<Link> {
        let own = pick(self.language, "Ce document", "This document");
        let mut links = vec![Link::new(
            "self",
            self.base.href(route, &self.changed(&[])),
            self.media_type(),
            own,
        )];
        for name in self.offer.names() {
            if *name == self.representation.name() {
                continue;
            }
            let (media_type, title) = if *name == "html" {
                (
                    HTML,
                    pick(self.language, "Cette page en HTML", "This document as HTML"),
                )
            } else {
                (
                    self.offer.json_type(),
                    pick(
                        self.language,
                        "Ce document en JSON",
                        "This document as JSON",
                    ),
                )
            };
            let href = self.base.href(route, &self.changed(&[("f", Some(name))]));
            links.push(Link::new("alternate", href, media_type, title));
        }
        links
    }
}

/// Takes a parameter with a closed list of values out of the pairs.
fn take(
    pairs: &mut Pairs,
    name: &str,
    allowed: &'static [&'static str],
    faults: &mut Vec<Fault>,
) -> Option<String> {
    let mut values = pairs.extract_if(.., |(n, _)| n == name).map(|(_, v)| v);
    let value = values.next()?;
    if values.next().is_some() {
        faults.push(Fault::new(name, FaultKind::Repeated));
    }
    drop(values);
    if !allowed.contains(&value.as_str()) {
        let given = value.clone();
        faults.push(Fault::new(name, FaultKind::NotOneOf { given, allowed }));
    }
    Some(value)
}

/// The base of a request's links.
pub(super) fn base_of(api: &ApiState, parts: &Parts) -> Option<Base> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let trusted = peer.is_some_and(|ConnectInfo(a)| api.settings.trusted_proxies.contain(a.ip()));
    base::of_request(
        api.settings.public_url.as_ref(),
        &parts.uri,
        &parts.headers,
        trusted,
    )
}

/// How to tell a problem: the best that can be made of a request, however broken.
#[derive(Debug, Clone)]
pub struct Asked {
    /// In which language.
    pub language: Language,
    /// As a page for people, with links from that base.
    pub page: Option<Base>,
}

impl Asked {
    /// Looks at the parameters and headers of a request, and never fails.
    pub fn of(api: &ApiState, parts: &Parts) -> Self {
        let pairs = query::parse(parts.uri.query()).unwrap_or_default();
        let given = |name: &str| {
            pairs
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, v)| v.as_str())
        };
        let own = api.catalog.load().platform().language;
        let named = given("lang")
            .filter(|l| language::TAGS.contains(l))
            .and_then(language::from_tag);
        let language = named
            .or_else(|| language::negotiate(&parts.headers, own))
            .unwrap_or(own);
        let html = match given("f") {
            Some(f) => f == "html",
            None => {
                negotiate::representation(&parts.headers, Offer::Document)
                    == Some(Representation::Html)
            }
        };
        let base = if html { base_of(api, parts) } else { None };
        Self {
            language,
            page: base.map(|b| b.with_language(named)),
        }
    }
}
