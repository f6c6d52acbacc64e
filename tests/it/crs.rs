//! Part 2: coordinate reference systems by reference (OGC 18-058r1 annex A).

use guichet::geometry::crs::{Crs, Transform};
use serde_json::Value;

use crate::app::{App, CRS84, CRS84H, LAMBERT, MERCATOR, WGS84, encoded, id};
use crate::fixture::{DATELINE, PARISHES, PEAKS, TOWNS, parish_corner};

async fn offered(app: &App, collection: &str) -> Vec<String> {
    let document = app.json(&format!("/collections/{collection}")).await;
    document["crs"]
        .as_array()
        .expect("a list")
        .iter()
        .map(id)
        .collect()
}

/// The positions of a geometry, in order.
fn positions(value: &Value, found: &mut Vec<[f64; 2]>) {
    let Some(list) = value.as_array() else { return };
    if list.first().is_some_and(Value::is_number) {
        found.push([
            list[0].as_f64().expect("a number"),
            list[1].as_f64().expect("a number"),
        ]);
    } else {
        for v in list {
            positions(v, found);
        }
    }
}

fn positions_of(feature: &Value) -> Vec<[f64; 2]> {
    let mut found = Vec::new();
    positions(&feature["geometry"]["coordinates"], &mut found);
    found
}

#[tokio::test]
async fn conf_crs_crs_uri() {
    let app = App::new();
    for collection in app.collections().await {
        for uri in offered(&app, &collection).await {
            let rest = uri
                .strip_prefix("http://www.opengis.net/def/crs/")
                .unwrap_or_else(|| panic!("{uri}"));
            let parts: Vec<_> = rest.split('/').collect();
            assert!(
                parts.len() == 3 && parts.iter().all(|p| !p.is_empty()),
                "{uri}"
            );
        }
    }
}

#[tokio::test]
async fn conf_crs_default_crs() {
    let app = App::new();
    for collection in app.collections().await {
        let list = offered(&app, &collection).await;
        let expected = if collection == PEAKS { CRS84H } else { CRS84 };
        assert_eq!(list[0], expected, "{collection}");
        assert!(list.contains(&CRS84.to_owned()));
    }
}

#[tokio::test]
async fn conf_crs_storagecrs() {
    let app = App::new();
    for (collection, expected) in [(TOWNS, CRS84), (PEAKS, CRS84H), (PARISHES, LAMBERT)] {
        let document = app.json(&format!("/collections/{collection}")).await;
        assert_eq!(document["storageCrs"], expected);
        assert!(
            offered(&app, collection)
                .await
                .contains(&expected.to_owned())
        );
    }
    // In the storage CRS the ordinates are those of the file, to the last bit.
    let page = app
        .json(&format!(
            "/collections/{PARISHES}/items?crs={}",
            encoded(LAMBERT)
        ))
        .await;
    for feature in page["features"].as_array().expect("features") {
        let place: usize = id(&feature["id"])[3..6].parse().expect("a number");
        assert_eq!(positions_of(feature)[0], parish_corner(place));
    }
}

#[tokio::test]
async fn conf_crs_crs_parameter() {
    let app = App::new();
    for collection in [TOWNS, PARISHES, PEAKS, DATELINE] {
        let first = app
            .ids(&format!("/collections/{collection}/items?limit=1"))
            .await
            .remove(0);
        for uri in offered(&app, collection).await {
            for target in [
                format!(
                    "/collections/{collection}/items?limit=3&crs={}",
                    encoded(&uri)
                ),
                format!(
                    "/collections/{collection}/items/{}?crs={uri}",
                    encoded(&first)
                ),
                format!("/collections/{collection}/items?f=html&crs={uri}"),
            ] {
                let answer = app.get(&target).await.expect(200);
                // As it was asked for, in angle brackets.
                assert_eq!(answer.header("content-crs"), format!("<{uri}>"), "{target}");
                assert!(
                    answer
                        .header("access-control-expose-headers")
                        .contains("Content-Crs")
                );
            }
        }
    }
}

