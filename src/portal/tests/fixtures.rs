//! One page of each sort, with a hostile publisher's words wherever text can stand.

use crate::api::model::*;
use crate::catalog::Language;
use crate::geometry::source::GeometryKind;
use crate::model::id::IdStability;
use crate::model::metadata::Metadata;
use crate::model::schema::{DataType, Field};

/// What a hostile or careless publisher writes, wherever text can stand.
pub const HOSTILE: &str = "<script>alert('x')</script>\" onload=\"alert(1) & {{ page }}";

pub fn frame() -> Frame {
    Frame {
        platform: format!("Platform {HOSTILE}"),
        portal: Some(PortalFrame {
            colour: Some(HOSTILE.into()),
            url: Some("javascript:alert(1)".into()),
            contact: Some(HOSTILE.into()),
        }),
        session: Some(Session::Somebody {
            name: HOSTILE.into(),
            me: "/geo/me".into(),
            sign_out: "/geo/session/end".into(),
        }),
        root: "/geo".into(),
        origin: Some("https://data.example.org".into()),
        content_lang: Language::Fr,
        home: "/geo/?lang=en".into(),
        collections: "/geo/collections".into(),
        api: "/geo/api.html".into(),
        conformance: "/geo/conformance".into(),
        translations: vec![(Language::Fr, "/geo/here?lang=fr&a=\"".into())],
        alternates: vec![link()],
    }
}

pub fn link() -> Link {
    Link {
        href: format!("/geo/here?f=json&q={HOSTILE}"),
        media_type: "application/json".into(),
        title: HOSTILE.into(),
    }
}

pub fn metadata() -> Metadata {
    let text = || Some(HOSTILE.to_owned());
    Metadata {
        title: format!("Communes {HOSTILE}"),
        description: text(),
        keywords: vec![HOSTILE.into()],
        licence: Some("javascript:alert(1)".into()),
        attribution: text(),
        contact: Some("javascript:alert(1)//@example.org".into()),
        updated: Some("2026-03-01".into()),
        label: Some("nom".into()),
        publisher: text(),
    }
}

pub fn map() -> MapView {
    let item = || "/geo/collections/c/items/{id}".to_owned();
    MapView {
        bounds: Some([4.0, 43.0, 7.0, 45.0]),
        basemap: Some("/geo/styles/fond".into()),
        layers: vec![MapLayer {
            id: "c".into(),
            title: HOSTILE.into(),
            tilejson: "/geo/xyz/c.json".into(),
            item: Some(item()),
            label: None,
            attribution: Some(HOSTILE.into()),
            shown: true,
        }],
        features: Some(MapFeatures {
            href: "/geo/collections/c/items?f=json".into(),
            data: Some(format!(
                "{{\"type\":\"Feature\",\"geometry\":null,\"properties\":{{\"a\":{}}}}}",
                serde_json::Value::from(HOSTILE)
            )),
            item: item(),
            label: None,
            attribution: None,
        }),
    }
}

pub fn field(name: &str) -> Field {
    Field {
        title: Some(HOSTILE.into()),
        description: Some(HOSTILE.into()),
        codes: [("13".to_owned(), HOSTILE.to_owned())].into(),
        ..Field::new(name, DataType::String)
    }
}

pub fn card() -> CollectionCard {
    CollectionCard {
        id: "c".into(),
        href: "/geo/collections/c".into(),
        metadata: metadata(),
        figures: Some(Figures {
            count: 1234,
            kinds: vec![GeometryKind::Polygon, GeometryKind::MultiPolygon],
        }),
    }
}

pub fn collection_ref() -> CollectionRef {
    CollectionRef {
        id: "c".into(),
        title: HOSTILE.into(),
        href: Some("/geo/collections/c".into()),
        items: Some("/geo/collections/c/items".into()),
    }
}

pub fn landing() -> LandingPage {
    LandingPage {
        frame: frame(),
        description: Some(HOSTILE.into()),
        shelves: vec![Shelf {
            organisation: Some(HOSTILE.into()),
            href: Some("/geo/o/region".into()),
            collections: vec![card()],
        }],
        map: Some(map()),
        service_url: "https://data.example.org/geo/".into(),
        definitions: vec![link()],
        functions: "/geo/functions".into(),
    }
}

