//! Right configurations, read whole.

use std::path::{Path, PathBuf};

use super::{fault, folder, open_layer, parse};
use crate::config::{
    Access, Action, Aggregate, Area, AreaMode, Attributes, Basemap, Config, DEFAULT_LISTEN,
    Derived, Discovery, FieldType, Language, Limits, Platform, ProfileArea, Subject, cache_folder,
};

#[test]
fn a_whole_configuration_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config/provence");
    let config = Config::load(&root.join("guichet.toml")).unwrap();

    let names: Vec<_> = config
        .files
        .iter()
        .map(|f| f.strip_prefix(&root).unwrap().to_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "guichet.toml",
            "orgs/eau-de-provence.toml",
            "orgs/region-sud.toml"
        ]
    );
    assert_eq!(config.platform.title, "Données de Provence");
    assert_eq!(
        config.platform.url.as_deref(),
        Some("https://data.example.org")
    );
    assert_eq!(config.platform.language, Language::French);
    assert_eq!(config.platform.timezone.iana_name(), Some("Europe/Paris"));
    assert_eq!(config.server.state, root.join("state"));
    assert_eq!(config.server.memory, Some(8 << 30));
    assert_eq!(config.server.metrics, "127.0.0.1:9090".parse().ok());
    assert!(config.server.trusted_proxies[0].contains("10.1.2.3".parse().unwrap()));
    assert_eq!(config.limits.source_file_bytes, 2 << 30);
    assert_eq!(config.limits.items_limit_max, 5_000);
    assert_eq!(
        config.limits.items_limit_default,
        Limits::default().items_limit_default
    );
    assert_eq!(
        config.basemap,
        Basemap::Layers(vec!["region-sud.communes".to_owned()])
    );

    let [eau, sud] = &config.organisations[..] else {
        panic!("two organisations")
    };
    assert_eq!(
        (eau.id.as_str(), eau.title.as_str()),
        ("eau-de-provence", "Eau de Provence")
    );
    assert!(matches!(&eau.jurisdiction, Some(Area::Wkt(w)) if w.starts_with("POLYGON")));
    assert!(
        matches!(&sud.jurisdiction, Some(Area::Layer { layer, .. }) if layer == "region-sud.communes")
    );
}

#[test]
fn layers_are_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config/provence");
    let config = Config::load(&root.join("guichet.toml")).unwrap();
    let [forages, communes, parcelles] = &config.layers[..] else {
        panic!("three layers")
    };

    assert_eq!(forages.collection, "eau-de-provence.forages");
    assert_eq!(forages.source.delimiter, Some(';'));
    assert_eq!(forages.source.x.as_deref(), Some("X"));
    assert_eq!(forages.source.path, root.join("orgs/forages.csv"));

    assert_eq!(communes.collection, "region-sud.communes");
    assert_eq!(communes.access, Access::Open);
    assert_eq!(communes.updated.as_deref(), Some("2026-01-01"));
    assert_eq!(communes.tiles.max_zoom, Some(14));
    assert_eq!(
        communes.tiles.properties.as_deref(),
        Some(&["insee".to_owned(), "nom".to_owned()][..])
    );
    let fields: Vec<_> = communes.fields.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(fields, ["nom", "insee"], "in the order of the file");
    assert_eq!(communes.fields[0].data_type, None);
    assert_eq!(communes.fields[1].data_type, Some(FieldType::String));
    assert_eq!(communes.fields[1].codes["13055"], "Marseille");
    assert_eq!((communes.place.line, communes.place.column), (6, 1));

    assert_eq!(parcelles.discovery, Discovery::Listed);
    assert_eq!(parcelles.source.layer.as_deref(), Some("parcelles"));
    assert!(parcelles.source.partial);
    assert_eq!(parcelles.fields.len(), 3);
}

