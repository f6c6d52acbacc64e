//! Every page in every language: what the publisher writes stays text, and nothing in a page asks for what its policy forbids.

mod fixtures;

use super::assets::asset;
use super::lang::Speak as _;
use super::*;
use fixtures::*;

const ALL: [Language; 2] = [Language::Fr, Language::En];

/// Every page, with its name.
fn pages(lang: Language) -> Vec<(&'static str, String)> {
    let collections = CollectionsPage {
        frame: frame(),
        collections: vec![card()],
    };
    let conformance = ConformancePage {
        frame: frame(),
        classes: vec![HOSTILE.into()],
    };
    vec![
        ("landing", Portal.landing(&landing(), lang)),
        ("collections", Portal.collections(&collections, lang)),
        ("collection", Portal.collection(&collection(), lang)),
        ("items", Portal.items(&items(), lang)),
        ("items refused", Portal.items(&refused(), lang)),
        ("queryables", Portal.queryables(&queryables(), lang)),
        ("functions", Portal.functions(&functions(), lang)),
        ("item", Portal.item(&item(), lang)),
        ("api", Portal.api(&api(), lang)),
        ("conformance", Portal.conformance(&conformance, lang)),
        ("locked", Portal.locked(&locked(), lang)),
        ("sign in", Portal.sign_in(&sign_in(), lang)),
        ("me", Portal.me(&me(), lang)),
        ("problem", Portal.problem(&problem(404), lang)),
    ]
}

