//! What a page shows: plain values, computed here, drawn by whoever implements [`Pages`](super::Pages). Every `href` is ready to be used (base path, `lang` and `f` included);
//! a path without host keeps a page usable under each name that the server answers to.

use crate::geometry::source::GeometryKind;
use crate::model::id::IdStability;
use crate::model::metadata::Metadata;
use crate::model::schema::Field;

use crate::catalog::Language;

/// A link to another form of the page (`rel=alternate`) or to a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Where to.
    pub href: String,
    /// Its media type.
    pub media_type: String,
    /// What people read.
    pub title: String,
}

/// What an organisation shows of itself on the pages of its portal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PortalFrame {
    /// Its colour, as `#rrggbb`.
    pub colour: Option<String>,
    /// Its own web site.
    pub url: Option<String>,
    /// Whom to write to.
    pub contact: Option<String>,
}

/// Who looks at a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Session {
    /// Somebody without a key.
    Nobody {
        /// The page where a key can be typed.
        sign_in: String,
    },
    /// Somebody whose session does not hold, or not any more: they see what everybody sees, and are told so.
    Lapsed {
        /// The page where a key can be typed; `None` on that very page.
        sign_in: Option<String>,
        /// Where the form that takes the session away is sent (by POST).
        sign_out: String,
    },
    /// Somebody whose key is known.
    Somebody {
        /// What they are called.
        name: String,
        /// The page of what their key opens.
        me: String,
        /// Where the form that ends the session is sent (by POST).
        sign_out: String,
    },
}

/// What surrounds the content of every page.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Title of the platform or portal.
    pub platform: String,
    /// What the portal's organisation shows of itself; `None` outside of portals.
    pub portal: Option<PortalFrame>,
    /// Who looks at it; `None` where that is not known.
    pub session: Option<Session>,
    /// Path of the base URL without a final slash (`""`, `"/geo"`): assets lie under `{root}/assets/`.
    pub root: String,
    /// Origin of the base URL (`https://data.example.org`): the maps ask for what it names on the page's own origin instead.
    pub origin: Option<String>,
    /// The language that titles and descriptions of the data are written in.
    pub content_lang: Language,
    /// The landing page.
    pub home: String,
    /// The list of collections.
    pub collections: String,
    /// The operations of the API, for people.
    pub api: String,
    /// The conformance classes.
    pub conformance: String,
    /// This very page in each other language.
    pub translations: Vec<(Language, String)>,
    /// Other media types of this page.
    pub alternates: Vec<Link>,
}

/// What a map draws.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MapView {
    /// West, south, east, north in degrees (CRS84); the whole world if absent. West > east crosses the antimeridian.
    pub bounds: Option<[f64; 4]>,
    /// A MapLibre style (JSON) to draw below; without it a plain ground.
    pub basemap: Option<String>,
    /// Layers of tiles, the first at the bottom.
    pub layers: Vec<MapLayer>,
    /// GeoJSON to draw above all.
    pub features: Option<MapFeatures>,
}

/// A collection on a map, drawn from its tiles.
#[derive(Debug, Clone, PartialEq)]
pub struct MapLayer {
    /// The collection, which is also the name of the layer in its tiles.
    pub id: String,
    /// What the legend says.
    pub title: String,
    /// Its TileJSON. `id_property` of its vector layer names the property that holds the ids, where the tiles' own `id` does not.
    pub tilejson: String,
    /// An item's page, `{id}` standing for the percent-encoded id; `None` if the caller may not see items.
    pub item: Option<String>,
    /// The property that names an item.
    pub label: Option<String>,
    /// Credits, plain text.
    pub attribution: Option<String>,
    /// Whether it is drawn before anyone asks.
    pub shown: bool,
}

/// Items on a map, drawn from their GeoJSON.
#[derive(Debug, Clone, PartialEq)]
pub struct MapFeatures {
    /// A feature or a feature collection in CRS84.
    pub href: String,
    /// What is found there, where the page itself brings it: a script that asks for it shows no credential.
    pub data: Option<String>,
    /// An item's page, `{id}` standing for the percent-encoded id.
    pub item: String,
    /// The property that names an item.
    pub label: Option<String>,
    /// Credits, plain text.
    pub attribution: Option<String>,
}

/// A collection in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionCard {
    /// Its id.
    pub id: String,
    /// Its page.
    pub href: String,
    /// What the publisher says of it.
    pub metadata: Metadata,
    /// What can be seen of it; `None` for one that is locked.
    pub figures: Option<Figures>,
}

/// What a list says of a collection's items.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Number of items.
    pub count: u64,
    /// Kinds of geometry that occur; none for a table.
    pub kinds: Vec<GeometryKind>,
}

