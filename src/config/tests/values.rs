//! Values that are not what they must be.

use std::path::{Path, PathBuf};

use super::{PROFILE, fault, faults, open_layer, parse};
use crate::config::{Config, Discovery};

#[test]
fn wrong_types_are_named_with_what_was_expected() {
    let layer = open_layer("a");
    let cases = [
        (
            "[platform]\ntitle = 3".to_owned(),
            r#""title" in [platform] must be a text in quotes, not 3"#,
        ),
        (
            "[platform]\ntitle = ' '".to_owned(),
            r#""title" in [platform] is empty: give it a value or remove the key"#,
        ),
        (
            "[platform]\nlanguage = 'de'".to_owned(),
            r#""language" in [platform] must be "fr" or "en", not "de""#,
        ),
        (
            "[platform]\ntimezone = 'Europe/Pari'".to_owned(),
            r#""timezone" in [platform] must be a time zone of the IANA database such as "Europe/Paris", not "Europe/Pari""#,
        ),
        (
            "[platform]\nurl = 'example.org'".to_owned(),
            r#""url" in [platform] must be an address such as "https://data.example.org", without ? or #, not "example.org""#,
        ),
        (
            "[server]\nlisten = 8080".to_owned(),
            r#""listen" in [server] must be an address and port in quotes, such as "127.0.0.1:8080", not 8080"#,
        ),
        (
            "[server]\nmemory = '8G'".to_owned(),
            r#""memory" in [server] must be a size such as "8GiB", "500MB" or a whole number of bytes, not "8G""#,
        ),
        (
            "[server]\nmemory = '1KiB'".to_owned(),
            r#""memory" in [server] must be from 67108864 to 1125899906842624 bytes, not "1KiB""#,
        ),
        (
            "[server]\ntrusted_proxies = ['10.0.0.1/8']".to_owned(),
            r#"an element of "trusted_proxies" in [server] must be an address such as "10.0.0.7" or a block such as "10.0.0.0/8", not "10.0.0.1/8""#,
        ),
        (
            "[limits]\ncolumns = -1".to_owned(),
            r#""columns" in [limits] must be a whole number from 1 to 65535, not -1"#,
        ),
        (
            "[limits]\nconnections = 1e3".to_owned(),
            r#""connections" in [limits] must be a whole number from 1 to 1000000, not 1e3"#,
        ),
        (
            format!("{layer}keywords = 'a'"),
            r#""keywords" in [[layer]] must be a list in square brackets, not "a""#,
        ),
        (
            format!("{layer}keywords = ['a', 1]"),
            r#"an element of "keywords" in [[layer]] must be a text in quotes, not 1"#,
        ),
        (
            format!("{layer}updated = 2026-01-01T00:00:00Z"),
            r#""updated" in [[layer]] must be a day such as 2026-01-31, not the date 2026-01-01T00:00:00Z"#,
        ),
        (
            format!("{layer}updated = '2026-02-30'"),
            r#""updated" in [[layer]] must be a day such as 2026-01-31, not "2026-02-30""#,
        ),
        (
            format!("{layer}tiles = {{ max_zoom = 23 }}"),
            r#""max_zoom" in tiles must be a whole number from 0 to 22, not 23"#,
        ),
        (
            format!("{layer}tiles = true"),
            r#""tiles" in [[layer]] must be a table, not true"#,
        ),
        (
            format!("{layer}[layer.fields.a]\ntype = 'int'"),
            r#""type" in [layer.fields.a] must be "boolean", "integer", "number", "string", "date", "date-time" or "json", not "int"; did you mean "integer"?"#,
        ),
        (
            format!("{layer}discovery = 'hidden'"),
            r#""discovery" is for restricted layers: an open layer is always listed"#,
        ),
        (
            "[[organisation]]\nid = 'a'\ncolour = 'red'".to_owned(),
            "\"colour\" in [[organisation]] must be a colour such as \"#0b5cad\", not \"red\"",
        ),
        (
            format!("{PROFILE}area = {{ mode = 'clip', jurisdiction = false }}\nderived = {{}}"),
            "",
        ),
    ];
    for (text, expected) in cases {
        let all = faults(&text);
        assert!(
            all.iter().any(|f| f.ends_with(expected)),
            "{text}\n{all:#?}"
        );
    }
}

#[test]
fn ids_are_plain() {
    assert_eq!(
        fault(&open_layer("Communes")),
        r#"guichet.toml:2: "id" in [[layer]] must be made of at most 64 of a-z, 0-9, _ and -, and begin with a letter or digit, not "Communes""#
    );
}