/// The start tags of a page, as `(name, the rest of the tag)`.
fn tags(html: &str) -> Vec<(&str, &str)> {
    html.split('<')
        .skip(1)
        .filter(|t| t.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(|t| {
            let (tag, _) = t.split_once('>').expect("every tag ends");
            tag.split_once(char::is_whitespace).unwrap_or((tag, ""))
        })
        .collect()
}

/// The attributes of a tag: no value of ours holds a bare quote.
fn attributes(rest: &str) -> Vec<(&str, &str)> {
    let mut pieces = rest.split('"');
    let mut found = Vec::new();
    while let (Some(name), Some(value)) = (pieces.next(), pieces.next()) {
        let name = name.trim().trim_end_matches('=');
        found.push((
            name.rsplit(char::is_whitespace).next().unwrap_or(name),
            value,
        ));
    }
    found
}

#[test]
fn text_from_outside_stays_text() {
    for lang in ALL {
        for (name, html) in pages(lang) {
            assert!(!html.contains(HOSTILE), "{name}");
            assert!(!html.contains("alert('"), "{name}");
            assert!(
                html.contains("&#60;script&#62;alert"),
                "{name} shows it as text"
            );
            for (tag, rest) in tags(&html) {
                for (attribute, value) in attributes(rest) {
                    assert!(!attribute.starts_with("on"), "{name}: {tag} {attribute}");
                    if attribute == "href" || attribute == "src" || attribute == "action" {
                        assert!(!value.starts_with("javascript"), "{name}: {tag} {value}");
                    }
                }
            }
        }
    }
}

#[test]
fn pages_keep_to_their_policy() {
    assert!(!CSP.contains("unsafe") && !CSP.contains("http"));
    for lang in ALL {
        for (name, html) in pages(lang) {
            for (tag, rest) in tags(&html) {
                assert_ne!(tag, "style", "{name}");
                let attributes = attributes(rest);
                let find = |wanted| {
                    attributes
                        .iter()
                        .find(|(a, _)| *a == wanted)
                        .map(|(_, v)| *v)
                };
                assert!(find("style").is_none(), "{name}: {tag}");
                let loaded = match tag {
                    "script" | "img" | "iframe" => find("src").or(Some("nothing: inline")),
                    "link" if !["alternate"].contains(&find("rel").unwrap_or_default()) => {
                        find("href")
                    }
                    _ => None,
                };
                if let Some(address) = loaded {
                    let file = address
                        .strip_prefix("/geo/assets/")
                        .unwrap_or_else(|| panic!("{name}: {tag} loads {address}"));
                    assert!(asset(file).is_some(), "{name}: {file} is embedded");
                }
            }
        }
    }
}

#[test]
fn pages_speak_their_language() {
    for (lang, words) in [
        (
            Language::Fr,
            ["Aller au contenu", "Fil d’Ariane", "Navigation principale"],
        ),
        (
            Language::En,
            ["Skip to content", "Breadcrumb", "Main navigation"],
        ),
    ] {
        for (name, html) in pages(lang) {
            assert!(html.starts_with("<!doctype html>"), "{name}");
            assert!(
                html.contains(&format!("<html lang=\"{}\">", lang.code())),
                "{name}"
            );
            for word in words {
                let expected = word != "Fil d’Ariane" && word != "Breadcrumb"
                    || !["landing", "problem"].contains(&name);
                assert_eq!(html.contains(word), expected, "{name}: {word}");
            }
            assert!(
                html.contains("hreflang=\"fr\" lang=\"fr\">Français</a>"),
                "{name} has the switch"
            );
            assert_eq!(html.matches("<h1").count(), 1, "{name}");
            assert_eq!(html.matches("<main").count(), 1, "{name}");
        }
    }
    let mark = "<h1 lang=\"fr\">";
    assert!(
        Portal
            .collection(&collection(), Language::En)
            .contains(mark),
        "French words on an English page are marked"
    );
    assert!(
        !Portal
            .collection(&collection(), Language::Fr)
            .contains(mark)
    );
}

#[test]
fn a_map_is_there_or_its_absence_is_told() {
    for lang in ALL {
        for html in [
            Portal.landing(&landing(), lang),
            Portal.collection(&collection(), lang),
            Portal.items(&items(), lang),
            Portal.item(&item(), lang),
        ] {
            assert_eq!(html.contains("data-map="), has_maps());
            assert_eq!(html.contains(lang.texts().map.not_built), !has_maps());
        }
    }
    if !has_maps() {
        return;
    }
    let html = Portal.collection(&collection(), Language::Fr);
    let (_, rest) = html.split_once("data-map=\"").unwrap();
    let (value, _) = rest.split_once('"').unwrap();
    let plain = value
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&");
    let told: serde_json::Value = serde_json::from_str(&plain).unwrap();
    assert_eq!(told["layers"][0]["tilejson"], "/geo/xyz/c.json");
    assert_eq!(told["layers"][0]["title"], HOSTILE);
    assert_eq!(told["bounds"], serde_json::json!([4.0, 43.0, 7.0, 45.0]));
    for file in ["library", "worker"] {
        let name = told[file]
            .as_str()
            .unwrap()
            .strip_prefix("/geo/assets/")
            .unwrap();
        assert!(asset(name).is_some());
    }
    for text in [
        "noWebgl", "failed", "partial", "closer", "legend", "item", "open", "more", "nothing",
    ] {
        assert!(!told["texts"][text].as_str().unwrap().is_empty(), "{text}");
    }
}

#[test]
fn a_table_without_geometry_has_no_map_and_no_tiles() {
    let page = CollectionPage {
        kinds: Vec::new(),
        tiles: None,
        map: None,
        extent: None,
        ..collection()
    };
    let html = Portal.collection(&page, Language::Fr);
    assert!(html.contains("Aucune (table)"));
    for absent in ["data-map", "TileJSON", "addSource", FR_NOT_BUILT] {
        assert!(!html.contains(absent), "{absent}");
    }
}

const FR_NOT_BUILT: &str = "construite sans la bibliothèque de cartes";

#[test]
fn the_table_of_items_pages_and_filters() {
    let html = Portal.items(&items(), Language::En);
    assert!(html.contains("1 of 5,000\u{a0}features"));
    assert!(html.contains("rel=\"next\"") && html.contains("?cursor=x&#38;limit=7"));
    assert!(
        html.contains("<option value=\"7\" selected>"),
        "the limit in force can be kept"
    );
    assert!(
        !html.contains("<option value=\"250\""),
        "no limit above the longest page"
    );
    let empty = ItemsPage {
        rows: Vec::new(),
        matched: Some(0),
        next: None,
        ..items()
    };
    let html = Portal.items(&empty, Language::Fr);
    assert!(
        html.contains("Aucun objet ne correspond.")
            && !html.contains("<table")
            && !html.contains("data-map")
    );
}

#[test]
fn a_refused_form_says_where() {
    let html = Portal.items(&refused(), Language::En);
    assert!(html.contains("<title>Error: "));
    // Each field that is wrong says so to those who do not see it.
    for field in ["filter", "bbox"] {
        let described =
            format!("aria-invalid=\"true\" aria-describedby=\"{field}-error {field}-hint\"");
        assert!(html.contains(&described), "{field}");
        assert!(
            html.contains(&format!("id=\"{field}-error\""))
                && html.contains(&format!("href=\"#{field}\"")),
            "{field}"
        );
    }
    assert!(html.contains("aria-describedby=\"datetime-hint\""));
    assert!(html.contains("<mark>&#60;script") && html.contains("<mark class=\"end\">end</mark>"));
    assert!(html.contains("role=\"alert\"") && !html.contains("<table") && !html.contains("0 of"));
    let html = Portal.items(&items(), Language::En);
    assert!(!html.contains("aria-invalid") && !html.contains("role=\"alert\""));
}

#[test]
fn an_item_shows_codes_links_and_its_place() {
    let html = Portal.item(&item(), Language::Fr);
    assert!(html.contains("<span class=\"code\">(13)</span>"));
    assert!(
        html.contains("<a href=\"https://example.org/?a=1&#38;b=2\" rel=\"external noreferrer\">")
    );
    assert!(html.contains("5,25°, 43,5°") && html.contains("12,5"));
    assert!(html.contains("title=\"sans valeur\""));
}

#[test]
fn problems_advise_by_status() {
    let advice = |status| Portal.problem(&problem(status), Language::Fr);
    assert!(advice(404).contains("mal recopiée") && advice(404).contains("Erreur\u{a0}404"));
    assert!(advice(406).contains("la forme demandée"));
    assert!(advice(500).contains("pas de vous"));
    assert!(!advice(400).contains("Que faire"));
}

#[test]
fn whose_key_no_longer_holds_is_told_so() {
    for (lang, said) in [
        (Language::Fr, "Votre clé ne vaut plus"),
        (Language::En, "Your key no longer holds"),
    ] {
        let html = Portal.problem(&problem(404), lang);
        assert!(html.contains(said), "{html}");
        assert!(
            html.contains("href=\"/geo/session?to="),
            "the way to another key"
        );
        assert!(html.contains("action=\"/geo/session/end\" method=\"post\""));
        assert!(!html.contains("action=\"/geo/session/end\" method=\"get\""));
    }
}

#[test]
fn who_is_asked_for_terms_is_told_how_to_accept_them() {
    let mut page = me();
    page.terms[0].accept = Some("https://data.example.org/me/terms/licence@3".into());
    let html = Portal.me(&page, Language::Fr);
    assert!(html.contains("curl -X POST") && html.contains("/me/terms/licence@3"));
    assert!(html.contains("par mailles"), "how much is seen");
    page.terms[0].accept = None;
    assert!(!Portal.me(&page, Language::Fr).contains("curl -X POST"));
}
