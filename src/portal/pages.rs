//! The templates and what each is filled with.

use askama::Template;

use crate::geometry::source::GeometryKind;

use super::lang::Speak as _;
use super::shell::{Entry, Shell};
use super::words::{self, Shown};
use super::{connect, reference};
use crate::api::model::{
    ApiPage, CollectionPage, CollectionsPage, ConformancePage, FormFault, FunctionsPage,
    GeometrySummary, ItemPage, ItemsPage, LandingPage, LockedPage, MePage, MeQuota, MeTerms,
    ProblemPage, QueryablesPage, Session, Shelf, SignInPage,
};
use crate::catalog::Language;

#[derive(Template)]
#[template(path = "landing.html", config = "src/portal/askama.toml")]
struct Landing<'a> {
    s: Shell<'a>,
    page: &'a LandingPage,
    gdal: String,
}

/// The landing page.
pub(super) fn landing(page: &LandingPage, lang: Language) -> String {
    let s = Shell::new(&page.frame, lang, Entry::Home, page.map.as_ref());
    let gdal = connect::with_key(connect::gdal_list(&page.service_url), s.is_signed_in());
    write(&Landing { s, page, gdal })
}

impl Landing<'_> {
    /// The level of the headings of cards.
    fn level(shelf: &Shelf) -> u8 {
        if shelf.organisation.is_some() { 4 } else { 3 }
    }

    /// How much there is, in one line.
    fn figures(&self) -> Vec<String> {
        let (s, shelves) = (&self.s, &self.page.shelves);
        let collections: u64 = shelves
            .iter()
            .map(|shelf| shelf.collections.len() as u64)
            .sum();
        let features: u64 = shelves
            .iter()
            .flat_map(|shelf| &shelf.collections)
            .filter_map(|c| c.figures.as_ref())
            .map(|f| f.count)
            .sum();
        let organisations = shelves
            .iter()
            .filter(|shelf| shelf.organisation.is_some())
            .count() as u64;
        let mut figures = vec![
            s.lang.count(collections, &s.t.collections),
            s.features(features),
        ];
        if organisations > 0 {
            figures.push(s.lang.count(organisations, &s.t.organisations));
        }
        figures
    }
}

#[derive(Template)]
#[template(path = "collections.html", config = "src/portal/askama.toml")]
struct Collections<'a> {
    s: Shell<'a>,
    page: &'a CollectionsPage,
}

/// The list of collections.
pub(super) fn collections(page: &CollectionsPage, lang: Language) -> String {
    let s = Shell::new(&page.frame, lang, Entry::Collections, None);
    let title = s.t.list.title;
    write(&Collections {
        s: s.crumb("", title, false),
        page,
    })
}

#[derive(Template)]
#[template(path = "collection.html", config = "src/portal/askama.toml")]
struct Collection<'a> {
    s: Shell<'a>,
    page: &'a CollectionPage,
    gdal_describe: String,
    gdal_copy: String,
    maplibre: Option<String>,
}

/// One collection.
pub(super) fn collection(page: &CollectionPage, lang: Language) -> String {
    let s = Shell::new(&page.frame, lang, Entry::Collections, page.map.as_ref());
    let list = s.t.list.title;
    let signed = s.is_signed_in();
    write(&Collection {
        s: s.crumb(&page.frame.collections, list, false)
            .crumb("", &page.metadata.title, true),
        page,
        gdal_describe: connect::with_key(connect::gdal_describe(page), signed),
        gdal_copy: connect::with_key(connect::gdal_copy(page), signed),
        maplibre: page
            .tiles
            .as_ref()
            .map(|tiles| connect::maplibre(&page.id, &page.kinds, tiles)),
    })
}

impl Collection<'_> {
    /// Whom to ask for more than cells.
    fn asked(&self) -> Option<(&str, Option<String>)> {
        let contact = self.page.cells.as_ref()?.contact.as_deref()?;
        Some((contact, words::contact(contact)))
    }

    /// Where what is on the map can be read.
    fn map_caption(&self) -> Option<&'static str> {
        let table = self.page.items.as_ref();
        table.map(|_| self.s.t.collection.map_table)
    }

    fn contact(&self) -> Option<(&str, Option<String>)> {
        self.page
            .metadata
            .contact
            .as_deref()
            .map(|c| (c, words::contact(c)))
    }

    /// The systems: URI, short name, usual name, whether the data are kept in it.
    fn systems(&self) -> Vec<(&str, String, Option<String>, bool)> {
        let storage = self.page.storage_crs.as_deref();
        let describe = |uri: &'_ str| reference::crs(uri, self.s.lang);
        self.page
            .crs
            .iter()
            .map(|uri| {
                let (short, name) = describe(uri);
                (uri.as_str(), short, name, storage == Some(uri))
            })
            .collect()
    }
}

