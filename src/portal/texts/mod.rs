//! Every sentence of the pages. A language is one value of [`Texts`]: a sentence that one of them lacks does not compile.

mod en;
mod fr;

pub(super) use en::EN;
pub(super) use fr::FR;

use crate::geometry::source::GeometryKind;
use crate::model::id::IdStability;
use crate::model::schema::DataType;

/// A noun that is counted.
#[derive(Debug)]
pub struct Noun {
    pub(super) one: &'static str,
    pub(super) many: &'static str,
}

/// The pages' sentences in one language, grouped by where they stand.
#[derive(Debug)]
pub struct Texts {
    pub(super) frame: Frame,
    pub(super) landing: Landing,
    pub(super) list: List,
    pub(super) collection: Collection,
    pub(super) connect: Connect,
    pub(super) items: Items,
    pub(super) queryables: Queryables,
    pub(super) functions: Functions,
    pub(super) item: Item,
    pub(super) api: Api,
    pub(super) conformance: Conformance,
    pub(super) locked: Locked,
    pub(super) sign_in: SignIn,
    pub(super) me: Me,
    pub(super) problem: Problem,
    pub(super) map: Map,
    pub(super) features: Noun,
    pub(super) collections: Noun,
    pub(super) organisations: Noun,
    /// Separator of a term and its value.
    pub(super) colon: &'static str,
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
    pub(super) no_value: &'static str,
    pub(super) west: &'static str,
    pub(super) south: &'static str,
    pub(super) east: &'static str,
    pub(super) north: &'static str,
    pub(super) months: [&'static str; 12],
    pub(super) kinds: Kinds,
    pub(super) types: Types,
}

/// Header, footer and what every page has.
#[derive(Debug)]
pub(super) struct Frame {
    pub skip: &'static str,
    pub main_navigation: &'static str,
    pub home: &'static str,
    pub collections: &'static str,
    pub api: &'static str,
    pub language: &'static str,
    pub breadcrumbs: &'static str,
    pub about: &'static str,
    pub served_by: &'static str,
    pub conformance: &'static str,
    pub licences: &'static str,
    pub other_formats: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub sign_in: &'static str,
    pub signed_in: &'static str,
    /// A session does not hold any more.
    pub lapsed: &'static str,
    pub sign_out: &'static str,
    pub site: &'static str,
}

/// The landing page.
#[derive(Debug)]
pub(super) struct Landing {
    pub lead: &'static str,
    pub map: &'static str,
    pub data: &'static str,
    pub portal: &'static str,
    pub connect: &'static str,
    pub address: &'static str,
    pub connect_lead: &'static str,
    pub developers: &'static str,
    pub developers_lead: &'static str,
    pub api: &'static str,
}

/// Lists of collections and the search over them.
#[derive(Debug)]
pub(super) struct List {
    pub title: &'static str,
    pub lead: &'static str,
    pub search: &'static str,
    pub hint: &'static str,
    pub none: &'static str,
    pub found_one: &'static str,
    /// `{n}` stands for the number.
    pub found_many: &'static str,
    pub empty: &'static str,
    pub updated: &'static str,
    pub table_only: &'static str,
}

/// The page of a collection.
#[derive(Debug)]
pub(super) struct Collection {
    pub table: &'static str,
    pub geojson: &'static str,
    pub map: &'static str,
    pub map_table: &'static str,
    pub about: &'static str,
    pub publisher: &'static str,
    pub licence: &'static str,
    pub attribution: &'static str,
    pub contact: &'static str,
    pub updated: &'static str,
    pub keywords: &'static str,
    pub number: &'static str,
    pub geometry: &'static str,
    pub with_height: &'static str,
    pub no_geometry: &'static str,
    pub extent: &'static str,
    pub cells: &'static str,
    pub cells_ask: &'static str,
    pub interval: &'static str,
    pub open_start: &'static str,
    pub open_end: &'static str,
    pub crs: &'static str,
    pub storage: &'static str,
    pub identifier: &'static str,
    pub ids: &'static str,
    pub ids_declared: &'static str,
    pub ids_source: &'static str,
    pub ids_positional: &'static str,
    pub ids_content: &'static str,
    pub ids_property: &'static str,
    pub fields: &'static str,
    pub fields_lead: &'static str,
    pub queryables: &'static str,
    pub no_fields: &'static str,
    pub field: &'static str,
    pub meaning: &'static str,
    pub codes: &'static str,
    pub connect: &'static str,
    pub documents: &'static str,
    pub tilejson: &'static str,
    pub tilesets: &'static str,
    pub template: &'static str,
    pub zooms: &'static str,
}

/// How to connect a client.
#[derive(Debug)]
pub(super) struct Connect {
    pub qgis: &'static str,
    pub qgis_landing: &'static str,
    pub qgis_features: &'static str,
    pub qgis_tiles: &'static str,
    pub qgis_zooms: &'static str,
    pub gdal: &'static str,
    pub gdal_list: &'static str,
    pub gdal_describe: &'static str,
    pub gdal_copy: &'static str,
    pub maplibre: &'static str,
    pub maplibre_lead: &'static str,
    pub maplibre_landing: &'static str,
    pub key_qgis: &'static str,
    pub key_gdal: &'static str,
    pub key_line: &'static str,
    pub key_maplibre: &'static str,
}

/// The table of items.
#[derive(Debug)]
pub(super) struct Items {
    /// `{title}` stands for the collection's title.
    pub title: &'static str,
    pub filter: &'static str,
    pub bbox: &'static str,
    pub bbox_hint: &'static str,
    pub bbox_from_map: &'static str,
    pub datetime: &'static str,
    pub datetime_hint: &'static str,
    pub cql2: &'static str,
    pub cql2_hint: &'static str,
    pub cql2_json: &'static str,
    pub cql2_example: &'static str,
    pub cql2_names: &'static str,
    pub cql2_help: &'static str,
    /// Stands before the title of a page that refuses.
    pub wrong: &'static str,
    pub refused: &'static str,
    /// Marks the end of a text, where something is missing.
    pub end: &'static str,
    pub limit: &'static str,
    pub apply: &'static str,
    pub reset: &'static str,
    /// `{shown}` and `{matched}` stand for numbers.
    pub shown_of: &'static str,
    pub shown: &'static str,
    pub none: &'static str,
    pub table: &'static str,
    pub id: &'static str,
    pub pages: &'static str,
    pub first: &'static str,
    pub prev: &'static str,
    pub next: &'static str,
    pub map: &'static str,
    pub geojson: &'static str,
}

/// What filters can ask for.
#[derive(Debug)]
pub(super) struct Queryables {
    pub title: &'static str,
    pub lead: &'static str,
    pub schema: &'static str,
    pub names: &'static str,
    pub examples: &'static str,
    pub language: &'static str,
    pub rules: [&'static str; 7],
}

/// The functions of filters.
#[derive(Debug)]
pub(super) struct Functions {
    pub title: &'static str,
    pub lead: &'static str,
    pub function: &'static str,
    pub returns: &'static str,
}

/// The page of an item.
#[derive(Debug)]
pub(super) struct Item {
    pub properties: &'static str,
    pub property: &'static str,
    pub value: &'static str,
    pub id: &'static str,
    pub no_properties: &'static str,
    pub geometry: &'static str,
    pub no_geometry: &'static str,
    pub kind: &'static str,
    pub position: &'static str,
    pub height: &'static str,
    pub extent: &'static str,
    pub vertices: &'static str,
    pub geojson: &'static str,
    pub back: &'static str,
    pub attribution: &'static str,
}

/// The operations of the API.
#[derive(Debug)]
pub(super) struct Api {
    pub title: &'static str,
    pub lead: &'static str,
    pub base: &'static str,
    pub definitions: &'static str,
    pub parameters: &'static str,
    pub parameter: &'static str,
    pub description: &'static str,
    pub required: &'static str,
    pub answers: &'static str,
    pub in_path: &'static str,
    pub in_query: &'static str,
    pub in_header: &'static str,
}

/// The conformance classes.
#[derive(Debug)]
pub(super) struct Conformance {
    pub title: &'static str,
    pub lead: &'static str,
}

/// Data that may be known of and not seen.
#[derive(Debug)]
pub(super) struct Locked {
    pub badge: &'static str,
    pub lead: &'static str,
    pub known: &'static str,
    pub ask: &'static str,
    pub how: &'static str,
    pub no_contact: &'static str,
    pub have_key: &'static str,
}

/// The page where a key can be typed.
#[derive(Debug)]
pub(super) struct SignIn {
    pub title: &'static str,
    pub lead: &'static str,
    pub key: &'static str,
    pub hint: &'static str,
    pub submit: &'static str,
    pub no_key: &'static str,
    pub browse: &'static str,
}

/// What a caller is told of themselves.
#[derive(Debug)]
pub(super) struct Me {
    pub title: &'static str,
    pub lead: &'static str,
    pub who: &'static str,
    pub name: &'static str,
    pub role: &'static str,
    pub reader: &'static str,
    pub editor: &'static str,
    pub publisher: &'static str,
    pub admin: &'static str,
    pub key: &'static str,
    pub for_browsers: &'static str,
    pub until: &'static str,
    pub until_then: &'static str,
    pub no_end: &'static str,
    pub replaced: &'static str,
    pub quota: &'static str,
    /// `{left}`, `{requests}` and `{second}` stand for numbers.
    pub quota_now: &'static str,
    pub layers: &'static str,
    pub no_layers: &'static str,
    pub actions: &'static str,
    pub discover: &'static str,
    pub tiles: &'static str,
    pub items: &'static str,
    pub export: &'static str,
    pub terms: &'static str,
    pub accepted: &'static str,
    pub not_accepted: &'static str,
    /// Before the command that accepts terms.
    pub accept_how: &'static str,
    pub whole: &'static str,
    pub part: &'static str,
    pub cells: &'static str,
    pub requests: &'static str,
    pub open: &'static str,
    pub approved: &'static str,
    pub refused: &'static str,
    pub withdrawn: &'static str,
    pub renew: &'static str,
    pub renew_how: &'static str,
}

impl Me {
    /// A role, by its name in the API.
    pub(super) fn role_of<'t>(&self, role: &'t str) -> &'t str {
        match role {
            "reader" => self.reader,
            "editor" => self.editor,
            "publisher" => self.publisher,
            "admin" => self.admin,
            other => other,
        }
    }

