//! The demonstration: one layer, three pairs of eyes.

use crate::world::World;

const PARCELS: &str = "/collections/region-sud.parcelles/items?limit=10000";

#[test]
fn the_demonstration_shows_parcels_in_three_ways() {
    let w = World::demonstration();
    let server = w.serve(&[]);
    let keys = w.json(&["demo-keys"]);
    let key = |organisation: &str| {
        let mut all = keys.as_array().expect("a list").iter();
        let found = all.find(|k| k["organisation"] == organisation);
        found
            .and_then(|k| k["key"].as_str())
            .expect("a key")
            .to_owned()
    };
    let (water, county) = (key("eau-de-provence"), key("vaucluse"));
    // The server learns of them by itself.
    server.until(PARCELS, Some(&county), 200);
    let features = |key: Option<&str>| {
        let (status, body) = server.get(PARCELS, key);
        assert_eq!(status, 200, "{body}");
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        body["features"].as_array().expect("features").clone()
    };
    let names = |feature: &serde_json::Value| -> Vec<String> {
        let properties = feature["properties"].as_object().expect("properties");
        properties.keys().cloned().collect()
    };
    let cells = features(None);
    assert!(!cells.is_empty());
    assert!(cells.iter().all(|c| names(c) == ["cell", "count"] && c["properties"]["count"].as_u64() >= Some(11)));
    // Where a key opens no parcels, its holder sees what everybody sees: cells.
    let parcels = |key: &str| {
        let (cells, parcels): (Vec<_>, Vec<_>) = features(Some(key))
            .into_iter()
            .partition(|f| f["properties"]["cell"].is_string());
        assert!(!cells.is_empty());
        assert!(
            cells
                .iter()
                .all(|c| c["properties"]["count"].as_u64() >= Some(11)
                    && c["properties"]["id"].is_null())
        );
        parcels
    };
    let plain = parcels(&water);
    assert!(plain.len() > 100);
    assert!(
        plain
            .iter()
            .all(|f| !names(f).iter().any(|n| n.starts_with("proprietaire")))
    );
    let owned = parcels(&county);
    assert!(
        !owned.is_empty() && owned.len() < plain.len(),
        "{} {}",
        owned.len(),
        plain.len()
    );
    // Of some the owner is not known.
    let known = owned
        .iter()
        .filter(|f| f["properties"]["proprietaire"].is_string());
    assert!(known.count() > owned.len() / 2);
    assert!(owned.iter().all(|f| {
        f["properties"]["code_insee"]
            .as_str()
            .is_some_and(|c| c.starts_with("84"))
    }));
    // A second run takes the keys of the first back.
    w.ok(&["demo-keys"]);
    server.until(PARCELS, Some(&water), 401);
    server.stop();
}
