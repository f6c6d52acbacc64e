//! The list of abstract tests is whole, and each has its test.

use std::collections::BTreeMap;

/// Ids of the abstract tests, by conformance class: OGC 17-069r4 annex A (core, geojson, html, oas30), OGC 18-058r1 annex A (crs),
/// OGC 19-079r2 annex A (queryables to features-filter), OGC 21-065r2 annex A (CQL2).
const ABSTRACT_TESTS: &[(&str, &str, &[&str])] = &[
    (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
        "/conf/core/",
        &[
            "http",
            "crs84",
            "root-op",
            "root-success",
            "api-definition-op",
            "api-definition-success",
            "conformance-op",
            "conformance-success",
            "query-param-unknown",
            "query-param-invalid",
            "fc-md-op",
            "fc-md-success",
            "fc-md-links",
            "fc-md-items",
            "fc-md-items-links",
            "fc-md-extent",
            "fc-md-extent-multi",
            "sfc-md-op",
            "sfc-md-success",
            "fc-op",
            "fc-bbox-definition",
            "fc-bbox-response",
            "fc-limit-definition",
            "fc-limit-response",
            "fc-time-definition",
            "fc-time-response",
            "fc-response",
            "fc-links",
            "fc-timeStamp",
            "fc-numberMatched",
            "fc-numberReturned",
            "f-op",
            "f-success",
            "f-links",
        ],
    ),
    (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
        "/conf/geojson/",
        &["definition", "content"],
    ),
    (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
        "/conf/html/",
        &["definition", "content"],
    ),
    (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
        "/conf/oas30/",
        &[
            "completeness",
            "exceptions-codes",
            "oas-definition-1",
            "oas-definition-2",
            "oas-impl",
            "security",
        ],
    ),
    (
        "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
        "/conf/crs/",
        &[
            "crs-uri",
            "default-crs",
            "storageCrs",
            "crs-parameter",
            "crs-parameter-invalid",
            "crs-parameter-default",
            "crs-parameter-transform",
            "bbox-crs-parameter",
            "bbox-crs-parameter-invalid",
            "bbox-crs-parameter-default",
        ],
    ),
    (
        "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
        "/conf/queryables/",
        &["get-conformance", "get-queryables-uris", "get-queryables"],
    ),
    (
        "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
        "/conf/queryables-query-parameters/",
        &["get-conformance", "query-param"],
    ),
    (
        "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
        "/conf/filter/",
        &[
            "get-conformance",
            "filter-param",
            "filter-lang-default",
            "expression-construction",
            "filter-crs-wgs84",
            "filter-crs-param",
            "get-functions",
        ],
    ),
    (
        "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
        "/conf/features-filter/",
        &[
            "get-conformance",
            "get-collections",
            "get-collection",
            "filter-on-items",
            "mixing-expression",
        ],
    ),
    (
        "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
        "/conf/cql2-text/",
        &["validate", "escaping"],
    ),
    (
        "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
        "/conf/cql2-json/",
        &["validate"],
    ),
    (
        "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
        "/conf/basic-cql2/",
        &[
            "basic-test",
            "comparison",
            "is-null",
            "boolean",
            "test-data",
            "logical",
        ],
    ),
    (
        "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
        "/conf/advanced-comparison-operators/",
        &["like", "between", "in", "test-data", "logical"],
    ),
    (
        "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
        "/conf/case-insensitive-comparison/",
        &["casei", "casei-like", "test-data", "logical"],
    ),
    (
        "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
        "/conf/accent-insensitive-comparison/",
        &[
            "accenti",
            "accenti-like",
            "accenti-casei",
            "accenti-casei-like",
            "test-data",
            "logical",
        ],
    ),
    (
        "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
        "/conf/basic-spatial-functions/",
        &["s_intersects", "test-data", "logical"],
    ),
    (
        "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
        "/conf/basic-spatial-functions-plus/",
        &["s_intersects", "test-data"],
    ),
    (
        "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
        "/conf/spatial-functions/",
        &[
            "s_intersects",
            "s_disjoint",
            "s_equals",
            "s_touches",
            "s_crosses",
            "s_within",
            "s_contains",
            "s_overlaps",
            "test-data",
            "logical",
        ],
    ),
    (
        "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
        "/conf/temporal-functions/",
        &[
            "temporal-functions-1",
            "temporal-functions-2",
            "test-data",
            "logical",
        ],
    ),
    (
        "http://www.opengis.net/spec/cql2/1.0/conf/array-functions",
        "/conf/array-functions/",
        &["array-predicates", "logical"],
    ),
    (
        "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
        "/conf/property-property/",
        &[
            "comparison-value-property",
            "comparison-property-property",
            "comparison-value-value",
            "test-data",
            "logical",
        ],
    ),
    (
        "http://www.opengis.net/spec/cql2/1.0/conf/functions",
        "/conf/functions/",
        &["functions"],
    ),
    (
        "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
        "/conf/arithmetic/",
        &["arithmetic", "test-data", "logical"],
    ),
];

