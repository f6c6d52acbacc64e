//! What the maps of the pages draw: collections from their tiles, over the background.

use super::basemap;
use super::context::Context;
use super::extent;
use super::model::{MapLayer, MapView, TilesAccess};
use super::routes::Route;
use crate::access::Surface;
use crate::catalog::VisibleLayer;
use crate::tiles::properties::id_property;

/// Layers that the overview shows before anyone asks: more would hide each other and take long to come.
const SHOWN: usize = 3;

/// The map of one collection; none for a table.
pub(super) fn of_collection(context: &Context, layer: &VisibleLayer) -> Option<MapView> {
    let drawn = map_layer(context, layer, true)?;
    Some(MapView {
        bounds: extent::bbox(layer),
        basemap: Some(basemap::path(context)),
        layers: vec![drawn],
        features: None,
    })
}

/// The overview of all collections. Areas lie below lines, lines below points; the smallest are shown first.
pub(super) fn overview(context: &Context, layers: &[VisibleLayer]) -> Option<MapView> {
    let mut smallest_first: Vec<&VisibleLayer> = layers
        .iter()
        .filter(|l| context.caller.sees(l, Surface::Tilesets))
        .collect();
    smallest_first.sort_by_key(|l| l.feature_count());
    let mut drawn: Vec<(u8, MapLayer)> = Vec::new();
    for layer in smallest_first {
        if let Some(map) = map_layer(context, layer, drawn.len() < SHOWN) {
            drawn.push((layer.schema().dimension().unwrap_or(2), map));
        }
    }
    drawn.sort_by_key(|(dimension, _)| std::cmp::Reverse(*dimension));
    (!drawn.is_empty()).then(|| MapView {
        bounds: bounds(layers),
        basemap: Some(basemap::path(context)),
        layers: drawn.into_iter().map(|(_, map)| map).collect(),
        features: None,
    })
}

/// The box around all collections that do not cross the antimeridian.
fn bounds(layers: &[VisibleLayer]) -> Option<[f64; 4]> {
    let boxes = layers.iter().filter_map(extent::bbox);
    let boxes = boxes.filter(|b| b[0] <= b[2]);
    boxes.reduce(|a, b| {
        [
            a[0].min(b[0]),
            a[1].min(b[1]),
            a[2].max(b[2]),
            a[3].max(b[3]),
        ]
    })
}

/// The path of an item's page, where items may be seen.
pub(super) fn item_template(context: &Context, layer: &VisibleLayer) -> Option<String> {
    let seen = context.caller.sees(layer, Surface::Items);
    seen.then(|| context.base.item_template(layer.id()))
}

/// The property that names an item; a view has it only if it shows it.
pub(super) fn label(layer: &VisibleLayer) -> Option<String> {
    layer.metadata().label.clone()
}

fn map_layer(context: &Context, layer: &VisibleLayer, shown: bool) -> Option<MapLayer> {
    if layer.schema().geometry_kinds.is_empty() {
        return None;
    }
    let base = context.base.clone().with_language(None);
    // What a map loads by itself shows no credential: who sees more than everybody is given addresses that are signed.
    let signed = if context.caller.is_open(layer, Surface::Tilesets) {
        Vec::new()
    } else {
        context.signed_pairs(&[layer.id()])
    };
    let pairs: Vec<_> = signed.iter().map(|(n, v)| (*n, v.as_str())).collect();
    Some(MapLayer {
        id: layer.id().to_owned(),
        title: layer.metadata().title.clone(),
        tilejson: base.path(Route::TileJson(layer.id()), &pairs),
        item: item_template(context, layer),
        label: label(layer),
        attribution: layer.metadata().attribution.clone(),
        shown,
    })
}

/// The tiles of a collection, for clients; none for a table.
pub(super) fn tiles(context: &Context, layer: &VisibleLayer) -> Option<TilesAccess> {
    if layer.schema().geometry_kinds.is_empty() {
        return None;
    }
    let base = context.base.clone().with_language(None);
    let (min_zoom, max_zoom) = context.caller.tile_zooms(layer);
    Some(TilesAccess {
        tilejson: base.href(Route::TileJson(layer.id()), &[]),
        template: base.href(Route::TileTemplate(layer.id()), &[]),
        tilesets: base.href(Route::Tilesets(layer.id()), &[]),
        min_zoom,
        max_zoom,
        promote_id: promote_id(layer),
    })
}

/// The property of the tiles that holds the public id, where the tiles' own `id` does not.
pub(super) fn promote_id(layer: &VisibleLayer) -> Option<String> {
    (!layer.ids_are_small_integers()).then(|| id_property(layer.schema()))
}
