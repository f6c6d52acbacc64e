//! CQL2 (OGC 21-065r2 annex A): the tests that any data can be put to. Those on the standard's own data are in `cql2.rs`.

use std::collections::BTreeSet;

use guichet::api::Settings;
use guichet::filter::{Limits, parse_text, to_json};
use guichet::model::DataType;
use serde_json::Value;

use crate::app::{App, encoded, ids};
use crate::fixture::{self, Spec, TABLE, TOWNS};

/// The fixture, and a layer with lists.
fn app() -> App {
    let features = [
        r#"["foo"]"#,
        r#"["foo","bar"]"#,
        r#"["bar","foo","baz"]"#,
        "[]",
        "null",
        r#""foo""#,
    ];
    let feature = |(i, tags): (usize, &&str)| {
        format!(r#"{{"type":"Feature","id":{i},"geometry":null,"properties":{{"tags":{tags}}}}}"#)
    };
    let features: Vec<_> = features.iter().enumerate().map(feature).collect();
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    );
    let lists = fixture::layer(Spec::new("listes", &text).field("tags", DataType::Json));
    App::with(fixture::with(vec![lists]), Settings::default())
}

type Found = BTreeSet<String>;

/// The items that a filter selects, in both encodings.
async fn select(app: &App, collection: &str, filter: &str) -> Found {
    let tree = parse_text(filter, &Limits::default()).unwrap_or_else(|f| panic!("{filter}: {f:?}"));
    let ask = async |language: &str, text: &str| {
        let target = format!(
            "/collections/{collection}/items?limit=1000&filter-lang={language}&filter={}",
            encoded(text)
        );
        app.json(&target).await
    };
    let page = ask("cql2-text", filter).await;
    let found: Found = ids(&page).into_iter().collect();
    assert_eq!(page["numberMatched"], found.len(), "{filter}");
    let json = ask("cql2-json", &to_json(&tree)).await;
    assert_eq!(ids(&json), ids(&page), "{filter}");
    found
}

async fn refused(app: &App, collection: &str, filter: &str) {
    let target = format!("/collections/{collection}/items?filter={}", encoded(filter));
    app.get(&target).await.faulty("filter");
}

/// Collections with their queryables: name, type and format.
async fn sources(app: &App) -> Vec<(String, Vec<(String, String)>)> {
    let mut sources = Vec::new();
    for collection in app.collections().await {
        let document = app
            .json(&format!("/collections/{collection}/queryables"))
            .await;
        let properties = document["properties"].as_object().expect("properties");
        let kind = |p: &Value| match (p["type"].as_str(), p["format"].as_str()) {
            (None, Some(_)) => "geometry".to_owned(),
            (None, None) => "list".to_owned(),
            (Some(_), Some(format @ ("date" | "date-time"))) => format.to_owned(),
            (Some(kind), _) => kind.to_owned(),
        };
        let named = properties
            .iter()
            .map(|(n, p)| (format!("\"{n}\""), kind(p)));
        sources.push((collection, named.collect()));
    }
    sources
}

/// Queryables of those types, each with its collection.
async fn of_types(app: &App, types: &[&str]) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for (collection, queryables) in sources(app).await {
        for (name, kind) in queryables {
            if types.contains(&kind.as_str()) {
                found.push((collection.clone(), name, kind));
            }
        }
    }
    assert!(!found.is_empty(), "{types:?}");
    found
}

const SCALARS: [&str; 6] = [
    "string",
    "boolean",
    "number",
    "integer",
    "date-time",
    "date",
];

/// The standard's sample value of a type.
fn sample(kind: &str) -> &'static str {
    match kind {
        "string" => "'foo'",
        "boolean" => "true",
        "number" => "3.14",
        "integer" => "1",
        "date-time" => "TIMESTAMP('2022-04-14T14:48:46Z')",
        _ => "DATE('2022-04-14')",
    }
}

