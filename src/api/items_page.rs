//! Items as pages for people.

use std::sync::atomic::AtomicBool;

use axum::body::Body;
use axum::http::Response;

use super::context::Context;
use super::extent;
use super::frame;
use super::items::{content_crs, link_headers, links};
use super::items_form::form;
use super::journal::Shown;
use super::maps;
use super::model::{
    CollectionRef, GeometrySummary, ItemPage, ItemRow, ItemsPage, MapFeatures, MapView, Value,
};
use super::problem::Problem;
use super::respond;
use super::routes::Route;
use crate::access::{self, Surface};
use crate::catalog::{Row, VisibleLayer};
use crate::features::{Fault, ItemsQuery, PageStart, Room, Sink, Start, first_rows};
use crate::formats::Placement;
use crate::formats::geojson::FeatureWriter;
use crate::geometry::crs::Crs;
use crate::geometry::source::GeometryKind;
use crate::model::ValueRef;

/// A page of the table of items.
pub(super) fn respond(
    context: &Context,
    layer: &VisibleLayer,
    query: &ItemsQuery,
    cancel: &AtomicBool,
) -> Result<Response<Body>, Problem> {
    let mut table = Table {
        context,
        layer,
        rows: Vec::new(),
        embedded: Embedded::new(context, layer),
    };
    let memory = (&context.api.secret, &context.api.counts);
    let start = first_rows(layer, query, memory, cancel, &mut table);
    let start = match start {
        Ok(start) => start.map_err(|_| Problem::TimedOut)?,
        Err(fault) => return Ok(refused(context, layer, &[fault])),
    };
    let links = links(context, layer, &start);
    let page = page(context, layer, query, &start, table);
    let html = context.api.pages.items(&page, context.language);
    let mut headers = vec![content_crs(&query.crs.uri)];
    headers.extend(link_headers(&links));
    let rows = page.rows.len() as u64;
    let shown = Shown::items(layer, access::Route::Items, rows);
    Ok(context.reply_of(shown, html.into_bytes(), headers))
}

/// The form again, with what is wrong at its place: a filter is not written twice.
pub(super) fn refused(context: &Context, layer: &VisibleLayer, faults: &[Fault]) -> Response<Body> {
    let route = Route::Items(layer.id());
    let limit = context.api.settings.page_rows;
    let page = ItemsPage {
        frame: frame::of(context, route),
        collection: collection_ref(context, layer),
        fields: layer.schema().fields.clone(),
        rows: Vec::new(),
        matched: None,
        form: form(context, layer, limit, faults),
        first: None,
        prev: None,
        next: None,
        json: context.base.path(route, &[("f", "json")]),
        map: None,
    };
    let html = context.api.pages.items(&page, context.language);
    respond::refusal(&context.api, context.language, html)
}

/// Collects the rows of the table.
struct Table<'a> {
    context: &'a Context,
    layer: &'a VisibleLayer,
    rows: Vec<ItemRow>,
    embedded: Option<Embedded>,
}

/// Bytes of GeoJSON that a page brings for its map: what takes longer to come than the page is not drawn.
const EMBEDDED_BYTES: usize = 512 << 10;

/// The items of a page as GeoJSON in it, for a caller who sees them by a credential: the map's script has none to show.
struct Embedded {
    writer: FeatureWriter,
    features: Vec<u8>,
}

impl Embedded {
    fn new(context: &Context, layer: &VisibleLayer) -> Option<Self> {
        let known = context.caller.principal.standing().is_some();
        if !known || context.caller.is_open(layer, Surface::Items) {
            return None;
        }
        let placement = Placement::new(layer.storage_crs(), Crs::CRS84).ok()?;
        Some(Self {
            writer: FeatureWriter::new(layer.schema(), placement),
            features: Vec::new(),
        })
    }

    fn take(&mut self, row: &Row<'_>) {
        if self.features.len() > EMBEDDED_BYTES {
            return;
        }
        if !self.features.is_empty() {
            self.features.push(b',');
        }
        self.writer.feature(row, &mut self.features);
    }

    /// A feature collection; `None` if it would be too large.
    fn text(self) -> Option<String> {
        let features = String::from_utf8(self.features).ok()?;
        let fits = features.len() <= EMBEDDED_BYTES;
        fits.then(|| format!("{{\"type\":\"FeatureCollection\",\"features\":[{features}]}}"))
    }
}

impl Sink for Table<'_> {
    fn weigh(&self, row: &Row<'_>) -> u64 {
        let texts = (0..self.layer.schema().fields.len()).map(|place| match row.value(place) {
            ValueRef::Text(text) | ValueRef::Json(text) => text.len(),
            _ => 0,
        });
        texts.sum::<usize>() as u64
    }

    fn take(&mut self, row: &Row<'_>) -> Room {
        if let Some(embedded) = &mut self.embedded {
            embedded.take(row);
        }
        self.rows.push(table_row(self.context, self.layer, row));
        Room::More
    }
}

