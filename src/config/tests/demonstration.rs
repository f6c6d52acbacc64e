//! The demonstration of `data/` and `styles/` agrees with itself.

use std::path::Path;

use crate::config::{Access, Attributes, Basemap, Config, Layer};

fn demonstration() -> Config {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/guichet.toml");
    Config::load(&file).expect("the demonstration's configuration is right")
}

fn layer<'c>(config: &'c Config, collection: &str) -> &'c Layer {
    let found = config.layers.iter().find(|l| l.collection == collection);
    found.unwrap_or_else(|| panic!("{collection} is a layer"))
}

#[test]
fn every_layer_has_its_file_and_its_credits() {
    let config = demonstration();
    let of = |access| config.layers.iter().filter(|l| l.access == access).count();
    assert_eq!(
        (
            config.organisations.len(),
            of(Access::Open),
            of(Access::Restricted)
        ),
        (3, 4, 3)
    );
    for layer in &config.layers {
        assert!(
            layer.source.path.is_file(),
            "{}",
            layer.source.path.display()
        );
        assert!(
            layer.attribution.is_some() && layer.licence.is_some(),
            "{}",
            layer.id
        );
        assert!(layer.feature_id.is_some(), "{}", layer.id);
    }
    for (collection, credit) in [
        ("region-sud.departements", "Natural Earth"),
        ("region-sud.communes", "GeoNames (CC BY 4.0)"),
        ("region-sud.communes", "INSEE, DGCL (Licence Ouverte 2.0)"),
        ("region-sud.bassins-communaux", "Natural Earth"),
        ("region-sud.bassins-communaux", "GeoNames (CC BY 4.0)"),
    ] {
        let attribution = layer(&config, collection).attribution.as_deref().unwrap();
        assert!(attribution.contains(credit), "{collection}: {attribution}");
    }
}

#[test]
fn profiles_open_only_declared_properties() {
    let config = demonstration();
    for grant in &config.grants {
        let profile = config
            .profiles
            .iter()
            .find(|p| p.id == grant.profile)
            .unwrap();
        let Attributes::Only(attributes) = &profile.attributes else {
            continue;
        };
        for collection in &grant.layers {
            let fields = &layer(&config, collection).fields;
            for attribute in attributes {
                assert!(
                    fields.iter().any(|f| f.name == *attribute),
                    "{collection}: {attribute}"
                );
            }
        }
    }
}

#[test]
fn the_basemap_shows_open_layers_by_their_ids() {
    let config = demonstration();
    let Basemap::Style(path) = &config.basemap else {
        panic!("a style of our own")
    };
    let style: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let sources = style["sources"].as_object().unwrap();
    for source in sources.values() {
        let url = source["url"].as_str().unwrap();
        let collection = url
            .strip_prefix("guichet://xyz/")
            .and_then(|u| u.strip_suffix(".json"));
        let layer = layer(&config, collection.unwrap());
        assert_eq!(layer.access, Access::Open);
        assert_eq!(source["promoteId"].as_str(), layer.feature_id.as_deref());
    }
    let drawn = style["layers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|l| l["type"] != "background");
    for part in drawn {
        let source = &sources[part["source"].as_str().unwrap()];
        let expected = format!(
            "guichet://xyz/{}.json",
            part["source-layer"].as_str().unwrap()
        );
        assert_eq!(source["url"], *expected);
    }
}