/// The standard's own data with the expected answers: one test, which reads them all, stands for these of every class of CQL2.
const ANSWER_KEY: (&str, &str) = ("answer_key", "cql2.rs");

fn is_in_answer_key(id: &str) -> bool {
    id.ends_with("/test-data") || id == "/conf/basic-cql2/logical"
}

const FILES: &[(&str, &str)] = &[
    ("core_service.rs", include_str!("core_service.rs")),
    ("core_collections.rs", include_str!("core_collections.rs")),
    ("core_items.rs", include_str!("core_items.rs")),
    ("geojson_html.rs", include_str!("geojson_html.rs")),
    ("oas30.rs", include_str!("oas30.rs")),
    ("crs.rs", include_str!("crs.rs")),
    ("part3.rs", include_str!("part3.rs")),
    ("cql2_ats.rs", include_str!("cql2_ats.rs")),
];

/// The table for people: `| id | test | file |`.
const TABLE: &str = include_str!("conformance.md");

fn test_name(id: &str) -> String {
    id.trim_start_matches('/')
        .replace(['/', '-'], "_")
        .to_ascii_lowercase()
}

/// Every id with its test and file, as the sources have them.
fn tests() -> BTreeMap<String, (String, &'static str)> {
    let ids = ABSTRACT_TESTS
        .iter()
        .flat_map(|(_, prefix, names)| names.iter().map(move |n| format!("{prefix}{n}")));
    ids.map(|id| {
        if is_in_answer_key(&id) {
            let (name, file) = ANSWER_KEY;
            return (id, (name.to_owned(), file));
        }
        let name = test_name(&id);
        let declared = format!("#[tokio::test]\nasync fn {name}()");
        let file = FILES.iter().find(|(_, text)| text.contains(&declared));
        let file = file.unwrap_or_else(|| panic!("{id} has no test {name}")).0;
        (id, (name, file))
    })
    .collect()
}

#[test]
fn the_answer_key_is_there() {
    let text = include_str!("cql2.rs");
    let declared = format!("#[tokio::test]\nasync fn {}()", ANSWER_KEY.0);
    assert!(text.contains(&declared));
}

#[test]
fn every_abstract_test_has_a_test_of_its_name() {
    assert_eq!(tests().len(), 54 + 17 + 54);
}

#[test]
fn the_table_is_whole() {
    let rows: BTreeMap<_, _> = TABLE
        .lines()
        .filter(|l| l.starts_with("| /conf/"))
        .map(|l| {
            let cells: Vec<_> = l.trim_matches('|').split('|').map(str::trim).collect();
            (
                cells[0].to_owned(),
                (
                    cells[1].trim_matches('`').to_owned(),
                    cells[2].trim_matches('`'),
                ),
            )
        })
        .collect();
    assert_eq!(rows, tests());
}

#[test]
fn no_test_claims_an_id_that_is_not_in_the_list() {
    let known: Vec<_> = tests().into_values().map(|(name, _)| name).collect();
    for (file, text) in FILES {
        for line in text.lines() {
            let name = line
                .strip_prefix("async fn conf_")
                .and_then(|l| l.split('(').next());
            let name = name.map(|n| format!("conf_{n}"));
            assert!(
                name.as_ref().is_none_or(|n| known.contains(n)),
                "{file}: {name:?}"
            );
        }
    }
}

#[test]
fn every_declared_class_is_tested_and_every_tested_class_declared() {
    let tested: Vec<_> = ABSTRACT_TESTS.iter().map(|(class, ..)| *class).collect();
    assert_eq!(tested, guichet::api::CONFORMANCE);
}
