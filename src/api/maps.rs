//! What the maps of the pages draw: collections from their tiles, over the background.

use super::basemap;
use super::context::Context;
use super::extent;
use super::model::{MapLayer, MapView, TilesAccess};
use super::routes::Route;
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
    let mut layers: Vec<&VisibleLayer> = layers.iter().collect();
    layers.sort_by_key(|l| l.feature_count());
    let mut drawn: Vec<(u8, MapLayer)> = Vec::new();
    for layer in layers {
        if let Some(map) = map_layer(context, layer, drawn.len() < SHOWN) {
            drawn.push((layer.schema().dimension().unwrap_or(2), map));
        }
    }
    drawn.sort_by_key(|(dimension, _)| std::cmp::Reverse(*dimension));
    let bounds = layers_bounds(context);
    (!drawn.is_empty()).then(|| MapView {
        bounds,
        basemap: Some(basemap::path(context)),
        layers: drawn.into_iter().map(|(_, map)| map).collect(),
        features: None,
    })
}

/// The box around all visible collections that do not cross the antimeridian.
fn layers_bounds(context: &Context) -> Option<[f64; 4]> {
    let all = super::collections::visible(context);
    let boxes = all.iter().filter_map(extent::bbox).filter(|b| b[0] <= b[2]);
    boxes.reduce(|a, b| {
        [
            a[0].min(b[0]),
            a[1].min(b[1]),
            a[2].max(b[2]),
            a[3].max(b[3]),
        ]
    })
}

fn map_layer(context: &Context, layer: &VisibleLayer, shown: bool) -> Option<MapLayer> {
    if layer.schema().geometry_kinds.is_empty() {
        return None;
    }
    let base = context.base.clone().with_language(None);
    Some(MapLayer {
        id: layer.id().to_owned(),
        title: layer.metadata().title.clone(),
        tilejson: base.path(Route::TileJson(layer.id()), &[]),
        item: context.base.item_template(layer.id()),
        label: layer.metadata().label.clone(),
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
    let (min_zoom, max_zoom) = layer.tile_zooms();
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