/// The collections of one organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Shelf {
    /// Title of the organisation; `None` where the platform has no organisations.
    pub organisation: Option<String>,
    /// Page of the organisation's own portal.
    pub href: Option<String>,
    /// Its collections.
    pub collections: Vec<CollectionCard>,
}

/// The landing page.
#[derive(Debug, Clone, PartialEq)]
pub struct LandingPage {
    /// What surrounds it.
    pub frame: Frame,
    /// What the platform is.
    pub description: Option<String>,
    /// Every listed collection.
    pub shelves: Vec<Shelf>,
    /// The overview map.
    pub map: Option<MapView>,
    /// The absolute URL that clients connect to.
    pub service_url: String,
    /// Definitions of the API (OpenAPI), best first.
    pub definitions: Vec<Link>,
    /// The functions of filters.
    pub functions: String,
}

/// The list of collections.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionsPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Every listed collection.
    pub collections: Vec<CollectionCard>,
}

/// The tiles of a collection, as clients need them. All URLs are absolute.
#[derive(Debug, Clone, PartialEq)]
pub struct TilesAccess {
    /// TileJSON.
    pub tilejson: String,
    /// Template with `{z}/{x}/{y}`.
    pub template: String,
    /// OGC API Tiles description of the tilesets.
    pub tilesets: String,
    /// Lowest zoom with tiles.
    pub min_zoom: u8,
    /// Highest zoom with tiles.
    pub max_zoom: u8,
    /// The property that holds the ids, where the tiles' own `id` does not.
    pub promote_id: Option<String>,
}

/// To those to whom cells of a grid are shown in place of items: whom to ask for more.
#[derive(Debug, Clone, PartialEq)]
pub struct CellsNote {
    /// Whom to write to.
    pub contact: Option<String>,
    /// The page where a key can be typed; `None` for those whose key is known.
    pub sign_in: Option<String>,
}

/// The items of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemsAccess {
    /// Their table.
    pub table: String,
    /// The same as GeoJSON.
    pub json: String,
}

/// A collection that may be known of and not seen: what its publisher declared, and how to ask.
#[derive(Debug, Clone, PartialEq)]
pub struct LockedPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// What the publisher says of it.
    pub metadata: Metadata,
    /// A key is known already, and does not open it.
    pub known: bool,
    /// The page where a key can be typed.
    pub sign_in: String,
}

/// The page where a key can be typed. Its form is sent (by POST) as `key` and `to`.
#[derive(Debug, Clone, PartialEq)]
pub struct SignInPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Where the form is sent.
    pub action: String,
    /// The path to go to afterwards.
    pub to: String,
    /// What is wrong with the key that was typed, in the page's language.
    pub fault: Option<String>,
}

/// The key that a caller uses.
#[derive(Debug, Clone, PartialEq)]
pub struct MeKey {
    /// Its id, which is no secret.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// Everybody may read it: it is for web pages.
    pub for_browsers: bool,
    /// The instant at which it ends (RFC 3339).
    pub until: Option<String>,
    /// The id of the key that takes its place.
    pub replaced_by: Option<String>,
    /// Where another one is asked for (by POST), absolute; `None` where this one cannot be replaced so.
    pub rotate: Option<String>,
}

/// A collection that a caller sees.
#[derive(Debug, Clone, PartialEq)]
pub struct MeLayer {
    /// Its id.
    pub id: String,
    /// Its page.
    pub href: String,
    /// What can be done with it.
    pub actions: Vec<MeAction>,
}

/// What can be done with a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct MeAction {
    /// `discover`, `tiles`, `items`, `export`.
    pub name: String,
    /// How much of it that shows: `whole`, `part`, `cells`.
    pub shows: String,
    /// The instant at which that ends.
    pub until: Option<String>,
}

/// Terms that stand before something of the caller's.
#[derive(Debug, Clone, PartialEq)]
pub struct MeTerms {
    /// Id and version: `licence@3`.
    pub name: String,
    /// Title for people.
    pub title: Option<String>,
    /// Where the text stands.
    pub href: Option<String>,
    /// The organisation has accepted them.
    pub accepted: bool,
    /// Where they are accepted (by POST), as long as they are not.
    pub accept: Option<String>,
    /// The collections that they are about.
    pub layers: Vec<String>,
}

/// A request for access.
#[derive(Debug, Clone, PartialEq)]
pub struct MeRequest {
    /// For which collection.
    pub layer: String,
    /// What for.
    pub purpose: String,
    /// Until when.
    pub until: String,
    /// `open`, `approved`, `refused` or `withdrawn`.
    pub state: String,
    /// Why it was refused.
    pub reason: Option<String>,
}