#[derive(Template)]
#[template(path = "queryables.html", config = "src/portal/askama.toml")]
struct Queryables<'a> {
    s: Shell<'a>,
    page: &'a QueryablesPage,
}

/// What filters of a collection can ask for.
pub(super) fn queryables(page: &QueryablesPage, lang: Language) -> String {
    let s = Shell::new(&page.frame, lang, Entry::Collections, None);
    let title = s.t.queryables.title;
    write(&Queryables {
        s: s.collection(&page.collection).crumb("", title, false),
        page,
    })
}

#[derive(Template)]
#[template(path = "functions.html", config = "src/portal/askama.toml")]
struct Functions<'a> {
    s: Shell<'a>,
    page: &'a FunctionsPage,
}

/// The functions of filters.
pub(super) fn functions(page: &FunctionsPage, lang: Language) -> String {
    let s = Shell::new(&page.frame, lang, Entry::Api, None);
    let title = s.t.functions.title;
    write(&Functions {
        s: s.crumb("", title, false),
        page,
    })
}

#[derive(Template)]
#[template(path = "items.html", config = "src/portal/askama.toml")]
struct Items<'a> {
    s: Shell<'a>,
    page: &'a ItemsPage,
    title: String,
}

/// A page of the table of items.
pub(super) fn items(page: &ItemsPage, lang: Language) -> String {
    let view = page.map.as_ref().filter(|_| !page.rows.is_empty());
    let s = Shell::new(&page.frame, lang, Entry::Collections, view);
    let table = s.t.items.table;
    write(&Items {
        title: s.t.items.title.replace("{title}", &page.collection.title),
        s: s.collection(&page.collection).crumb("", table, false),
        page,
    })
}

impl Items<'_> {
    fn summary(&self) -> String {
        let (s, t) = (&self.s, &self.s.t.items);
        let shown = self.page.rows.len() as u64;
        match self.page.matched {
            _ if shown == 0 => t.none.to_owned(),
            Some(matched) => t
                .shown_of
                .replace("{shown}", &s.lang.number(shown))
                .replace("{matched}", &s.features(matched)),
            None => t.shown.replace("{shown}", &s.features(shown)),
        }
    }

    /// Lengths of page to choose from: the usual ones up to the longest, and the one in force.
    fn limits(&self) -> Vec<u64> {
        let form = &self.page.form;
        let mut limits: Vec<u64> = [10, 25, 50, 100, 250, 500, 1000]
            .into_iter()
            .filter(|l| *l <= form.limit_max)
            .collect();
        limits.push(form.limit);
        limits.sort_unstable();
        limits.dedup();
        limits
    }

    fn filtered(&self) -> bool {
        let form = &self.page.form;
        !form.bbox.is_empty()
            || form.datetime.as_deref().is_some_and(|d| !d.is_empty())
            || !form.filter.text.is_empty()
            || self.refused()
    }

    /// Nothing was answered, because something is wrong with the request.
    fn refused(&self) -> bool {
        !self.page.form.faults.is_empty()
    }

    /// What is wrong with a field.
    fn faults(&self, field: &str) -> Vec<&FormFault> {
        let all = self.page.form.faults.iter();
        all.filter(|f| f.parameter == field).collect()
    }

    /// Attributes of a field: what describes it, and whether it is wrong.
    fn described(&self, field: &str) -> String {
        if self.faults(field).is_empty() {
            format!("aria-describedby=\"{field}-hint\"")
        } else {
            format!("aria-invalid=\"true\" aria-describedby=\"{field}-error {field}-hint\"")
        }
    }

    /// The field that a fault is about: its place in the page and what it is called.
    fn place(&self, fault: &FormFault) -> Option<(&'static str, &'static str)> {
        let t = &self.s.t.items;
        let fields = [
            ("bbox", t.bbox),
            ("datetime", t.datetime),
            ("filter", t.cql2),
            ("limit", t.limit),
        ];
        let place = fields.into_iter().find(|(f, _)| *f == fault.parameter);
        place.filter(|(f, _)| *f != "datetime" || self.page.form.datetime.is_some())
    }

    fn is_json(&self) -> bool {
        self.page.form.filter.language == "cql2-json"
    }
}

#[derive(Template)]
#[template(path = "item.html", config = "src/portal/askama.toml")]
struct Item<'a> {
    s: Shell<'a>,
    page: &'a ItemPage,
    title: &'a str,
}

