//! Pages for people: this floor computes what they show, whoever implements [`Pages`] draws them.

use super::model::{
    ApiPage, CollectionPage, CollectionsPage, ConformancePage, FunctionsPage, ItemPage, ItemsPage,
    LandingPage, LockedPage, MePage, ProblemPage, QueryablesPage, SignInPage,
};
use crate::catalog::Language;

/// A file that pages load. Its name under `/assets/` changes when it does, so it may be kept for ever.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its media type.
    pub content_type: &'static str,
    /// Strong validator of the plain bytes, with its quotes (RFC 9110 §8.8.3).
    pub etag: &'static str,
    /// Strong validator of the compressed bytes.
    pub gzip_etag: &'static str,
    /// The file.
    pub bytes: &'static [u8],
    /// The file, compressed.
    pub gzip_bytes: &'static [u8],
}

/// Draws pages as HTML. Pure: no request, no clock, no I/O.
pub trait Pages: Send + Sync {
    /// The file of that name.
    fn asset(&self, name: &str) -> Option<Asset>;
    /// Headers that every page is sent with, such as its content security policy.
    fn headers(&self) -> &[(&'static str, &'static str)];
    /// The landing page.
    fn landing(&self, page: &LandingPage, language: Language) -> String;
    /// The conformance classes.
    fn conformance(&self, page: &ConformancePage, language: Language) -> String;
    /// The API for people.
    fn api(&self, page: &ApiPage, language: Language) -> String;
    /// The list of collections.
    fn collections(&self, page: &CollectionsPage, language: Language) -> String;
    /// The functions of filters.
    fn functions(&self, page: &FunctionsPage, language: Language) -> String;
    /// What filters of a collection can ask for.
    fn queryables(&self, page: &QueryablesPage, language: Language) -> String;
    /// One collection.
    fn collection(&self, page: &CollectionPage, language: Language) -> String;
    /// A page of items.
    fn items(&self, page: &ItemsPage, language: Language) -> String;
    /// One item.
    fn item(&self, page: &ItemPage, language: Language) -> String;
    /// A collection that may be known of and not seen.
    fn locked(&self, page: &LockedPage, language: Language) -> String;
    /// The page where a key can be typed.
    fn sign_in(&self, page: &SignInPage, language: Language) -> String;
    /// What a caller is told of themselves.
    fn me(&self, page: &MePage, language: Language) -> String;
    /// A refusal or a failure.
    fn problem(&self, page: &ProblemPage, language: Language) -> String;
}
