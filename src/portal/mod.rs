//! Floor 6: pages for people, in French and English. A page is a pure function of the plain values that `api` computes: no request,
//! no clock, no I/O. [`Portal`] draws them and has the files that they load.

mod assets;
mod connect;
mod lang;
mod map;
mod pages;
mod reference;
mod shell;
#[cfg(test)]
mod tests;
mod texts;
mod words;

use crate::api::model::{
    ApiPage, CollectionPage, CollectionsPage, ConformancePage, FunctionsPage, ItemPage, ItemsPage,
    LandingPage, LockedPage, MePage, ProblemPage, QueryablesPage, SignInPage,
};
use crate::api::{Asset, Pages};
use crate::catalog::Language;

pub use assets::has_maps;

/// The content security policy of every page: nothing but this server's own files, no inline script or style, no plug-in, no
/// frame. Maps need a worker (a file of this server) and images in `data:` (the icons of their buttons).
pub const CSP: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; \
                       connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The headers that every page is sent with. An address may hold a key: it is told to no other site.
pub const HEADERS: [(&str, &str); 2] = [
    ("content-security-policy", CSP),
    ("referrer-policy", "same-origin"),
];

/// The pages of this build.
#[derive(Debug, Clone, Copy, Default)]
pub struct Portal;

impl Pages for Portal {
    fn asset(&self, name: &str) -> Option<Asset> {
        assets::asset(name).map(|a| Asset {
            content_type: a.content_type,
            etag: a.etag,
            gzip_etag: a.gzip_etag,
            bytes: a.bytes,
            gzip_bytes: a.gzip_bytes,
        })
    }

    fn headers(&self) -> &[(&'static str, &'static str)] {
        &HEADERS
    }

    fn landing(&self, page: &LandingPage, language: Language) -> String {
        pages::landing(page, language)
    }

    fn conformance(&self, page: &ConformancePage, language: Language) -> String {
        pages::conformance(page, language)
    }

    fn api(&self, page: &ApiPage, language: Language) -> String {
        pages::api(page, language)
    }

    fn collections(&self, page: &CollectionsPage, language: Language) -> String {
        pages::collections(page, language)
    }

    fn functions(&self, page: &FunctionsPage, language: Language) -> String {
        pages::functions(page, language)
    }

    fn queryables(&self, page: &QueryablesPage, language: Language) -> String {
        pages::queryables(page, language)
    }

    fn collection(&self, page: &CollectionPage, language: Language) -> String {
        pages::collection(page, language)
    }

    fn items(&self, page: &ItemsPage, language: Language) -> String {
        pages::items(page, language)
    }

    fn item(&self, page: &ItemPage, language: Language) -> String {
        pages::item(page, language)
    }

    fn locked(&self, page: &LockedPage, language: Language) -> String {
        pages::locked(page, language)
    }

    fn sign_in(&self, page: &SignInPage, language: Language) -> String {
        pages::sign_in(page, language)
    }

    fn me(&self, page: &MePage, language: Language) -> String {
        pages::me(page, language)
    }

    fn problem(&self, page: &ProblemPage, language: Language) -> String {
        pages::problem(page, language)
    }
}