pub fn collection() -> CollectionPage {
    CollectionPage {
        frame: frame(),
        id: "c".into(),
        metadata: metadata(),
        count: 1234,
        kinds: vec![GeometryKind::Polygon],
        has_z: true,
        fields: vec![field("a"), Field::new(HOSTILE, DataType::Json)],
        extent: Some([4.0, 43.0, 7.0, 45.0]),
        interval: Some([Some("2020-01-01T00:00:00Z".into()), None]),
        crs: vec![
            "http://www.opengis.net/def/crs/EPSG/0/2154".into(),
            HOSTILE.into(),
        ],
        storage_crs: Some("http://www.opengis.net/def/crs/EPSG/0/2154".into()),
        id_stability: IdStability::Declared,
        id_property: Some(HOSTILE.into()),
        cells: Some(CellsNote {
            contact: Some(HOSTILE.into()),
            sign_in: Some("/geo/session?to=%2Fgeo%2F".into()),
        }),
        items: Some(ItemsAccess {
            table: "/geo/collections/c/items".into(),
            json: "/geo/collections/c/items?f=json".into(),
        }),
        queryables: "/geo/collections/c/queryables".into(),
        tiles: Some(TilesAccess {
            tilejson: "https://data.example.org/geo/xyz/c.json".into(),
            template: "https://data.example.org/geo/xyz/c/{z}/{x}/{y}.mvt".into(),
            tilesets: "https://data.example.org/geo/collections/c/tiles".into(),
            min_zoom: 0,
            max_zoom: 14,
            promote_id: Some(HOSTILE.into()),
        }),
        service_url: "https://data.example.org/geo/".into(),
        map: Some(map()),
    }
}

pub fn items() -> ItemsPage {
    ItemsPage {
        frame: frame(),
        collection: collection_ref(),
        fields: vec![field("a"), field("b")],
        rows: vec![ItemRow {
            id: HOSTILE.into(),
            href: "/geo/collections/c/items/x".into(),
            values: vec![Value::Text(HOSTILE.into()), Value::Json(HOSTILE.into())],
        }],
        matched: Some(5000),
        form: ItemsForm {
            action: "/geo/collections/c/items".into(),
            bbox: HOSTILE.into(),
            datetime: Some(HOSTILE.into()),
            filter: FilterBox {
                text: HOSTILE.into(),
                language: "cql2-text".into(),
                example: Some(HOSTILE.into()),
                names: vec![(HOSTILE.into(), Some(HOSTILE.into()))],
                queryables: "/geo/collections/c/queryables".into(),
            },
            limit: 7,
            limit_max: 100,
            kept: vec![("lang".into(), HOSTILE.into())],
            faults: Vec::new(),
        },
        first: None,
        prev: None,
        next: Some("/geo/collections/c/items?cursor=x&limit=7".into()),
        json: "/geo/collections/c/items?f=json".into(),
        map: Some(map()),
    }
}

/// The same, refused.
pub fn refused() -> ItemsPage {
    let mut page = items();
    page.rows = Vec::new();
    page.matched = None;
    let fault = |parameter: &str, mark| FormFault {
        parameter: parameter.into(),
        sentence: HOSTILE.into(),
        mark,
    };
    let mark = |part: &str| Mark {
        before: HOSTILE.into(),
        part: part.into(),
        after: HOSTILE.into(),
    };
    page.form.faults = vec![
        fault("filter", Some(mark(HOSTILE))),
        fault("filter", Some(mark(""))),
        fault("bbox", None),
        fault("limit", None),
        fault(HOSTILE, None),
    ];
    page
}

pub fn queryables() -> QueryablesPage {
    QueryablesPage {
        frame: frame(),
        collection: collection_ref(),
        geometry: Some((HOSTILE.into(), vec![GeometryKind::Point])),
        fields: vec![field("a"), Field::new(HOSTILE, DataType::Json)],
        examples: vec![FilterExample {
            filter: HOSTILE.into(),
            href: format!("/geo/collections/c/items?filter={HOSTILE}"),
        }],
        schema: "/geo/collections/c/queryables?f=json".into(),
        functions: "/geo/functions".into(),
    }
}