    /// An action, by its name in the API.
    pub(super) fn action<'t>(&self, action: &'t str) -> &'t str {
        match action {
            "discover" => self.discover,
            "tiles" => self.tiles,
            "items" => self.items,
            "export" => self.export,
            other => other,
        }
    }

    /// How much of a collection is shown.
    pub(super) fn shows<'t>(&self, shows: &'t str) -> &'t str {
        match shows {
            "whole" => self.whole,
            "part" => self.part,
            "cells" => self.cells,
            other => other,
        }
    }

    /// How a request for access stands.
    pub(super) fn state<'t>(&self, state: &'t str) -> &'t str {
        match state {
            "open" => self.open,
            "approved" => self.approved,
            "refused" => self.refused,
            "withdrawn" => self.withdrawn,
            other => other,
        }
    }
}

/// Refusals and failures.
#[derive(Debug)]
pub(super) struct Problem {
    /// `{status}` stands for the HTTP status.
    pub code: &'static str,
    pub what_now: &'static str,
    pub request: &'static str,
    pub not_found: &'static str,
    pub locked: &'static str,
    pub key: &'static str,
    pub no_key: &'static str,
    pub not_acceptable: &'static str,
    pub busy: &'static str,
    pub server: &'static str,
    pub home: &'static str,
    pub collections: &'static str,
    pub api: &'static str,
}