#[tokio::test]
async fn conf_crs_crs_parameter_invalid() {
    let app = App::new();
    for uri in [
        "",
        "x",
        "4326",
        "EPSG:4326",
        "http://www.opengis.net/def/crs/EPSG/0/27572",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS83",
    ] {
        app.get(&format!("/collections/{TOWNS}/items?crs={}", encoded(uri)))
            .await
            .faulty("crs");
        app.get(&format!(
            "/collections/{TOWNS}/items/1003?crs={}",
            encoded(uri)
        ))
        .await
        .faulty("crs");
    }
    app.get(&format!(
        "/collections/{TOWNS}/items/1003?crs={CRS84}&crs={CRS84}"
    ))
    .await
    .faulty("crs");
}

#[tokio::test]
async fn conf_crs_crs_parameter_default() {
    let app = App::new();
    for collection in [TOWNS, PARISHES, PEAKS] {
        let default = offered(&app, collection).await.remove(0);
        let without = app
            .get(&format!("/collections/{collection}/items"))
            .await
            .expect(200);
        let with = app
            .get(&format!("/collections/{collection}/items?crs={default}"))
            .await
            .expect(200);
        assert_eq!(without.header("content-crs"), format!("<{default}>"));
        assert_eq!(with.header("content-crs"), format!("<{default}>"));
        assert_eq!(without.json()["features"], with.json()["features"]);
    }
}

#[tokio::test]
async fn conf_crs_crs_parameter_transform() {
    let app = App::new();
    for collection in [TOWNS, PARISHES, PEAKS] {
        let target = format!("/collections/{collection}/items?limit=200");
        let plain = app.json(&target).await;
        for uri in offered(&app, collection).await {
            let moved = app.json(&format!("{target}&crs={uri}")).await;
            let crs = Crs::parse(&uri).expect("known");
            let back = Transform::between(crs, Crs::CRS84).expect("known");
            let pairs = plain["features"]
                .as_array()
                .expect("features")
                .iter()
                .zip(moved["features"].as_array().expect("features"));
            for (a, b) in pairs {
                assert_eq!(a["id"], b["id"]);
                assert_eq!(a["properties"], b["properties"]);
                // In the authority's axis order; rings may be turned round.
                let mut converted: Vec<_> = positions_of(b)
                    .into_iter()
                    .map(|p| crs.from_authority(p))
                    .collect();
                back.convert(&mut converted).expect("in the domain");
                let sorted = |mut v: Vec<[f64; 2]>| {
                    v.sort_by(|p, q| p.partial_cmp(q).expect("numbers"));
                    v
                };
                let (expected, converted) = (sorted(positions_of(a)), sorted(converted));
                assert_eq!(expected.len(), converted.len());
                for (p, q) in expected.iter().zip(&converted) {
                    assert!(
                        (p[0] - q[0]).abs() < 1e-8 && (p[1] - q[1]).abs() < 1e-8,
                        "{uri} {p:?} {q:?}"
                    );
                }
            }
        }
    }
    // Axis order: latitude first in EPSG:4326, bit for bit what CRS84 has.
    let lonlat = app.json(&format!("/collections/{TOWNS}/items/1000")).await;
    let latlon = app
        .json(&format!("/collections/{TOWNS}/items/1000?crs={WGS84}"))
        .await;
    let [x, y] = positions_of(&lonlat)[0];
    assert_eq!(positions_of(&latlon)[0], [y, x]);
    // Heights stay.
    let peak = app
        .json(&format!("/collections/{PEAKS}/items/pic-4?crs={LAMBERT}"))
        .await;
    assert_eq!(peak["geometry"]["coordinates"][2], 400.25);
    // The poles lie where PROJ has them, far beyond the square world: the shape stays whole.
    let pole = app
        .json(&format!(
            "/collections/{DATELINE}/items/pole?crs={MERCATOR}"
        ))
        .await;
    let southmost = positions_of(&pole)
        .iter()
        .map(|p| p[1])
        .fold(f64::MAX, f64::min);
    assert!((southmost + 242_528_680.943_7).abs() < 0.001, "{southmost}");
}