pub fn functions() -> FunctionsPage {
    FunctionsPage {
        frame: frame(),
        functions: vec![FunctionRow {
            name: HOSTILE.into(),
            call: HOSTILE.into(),
            returns: HOSTILE.into(),
            description: HOSTILE.into(),
        }],
    }
}

pub fn item() -> ItemPage {
    ItemPage {
        frame: frame(),
        collection: collection_ref(),
        id: HOSTILE.into(),
        title: None,
        properties: vec![
            (field("a"), Value::Text("13".into())),
            (field("b"), Value::Text("javascript:alert(1)".into())),
            (
                field("c"),
                Value::Text("https://example.org/?a=1&b=2".into()),
            ),
            (field("d"), Value::Null),
        ],
        geometry: Some(GeometrySummary {
            kind: GeometryKind::Point,
            bbox: [5.25, 43.5, 5.25, 43.5],
            vertices: 1,
            height: Some(12.5),
        }),
        attribution: Some(HOSTILE.into()),
        json: "/geo/collections/c/items/x?f=json".into(),
        map: Some(map()),
    }
}

pub fn api() -> ApiPage {
    let text = || HOSTILE.to_owned();
    ApiPage {
        frame: frame(),
        service_url: "https://data.example.org/geo/".into(),
        definitions: vec![link()],
        groups: vec![OperationGroup {
            title: text(),
            operations: vec![Operation {
                method: "GET".into(),
                path: "/collections/{collectionId}".into(),
                summary: text(),
                description: Some(text()),
                parameters: vec![Parameter {
                    name: text(),
                    place: "path".into(),
                    required: true,
                    kind: text(),
                    description: text(),
                }],
                answers: vec![Answer {
                    status: 200,
                    description: text(),
                    media_types: vec![text()],
                }],
            }],
        }],
    }
}

pub fn locked() -> LockedPage {
    LockedPage {
        frame: Frame {
            session: Some(Session::Nobody {
                sign_in: format!("/geo/session?to={HOSTILE}"),
            }),
            ..frame()
        },
        id: "c".into(),
        metadata: metadata(),
        known: false,
        sign_in: format!("/geo/session?to={HOSTILE}"),
    }
}

pub fn sign_in() -> SignInPage {
    SignInPage {
        frame: frame(),
        action: "/geo/session".into(),
        to: format!("/geo/{HOSTILE}"),
        fault: Some(HOSTILE.into()),
    }
}

pub fn problem(status: u16) -> ProblemPage {
    ProblemPage {
        frame: Frame {
            session: Some(Session::Lapsed {
                sign_in: Some(format!("/geo/session?to={HOSTILE}")),
                sign_out: "/geo/session/end".into(),
            }),
            ..frame()
        },
        status,
        kind: "none",
        title: HOSTILE.into(),
        detail: Some(HOSTILE.into()),
        request_id: Some(HOSTILE.into()),
    }
}

pub fn me() -> MePage {
    let text = || Some(HOSTILE.to_owned());
    MePage {
        frame: frame(),
        name: HOSTILE.into(),
        organisation: text(),
        role: text(),
        key: Some(MeKey {
            id: "1f2e3d4c".into(),
            label: HOSTILE.into(),
            for_browsers: true,
            until: Some("2027-06-30T22:00:00Z".into()),
            replaced_by: Some("1f2e3d4d".into()),
            rotate: Some("https://data.example.org/geo/me/key/rotate".into()),
        }),
        quota: Some(MeQuota {
            requests: 2_000,
            left: 1_999,
            per_second: 200.0,
        }),
        layers: vec![MeLayer {
            id: HOSTILE.into(),
            href: "/geo/collections/c".into(),
            actions: vec![
                MeAction {
                    name: "items".into(),
                    shows: "cells".into(),
                    until: text(),
                },
                MeAction {
                    name: HOSTILE.into(),
                    shows: HOSTILE.into(),
                    until: None,
                },
            ],
        }],
        terms: vec![MeTerms {
            name: HOSTILE.into(),
            title: text(),
            href: Some("javascript:alert(1)".into()),
            accepted: false,
            accept: text(),
            layers: vec![HOSTILE.into()],
        }],
        requests: vec![MeRequest {
            layer: HOSTILE.into(),
            purpose: HOSTILE.into(),
            until: HOSTILE.into(),
            state: HOSTILE.into(),
            reason: text(),
        }],
    }
}
