//! Who has what: for each layer of the stage and each caller, what each of its surfaces answers.

use std::fmt::Write as _;

use crate::golden;
use crate::play::Play;
use crate::positions;
use crate::requests::encoded;
use crate::stage::{
    CALLERS, DRAFT, EMBARGO, OPEN, OTHERS, PARCELS, PIPES, SALES, SECRET, SIGHTINGS, SUSPENDED,
    WITHDRAWN,
};

const LAYERS: [&str; 11] = [
    OPEN, PARCELS, SIGHTINGS, PIPES, SALES, SECRET, DRAFT, EMBARGO, SUSPENDED, WITHDRAWN, OTHERS,
];
const COLUMNS: [&str; 10] = [
    "listed",
    "collection",
    "queryables",
    "items",
    "columns",
    "item",
    "tilejson",
    "zoom 11",
    "zoom 13",
    "in portal",
];

/// The tile of a zoom in which the first parcels are.
pub fn tile(zoom: u32) -> (u32, u32) {
    let n = f64::from(1u32 << zoom);
    let y = (1.0 - 43.004f64.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0;
    ((185.004 / 360.0 * n) as u32, (y * n) as u32)
}

fn cells(play: &Play, who: &str, layer: &str) -> [String; 10] {
    let get = |target: &str| play.get(who, target);
    let told = |target: &str, read: &dyn Fn(&serde_json::Value) -> String| {
        let answer = get(target);
        match answer.json().filter(|_| answer.status == 200) {
            Some(document) => read(&document),
            None => answer.status.to_string(),
        }
    };
    let here = format!("/collections/{layer}");
    let listed = |document: &serde_json::Value| {
        let all = document["collections"].as_array().expect("collections");
        if all.iter().any(|c| c["id"] == layer) {
            "yes"
        } else {
            "no"
        }
        .to_owned()
    };
    let count = |document: &serde_json::Value| format!("{} rows", document["itemCount"]);
    let names = |members: &serde_json::Value| {
        let Some(members) = members.as_object() else {
            return "-".to_owned();
        };
        let names = members.iter();
        let names: Vec<_> = names
            .filter(|(_, v)| !v.is_null())
            .map(|(n, _)| n.as_str())
            .collect();
        names.join(" ")
    };
    let drawn = |zoom: u32| {
        let (x, y) = tile(zoom);
        let answer = get(&format!("/xyz/{layer}/{zoom}/{x}/{y}.mvt"));
        if answer.status != 200 {
            return answer.status.to_string();
        }
        let tile = positions::decode(&answer.plain_body());
        let features = tile.layers.iter().map(|l| l.features.len()).sum::<usize>();
        format!("{features} drawn")
    };
    let item = encoded(&format!("idu {layer} 0"));
    let (organisation, name) = layer.split_once('.').expect("an organisation's");
    [
        told("/collections", &listed),
        told(&here, &count),
        told(&format!("{here}/queryables"), &|d| names(&d["properties"])),
        told(&format!("{here}/items?limit=1"), &|d| {
            format!("{} rows", d["numberMatched"])
        }),
        told(&format!("{here}/items?limit=1"), &|d| {
            names(&d["features"][0]["properties"])
        }),
        told(&format!("{here}/items/{item}"), &|d| {
            names(&d["properties"])
        }),
        told(&format!("/xyz/{layer}.json"), &|d| {
            names(&d["vector_layers"][0]["fields"])
        }),
        drawn(11),
        drawn(13),
        told(&format!("/o/{organisation}/collections/{name}"), &count),
    ]
}

#[test]
fn golden_matrix() {
    let _beside = crate::beside_others();
    golden::compare("matrix.txt", &text());
}

/// The whole table.
pub fn text() -> String {
    let play = Play::new();
    let mut text =
        String::from("Who has what. Each line: caller, then what the layer's surfaces answer.\n");
    for layer in LAYERS {
        let _ = writeln!(text, "\n{layer}: {}", COLUMNS.join(" | "));
        for who in CALLERS {
            let _ = writeln!(text, "  {who:<10} {}", cells(&play, who, layer).join(" | "));
        }
    }
    text
}

/// True if the table is no longer as it was reviewed.
#[cfg(guichet_leaks)]
pub fn differs() -> bool {
    std::fs::read_to_string(crate::table::path("matrix.txt")).unwrap_or_default() != text()
}
