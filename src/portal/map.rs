//! What the map script is told: one JSON value in the attribute `data-map` of each map.

use serde_json::{Value, json};

use super::assets::{self, LIBRARY};
use super::lang::Speak as _;
use crate::api::model::{Frame, MapView};
use crate::catalog::Language;

/// The attribute's value; `None` where this build has no map library.
pub(super) fn data(view: &MapView, frame: &Frame, lang: Language) -> Option<String> {
    let library = LIBRARY.as_ref()?;
    let features = view.features.as_ref().map(|f| {
        let data = f.data.as_deref();
        json!({
            "href": f.href,
            "data": data.and_then(|d| serde_json::from_str::<Value>(d).ok()),
            "item": f.item,
            "label": f.label,
            "attribution": f.attribution,
        })
    });
    let layers: Vec<Value> = view
        .layers
        .iter()
        .map(|l| {
            json!({
                "id": l.id,
                "title": l.title,
                "tilejson": l.tilejson,
                "item": l.item,
                "label": l.label,
                "attribution": l.attribution,
                "shown": l.shown,
            })
        })
        .collect();
    let value = json!({
        "library": assets::href(frame, library.module),
        "worker": assets::href(frame, library.worker),
        "origin": frame.origin,
        "bounds": view.bounds,
        "basemap": view.basemap,
        "layers": layers,
        "features": features,
        "texts": texts(lang),
    });
    Some(value.to_string())
}

/// The sentences that the script says; `controls` are the library's own.
fn texts(lang: Language) -> Value {
    let t = &lang.texts().map;
    json!({
        "noWebgl": t.no_webgl,
        "failed": t.failed,
        "partial": t.partial,
        "closer": t.closer,
        "legend": t.legend,
        "item": t.item,
        "open": t.open,
        "more": t.more,
        "nothing": t.nothing,
        "controls": {
            "Map.Title": t.label,
            "Popup.Close": t.close,
            "NavigationControl.ZoomIn": t.zoom_in,
            "NavigationControl.ZoomOut": t.zoom_out,
            "NavigationControl.ResetBearing": t.north,
            "FullscreenControl.Enter": t.fullscreen,
            "FullscreenControl.Exit": t.fullscreen_exit,
            "AttributionControl.ToggleAttribution": t.credits,
            "CooperativeGesturesHandler.WindowsHelpText": t.wheel,
            "CooperativeGesturesHandler.MacHelpText": t.wheel_mac,
            "CooperativeGesturesHandler.MobileHelpText": t.touch,
        },
    })
}
