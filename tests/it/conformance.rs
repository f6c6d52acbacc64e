//! The list of abstract tests is whole, and each has its test.

use std::collections::BTreeMap;

/// Ids of the abstract tests, by conformance class: OGC 17-069r4 annex A (core, geojson, html, oas30), OGC 18-058r1 annex A (crs).
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
];

const FILES: &[(&str, &str)] = &[
    ("core_service.rs", include_str!("core_service.rs")),
    ("core_collections.rs", include_str!("core_collections.rs")),
    ("core_items.rs", include_str!("core_items.rs")),
    ("geojson_html.rs", include_str!("geojson_html.rs")),
    ("oas30.rs", include_str!("oas30.rs")),
    ("crs.rs", include_str!("crs.rs")),
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
        let name = test_name(&id);
        let declared = format!("#[tokio::test]\nasync fn {name}()");
        let file = FILES.iter().find(|(_, text)| text.contains(&declared));
        let file = file.unwrap_or_else(|| panic!("{id} has no test {name}")).0;
        (id, (name, file))
    })
    .collect()
}

#[test]
fn every_abstract_test_has_a_test_of_its_name() {
    assert_eq!(tests().len(), 54);
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