fn page(
    context: &Context,
    layer: &VisibleLayer,
    query: &ItemsQuery,
    start: &PageStart,
    Table { rows, embedded, .. }: Table<'_>,
) -> ItemsPage {
    let (base, route) = (&context.base, Route::Items(layer.id()));
    let to = |changes: &[(&str, Option<&str>)]| base.path(route, &context.changed(changes));
    let limit = query.limit.to_string();
    let json = to(&[("f", Some("json")), ("limit", Some(&limit))]);
    // The map draws longitudes and latitudes.
    let on_map = to(&[("f", Some("json")), ("limit", Some(&limit)), ("crs", None)]);
    let first = (query.start != Start::First).then(|| to(&[("cursor", None), ("offset", None)]));
    let next = start.next.as_deref();
    ItemsPage {
        frame: frame::of(context, route),
        collection: collection_ref(context, layer),
        fields: layer.schema().fields.clone(),
        rows,
        matched: Some(start.number_matched),
        form: form(context, layer, query.limit, &[]),
        first,
        prev: None,
        next: next.map(|cursor| to(&[("offset", None), ("cursor", Some(cursor))])),
        json,
        map: (!layer.schema().geometry_kinds.is_empty())
            .then(|| map(context, layer, (on_map, embedded), extent::bbox(layer)))
            .flatten(),
    }
}

fn table_row(context: &Context, layer: &VisibleLayer, row: &Row<'_>) -> ItemRow {
    let id = row.id().to_string();
    ItemRow {
        href: context.base.path(Route::Item(layer.id(), &id), &[]),
        values: (0..layer.schema().fields.len())
            .map(|place| value(row.value(place)))
            .collect(),
        id,
    }
}

/// The page of one item.
pub(super) fn item(context: &Context, layer: &VisibleLayer, row: &Row<'_>) -> ItemPage {
    let (schema, metadata) = (layer.schema(), layer.metadata());
    let id = row.id().to_string();
    let route = Route::Item(layer.id(), &id);
    let label = metadata.label.as_deref().and_then(|l| schema.index_of(l));
    let title = label.and_then(|place| text(row.value(place)));
    let json = |crs| {
        context.base.path(
            route,
            &context.changed(&[("f", Some("json")), ("crs", crs)]),
        )
    };
    let crs = context
        .pairs
        .iter()
        .find(|(n, _)| n == "crs")
        .map(|(_, v)| v.as_str());
    let geometry = geometry(row);
    let mut embedded = Embedded::new(context, layer);
    if let Some(embedded) = &mut embedded {
        embedded.take(row);
    }
    ItemPage {
        frame: frame::of(context, route),
        collection: collection_ref(context, layer),
        properties: schema
            .fields
            .iter()
            .cloned()
            .zip((0..).map(|place| value(row.value(place))))
            .collect(),
        map: geometry
            .as_ref()
            .and_then(|g| map(context, layer, (json(None), embedded), Some(g.bbox))),
        geometry,
        title,
        attribution: metadata.attribution.clone(),
        json: json(crs),
        id,
    }
}

fn geometry(row: &Row<'_>) -> Option<GeometrySummary> {
    let (on_grid, source) = (row.grid_bbox()?, row.source_geometry()?);
    let height = (source.kind == GeometryKind::Point)
        .then(|| source.z.first().copied())
        .flatten();
    Some(GeometrySummary {
        kind: source.kind,
        bbox: extent::row_bbox(&on_grid),
        vertices: source.xy.len() as u64,
        height: height.filter(|h| h.is_finite()),
    })
}

/// The collection that a page belongs to.
pub(super) fn collection_ref(context: &Context, layer: &VisibleLayer) -> CollectionRef {
    let to = |route, surface| {
        let seen = context.caller.sees(layer, surface);
        seen.then(|| context.base.path(route, &[]))
    };
    CollectionRef {
        id: layer.id().to_owned(),
        title: layer.metadata().title.clone(),
        href: to(Route::Collection(layer.id()), Surface::Discover),
        items: to(Route::Items(layer.id()), Surface::Items),
    }
}

fn map(
    context: &Context,
    layer: &VisibleLayer,
    (href, embedded): (String, Option<Embedded>),
    bounds: Option<[f64; 4]>,
) -> Option<MapView> {
    let data = match embedded {
        Some(embedded) => Some(embedded.text()?),
        None => None,
    };
    Some(MapView {
        bounds,
        basemap: Some(super::basemap::path(context)),
        layers: Vec::new(),
        features: Some(MapFeatures {
            href,
            data,
            item: context.base.item_template(layer.id()),
            label: maps::label(layer),
            attribution: layer.metadata().attribution.clone(),
        }),
    })
}

fn value(v: ValueRef<'_>) -> Value {
    match v {
        ValueRef::Null => Value::Null,
        ValueRef::Bool(b) => Value::Bool(b),
        ValueRef::Int(i) => Value::Int(i),
        ValueRef::Float(x) => Value::Float(x),
        ValueRef::Text(t) => Value::Text(t.to_owned()),
        ValueRef::Date(d) => Value::Time(d.to_string()),
        ValueRef::DateTime(t) => Value::Time(t.to_string()),
        ValueRef::Json(t) => Value::Json(t.to_owned()),
    }
}

fn text(v: ValueRef<'_>) -> Option<String> {
    match v {
        ValueRef::Null => None,
        ValueRef::Bool(b) => Some(b.to_string()),
        ValueRef::Int(i) => Some(i.to_string()),
        ValueRef::Float(x) => Some(x.to_string()),
        ValueRef::Text(t) | ValueRef::Json(t) => Some(t.to_owned()),
        ValueRef::Date(d) => Some(d.to_string()),
        ValueRef::DateTime(t) => Some(t.to_string()),
    }
}
