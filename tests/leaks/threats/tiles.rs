//! Tiles: what is drawn, and whether there is anything.

use geo::CoordsIter as _;

use crate::play::{Play, says};
use crate::positions;
use crate::stage::{AREA, PARCELS, PIPES, SECRET};

/// Tiles of a zoom around the stage.
fn around(zoom: u32) -> Vec<(u32, u32)> {
    let (x, y) = crate::matrix::tile(zoom);
    let reach = if zoom > 9 { 3 } else { 1 };
    let side = -reach..=reach;
    side.clone()
        .flat_map(|dx| side.clone().map(move |dy| (dx, dy)))
        .filter_map(|(dx, dy)| Some((x.checked_add_signed(dx)?, y.checked_add_signed(dy)?)))
        .collect()
}

#[test]
pub fn threat_14_nothing_beyond_the_area() {
    let _beside = crate::beside_others();
    let play = Play::new();
    let mut vertices = 0;
    for zoom in [8, 11, 13, 15] {
        let border = (AREA.0[2] + 180.0) / 360.0 * f64::from(1u32 << zoom);
        for (x, y) in around(zoom) {
            let answer = play.get("partner", &format!("/xyz/{PARCELS}/{zoom}/{x}/{y}.mvt"));
            if answer.status != 200 {
                continue;
            }
            let tile = positions::decode(&answer.plain_body());
            for layer in &tile.layers {
                let unit = 1.0 / f64::from(layer.extent.get());
                for vertex in layer.features.iter().flat_map(|f| f.geometry.coords_iter()) {
                    vertices += 1;
                    let at = f64::from(x) + f64::from(vertex.x) * unit;
                    assert!(
                        at <= border + 1.5 * unit,
                        "zoom {zoom}: {at} lies beyond {border}"
                    );
                }
            }
            assert!(!says(&answer, "proprietaire") && !says(&answer, "vendu"));
        }
    }
    assert!(vertices > 100, "{vertices}");
}

#[test]
pub fn threat_17_empty_is_empty() {
    let _beside = crate::beside_others();
    let play = Play::new();
    for zoom in [0, 5, 9, 12, 13, 16, 22] {
        for (x, y) in around(zoom.min(13))
            .into_iter()
            .chain([(0, 0), (u32::MAX, 1)])
        {
            let get =
                |who: &str, layer: &str| play.get(who, &format!("/xyz/{layer}/{zoom}/{x}/{y}.mvt"));
            // A hidden layer is nowhere, and so is one above its last zoom.
            assert_eq!(get("anonymous", SECRET).status, 404);
            assert_eq!(get("neighbour", PIPES).status, 404);
            let pipes = get("partner", PIPES).status;
            assert!(
                zoom <= 12 && matches!(pipes, 200 | 204 | 404) || pipes == 404,
                "zoom {zoom}: {pipes}"
            );
        }
    }
    // Where parcels are that are not shown, and where none are.
    let at = |who: &str, lon: f64| {
        let x = ((lon + 180.0) / 360.0 * 8192.0) as u32;
        play.get(
            who,
            &format!("/xyz/{PARCELS}/13/{x}/{}.mvt", crate::matrix::tile(13).1),
        )
    };
    assert_eq!(at("owner", 5.09).status, 200);
    assert_eq!(at("partner", 5.09).difference(&at("partner", 5.9)), None);
}

#[test]
pub fn threat_29_styles_name_what_is_seen() {
    let _beside = crate::beside_others();
    let play = Play::with(crate::stage::Stage::new(), |settings| {
        guichet::api::Settings {
            basemap: guichet::api::Basemap::Style {
                name: "fond".to_owned(),
                style: serde_json::json!({
                    "version": 8,
                    "sources": {
                        "a": { "type": "vector", "url": "guichet://xyz/ville.communes.json" },
                        "b": { "type": "vector", "url": format!("guichet://xyz/{SECRET}.json") },
                    },
                    "layers": [
                        { "id": "x", "type": "line", "source": "a", "source-layer": "ville.communes" },
                        { "id": "y", "type": "line", "source": "b", "source-layer": SECRET },
                        { "id": "z", "type": "line", "source": "a", "source-layer": SECRET },
                    ],
                }),
            },
            ..settings
        }
    });
    let style = |who: &str| play.json(who, "/styles/fond").to_string();
    assert!(style("owner").contains(SECRET));
    for who in ["anonymous", "partner", "neighbour"] {
        assert!(!style(who).contains(SECRET), "{who}: {}", style(who));
        assert!(style(who).contains("ville.communes"));
    }
}
