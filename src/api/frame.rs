//! What surrounds the content of every page.

use super::base::Base;
use super::context::Context;
use super::language;
use super::model::{Frame, Link};
use super::routes::Route;
use crate::catalog::Catalog;

/// The frame of the page that the request asks for, found at `route`.
pub(super) fn of(context: &Context, route: Route<'_>) -> Frame {
    let mut frame = bare(&context.catalog, &context.base);
    let others = language::ALL.into_iter().filter(|l| *l != context.language);
    frame.translations = others
        .map(|l| {
            let pairs = context.changed(&[("lang", Some(language::tag(l)))]);
            (l, context.base.path(route, &pairs))
        })
        .collect();
    if context.offer.names().contains(&"json") {
        frame.alternates = vec![Link {
            href: context
                .base
                .path(route, &context.changed(&[("f", Some("json"))])),
            media_type: context.offer.json_type().to_owned(),
            title: "JSON".to_owned(),
        }];
    }
    frame
}

/// The frame of a problem: where the request led to nothing, there is nothing to translate.
pub(super) fn of_problem(catalog: &Catalog, base: &Base) -> Frame {
    bare(catalog, base)
}

fn bare(catalog: &Catalog, base: &Base) -> Frame {
    let platform = catalog.platform();
    Frame {
        platform: platform.title.clone(),
        root: base.prefix().to_owned(),
        origin: Some(base.origin().to_owned()),
        content_lang: platform.language,
        home: base.path(Route::Landing, &[]),
        collections: base.path(Route::Collections, &[]),
        api: base.path(Route::ApiPage, &[]),
        conformance: base.path(Route::Conformance, &[]),
        translations: Vec::new(),
        alternates: Vec::new(),
    }
}