/// `(NOT p1 AND p2) OR (p3 AND NOT p4) OR NOT (p1 AND p4)` of many combinations: what it selects is what the four select apart. The
/// predicates are never unknown.
#[allow(clippy::overly_complex_bool_expr, reason = "as the standard writes it")]
async fn logical(app: &App, collection: &str, predicates: &[&str]) {
    let mut sets = Vec::new();
    for p in predicates {
        sets.push((*p, select(app, collection, p).await));
    }
    let all = select(app, collection, "TRUE").await;
    let n = sets.len();
    for i in 0..10 {
        let [(p1, s1), (p2, s2), (p3, s3), (p4, s4)] =
            [i, i * 3 + 1, i * 5 + 2, i * 7 + 3].map(|k| &sets[k % n]);
        let filter = format!(
            "((NOT ({p1}) AND ({p2})) OR (({p3}) and NOT ({p4})) or not (({p1}) AND ({p4})))"
        );
        let expected: Found = all
            .iter()
            .filter(|id| {
                let [a, b, c, d] = [s1, s2, s3, s4].map(|s| s.contains(*id));
                (!a && b) || (c && !d) || !(a && d)
            })
            .cloned()
            .collect();
        assert_eq!(select(app, collection, &filter).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn conf_cql2_text_validate() {
    let app = app();
    for filter in [
        "nom = 'alice' AND population >= 1",
        "(nom='x')or not(population<>-5e2)",
        "NOM IS NULL OR TRUE",
    ] {
        let outcome = format!("/collections/{TOWNS}/items?filter={}", encoded(filter));
        let status = if filter.starts_with("NOM") { 400 } else { 200 };
        app.get(&outcome).await.expect(status);
    }
}

#[tokio::test]
async fn conf_cql2_text_escaping() {
    let app = app();
    let name = r#"L'Étang-de-"Berre" & <fils>\"#;
    let doubled = name.replace('\'', "''").replace('\\', r"\\");
    let doubled = format!("nom = '{doubled}'");
    assert_eq!(
        select(&app, TOWNS, &doubled).await,
        Found::from(["1000".to_owned()])
    );
    let slashed = r"nom LIKE 'L\'Étang%'";
    assert_eq!(select(&app, TOWNS, slashed).await.len(), 1);
}

#[tokio::test]
async fn conf_cql2_json_validate() {
    let app = app();
    for (filter, status) in [
        (
            r#"{"op":"and","args":[{"op":"=","args":[{"property":"nom"},"alice"]},{"op":">=","args":[{"property":"population"},1]}]}"#,
            200,
        ),
        (
            r#"{"op":"like","args":[{"op":"casei","args":[{"property":"nom"}]},{"op":"casei","args":["V%"]}]}"#,
            200,
        ),
        (r#"{"op":"and","args":[]}"#, 400),
        (r#"{"op":"=","args":[{"property":"nom"}]}"#, 400),
        ("[]", 400),
    ] {
        let target = format!(
            "/collections/{TOWNS}/items?filter-lang=cql2-json&filter={}",
            encoded(filter)
        );
        app.get(&target).await.expect(status);
    }
}

#[tokio::test]
async fn conf_basic_cql2_basic_test() {
    for (collection, queryables) in sources(&app()).await {
        assert!(!queryables.is_empty(), "{collection}");
        let scalar = queryables
            .iter()
            .any(|(_, k)| SCALARS.contains(&k.as_str()));
        // A layer of shapes without any property, and one of lists, have none.
        assert_eq!(
            scalar,
            !["antimeridien", "listes"].contains(&collection.as_str())
        );
    }
}

/// The six comparisons of two sides: which items each selects.
async fn compared(app: &App, collection: &str, left: &str, right: &str) {
    let of = async |op: &str| select(app, collection, &format!("{left} {op} {right}")).await;
    for (a, b) in [("=", "<>"), (">", "<="), ("<", ">=")] {
        let (one, other) = (of(a).await, of(b).await);
        assert!(one.is_disjoint(&other), "{left} {a} {right}");
        // Together they are all that have a value.
        let both = one.len() + other.len();
        let valued = format!("{left} IS NOT NULL AND {right} IS NOT NULL");
        assert_eq!(
            both,
            select(app, collection, &valued).await.len(),
            "{left} {a} {right}"
        );
    }
}

#[tokio::test]
async fn conf_basic_cql2_comparison() {
    let app = app();
    for (collection, name, kind) in of_types(&app, &SCALARS).await {
        compared(&app, &collection, &name, sample(&kind)).await;
    }
}

#[tokio::test]
async fn conf_basic_cql2_is_null() {
    let app = app();
    for (collection, queryables) in sources(&app).await {
        let all = select(&app, &collection, "TRUE").await;
        for (name, _) in queryables {
            let null = select(&app, &collection, &format!("{name} IS NULL")).await;
            let rest = select(&app, &collection, &format!("{name} is not null")).await;
            assert!(
                null.is_disjoint(&rest) && null.len() + rest.len() == all.len(),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn conf_basic_cql2_boolean() {
    let app = app();
    for (collection, _) in sources(&app).await {
        assert!(!select(&app, &collection, "true").await.is_empty());
        assert!(select(&app, &collection, "false").await.is_empty());
    }
}

#[tokio::test]
async fn conf_advanced_comparison_operators_like() {
    let app = app();
    for (collection, name, _) in of_types(&app, &["string"]).await {
        let like = async |pattern: &str| {
            select(&app, &collection, &format!("{name} LIKE '{pattern}'")).await
        };
        assert!(like("_%").await.is_disjoint(&like("").await));
        assert_eq!(like("%").await, like("%%").await);
        assert!(!like("%").await.is_empty());
        assert!(like(r"\\%\\_").await.is_empty());
    }
}

#[tokio::test]
async fn conf_advanced_comparison_operators_between() {
    let app = app();
    for (collection, name, _) in of_types(&app, &["number", "integer"]).await {
        let found = select(&app, &collection, &format!("{name} BETWEEN 0 AND 100")).await;
        let same = format!("{name} >= 0 AND {name} <= 100");
        assert_eq!(found, select(&app, &collection, &same).await, "{name}");
        let backwards = format!("{name} between 100.0 and 1.0");
        assert!(select(&app, &collection, &backwards).await.is_empty());
    }
}

#[tokio::test]
async fn conf_advanced_comparison_operators_in() {
    let app = app();
    for (collection, name, kind) in of_types(&app, &SCALARS).await {
        let list = match kind.as_str() {
            "number" | "integer" => "1, 2, 3",
            "string" => "'foo', 'bar'",
            "boolean" => "true",
            "date-time" => "'2022-04-14T14:52:56Z', '2022-04-14T15:52:56Z'",
            _ => "'2022-04-14', '2022-04-15'",
        };
        let found = select(&app, &collection, &format!("{name} IN ({list})")).await;
        let rest = select(&app, &collection, &format!("{name} NOT IN ({list})")).await;
        assert!(found.is_disjoint(&rest));
    }
}

#[tokio::test]
async fn conf_advanced_comparison_operators_logical() {
    let predicates = [
        "nom LIKE 'Ville 1%'",
        "population BETWEEN 7000000000000 AND 500000000000000",
        "nom IN ('Ville 7', 'Ville 8')",
        "fondation IS NOT NULL",
        "prefecture IN (true)",
    ];
    logical(&app(), TOWNS, &predicates).await;
}

/// What two filters over every text have in common.
async fn texts(app: &App, a: &str, b: &str, check: fn(&Found, &Found) -> bool) {
    for (collection, name, _) in of_types(app, &["string"]).await {
        let [one, other] = [a, b].map(|f| f.replace("{}", &name));
        let (x, y) = (
            select(app, &collection, &one).await,
            select(app, &collection, &other).await,
        );
        assert!(check(&x, &y), "{one} {other}");
    }
}

#[tokio::test]
async fn conf_case_insensitive_comparison_casei() {
    let app = app();
    texts(
        &app,
        "CASEI({}) = casei('foo')",
        "CASEI({}) <> casei('FOO')",
        Found::is_disjoint,
    )
    .await;
    assert_eq!(
        select(&app, TOWNS, "CASEI(nom) = CASEI('ville 7')")
            .await
            .len(),
        4
    );
}

#[tokio::test]
async fn conf_case_insensitive_comparison_casei_like() {
    let app = app();
    texts(
        &app,
        "CASEI({}) LIKE casei('foo%')",
        "CASEI({}) LIKE casei('FOO%')",
        Found::eq,
    )
    .await;
    assert_eq!(
        select(&app, TOWNS, "CASEI(nom) LIKE CASEI('VILLE%')")
            .await
            .len(),
        135
    );
}

#[tokio::test]
async fn conf_case_insensitive_comparison_logical() {
    let predicates = [
        "CASEI(nom) = CASEI('VILLE 7')",
        "CASEI(nom) LIKE CASEI('l''étang%')",
        "CASEI(nom) <> CASEI('ville 9')",
        "CASEI(nom) IN (CASEI('ville 3'), CASEI('VILLE 4'))",
    ];
    logical(&app(), TOWNS, &predicates).await;
}

#[tokio::test]
async fn conf_accent_insensitive_comparison_accenti() {
    let app = app();
    let (a, b) = (
        "ACCENTI({}) = accenti('äöüéáí')",
        "ACCENTI({}) <> accenti('aoueai')",
    );
    texts(&app, a, b, Found::is_disjoint).await;
}

#[tokio::test]
async fn conf_accent_insensitive_comparison_accenti_like() {
    let app = app();
    texts(
        &app,
        "ACCENTI({}) LIKE accenti('Ä%')",
        "ACCENTI({}) LIKE accenti('A%')",
        Found::eq,
    )
    .await;
    assert_eq!(
        select(&app, TOWNS, "ACCENTI(nom) LIKE ACCENTI('L''Etang%')")
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn conf_accent_insensitive_comparison_accenti_casei() {
    let app = app();
    let (a, b) = (
        "ACCENTI(CASEI({})) = accenti(casei('ÄÉ'))",
        "ACCENTI(CASEI({})) = accenti(casei('ae'))",
    );
    texts(&app, a, b, Found::eq).await;
}

#[tokio::test]
async fn conf_accent_insensitive_comparison_accenti_casei_like() {
    let app = app();
    let (a, b) = (
        "ACCENTI(CASEI({})) LIKE accenti(casei('Ä%'))",
        "ACCENTI(CASEI({})) LIKE accenti(casei('a%'))",
    );
    texts(&app, a, b, Found::eq).await;
    let filter = "ACCENTI(CASEI(nom)) LIKE ACCENTI(CASEI('l''ÈTÂNG%'))";
    assert_eq!(select(&app, TOWNS, filter).await.len(), 1);
}

#[tokio::test]
async fn conf_accent_insensitive_comparison_logical() {
    let predicates = [
        "ACCENTI(nom) LIKE ACCENTI('L''Etang%')",
        "ACCENTI(CASEI(nom)) = ACCENTI(CASEI('vîlle 7'))",
        "ACCENTI(nom) <> ACCENTI('Ville 9')",
        "ACCENTI(nom) LIKE ACCENTI('%ï%')",
    ];
    logical(&app(), TOWNS, &predicates).await;
}

#[tokio::test]
async fn conf_basic_spatial_functions_s_intersects() {
    let app = app();
    for (collection, name, _) in of_types(&app, &["geometry"]).await {
        let located = select(&app, &collection, &format!("{name} IS NOT NULL")).await;
        let world = format!("S_INTERSECTS({name},BBOX(-180,-90,180,90))");
        assert_eq!(select(&app, &collection, &world).await, located);
        select(
            &app,
            &collection,
            &format!("S_INTERSECTS({name},POINT(7.02 49.92))"),
        )
        .await;
        refused(
            &app,
            &collection,
            &format!("S_INTERSECTS({name},POINT(90 180))"),
        )
        .await;
        let both = format!(
            "S_INTERSECTS({name},BBOX(-180,-90,-90,90)) AND S_INTERSECTS({name},BBOX(90,-90,180,90))"
        );
        select(&app, &collection, &both).await;
    }
}

const PLACED: [&str; 4] = [
    "S_INTERSECTS(geometry,BBOX(4,42,6,44))",
    "S_INTERSECTS(geometry,POINT(4.3 42.9))",
    "S_INTERSECTS(geometry,BBOX(5,43,8,46))",
    "S_INTERSECTS(geometry,BBOX(0,0,1,1))",
];

/// Predicates on places are unknown where there is none: they are looked at where there is one.
async fn logical_in_space(predicates: &[&str]) {
    let known: Vec<_> = predicates
        .iter()
        .map(|p| format!("geometry IS NOT NULL AND {p}"))
        .collect();
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    logical(&app(), TOWNS, &known).await;
}

#[tokio::test]
async fn conf_basic_spatial_functions_logical() {
    logical_in_space(&PLACED).await;
}

#[tokio::test]
async fn conf_basic_spatial_functions_plus_s_intersects() {
    let app = app();
    for (collection, name, _) in of_types(&app, &["geometry"]).await {
        refused(
            &app,
            &collection,
            &format!("S_INTERSECTS({name},MULTIPOINT(7.02 49.92, 90 180))"),
        )
        .await;
        for shape in [
            "LINESTRING(-180 -45, 0 -45)",
            "MULTILINESTRING((-180 -45, 0 -45), (0 45, 180 45))",
            "POLYGON((-180 -90, -90 -90, -90 90, -180 90, -180 -90), (-120 -50, -100 -50, -100 -40, -120 -40, -120 -50))",
            "MULTIPOLYGON(((-180 -90, -90 -90, -90 90, -180 90, -180 -90), (-120 -50, -100 -50, -100 -40, -120 -40, -120 -50)),((0 0, 10 0, 10 10, 0 10, 0 0)))",
            "GEOMETRYCOLLECTION(POINT(7.02 49.92), POLYGON((0 0, 10 0, 10 10, 0 10, 0 0)))",
        ] {
            select(&app, &collection, &format!("S_INTERSECTS({name},{shape})")).await;
        }
    }
}

const WORLD: [&str; 2] = [
    "BBOX(-180,-90,180,90)",
    "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))",
];

/// What a relation selects of every geometry for each of the shapes.
async fn related(app: &App, op: &str, shapes: &[&str]) -> Vec<Vec<Found>> {
    let mut all = Vec::new();
    for (collection, name, _) in of_types(app, &["geometry"]).await {
        let mut found = Vec::new();
        for shape in shapes {
            found.push(select(app, &collection, &format!("{op}({name},{shape})")).await);
        }
        all.push(found);
    }
    all
}

const LINE: &str = "LINESTRING(7 50, 10 51)";
const POINT: &str = "POINT(7.02 49.92)";

#[tokio::test]
async fn conf_spatial_functions_s_intersects() {
    let app = app();
    for found in related(&app, "S_INTERSECTS", &[WORLD[0], WORLD[1], LINE, POINT]).await {
        assert_eq!(found[0], found[1]);
    }
}

#[tokio::test]
async fn conf_spatial_functions_s_disjoint() {
    let app = app();
    let shapes = [WORLD[0], WORLD[1], LINE, POINT];
    let (apart, meeting) = (
        related(&app, "S_DISJOINT", &shapes).await,
        related(&app, "S_INTERSECTS", &shapes).await,
    );
    for (apart, meeting) in apart.iter().zip(&meeting) {
        assert!(apart[0].is_empty() && apart[1].is_empty());
        for (a, b) in apart.iter().zip(meeting) {
            assert!(a.is_disjoint(b));
        }
    }
    refused(&app, TOWNS, "S_DISJOINT(geometry,POINT(90 180))").await;
}

#[tokio::test]
async fn conf_spatial_functions_s_equals() {
    for found in related(&app(), "S_EQUALS", &[WORLD[1], LINE, POINT]).await {
        assert_eq!(found[0], found[1]);
    }
    let [x, y] = fixture::place(5);
    let own = format!("S_EQUALS(geometry,POINT({x} {y}))");
    assert_eq!(
        select(&app(), TOWNS, &own).await,
        Found::from(["1005".to_owned()])
    );
}

#[tokio::test]
async fn conf_spatial_functions_s_touches() {
    related(&app(), "S_TOUCHES", &[WORLD[0], WORLD[1], LINE]).await;
}

#[tokio::test]
async fn conf_spatial_functions_s_crosses() {
    let app = app();
    for shape in [WORLD[0], WORLD[1], LINE] {
        assert!(
            select(&app, TOWNS, &format!("S_CROSSES(geometry,{shape})"))
                .await
                .is_empty()
        );
    }
}

#[tokio::test]
async fn conf_spatial_functions_s_within() {
    let shapes = [WORLD[0], WORLD[1], LINE, "MULTIPOINT(7 50,10 51)"];
    for found in related(&app(), "S_WITHIN", &shapes).await {
        assert_eq!(found[0], found[1]);
    }
}

#[tokio::test]
async fn conf_spatial_functions_s_contains() {
    let app = app();
    let shapes = [WORLD[0], WORLD[1], LINE, "MULTIPOINT(7 50,10 51)"];
    let (holding, held) = (
        related(&app, "S_CONTAINS", &shapes).await,
        related(&app, "S_WITHIN", &shapes).await,
    );
    for (holding, held) in holding.iter().zip(&held) {
        assert_eq!(holding[0], holding[1]);
        for (a, b) in holding.iter().zip(held) {
            assert!(a.is_disjoint(b));
        }
    }
}

#[tokio::test]
async fn conf_spatial_functions_s_overlaps() {
    let app = app();
    select(&app, TOWNS, "S_OVERLAPS(geometry,MULTIPOINT(7 50,10 51))").await;
    let found = select(
        &app,
        "antimeridien",
        &format!("S_OVERLAPS(geometry,{})", WORLD[1]),
    )
    .await;
    // Drawn across the antimeridian: a part of it lies outside.
    assert_eq!(found, Found::from(["continu".to_owned()]));
}

#[tokio::test]
async fn conf_spatial_functions_logical() {
    let predicates = [
        "S_WITHIN(geometry,BBOX(4,42,6,44))",
        "S_DISJOINT(geometry,POLYGON((4 42,6 42,6 44,4 42)))",
        "S_INTERSECTS(geometry,POLYGON((5 43,8 43,8 46,5 46,5 43)))",
        "NOT S_TOUCHES(geometry,BBOX(0,0,1,1))",
    ];
    logical_in_space(&predicates).await;
}

const TEMPORAL: [&str; 15] = [
    "T_AFTER",
    "T_BEFORE",
    "T_DISJOINT",
    "T_EQUALS",
    "T_INTERSECTS",
    "T_CONTAINS",
    "T_DURING",
    "T_FINISHEDBY",
    "T_FINISHES",
    "T_MEETS",
    "T_METBY",
    "T_OVERLAPPEDBY",
    "T_OVERLAPS",
    "T_STARTEDBY",
    "T_STARTS",
];

#[tokio::test]
async fn conf_temporal_functions_temporal_functions_1() {
    let app = app();
    for (collection, name, kind) in of_types(&app, &["date", "date-time"]).await {
        let (instant, interval) = if kind == "date" {
            ("DATE('2022-04-24')", "INTERVAL('2021-01-01','2021-12-31')")
        } else {
            (
                "TIMESTAMP('2022-04-24T07:59:57Z')",
                "INTERVAL('2021-01-01T00:00:00Z','2021-12-31T23:59:59Z')",
            )
        };
        let valued = select(&app, &collection, &format!("{name} IS NOT NULL")).await;
        for other in [instant, interval] {
            let mut found = Vec::new();
            for op in &TEMPORAL[..5] {
                found.push(select(&app, &collection, &format!("{op}({name},{other})")).await);
            }
            // After or before it, or in it.
            assert_eq!(found[0].len() + found[1].len(), found[2].len());
            assert_eq!(
                found[2].len() + found[4].len(),
                valued.len(),
                "{name} {other}"
            );
        }
    }
}

#[tokio::test]
async fn conf_temporal_functions_temporal_functions_2() {
    let app = app();
    for (collection, name, kind) in of_types(&app, &["date", "date-time"]).await {
        let year = if kind == "date" {
            "INTERVAL('2021-01-01','2021-12-31')"
        } else {
            "INTERVAL('2021-01-01T00:00:00Z','2021-12-31T23:59:59Z')"
        };
        for op in TEMPORAL {
            let filter = format!("{op}(INTERVAL({name},{name}),{year})");
            select(&app, &collection, &filter).await;
        }
        // An instant is no interval.
        refused(&app, &collection, &format!("T_MEETS({name},{year})")).await;
    }
}

#[tokio::test]
async fn conf_temporal_functions_logical() {
    let predicates = [
        "maj IS NOT NULL AND T_AFTER(maj,DATE('2010-01-01'))",
        "T_BEFORE(fondation,DATE('1500-01-01'))",
        "T_DURING(INTERVAL(fondation,'..'),INTERVAL('1200-01-01','..'))",
        "T_INTERSECTS(fondation,INTERVAL('1000-01-01','1400-01-01'))",
    ];
    logical(&app(), TOWNS, &predicates).await;
}

#[tokio::test]
async fn conf_array_functions_array_predicates() {
    let app = app();
    let of = async |op: &str| select(&app, "listes", &format!("{op}(tags,('foo','bar'))")).await;
    let set = |ids: &[&str]| ids.iter().map(|i| (*i).to_owned()).collect::<Found>();
    assert_eq!(of("A_CONTAINS").await, set(&["1", "2"]));
    assert_eq!(of("A_CONTAINEDBY").await, set(&["0", "1", "3"]));
    assert_eq!(of("A_EQUALS").await, set(&["1"]));
    assert_eq!(of("A_OVERLAPS").await, set(&["0", "1", "2"]));
}

#[tokio::test]
async fn conf_array_functions_logical() {
    // Of what is no list nothing can be said.
    let is_list = "A_CONTAINEDBY(tags,('foo','bar','baz'))";
    let predicates = [
        "A_CONTAINS(tags,('foo'))",
        "tags IS NULL",
        "A_OVERLAPS(tags,('bar','baz'))",
        "A_EQUALS(tags,('foo'))",
    ];
    let app = app();
    let known = select(&app, "listes", is_list).await;
    for (p, q) in predicates.iter().zip(predicates.iter().cycle().skip(1)) {
        let (a, b) = (
            select(&app, "listes", p).await,
            select(&app, "listes", q).await,
        );
        let filter = format!("{is_list} AND (NOT ({p}) OR {q})");
        let found = select(&app, "listes", &filter).await;
        let expected = known
            .iter()
            .filter(|id| !a.contains(*id) || b.contains(*id));
        assert_eq!(found, expected.cloned().collect(), "{filter}");
    }
}

#[tokio::test]
async fn conf_property_property_comparison_value_property() {
    let app = app();
    for (collection, name, kind) in of_types(&app, &SCALARS).await {
        compared(&app, &collection, sample(&kind), &name).await;
    }
}

#[tokio::test]
async fn conf_property_property_comparison_property_property() {
    let app = app();
    for (collection, name, _) in of_types(&app, &SCALARS).await {
        let of = async |op: &str| select(&app, &collection, &format!("{name} {op} {name}")).await;
        for op in ["<>", "<", ">"] {
            assert!(of(op).await.is_empty(), "{name} {op}");
        }
        assert_eq!(of("=").await, of(">=").await);
        assert_eq!(of("=").await, of("<=").await);
        assert!(!of("=").await.is_empty());
    }
}

#[tokio::test]
async fn conf_property_property_comparison_value_value() {
    let app = app();
    for value in SCALARS.map(sample) {
        let of = async |op: &str| select(&app, TABLE, &format!("{value} {op} {value}")).await;
        for op in ["<>", "<", ">"] {
            assert!(of(op).await.is_empty(), "{value} {op}");
        }
        for op in ["=", ">=", "<="] {
            assert_eq!(of(op).await.len(), 7, "{value} {op}");
        }
    }
}

#[tokio::test]
async fn conf_property_property_logical() {
    let predicates = [
        "population >= aire",
        "100 > population",
        "nom = nom",
        "1 = 2",
        "fondation <= fondation",
    ];
    logical(&app(), TOWNS, &predicates).await;
}

#[tokio::test]
async fn conf_functions_functions() {
    let app = app();
    let document = app.json("/functions").await;
    for function in document["functions"].as_array().expect("functions") {
        let name = function["name"].as_str().expect("a name");
        let arguments = function["arguments"].as_array().expect("arguments");
        let value = |a: &Value| match a["type"][0].as_str().expect("a type") {
            "string" => "nom",
            "number" | "integer" => "aire",
            "boolean" => "prefecture",
            "datetime" => "maj",
            _ => "geometry",
        };
        let arguments: Vec<_> = arguments.iter().map(value).collect();
        let call = format!("{name}({})", arguments.join(","));
        for filter in [format!("{call} IS NULL"), format!("NOT ({call} IS NULL)")] {
            let target = format!("/collections/{TOWNS}/items?filter={}", encoded(&filter));
            app.get(&target).await.expect(200);
        }
    }
}

#[tokio::test]
async fn conf_arithmetic_arithmetic() {
    let app = app();
    for (collection, name, _) in of_types(&app, &["number", "integer"]).await {
        for (filter, same) in [
            (format!("{name} + 1 > 1"), format!("{name} > 0")),
            (
                format!("{name} * 2 = {name} + {name}"),
                format!("{name} IS NOT NULL"),
            ),
            (
                format!("0 - ({name} - 1) ^ 2 <= 0"),
                format!("{name} IS NOT NULL"),
            ),
            (format!("{name} / 0 = 1"), "FALSE".to_owned()),
            (
                format!("{name} div 1 <= {name}"),
                format!("{name} IS NOT NULL"),
            ),
            (format!("{name} % 2 < 2"), format!("{name} IS NOT NULL")),
        ] {
            let (a, b) = (
                select(&app, &collection, &filter).await,
                select(&app, &collection, &same).await,
            );
            assert_eq!(a, b, "{filter}");
        }
    }
}

#[tokio::test]
async fn conf_arithmetic_logical() {
    let predicates = [
        "population % 2 = 0",
        "aire * 100 > 1",
        "population div 1000000000000 BETWEEN 7 AND 300",
        "aire + aire < 0.1",
    ];
    logical(&app(), TOWNS, &predicates).await;
}
