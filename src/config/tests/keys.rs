//! Unknown and missing keys, and where faults are said to be.

use super::{PROFILE, fault, faults, open_layer, parse};

#[test]
fn unknown_keys_are_named_with_their_line_and_the_nearest_key() {
    let text = format!("{}titel = \"Communes\"\n", open_layer("communes"));
    assert_eq!(
        fault(&text),
        r#"guichet.toml:5: unknown key "titel" in [[layer]]; did you mean "title"?"#
    );
}

#[test]
fn unknown_keys_are_found_in_every_table() {
    let layer = open_layer("a");
    let cases = [
        (
            "[platfrom]".to_owned(),
            r#""platfrom" in the file; did you mean "platform"?"#,
        ),
        (
            "[[layers]]".to_owned(),
            r#""layers" in the file; did you mean "layer"?"#,
        ),
        (
            "[platform]\nurll = 'x'".to_owned(),
            r#""urll" in [platform]; did you mean "url"?"#,
        ),
        (
            "[server]\nlistne = 'x'".to_owned(),
            r#""listne" in [server]; did you mean "listen"?"#,
        ),
        (
            "[limits]\ncolums = 3".to_owned(),
            r#""colums" in [limits]; did you mean "columns"?"#,
        ),
        (
            "[basemap]\nstlye = 'x'".to_owned(),
            r#""stlye" in [basemap]; did you mean "style"?"#,
        ),
        (
            format!("{layer}tiles = {{ minzoom = 3 }}"),
            r#""minzoom" in tiles; did you mean "min_zoom"?"#,
        ),
        (
            format!("{layer}[layer.fields.a]\ntyp = 'string'"),
            r#""typ" in [layer.fields.a]; did you mean "type"?"#,
        ),
        (
            "[[layer]]\nid = 'a'\naccess = 'open'\nsource = { path = 'a', encodign = 'x' }"
                .to_owned(),
            r#""encodign" in source; did you mean "encoding"?"#,
        ),
        (
            "[[organisation]]\nid = 'a'\ntitre = 'x'".to_owned(),
            r#""titre" in [[organisation]]; did you mean "title"?"#,
        ),
        (
            "[[organisation]]\nid = 'a'\njurisdiction = { wkt = 'x', wtk = 'x' }".to_owned(),
            r#""wtk" in jurisdiction; did you mean "wkt"?"#,
        ),
        (
            format!("{PROFILE}row = 'x'"),
            r#""row" in [[profile]]; did you mean "rows"?"#,
        ),
        (
            format!("{PROFILE}precision = {{ grid_m = 10, grid = 3 }}")
                .replace("'*'", "[]")
                .replace("\"*\"", "[]"),
            r#""grid" in precision; did you mean "grid_m"?"#,
        ),
        (
            format!("{PROFILE}area = {{ wkt = 'x', mode = 'within', moed = 'x' }}"),
            r#""moed" in area; did you mean "mode"?"#,
        ),
        (
            format!(
                "{PROFILE}{layer}[[grant]]\nsubject = 'public'\nlayers = ['a']\nprofile = 'p'\nactions = []\nutnil = 1"
            ),
            r#""utnil" in [[grant]]; did you mean "until"?"#,
        ),
    ];
    for (text, expected) in cases {
        let line = text.lines().count();
        assert_eq!(
            fault(&text),
            format!("guichet.toml:{line}: unknown key {expected}"),
            "{text}"
        );
    }
}

#[test]
fn a_key_of_the_source_that_stands_too_high_is_sent_down() {
    let text = format!("{}crs = \"EPSG:2154\"\n", open_layer("communes"));
    assert_eq!(
        fault(&text),
        r#"guichet.toml:5: unknown key "crs" in [[layer]]; it belongs in the source: source = { path = …, crs = … }"#
    );
}

#[test]
fn access_must_be_said() {
    let text = "\n[[layer]]\nid = \"a\"\nsource = \"a.fgb\"\n";
    assert_eq!(
        fault(text),
        r#"guichet.toml:2: [[layer]] has no "access": write access = "open" or access = "restricted"; no layer is open because nothing was said"#
    );
    let text = "[[layer]]\nid = \"a\"\nsource = \"a.fgb\"\naccess = \"opne\"";
    assert_eq!(
        fault(text),
        r#"guichet.toml:4: "access" in [[layer]] must be "open" or "restricted", not "opne"; did you mean "open"?"#
    );
}

#[test]
fn tables_that_come_in_numbers_have_double_brackets() {
    assert_eq!(
        fault("[layer]\nid = 'a'"),
        "guichet.toml:1: write [[layer]] in double brackets: there may be several of them"
    );
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_the_lines() {
    let text = "[[grant]]\nsubject = 'everyone'\nlayers = []\nprofile = 'p'\nactions = ['read']\n[platform]\ntitel = 'x'\n[server]\nlisten = 'x'\n";
    let lines: Vec<_> = faults(text)
        .iter()
        .map(|f| f.split(':').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(lines, ["2", "4", "5", "7", "9"]);
}

#[test]
fn faults_of_syntax_have_their_line_too() {
    let all = faults("[platform]\ntitle = \"a\nlanguage = fr\n");
    assert!(all.len() >= 2, "{all:#?}");
    assert!(
        all[0].starts_with("guichet.toml:2: not valid TOML: "),
        "{all:#?}"
    );
    assert!(
        all.iter().any(|f| f.starts_with("guichet.toml:3: ")),
        "{all:#?}"
    );
    let all = faults("[platform]\ntitle = 'a'\ntitle = 'b'\n");
    assert!(
        all[0].starts_with("guichet.toml:3: not valid TOML: duplicate key"),
        "{all:#?}"
    );
}

#[test]
fn columns_count_characters() {
    let error = parse("[platform]\n\"é\" = { a = 1 }\ntitle = 3 # ici").unwrap_err();
    let places: Vec<_> = error
        .faults
        .iter()
        .map(|f| (f.place.line, f.place.column))
        .collect();
    assert_eq!(places, [(2, 1), (3, 9)]);
}

#[test]
fn the_operators_key_is_secret_and_whole() {
    let key = |more: &str| {
        format!(
            "[[organisation]]\nid = 'a'\n[[key]]\nid = '1f2e3d4c'\nsha256 = '{}'\norganisation = 'a'\nlabel = 'x'\noperator = true\n{more}",
            "0".repeat(64)
        )
    };
    assert!(parse(&key("")).unwrap().keys[0].operator);
    for more in ["kind = 'browser'", "scopes = { max_zoom = 3 }"] {
        let told = fault(&key(more));
        assert!(
            told.ends_with("the operator's key is secret and has no scopes"),
            "{told}"
        );
    }
}
