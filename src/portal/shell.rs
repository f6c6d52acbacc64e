//! What surrounds the content of a page, and the words that several templates share.

use std::borrow::Cow;

use crate::geometry::source::GeometryKind;
use crate::model::metadata::Metadata;

use super::assets::{self, ICON, LIBRARY, Library, MAP_SCRIPT, PAGE_SCRIPT, STYLESHEET};
use super::lang::Speak as _;
use super::texts::Texts;
use super::{map, words};
use crate::api::model::{CollectionCard, CollectionRef, Frame, MapView, Session};
use crate::catalog::Language;

/// The entry of the main navigation that a page stands under.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Home,
    Collections,
    Api,
    None,
}

/// A step of the way from the landing page; without an address for the page itself, and for what may not be seen.
pub(super) struct Crumb<'a> {
    pub href: Option<&'a str>,
    pub title: &'a str,
    /// Whether the title is the publisher's words.
    pub published: bool,
    /// It is the page itself.
    pub here: bool,
}

/// What every template knows.
pub(super) struct Shell<'a> {
    pub frame: &'a Frame,
    pub lang: Language,
    pub t: &'static Texts,
    pub entry: Entry,
    pub crumbs: Vec<Crumb<'a>>,
    /// `data-map` of the page's map.
    pub map: Option<String>,
    /// Whether the page should have a map, drawn or not.
    pub wants_map: bool,
}

impl<'a> Shell<'a> {
    pub(super) fn new(
        frame: &'a Frame,
        lang: Language,
        entry: Entry,
        view: Option<&MapView>,
    ) -> Self {
        Self {
            frame,
            lang,
            t: lang.texts(),
            entry,
            crumbs: Vec::new(),
            map: view.and_then(|v| map::data(v, frame, lang)),
            wants_map: view.is_some(),
        }
    }

    pub(super) fn crumb(mut self, href: &'a str, title: &'a str, published: bool) -> Self {
        if self.crumbs.is_empty() {
            self.crumbs.push(Crumb {
                href: Some(&self.frame.home),
                title: self.t.frame.home,
                published: false,
                here: false,
            });
        }
        self.crumbs.push(Crumb {
            href: (!href.is_empty()).then_some(href),
            title,
            published,
            here: href.is_empty(),
        });
        self
    }

    /// A step that may be no link.
    pub(super) fn step(mut self, href: Option<&'a str>, title: &'a str, published: bool) -> Self {
        self = self.crumb(href.unwrap_or_default(), title, published);
        if let Some(last) = self.crumbs.last_mut() {
            last.here = false;
        }
        self
    }

    pub(super) fn collection(self, c: &'a CollectionRef) -> Self {
        let (collections, title) = (&self.frame.collections, self.t.list.title);
        self.crumb(collections, title, false)
            .step(c.href.as_deref(), &c.title, true)
    }

    /// The colour of the portal: six hexadecimal digits, whatever it was said to be.
    pub(super) fn colour(&self) -> Option<&str> {
        let colour = self.frame.portal.as_ref()?.colour.as_deref()?;
        let digits = colour.strip_prefix('#')?;
        let sound = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        sound.then_some(colour)
    }

    /// The site of the portal's organisation.
    pub(super) fn portal_url(&self) -> Option<&str> {
        words::web(self.frame.portal.as_ref()?.url.as_deref()?)
    }

    /// Somebody looks at the page whose key is known.
    pub(super) fn is_signed_in(&self) -> bool {
        matches!(self.frame.session, Some(Session::Somebody { .. }))
    }

    pub(super) fn icon(&self) -> String {
        assets::href(self.frame, ICON)
    }

    pub(super) fn stylesheet(&self) -> String {
        assets::href(self.frame, STYLESHEET)
    }

    pub(super) fn page_script(&self) -> String {
        assets::href(self.frame, PAGE_SCRIPT)
    }

    /// Where an asset is served.
    pub(super) fn asset(&self, name: &str) -> String {
        assets::href(self.frame, name)
    }

    pub(super) fn map_script(&self) -> String {
        assets::href(self.frame, MAP_SCRIPT)
    }

    pub(super) fn library() -> Option<&'static Library> {
        LIBRARY.as_ref()
    }

    /// The attribute that marks the publisher's words where they are in another language than the page (WCAG 3.1.2).
    pub(super) fn published(&self) -> &'static str {
        match self.frame.content_lang {
            content if content == self.lang => "",
            Language::Fr => " lang=\"fr\"",
            Language::En => " lang=\"en\"",
        }
    }

    pub(super) fn features(&self, n: u64) -> String {
        self.lang.count(n, &self.t.features)
    }

    /// What a collection's geometries are, in words. A group of polygons is polygons to most people.
    pub(super) fn kinds(&self, kinds: &[GeometryKind]) -> String {
        let mut names: Vec<&str> = Vec::new();
        for kind in kinds {
            let plain = match kind {
                GeometryKind::MultiPoint => GeometryKind::Point,
                GeometryKind::MultiLineString => GeometryKind::LineString,
                GeometryKind::MultiPolygon => GeometryKind::Polygon,
                other => *other,
            };
            let name = self.t.kind(plain).many;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }

    /// The sign of a collection in a list: of its geometry, or a lock.
    pub(super) fn card_sign(card: &CollectionCard) -> &'static str {
        let figures = card.figures.as_ref();
        figures.map_or("lock", |f| Self::sign(&f.kinds))
    }

    /// The sign that stands for a collection's geometry: `point`, `line`, `area`, `mixed` or `table`.
    pub(super) fn sign(kinds: &[GeometryKind]) -> &'static str {
        let mut dimensions = kinds.iter().map(|k| k.dimension());
        match dimensions.next() {
            None => "table",
            Some(first) if dimensions.all(|d| d == first) => match first {
                Some(0) => "point",
                Some(1) => "line",
                Some(2) => "area",
                _ => "mixed",
            },
            Some(_) => "mixed",
        }
    }

    /// West, south, east, north in words.
    pub(super) fn bbox(&self, bbox: &[f64; 4]) -> String {
        let names = [self.t.west, self.t.south, self.t.east, self.t.north];
        let sides: Vec<String> = names
            .iter()
            .zip(bbox)
            .map(|(name, v)| format!("{name}\u{a0}{}°", self.lang.degrees(*v)))
            .collect();
        sides.join(", ")
    }

    /// The words that the search over collections looks at.
    pub(super) fn haystack(card: &CollectionCard) -> String {
        let m = &card.metadata;
        let mut words = vec![card.id.as_str(), &m.title];
        words.extend(m.description.as_deref());
        words.extend(m.publisher.as_deref());
        words.extend(m.keywords.iter().map(String::as_str));
        words.join(" ")
    }

    pub(super) fn licence<'m>(
        &self,
        metadata: &'m Metadata,
    ) -> Option<(Cow<'m, str>, Option<&'m str>)> {
        metadata
            .licence
            .as_deref()
            .map(|l| words::licence(l, self.lang))
    }
}