/// One item.
pub(super) fn item(page: &ItemPage, lang: Language) -> String {
    let view = page.map.as_ref().filter(|_| page.geometry.is_some());
    let s = Shell::new(&page.frame, lang, Entry::Collections, view);
    let table = s.t.items.table;
    let title = page
        .title
        .as_deref()
        .filter(|t| !t.is_empty())
        .unwrap_or(&page.id);
    write(&Item {
        s: s.collection(&page.collection)
            .step(page.collection.items.as_deref(), table, false)
            .crumb("", title, true),
        page,
        title,
    })
}

impl Item<'_> {
    fn height(&self, geometry: &GeometrySummary) -> Option<String> {
        geometry.height.map(|h| self.s.lang.degrees(h))
    }

    /// Longitude and latitude of a point.
    fn position(&self, geometry: &GeometrySummary) -> Option<String> {
        let [west, south, east, north] = geometry.bbox;
        (geometry.kind == GeometryKind::Point && west == east && south == north).then(|| {
            format!(
                "{}°, {}°",
                self.s.lang.degrees(west),
                self.s.lang.degrees(south)
            )
        })
    }
}

#[derive(Template)]
#[template(path = "api.html", config = "src/portal/askama.toml")]
struct Api<'a> {
    s: Shell<'a>,
    page: &'a ApiPage,
}

/// The operations of the API.
pub(super) fn api(page: &ApiPage, lang: Language) -> String {
    let s = Shell::new(&page.frame, lang, Entry::Api, None);
    let title = s.t.api.title;
    write(&Api {
        s: s.crumb("", title, false),
        page,
    })
}

#[derive(Template)]
#[template(path = "conformance.html", config = "src/portal/askama.toml")]
struct Conformance<'a> {
    s: Shell<'a>,
    page: &'a ConformancePage,
}

/// The conformance classes.
pub(super) fn conformance(page: &ConformancePage, lang: Language) -> String {
    let s = Shell::new(&page.frame, lang, Entry::None, None);
    let title = s.t.conformance.title;
    write(&Conformance {
        s: s.crumb("", title, false),
        page,
    })
}

#[derive(Template)]
#[template(path = "locked.html", config = "src/portal/askama.toml")]
struct Locked<'a> {
    s: Shell<'a>,
    page: &'a LockedPage,
}

/// A collection that may be known of and not seen.
pub(super) fn locked(page: &LockedPage, lang: Language) -> String {
    let s = Shell::new(&page.frame, lang, Entry::Collections, None);
    let list = s.t.list.title;
    write(&Locked {
        s: s.crumb(&page.frame.collections, list, false)
            .crumb("", &page.metadata.title, true),
        page,
    })
}

impl Locked<'_> {
    fn contact(&self) -> Option<(&str, Option<String>)> {
        let contact = self.page.metadata.contact.as_deref();
        contact.map(|c| (c, words::contact(c)))
    }
}

#[derive(Template)]
#[template(path = "sign_in.html", config = "src/portal/askama.toml")]
struct SignIn<'a> {
    s: Shell<'a>,
    page: &'a SignInPage,
}

/// The page where a key can be typed.
pub(super) fn sign_in(page: &SignInPage, lang: Language) -> String {
    let s = Shell::new(&page.frame, lang, Entry::None, None);
    let title = s.t.sign_in.title;
    write(&SignIn {
        s: s.crumb("", title, false),
        page,
    })
}

#[derive(Template)]
#[template(path = "problem.html", config = "src/portal/askama.toml")]
struct Problem<'a> {
    s: Shell<'a>,
    page: &'a ProblemPage,
}

#[derive(Template)]
#[template(path = "me.html", config = "src/portal/askama.toml")]
struct Me<'a> {
    s: Shell<'a>,
    page: &'a MePage,
}

/// What a caller is told of themselves.
pub(super) fn me(page: &MePage, lang: Language) -> String {
    let s = Shell::new(&page.frame, lang, Entry::None, None);
    let title = s.t.me.title;
    write(&Me {
        s: s.crumb("", title, false),
        page,
    })
}

impl Me<'_> {
    /// The address of a text that a link may carry.
    fn terms_text(terms: &MeTerms) -> Option<&str> {
        words::web(terms.href.as_deref()?)
    }

    /// How fast requests come back.
    fn rate(&self, quota: &MeQuota) -> String {
        let t = &self.s.t.me;
        let n = |n: u64| self.s.lang.number(n);
        t.quota_now
            .replace("{left}", &n(quota.left))
            .replace("{requests}", &n(quota.requests))
            .replace("{second}", &n(quota.per_second.round() as u64))
    }
}

/// A refusal or a failure.
pub(super) fn problem(page: &ProblemPage, lang: Language) -> String {
    let s = Shell::new(&page.frame, lang, Entry::None, None);
    write(&Problem { s, page })
}

/// Fills a template.
fn write(template: &impl Template) -> String {
    template.render().expect("a template fails only where its writer or a filter does: a string does not, and no filter can")
}
