//! One request, understood: who asks, for which representation, in which language, from where. Opened once, before anything else.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use super::admission::{Identified, KeyHolder};
use super::base::{self, Base};
use super::credentials::{self, KEY, SIGNATURE};
use super::door::{self, Caller};
use super::language;
use super::link::Link;
use super::negotiate::{self, HTML, Offer, Representation};
use super::portals::Portal;
use super::problem::Problem;
use super::query::{self, Pairs};
use super::routes::Route;
use super::sign_in;
use super::state::ApiState;
use super::texts::pick;
use crate::access::{Principal, Signature, Standing};
use crate::catalog::{Language, Organisation};
use crate::features::{Fault, FaultKind};

/// A request and the one snapshot that it is answered from.
pub struct Context {
    pub(super) api: Arc<ApiState>,
    /// Who asks, and the one way to what they see.
    pub(super) caller: Caller,
    /// Base of all links; names the language if the request did.
    pub(super) base: Base,
    pub(super) language: Language,
    pub(super) offer: Offer,
    pub(super) representation: Representation,
    /// Parameters other than `f` and `lang`.
    pub(super) pairs: Pairs,
    /// `f` was given.
    explicit: bool,
    /// Why the answer cannot be written as it was asked for. It is told once it is known that there is something to answer.
    unwritable: Option<Problem>,
    pub(super) headers: HeaderMap,
    /// Only the headers of the answer are wanted.
    pub(super) head: bool,
    /// Who asks, as credentials say.
    pub(super) identified: Option<Identified>,
    /// The signature by which tiles are asked for, and the list of their collections in the URL.
    pub(super) signed: Option<(Signature, String)>,
    /// What a seeded leak writes into links.
    echoed: Pairs,
}

impl Context {
    /// Reads the request. The error is to be told in the language and form of [`Asked::of`].
    pub fn open(api: &Arc<ApiState>, parts: &Parts, offer: Offer) -> Result<Self, Problem> {
        Self::open_for(api, parts, offer, None)
    }

    /// The same for what says something of tiles of a list of collections: a signature opens that too.
    pub(super) fn open_for(
        api: &Arc<ApiState>,
        parts: &Parts,
        offer: Offer,
        tiles: Option<&str>,
    ) -> Result<Self, Problem> {
        let mut pairs = query::parse(parts.uri.query())?;
        let echoed = if crate::leak!("key-in-links") {
            pairs.extract_if(.., |(n, _)| n == KEY).collect()
        } else {
            Pairs::new()
        };
        let mut faults = Vec::new();
        let mut choice = |name, allowed: &'static [&'static str]| match offer {
            // A file is the same in every form and language.
            Offer::File => None,
            _ => take(&mut pairs, name, allowed, &mut faults),
        };
        let (f, lang) = (choice("f", offer.names()), choice("lang", language::TAGS));
        let wanted = match &f {
            Some(name) => Some(if name == "html" {
                Representation::Html
            } else {
                Representation::Json
            }),
            None => negotiate::representation(&parts.headers, offer),
        };
        let caller = match (tiles, wanted) {
            (Some(list), _) => Caller::of_tiles(api, parts, list)?,
            (None, Some(Representation::Html)) => Caller::of_page(api, parts)?,
            (None, _) if crate::leak!("session-for-documents") => Caller::of_page(api, parts)?,
            (None, _) => Caller::of(api, parts)?,
        };
        let base = base_of(api, parts).ok_or(Problem::BadHost)?;
        let identified = Identified::of(parts);
        let signature = identified.as_ref().and_then(Identified::signature);
        let named = lang.as_deref().and_then(language::from_tag);
        let own = caller.catalog.platform().language;
        let language = named.or_else(|| language::negotiate(&parts.headers, own));
        let unwritable = if !faults.is_empty() {
            Some(Problem::Parameters(faults))
        } else if wanted.is_none() || language.is_none() {
            Some(Problem::NotAcceptable)
        } else {
            None
        };
        Ok(Self {
            api: Arc::clone(api),
            caller,
            base: base.with_language(named),
            language: language.unwrap_or(own),
            offer,
            representation: wanted.unwrap_or(Representation::Json),
            pairs,
            explicit: f.is_some(),
            unwritable,
            headers: parts.headers.clone(),
            head: parts.method == Method::HEAD,
            identified,
            signed: signature.zip(tiles.map(str::to_owned)),
            echoed,
        })
    }

    /// The name of the answer's format in profiles, where it shows items.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "surfaces without a format have none"
    )]
    pub(super) fn format(&self) -> Option<&'static str> {
        Some(match self.representation {
            Representation::Json => door::GEOJSON,
            Representation::Html => door::PAGES,
        })
    }

    /// The key that the caller showed, here or for pages before.
    pub(super) fn key(&self) -> Option<&KeyHolder> {
        self.identified.as_ref()?.key(self.is_html())
    }

    /// Microseconds since 1970.
    pub(super) fn now_us(&self) -> i64 {
        self.api.settings.clock.now_us()
    }

    /// Refuses what cannot be written as it was asked for. Asked after the collection has been found: whether there is one does not
    /// depend on what else is wrong.
    pub(super) fn writable(&self) -> Result<(), Problem> {
        self.unwritable.clone().map_or(Ok(()), Err)
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
            .chain(&self.echoed)
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
    let base = base::of_request(
        api.settings.public_url.as_ref(),
        &parts.uri,
        &parts.headers,
        trusted,
    )?;
    let portal = parts.extensions.get::<Portal>();
    Some(match portal.and_then(Portal::entered) {
        Some(organisation) => base.within(&organisation.id),
        None => base,
    })
}