#[test]
fn profiles_and_grants_are_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config/provence");
    let config = Config::load(&root.join("guichet.toml")).unwrap();
    let [perimetre, public, littoral] = &config.profiles[..] else {
        panic!("three profiles")
    };
    assert_eq!(
        perimetre.area,
        Some((ProfileArea::Jurisdiction, AreaMode::Clip))
    );
    assert_eq!(
        perimetre.derived,
        [("contenance".to_owned(), Derived::Mask)]
    );
    assert_eq!(public.attributes, Attributes::Only(Vec::new()));
    let precision = public.precision.as_ref().unwrap();
    assert_eq!((precision.grid_m, precision.min_count), (1000, 11));
    assert_eq!(
        precision.aggregates,
        [("contenance".to_owned(), Aggregate::Sum)]
    );
    assert_eq!(littoral.attributes, Attributes::All);
    assert!(matches!(
        &littoral.area,
        Some((ProfileArea::Given(Area::Layer { .. }), AreaMode::Intersects))
    ));

    let [eau, public] = &config.grants[..] else {
        panic!("two grants")
    };
    assert_eq!(
        eau.subject,
        Subject::Organisation("eau-de-provence".to_owned())
    );
    assert_eq!(
        eau.actions,
        [
            Action::Discover,
            Action::Tiles,
            Action::Items,
            Action::Export
        ]
    );
    assert_eq!(eau.from.unwrap().to_string(), "2026-06-30T22:00:00Z");
    assert_eq!(eau.until.unwrap().to_string(), "2027-06-30T22:00:00Z");
    assert_eq!(eau.terms, Some(("licence-fonciere".to_owned(), 3)));
    assert_eq!(public.subject, Subject::Public);
    assert_eq!(public.until, None);
}

#[test]
fn an_empty_file_is_the_defaults() {
    let config = parse("").unwrap();
    assert_eq!(config.platform, Platform::default());
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.server.listen, DEFAULT_LISTEN);
    assert_eq!(config.server.state, Path::new("state"));
    assert_eq!(config.basemap, Basemap::Own);
}

#[test]
fn the_state_lies_beside_the_file() {
    let root = folder(&[("guichet.toml", "")]);
    let config = Config::load(&root.path().join("guichet.toml")).unwrap();
    assert_eq!(config.server.state, root.path().join("var"));
}

#[test]
fn paths_need_no_configuration() {
    if cache_folder("x").is_none() {
        let error = Config::for_paths(&[], None).unwrap_err();
        assert!(error.to_string().contains("set HOME"));
        return;
    }
    let config = Config::for_paths(&[PathBuf::from("/data")], None).unwrap();
    assert_eq!(config.platform.title, "guichet");
    assert!(config.layers.is_empty() && config.organisations.is_empty() && config.files.is_empty());
    assert!(!config.server.state.starts_with("/data"));
    let refused =
        Config::for_paths(&[PathBuf::from("/data")], "0.0.0.0:80".parse().ok()).unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("on 0.0.0.0:80 others can reach the server")
    );
}

#[test]
fn the_same_id_may_be_used_by_two_organisations() {
    let organisations = "[[organisation]]\nid = 'x'\n[[organisation]]\nid = 'y'\n";
    let layer = |owner: &str| format!("{}organisation = '{owner}'\n", open_layer("a"));
    let config = parse(&format!(
        "{organisations}{}{}{}",
        layer("x"),
        layer("y"),
        open_layer("a")
    ))
    .unwrap();
    let ids: Vec<_> = config
        .layers
        .iter()
        .map(|l| l.collection.as_str())
        .collect();
    assert_eq!(ids, ["x.a", "y.a", "a"]);
}

#[test]
fn basemaps_are_layers_a_file_or_another_host() {
    let file = parse("[basemap]\nstyle = 'styles/fond.json'").unwrap();
    assert_eq!(
        file.basemap,
        Basemap::Style(PathBuf::from("styles/fond.json"))
    );
    let text = "[basemap]\nstyle = 'https://a.example/style.json?key=1'\norigins = ['https://tiles.example/']";
    let Basemap::External { url, origins } = parse(text).unwrap().basemap else {
        panic!("external")
    };
    assert_eq!(url, "https://a.example/style.json?key=1");
    assert_eq!(origins, ["https://a.example", "https://tiles.example"]);
    for bad in [
        "style = 'ftp://a/b'",
        "style = 'a.json'\norigins = ['https://b.example']",
        "style = 'https://a/b'\norigins = ['https://b.example/path']",
        "style = 'a.json'\nlayers = []",
    ] {
        fault(&format!("[basemap]\n{bad}"));
    }
}