/// How many requests a caller may send.
#[derive(Debug, Clone, PartialEq)]
pub struct MeQuota {
    /// At once.
    pub requests: u64,
    /// How many of them are left.
    pub left: u64,
    /// How many come back in a second.
    pub per_second: f64,
}

/// What a caller is told of themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct MePage {
    /// What surrounds it.
    pub frame: Frame,
    /// How journals name the caller.
    pub name: String,
    /// Title of the organisation.
    pub organisation: Option<String>,
    /// `reader`, `editor`, `publisher` or `admin`.
    pub role: Option<String>,
    /// The key.
    pub key: Option<MeKey>,
    /// What is left of the quota.
    pub quota: Option<MeQuota>,
    /// What is seen.
    pub layers: Vec<MeLayer>,
    /// Terms of use.
    pub terms: Vec<MeTerms>,
    /// Requests for access of the organisation.
    pub requests: Vec<MeRequest>,
}

/// One collection.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// What the publisher says of it.
    pub metadata: Metadata,
    /// Number of items that it describes.
    pub count: u64,
    /// Kinds of geometry that occur; none for a table.
    pub kinds: Vec<GeometryKind>,
    /// True if some vertex has a height.
    pub has_z: bool,
    /// Its properties, in the order of the source.
    pub fields: Vec<Field>,
    /// West, south, east, north in degrees (CRS84).
    pub extent: Option<[f64; 4]>,
    /// First and last instant, as the API writes them; `None` for an open end.
    pub interval: Option<[Option<String>; 2]>,
    /// URIs of the coordinate reference systems that items can be asked in.
    pub crs: Vec<String>,
    /// The one that the data are kept in.
    pub storage_crs: Option<String>,
    /// How stable its ids are.
    pub id_stability: IdStability,
    /// The property that the ids come from.
    pub id_property: Option<String>,
    /// What is said to those to whom cells of a grid are shown in place of items.
    pub cells: Option<CellsNote>,
    /// Its items; `None` if the caller may not see them.
    pub items: Option<ItemsAccess>,
    /// What filters can ask for.
    pub queryables: String,
    /// Its tiles; none for a table without geometry.
    pub tiles: Option<TilesAccess>,
    /// The absolute URL that clients connect to.
    pub service_url: String,
    /// The map of its tiles.
    pub map: Option<MapView>,
}

/// A collection that a page belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionRef {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its page; `None` if the caller may not see it.
    pub href: Option<String>,
    /// The table of its items; `None` if the caller may not see them.
    pub items: Option<String>,
}

/// A value as a page shows it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// `boolean`
    Bool(bool),
    /// `integer`
    Int(i64),
    /// `number`
    Float(f64),
    /// `string`
    Text(String),
    /// `date` or `date-time`, as the API writes it
    Time(String),
    /// `json`
    Json(String),
}

/// A row of the table of items.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemRow {
    /// The item's id.
    pub id: String,
    /// Its page.
    pub href: String,
    /// One value per field of the page.
    pub values: Vec<Value>,
}

/// The filter in the form above the table of items.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterBox {
    /// The filter now, as it was written.
    pub text: String,
    /// Its language, a value of `filter-lang`.
    pub language: String,
    /// A filter that could be written here.
    pub example: Option<String>,
    /// Properties and geometry as a filter writes them, with what people call them.
    pub names: Vec<(String, Option<String>)>,
    /// The page that explains them.
    pub queryables: String,
}

/// What is wrong with a field of the form, or with another parameter of the request.
#[derive(Debug, Clone, PartialEq)]
pub struct FormFault {
    /// The parameter.
    pub parameter: String,
    /// What is wrong, in the page's language.
    pub sentence: String,
    /// The part of the field's text that is meant.
    pub mark: Option<Mark>,
}

/// A part of a text, with what stands around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// What stands before it.
    pub before: String,
    /// The part; empty at the end of the text.
    pub part: String,
    /// What stands after it.
    pub after: String,
}

/// The form above the table of items. What it sends: `bbox`, `datetime`, `filter`, `limit`, and `kept` as hidden fields.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemsForm {
    /// Where it is sent (by GET), without a query.
    pub action: String,
    /// The box now, as it was written.
    pub bbox: String,
    /// The interval now, as it was written; `None` if the collection has no time.
    pub datetime: Option<String>,
    /// The filter.
    pub filter: FilterBox,
    /// The page length now.
    pub limit: u64,
    /// The longest page.
    pub limit_max: u64,
    /// Other parameters of the request that stay (`lang`, `f`, property filters).
    pub kept: Vec<(String, String)>,
    /// Why the request was refused; nothing of it was answered then.
    pub faults: Vec<FormFault>,
}

