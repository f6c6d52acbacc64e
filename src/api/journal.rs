//! What answers leave in the journal of reads: the one place from which requests write to it.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};

use super::context::Context;
use super::door::Caller;
use crate::access::{Read, Route, Surface};
use crate::catalog::VisibleLayer;

/// What an answer shows of a layer.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) layer: &'a VisibleLayer,
    /// On which surface it was looked at.
    pub(super) surface: Surface,
    pub(super) route: Route,
    /// Rows that are shown.
    pub(super) features: u64,
}

impl<'a> Shown<'a> {
    /// What says something of the rows without showing one.
    pub(super) fn described(layer: &'a VisibleLayer, surface: Surface) -> Self {
        Self {
            layer,
            surface,
            route: Route::Description,
            features: 0,
        }
    }

    /// Items.
    pub(super) fn items(layer: &'a VisibleLayer, route: Route, features: u64) -> Self {
        Self {
            layer,
            surface: Surface::Items,
            route,
            features,
        }
    }
}

/// Notes that a caller was shown something, in a body of that many bytes before compression.
pub(super) fn note(caller: &Caller, shown: Shown<'_>, bytes: u64) {
    let standing = caller.principal.standing();
    caller.api.journal.record(Read {
        principal: standing.map_or("anonymous", |s| s.name.as_str()),
        view: shown.layer.view_id(),
        layer: shown.layer.collection(),
        route: shown.route,
        features: shown.features,
        bytes,
        at_us: caller.api.settings.clock.now_us(),
        address: None,
        open: caller.is_open(shown.layer, shown.surface),
    });
}

impl Context {
    /// Answers with a whole body that shows something of a layer. What the client has already, or did not ask for, is not shown again.
    pub(super) fn reply_of(
        &self,
        shown: Shown<'_>,
        body: Vec<u8>,
        more: Vec<(HeaderName, HeaderValue)>,
    ) -> Response<Body> {
        let bytes = body.len() as u64;
        let response = self.reply(body, more);
        let sent = response.status() == StatusCode::OK && !self.head;
        let features = if sent { shown.features } else { 0 };
        let shown = Shown { features, ..shown };
        note(&self.caller, shown, if sent { bytes } else { 0 });
        response
    }
}
