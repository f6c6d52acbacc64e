//! Collections that the caller may know of and not see: what their publisher declared, and how to ask for access. Nothing here is
//! computed from rows.

use super::base::Base;
use super::context::Asked;
use super::link::Link;
use super::model::{CollectionCard, Frame, LockedPage};
use super::negotiate::{HTML, JSON};
use super::problem::{Lock, Problem};
use super::routes::Route;
use super::texts::pick;
use crate::catalog::Notice;

/// Link relation from a locked collection to how to ask for access.
const REQUEST_ACCESS: &str = "request-access";

/// Links to what helps with a problem: how to ask for access to a collection that is locked.
pub(super) fn links(asked: &Asked, problem: &Problem) -> Vec<Link> {
    let (Problem::Locked(lock), Some(base)) = (problem, &asked.base) else {
        return Vec::new();
    };
    let title = pick(
        asked.language,
        "Comment en demander l’accès",
        "How to ask for access",
    );
    let href = base.href(Route::Collection(&lock.notice.id), &[("f", "html")]);
    let mut links = vec![Link::new(REQUEST_ACCESS, href, HTML, title)];
    if lock.known {
        let title = pick(
            asked.language,
            "Demander l’accès pour votre organisation (POST)",
            "Ask for access for your organisation (POST)",
        );
        let href = base.href(Route::Requests, &[]);
        links.push(Link::new(REQUEST_ACCESS, href, JSON, title));
    }
    links
}

/// The page of a locked collection.
pub(super) fn page(frame: Frame, base: &Base, lock: &Lock) -> LockedPage {
    let here = base.path(Route::Collection(&lock.notice.id), &[("f", "html")]);
    LockedPage {
        frame,
        id: lock.notice.id.clone(),
        metadata: lock.notice.metadata.clone(),
        known: lock.known,
        sign_in: base.path(Route::Session, &[("to", &here)]),
    }
}

/// Its card in the lists of pages.
pub(super) fn card(base: &Base, notice: &Notice) -> CollectionCard {
    CollectionCard {
        id: notice.id.clone(),
        href: base.path(Route::Collection(&notice.id), &[]),
        metadata: notice.metadata.clone(),
        figures: None,
    }
}