/// The maps; most of these are handed to the script.
#[derive(Debug)]
pub(super) struct Map {
    pub label: &'static str,
    pub not_built: &'static str,
    pub no_script: &'static str,
    pub no_webgl: &'static str,
    pub failed: &'static str,
    pub partial: &'static str,
    pub closer: &'static str,
    pub keyboard: &'static str,
    pub legend: &'static str,
    pub item: &'static str,
    pub open: &'static str,
    pub more: &'static str,
    pub nothing: &'static str,
    pub close: &'static str,
    pub zoom_in: &'static str,
    pub zoom_out: &'static str,
    pub north: &'static str,
    pub fullscreen: &'static str,
    pub fullscreen_exit: &'static str,
    pub credits: &'static str,
    pub wheel: &'static str,
    pub wheel_mac: &'static str,
    pub touch: &'static str,
}

/// Kinds of geometry.
#[derive(Debug)]
pub(super) struct Kinds {
    pub point: Noun,
    pub line: Noun,
    pub polygon: Noun,
    pub multi_point: Noun,
    pub multi_line: Noun,
    pub multi_polygon: Noun,
    pub collection: Noun,
}

/// Types of properties.
#[derive(Debug)]
pub(super) struct Types {
    pub boolean: &'static str,
    pub integer: &'static str,
    pub number: &'static str,
    pub string: &'static str,
    pub date: &'static str,
    pub date_time: &'static str,
    pub json: &'static str,
}

