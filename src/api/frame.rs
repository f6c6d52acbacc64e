//! What surrounds the content of every page.

use super::admission::Identified;
use super::base::Base;
use super::context::{Asked, Context};
use super::language;
use super::model::{Frame, Link, PortalFrame, Session};
use super::routes::Route;
use super::state::ApiState;
use crate::access::Standing;
use crate::catalog::{Catalog, Organisation};

/// The frame of the page that the request asks for, found at `route`.
pub(super) fn of(context: &Context, route: Route<'_>) -> Frame {
    let caller = &context.caller;
    let mut frame = bare(&caller.catalog, caller.organisation(), &context.base);
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
    // The page says who looks at it.
    caller.personal();
    frame.session = Some(match caller.principal.standing() {
        Some(standing) => Session::Somebody {
            name: name(&caller.catalog, standing),
            me: context.base.path(Route::Me, &[]),
            sign_out: context.base.path(Route::SessionEnd, &[]),
        },
        None => {
            let here = context.base.path(route, &context.changed(&[]));
            let sign_in = context.base.path(Route::Session, &[("to", &here)]);
            // The page itself is the way there.
            let sign_in = Some(sign_in).filter(|_| route != Route::Session);
            let identified = context.identified.as_ref();
            let lapsed = identified.is_some_and(Identified::has_lapsed);
            match nobody(&context.base, sign_in, lapsed) {
                Some(session) => session,
                None => return frame,
            }
        }
    });
    frame
}

/// What a page calls whoever looks at it: the organisation for which they ask, which they know, else the credential's own name.
fn name(catalog: &Catalog, standing: &Standing) -> String {
    let id = standing.organisation.as_ref();
    let organisation = id.and_then(|id| catalog.policy().organisations.get(id));
    organisation.map_or_else(|| standing.name.clone(), |o| o.title.clone())
}

/// Somebody without a key, or whose session does not hold.
fn nobody(base: &Base, sign_in: Option<String>, lapsed: bool) -> Option<Session> {
    if lapsed {
        return Some(Session::Lapsed {
            sign_in,
            sign_out: base.path(Route::SessionEnd, &[]),
        });
    }
    sign_in.map(|sign_in| Session::Nobody { sign_in })
}

/// The frame of a problem: the same request in another language, or with a key, may be told otherwise.
pub(super) fn of_problem(api: &ApiState, asked: &Asked, base: &Base) -> Frame {
    let catalog = api.catalog.load();
    let mut frame = bare(&catalog, asked.organisation.as_ref(), base);
    let here = asked.here.as_ref();
    let others = language::ALL.into_iter().filter(|l| *l != asked.language);
    frame.translations = others
        .filter_map(|l| Some((l, here?.in_language(language::tag(l)))))
        .collect();
    frame.session = match &asked.reader {
        Some(standing) => Some(Session::Somebody {
            name: name(&catalog, standing),
            me: base.path(Route::Me, &[]),
            sign_out: base.path(Route::SessionEnd, &[]),
        }),
        None => {
            let here = here.and_then(|here| here.address(base));
            let to: Vec<(&str, &str)> = here.iter().map(|here| ("to", here.as_str())).collect();
            let sign_in = base.path(Route::Session, &to);
            nobody(base, Some(sign_in), asked.lapsed)
        }
    };
    frame
}

fn bare(catalog: &Catalog, organisation: Option<&Organisation>, base: &Base) -> Frame {
    let platform = catalog.platform();
    Frame {
        platform: organisation.map_or_else(|| platform.title.clone(), |o| o.title.clone()),
        portal: organisation.map(|o| PortalFrame {
            colour: o.colour.clone(),
            url: o.url.clone(),
            contact: o.contact.clone(),
        }),
        session: None,
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
