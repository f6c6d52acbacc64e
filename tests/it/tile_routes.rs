//! Tiles over HTTP: what viewers and clients of OGC API Tiles read first, and the tiles themselves.

use axum::http::Method;
use serde_json::Value;

use crate::app::{App, BASE, link, links};
use crate::fixture::{DATELINE, PARISHES, SECRET, TABLE, TOWNS};

const MVT: &str = "application/vnd.mapbox-vector-tile";

#[tokio::test]
async fn tilejson_leads_to_tiles() {
    let app = App::new();
    let document = app.json(&format!("/xyz/{TOWNS}.json")).await;
    assert_eq!(document["tilejson"], "3.0.0");
    assert_eq!(document["vector_layers"][0]["id"], TOWNS);
    let template = document["tiles"][0].as_str().expect("a template");
    assert_eq!(
        template,
        format!("{BASE}/xyz/{TOWNS}/{{z}}/{{x}}/{{y}}.mvt")
    );
    let tile = app
        .get(
            &template
                .replace("{z}", "0")
                .replace("{x}", "0")
                .replace("{y}", "0"),
        )
        .await
        .expect(200);
    assert_eq!(tile.header("content-type"), MVT);
    assert_eq!(tile.header("access-control-allow-origin"), "*");
    assert!(!tile.header("etag").is_empty() && !tile.header("cache-control").is_empty());
    let again = [("if-none-match", tile.header("etag"))];
    app.send(Method::GET, &tile.target, &again)
        .await
        .expect(304);
    // Several layers in one tile.
    let joined = app.json(&format!("/xyz/{TOWNS},{PARISHES}.json")).await;
    assert_eq!(joined["vector_layers"].as_array().expect("layers").len(), 2);
    // South of Marseille there are some of both.
    let mut names = Vec::new();
    for y in 186..190 {
        let both = app
            .get(&format!("/xyz/{TOWNS},{PARISHES}/9/263/{y}.mvt"))
            .await;
        for name in [TOWNS, PARISHES] {
            let bytes = name.as_bytes();
            if both.body.windows(bytes.len()).any(|w| w == bytes) {
                names.push(name);
            }
        }
    }
    assert!(names.contains(&TOWNS) && names.contains(&PARISHES));
}

#[tokio::test]
async fn empty_tiles_and_no_tiles() {
    let app = App::new();
    // The south of the Pacific has no towns.
    let empty = app
        .get(&format!("/xyz/{TOWNS}/4/0/12.mvt"))
        .await
        .expect(204);
    assert!(empty.body.is_empty());
    for path in [
        format!("/xyz/{TOWNS}/1/2/0.mvt"),
        format!("/xyz/{TOWNS}/1/0/2.mvt"),
        format!("/xyz/{TOWNS}/25/0/0.mvt"),
        format!("/xyz/{TOWNS}/-1/0/0.mvt"),
        format!("/xyz/{TOWNS}/0/0/0"),
        format!("/xyz/{TOWNS}/0/0/0.png"),
        format!("/xyz/{TOWNS}/00/0/0.mvt"),
        format!("/xyz/{SECRET}/0/0/0.mvt"),
        format!("/xyz/{SECRET},absent/0/0/0.mvt"),
        format!("/xyz/{SECRET}.json"),
        format!("/xyz/{TOWNS}.xml"),
        format!("/collections/{SECRET}/tiles"),
        format!("/collections/{SECRET}/tiles/WebMercatorQuad"),
        format!("/collections/{SECRET}/tiles/WebMercatorQuad/0/0/0"),
        format!("/collections/{TOWNS}/tiles/WorldCRS84Quad"),
        format!("/collections/{TOWNS}/tiles/WebMercatorQuad/0/0/1"),
        format!("/collections/{TABLE}/tiles"),
        format!("/collections/{TABLE}/tiles/WebMercatorQuad"),
        "/tileMatrixSets/WorldCRS84Quad".to_owned(),
    ] {
        app.get(&path).await.problem(404);
    }
    // Of several layers those are drawn that there are.
    let alone = app.get(&format!("/xyz/{TOWNS}/0/0/0.mvt")).await;
    for other in [SECRET, "absent"] {
        let both = app.get(&format!("/xyz/{TOWNS},{other}/0/0/0.mvt")).await;
        assert_eq!(both.body, alone.body, "{other}");
        let described = app.json(&format!("/xyz/{other},{TOWNS}.json")).await;
        assert_eq!(described, app.json(&format!("/xyz/{TOWNS}.json")).await);
    }
    app.get(&format!("/xyz/{TOWNS}/0/0/0.mvt?x=1"))
        .await
        .faulty("x");
    app.get(&format!("/collections/{TOWNS}/tiles?x=1"))
        .await
        .faulty("x");
    app.send(Method::POST, &format!("/xyz/{TOWNS}/0/0/0.mvt"), &[])
        .await
        .problem(405);
    app.send(Method::OPTIONS, &format!("/xyz/{TOWNS}/0/0/0.mvt"), &[])
        .await
        .expect(200);
}