#[test]
fn restricted_layers_declare_what_is_public() {
    let text = "[[layer]]\nid = \"a\"\nsource = \"a.fgb\"\naccess = \"restricted\"\n";
    let all = fault(text);
    for part in [
        "guichet.toml:1: ",
        "its CRS",
        "its zooms",
        "the type of each property",
        "guichet check FILE --toml",
    ] {
        assert!(all.contains(part), "{all}");
    }
    let declared = "[[layer]]\nid = \"a\"\nsource = { path = \"a.fgb\", crs = \"EPSG:4326\" }\naccess = \"restricted\"\n\
        tiles = { min_zoom = 0, max_zoom = 9 }\nlabel = \"nmo\"\nfields = { nom = { type = \"string\" } }\n";
    let all = fault(declared);
    assert!(all.ends_with(r#""label" names "nmo", which [layer.fields] of the restricted layer "a" does not declare; did you mean "nom"?"#), "{all}");
    let config = parse(&declared.replace("nmo", "nom")).unwrap();
    assert_eq!(config.layers[0].discovery, Discovery::Hidden);
}

#[test]
fn profiles_say_everything() {
    let all = faults("[[profile]]\nid = 'p'\n");
    assert_eq!(all.len(), 2, "{all:#?}");
    assert!(all[0].contains("has no \"rows\"") && all[1].contains("has no \"attributes\""));
    let clip = format!("{PROFILE}area = {{ jurisdiction = true, mode = 'clip' }}\n");
    assert!(fault(&clip).contains("a profile that clips must have \"derived\""));
    assert!(parse(&format!("{clip}derived = {{}}")).is_ok());
    let two =
        format!("{PROFILE}area = {{ jurisdiction = true, wkt = 'POINT(0 0)', mode = 'within' }}\n");
    assert!(fault(&two).contains("area must be one of"));
    let none = format!("{PROFILE}area = {{ mode = 'within' }}\n");
    assert!(fault(&none).contains("area names no area"));
}

#[test]
fn a_grant_that_never_holds_is_refused() {
    let grant = |period: &str| {
        let layer = open_layer("a");
        format!(
            "{PROFILE}{layer}[[grant]]\nsubject = 'public'\nlayers = ['a']\nprofile = 'p'\nactions = []\n{period}"
        )
    };
    assert!(fault(&grant("from = 2027-01-02\nuntil = 2027-01-01")).contains("never hold"));
    assert!(
        parse(&grant("from = 2027-01-01\nuntil = 2027-01-01")).is_ok(),
        "a single day"
    );
    assert!(fault(&grant("until = '2027-01-01'")).contains("without quotes"));
    assert!(fault(&grant("terms = 'licence'")).contains("a name and a version"));
}

#[test]
fn others_than_this_machine_need_a_public_address() {
    let text = "[server]\nlisten = \"0.0.0.0:8080\"\n";
    assert!(fault(text).starts_with("guichet.toml: on 0.0.0.0:8080 others can reach the server"));
    assert!(parse(&format!("{text}[platform]\nurl = 'https://a.example'")).is_ok());
    assert!(parse("[server]\nlisten = '[::1]:0'").is_ok());
    // What the command line says is what counts.
    let listen = |address: &str| {
        Config::from_text(
            text,
            Path::new("g.toml"),
            PathBuf::new(),
            address.parse().ok(),
        )
    };
    assert!(listen("127.0.0.1:0").is_ok());
    assert!(listen("192.0.2.1:80").is_err());
}

#[test]
fn metrics_have_a_port_of_their_own() {
    let text = "[server]\nlisten = '127.0.0.1:80'\nmetrics = '127.0.0.1:80'";
    assert!(fault(text).starts_with("guichet.toml:3: \"metrics\" is the address of \"listen\""));
}

#[test]
fn limits_agree_with_each_other() {
    let text = "[limits]\nitems_limit_default = 20_000";
    assert!(
        fault(text)
            .ends_with(r#""items_limit_default" (20000) is above "items_limit_max" (10000)"#)
    );
}

#[test]
fn no_damage_to_a_file_is_more_than_a_fault() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config/provence");
    for file in ["guichet.toml", "orgs/region-sud.toml"] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let refused = |damaged: &str| {
            // The first line names other files.
            let damaged = damaged.replace("include", "# include");
            parse(&damaged)
                .map_err(|e| assert!(!e.faults.is_empty()))
                .is_err()
        };
        let cuts = text.char_indices().map(|(i, _)| &text[..i]);
        let cut = cuts.filter(|cut| refused(cut)).count();
        assert!(cut > text.len() / 2, "{cut}");
        let lines: Vec<&str> = text.lines().collect();
        for i in 0..lines.len() {
            let without = [&lines[..i], &lines[i + 1..]].concat().join("\n");
            let twice = [&lines[..=i], &lines[i..]].concat().join("\n");
            refused(&without);
            refused(&twice);
        }
    }
}

#[test]
fn backgrounds_are_open() {
    let text = "[basemap]\nlayers = ['a']\n[[layer]]\nid = 'a'\nsource = { path = 'a.fgb', crs = 'EPSG:4326' }\naccess = 'restricted'\n\
        tiles = { min_zoom = 0, max_zoom = 9 }\nfields = { nom = { type = 'string' } }\n";
    assert_eq!(
        fault(text),
        r#"guichet.toml:3: the restricted layer "a" cannot be part of [basemap]"#
    );
}