#[tokio::test]
async fn conf_crs_bbox_crs_parameter() {
    let app = App::new();
    for collection in [TOWNS, PARISHES, PEAKS] {
        let document = app.json(&format!("/collections/{collection}")).await;
        let numbers: Vec<f64> = document["extent"]["spatial"]["bbox"][0]
            .as_array()
            .expect("a box")
            .iter()
            .map(|n| n.as_f64().expect("a number"))
            .collect();
        let (x1, y1) = if numbers.len() == 6 {
            (numbers[3], numbers[4])
        } else {
            (numbers[2], numbers[3])
        };
        // The middle third of the extent.
        let third = |a: f64, b: f64| [a + (b - a) / 3.0, b - (b - a) / 3.0];
        let ([west, east], [south, north]) = (third(numbers[0], x1), third(numbers[1], y1));
        let mut expected = app
            .ids(&format!(
                "/collections/{collection}/items?bbox={west},{south},{east},{north}"
            ))
            .await;
        expected.sort();
        for uri in [CRS84, WGS84, MERCATOR] {
            // These have the meridians and parallels for sides too, so the same rectangle can be said in them.
            let crs = Crs::parse(uri).expect("known");
            let mut corners = [[west, south], [east, north]];
            Transform::between(Crs::CRS84, crs)
                .expect("known")
                .convert(&mut corners)
                .expect("in the domain");
            let [a, b] = corners.map(|c| crs.to_authority(c));
            let text = format!("{},{},{},{}", a[0], a[1], b[0], b[1]);
            let mut found = app
                .ids(&format!(
                    "/collections/{collection}/items?bbox={text}&bbox-crs={uri}"
                ))
                .await;
            found.sort();
            assert_eq!(found, expected, "{collection} {uri}");
        }
    }
    // In Lambert-93 a rectangle is judged there: exactly the first two columns of parishes.
    let [x, y] = parish_corner(1);
    let text = format!("{},{},{},{}", x - 900.0, y - 10.0, x + 10.0, y + 10_000.0);
    let found = app
        .ids(&format!(
            "/collections/{PARISHES}/items?bbox={text}&bbox-crs={LAMBERT}"
        ))
        .await;
    assert_eq!(found.len(), 10);
    assert!(
        found
            .iter()
            .all(|id| id[3..6].parse::<usize>().expect("a number") % 5 < 2)
    );
}

#[tokio::test]
async fn conf_crs_bbox_crs_parameter_invalid() {
    let app = App::new();
    for uri in [
        "",
        "x",
        "EPSG:4326",
        "http://www.opengis.net/def/crs/EPSG/0/27572",
    ] {
        app.get(&format!(
            "/collections/{TOWNS}/items?bbox=1,2,3,4&bbox-crs={}",
            encoded(uri)
        ))
        .await
        .faulty("bbox-crs");
    }
}

#[tokio::test]
async fn conf_crs_bbox_crs_parameter_default() {
    let app = App::new();
    let target = format!("/collections/{PARISHES}/items?bbox=5.2,43.2,5.3,43.3");
    let plain = app.ids(&target).await;
    assert_eq!(plain, app.ids(&format!("{target}&bbox-crs={CRS84}")).await);
    // Longitude first, whatever `crs` says.
    assert_eq!(plain, app.ids(&format!("{target}&crs={WGS84}")).await);
    assert_eq!(
        plain,
        app.ids(&format!(
            "/collections/{PARISHES}/items?bbox=43.2,5.2,43.3,5.3&bbox-crs={WGS84}"
        ))
        .await
    );
}