/// How to tell a problem: the best that can be made of a request, however broken.
#[derive(Debug, Clone)]
pub struct Asked {
    /// In which language.
    pub language: Language,
    /// As a page for people.
    pub html: bool,
    /// By a program that may ask people for a name and password.
    pub(super) program: bool,
    /// The base of links; `None` where the request names no host.
    pub base: Option<Base>,
    /// The organisation in whose portal it is told.
    pub(super) organisation: Option<Organisation>,
    /// The page that was asked for, to be asked for again in another language or with a key.
    pub(super) here: Option<Here>,
    /// Who asks for a page, where that is known.
    pub(super) reader: Option<Arc<Standing>>,
    /// Whoever asks shows a session that does not hold.
    pub(super) lapsed: bool,
}

/// Longest address that a page that tells a problem repeats in its links.
const HERE_BYTES: usize = 2 << 10;

/// The address of a page: its path below the base, and its parameters but for the language.
#[derive(Debug, Clone)]
pub(super) struct Here {
    path: String,
    pairs: Pairs,
}

impl Here {
    /// `None` where a link would not ask for the same again, or may hold a credential.
    fn of(parts: &Parts, mut pairs: Pairs) -> Option<Self> {
        if parts.method != Method::GET {
            return None;
        }
        // A portal that does not exist for the caller is told of outside of it.
        let portal = parts.extensions.get::<Portal>();
        if portal.is_some_and(|p| p.entered().is_none()) {
            return None;
        }
        pairs.retain(|(name, _)| name != "lang" && name != KEY && name != SIGNATURE);
        let path = parts.uri.path();
        let length = path.len() + parts.uri.query().map_or(0, str::len);
        let texts = pairs.iter().flat_map(|(n, v)| [n.as_str(), v.as_str()]);
        let is_plain = std::iter::once(path)
            .chain(texts)
            .all(|text| credentials::loggable(text) == text);
        (is_plain && length <= HERE_BYTES).then(|| Self {
            path: path.to_owned(),
            pairs,
        })
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// The way there in another language, from there: it does not repeat the path, so that pages of two names differ in nothing.
    pub(super) fn in_language(&self, tag: &str) -> String {
        query::write(self.pairs().chain([("lang", tag)]))
    }

    /// Its address; `None` where a browser may take it for that of another server.
    pub(super) fn address(&self, base: &Base) -> Option<String> {
        let pairs: Vec<(&str, &str)> = self.pairs().collect();
        let address = base.below(&self.path, &pairs);
        sign_in::is_own_path(&address).then_some(address)
    }
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
        Self {
            language,
            html,
            program: credentials::is_program(&parts.headers),
            base: base_of(api, parts).map(|b| b.with_language(named)),
            organisation: parts.extensions.get::<Portal>().and_then(Portal::entered),
            lapsed: Identified::of(parts).is_some_and(|identified| identified.has_lapsed()),
            reader: Identified::of(parts)
                .and_then(|identified| identified.reader().ok())
                .and_then(|reader| match reader {
                    Principal::Known(standing) => Some(standing),
                    Principal::Anonymous => None,
                }),
            here: Here::of(parts, pairs),
        }
    }
}