impl Texts {
    /// A kind of geometry, for one and for many.
    pub(super) fn kind(&self, kind: GeometryKind) -> &Noun {
        let k = &self.kinds;
        match kind {
            GeometryKind::Point => &k.point,
            GeometryKind::LineString => &k.line,
            GeometryKind::Polygon => &k.polygon,
            GeometryKind::MultiPoint => &k.multi_point,
            GeometryKind::MultiLineString => &k.multi_line,
            GeometryKind::MultiPolygon => &k.multi_polygon,
            GeometryKind::GeometryCollection => &k.collection,
        }
    }

    /// A type of property.
    pub(super) fn data_type(&self, data_type: DataType) -> &'static str {
        let t = &self.types;
        match data_type {
            DataType::Boolean => t.boolean,
            DataType::Integer => t.integer,
            DataType::Number => t.number,
            DataType::String => t.string,
            DataType::Date => t.date,
            DataType::DateTime => t.date_time,
            DataType::Json => t.json,
        }
    }

    /// What a collection says of the stability of its ids.
    pub(super) fn id_stability(&self, stability: IdStability) -> &'static str {
        let c = &self.collection;
        match stability {
            IdStability::Declared => c.ids_declared,
            IdStability::Source => c.ids_source,
            IdStability::Positional => c.ids_positional,
            IdStability::Content => c.ids_content,
        }
    }

    /// What to do about a kind of problem, or else a status.
    pub(super) fn advice(&self, status: u16, kind: &str) -> Option<&'static str> {
        let p = &self.problem;
        match kind {
            "invalid-credential" | "expired-credential" | "two-credentials"
            | "signature-invalid" | "signature-expired" => return Some(p.key),
            "credential-required" => return Some(p.no_key),
            // The detail says all.
            "key-required" | "not-allowed" | "cross-site" | "origin-refused"
            | "network-refused" => return None,
            _ => {}
        }
        match status {
            401 | 403 => Some(p.locked),
            404 | 410 => Some(p.not_found),
            406 => Some(p.not_acceptable),
            429 | 503 => Some(p.busy),
            500.. => Some(p.server),
            _ => None,
        }
    }

    /// Where a parameter stands.
    pub(super) fn place(&self, place: &str) -> &'static str {
        match place {
            "path" => self.api.in_path,
            "header" => self.api.in_header,
            _ => self.api.in_query,
        }
    }
}