/// A page of the table of items.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemsPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The collection.
    pub collection: CollectionRef,
    /// The columns.
    pub fields: Vec<Field>,
    /// The rows.
    pub rows: Vec<ItemRow>,
    /// How many items match in all.
    pub matched: Option<u64>,
    /// The form.
    pub form: ItemsForm,
    /// The first page, unless this is it.
    pub first: Option<String>,
    /// The page before, where it is known.
    pub prev: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// The same items as GeoJSON.
    pub json: String,
    /// The map of this page's items.
    pub map: Option<MapView>,
}

/// A filter to begin with.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterExample {
    /// CQL2 text.
    pub filter: String,
    /// The items that it selects.
    pub href: String,
}

/// What filters of a collection can ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryablesPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The collection.
    pub collection: CollectionRef,
    /// Name and kinds of its geometry; none for a table.
    pub geometry: Option<(String, Vec<GeometryKind>)>,
    /// Its properties, in the order of the source.
    pub fields: Vec<Field>,
    /// Filters to begin with.
    pub examples: Vec<FilterExample>,
    /// The same as JSON Schema.
    pub schema: String,
    /// The functions of filters.
    pub functions: String,
}

/// A function of filters.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionRow {
    /// Its name.
    pub name: String,
    /// How it is called: `name(a, b)`.
    pub call: String,
    /// What it gives, in words.
    pub returns: String,
    /// What it does.
    pub description: String,
}

/// The functions of filters.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionsPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The functions.
    pub functions: Vec<FunctionRow>,
}

/// A geometry in words.
#[derive(Debug, Clone, PartialEq)]
pub struct GeometrySummary {
    /// Its kind.
    pub kind: GeometryKind,
    /// West, south, east, north in degrees (CRS84).
    pub bbox: [f64; 4],
    /// Number of vertices.
    pub vertices: u64,
    /// Height, if it is a point that has one.
    pub height: Option<f64>,
}

/// One item.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The collection.
    pub collection: CollectionRef,
    /// Its id.
    pub id: String,
    /// What names it for people, if the collection has a label.
    pub title: Option<String>,
    /// Its properties, in the order of the source.
    pub properties: Vec<(Field, Value)>,
    /// Its geometry.
    pub geometry: Option<GeometrySummary>,
    /// Credits of the collection, plain text.
    pub attribution: Option<String>,
    /// The item as GeoJSON.
    pub json: String,
    /// The map of its geometry.
    pub map: Option<MapView>,
}

/// The API for people.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The absolute URL that clients connect to.
    pub service_url: String,
    /// Definitions of the API (OpenAPI), best first.
    pub definitions: Vec<Link>,
    /// Operations by subject.
    pub groups: Vec<OperationGroup>,
}

/// Operations on one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationGroup {
    /// The subject.
    pub title: String,
    /// The operations.
    pub operations: Vec<Operation>,
}

/// One operation of the API.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// HTTP method.
    pub method: String,
    /// Path below the service URL, with `{…}` for its variables.
    pub path: String,
    /// One line.
    pub summary: String,
    /// More.
    pub description: Option<String>,
    /// Parameters.
    pub parameters: Vec<Parameter>,
    /// Answers.
    pub answers: Vec<Answer>,
}

/// A parameter of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it stands, as OpenAPI says it: `path`, `query` or `header`.
    pub place: String,
    /// Whether it must be there.
    pub required: bool,
    /// Its type, in words.
    pub kind: String,
    /// What it does.
    pub description: String,
}

/// An answer to an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// When.
    pub description: String,
    /// Media types of the body.
    pub media_types: Vec<String>,
}

/// The conformance classes.
#[derive(Debug, Clone, PartialEq)]
pub struct ConformancePage {
    /// What surrounds it.
    pub frame: Frame,
    /// URIs.
    pub classes: Vec<String>,
}

/// A refusal or a failure (RFC 9457), for people.
#[derive(Debug, Clone, PartialEq)]
pub struct ProblemPage {
    /// What surrounds it.
    pub frame: Frame,
    /// HTTP status.
    pub status: u16,
    /// The name of its kind, the end of its `type`.
    pub kind: &'static str,
    /// Its `title`, in the page's language.
    pub title: String,
    /// Its `detail`, in the page's language.
    pub detail: Option<String>,
    /// The request's id, to quote when asking for help.
    pub request_id: Option<String>,
}