#[tokio::test]
async fn from_the_collection_to_a_tile_of_ogc_api_tiles() {
    let app = App::new();
    let collection = app.json(&format!("/collections/{TOWNS}")).await;
    let tilesets = link(
        &collection,
        "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
    )
    .expect("tilesets");
    let tilesets = app.json(&tilesets).await;
    let set = &tilesets["tilesets"][0];
    assert_eq!(set["dataType"], "vector");
    let tileset = app.json(&link(set, "self").expect("a tileset")).await;
    assert_eq!(
        tileset["tileMatrixSetURI"],
        "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
    );
    let item = links(&tileset, "item")[0];
    assert_eq!(
        (&item["type"], &item["templated"]),
        (&MVT.into(), &true.into())
    );
    let template = item["href"].as_str().expect("a template");
    let limits = tileset["tileMatrixSetLimits"].as_array().expect("limits");
    let at = |zoom: &str| {
        limits
            .iter()
            .find(|l| l["tileMatrix"] == zoom)
            .expect("limits")
    };
    let number = |v: &Value| v.as_u64().expect("a number");
    // All tiles with something in them lie within the limits, and both spellings of a tile are the same tile.
    let z = 5;
    let mut found = 0;
    for row in 0..1u64 << z {
        for col in 0..1u64 << z {
            let target = [
                ("{tileMatrix}", z as u64),
                ("{tileRow}", row),
                ("{tileCol}", col),
            ]
            .iter()
            .fold(template.to_owned(), |t, (name, n)| {
                t.replace(name, &n.to_string())
            });
            let answer = app.get(&target).await;
            if answer.status == 200 {
                found += 1;
                let l = at("5");
                assert!(
                    (number(&l["minTileRow"])..=number(&l["maxTileRow"])).contains(&row),
                    "{target}"
                );
                assert!(
                    (number(&l["minTileCol"])..=number(&l["maxTileCol"])).contains(&col),
                    "{target}"
                );
                let xyz = app
                    .get(&format!("/xyz/{TOWNS}/{z}/{col}/{row}.mvt"))
                    .await
                    .expect(200);
                assert_eq!(xyz.body, answer.body);
            }
        }
    }
    assert!(found > 0);
    let scheme = link(
        &tileset,
        "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme",
    )
    .expect("a scheme");
    let scheme = app.json(&scheme).await;
    let first = &scheme["tileMatrices"][0];
    assert!(
        (first["scaleDenominator"].as_f64().expect("a number") - 559_082_264.028_717).abs() < 1e-3
    );
    assert!((first["cellSize"].as_f64().expect("a number") - 156_543.033_928_041).abs() < 1e-6);
    assert_eq!(scheme["tileMatrices"][24]["matrixWidth"], 1 << 24);
    // Around the world, from edge to edge.
    let tileset = app
        .json(&format!("/collections/{DATELINE}/tiles/WebMercatorQuad"))
        .await;
    let limits = tileset["tileMatrixSetLimits"].as_array().expect("limits");
    let third = limits
        .iter()
        .find(|l| l["tileMatrix"] == "3")
        .expect("limits");
    assert_eq!(
        (&third["minTileCol"], &third["maxTileCol"]),
        (&0.into(), &7.into())
    );
    // A table has no tiles.
    let table = app.json(&format!("/collections/{TABLE}")).await;
    assert!(
        link(
            &table,
            "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
        )
        .is_none()
    );
}
