//! Organisations above one another, members, keys, terms, tokens, states of layers.

use std::path::Path;
use std::time::Duration;

use super::{PROFILE, fault, faults, open_layer, parse};
use crate::config::{KeyKind, KeySet, LayerState, Role, Subject};

const PEOPLE: &str = r#"
[platform]
timezone = "Europe/Paris"
[[organisation]]
id = "dep"
[[organisation]]
id = "commune"
parent = "dep"
siret = "21130001300013"
accepted = ["licence@3"]
[[terms]]
id = "licence"
version = 3
title = "Licence foncière"
url = "https://example.org/licence.pdf"
sha256 = "00000000000000000000000000000000000000000000000000000000000000ff"
[[member]]
id = "alice"
organisation = "commune"
role = "publisher"
groups = ["sig"]
identity = { issuer = "https://id.example.org", subject = "42" }
until = 2027-06-30
[[key]]
id = "1f2e3d4c"
sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
organisation = "commune"
member = "alice"
label = "poste d'Alice"
kind = "browser"
scopes = { layers = ["a"], actions = ["tiles"], profile = "p", max_zoom = 12 }
origins = ["https://carte.example.org"]
networks = ["192.0.2.0/24"]
from = 2026-01-01
[tokens]
issuer = "https://id.example.org"
audience = "guichet"
jwks = "keys.json"
siret = "siret"
"#;

fn people(more: &str) -> String {
    format!("{PEOPLE}{PROFILE}{}{more}", open_layer("a"))
}

#[test]
fn people_are_read_whole() {
    let config = parse(&people("state = 'draft'\nembargo_until = 2027-01-01")).unwrap();
    let commune = &config.organisations[1];
    assert_eq!(commune.parent.as_deref(), Some("dep"));
    assert_eq!(commune.siret.as_deref(), Some("21130001300013"));
    assert_eq!(commune.accepted, [("licence".to_owned(), 3)]);
    let alice = &config.members[0];
    assert_eq!((alice.role, alice.groups.len()), (Role::Publisher, 1));
    // The last day is included.
    assert_eq!(alice.until.unwrap().to_string(), "2027-06-30T22:00:00Z");
    let key = &config.keys[0];
    assert_eq!((key.id, key.kind), (0x1f2e_3d4c, KeyKind::Browser));
    assert_eq!(key.sha256[0], 0x9f);
    assert_eq!(key.scopes.max_zoom, Some(12));
    assert_eq!(key.from.unwrap().to_string(), "2025-12-31T23:00:00Z");
    assert_eq!(config.terms[0].version, 3);
    assert_eq!(config.terms[0].sha256.unwrap()[31], 0xff);
    let tokens = config.tokens.unwrap();
    assert_eq!(tokens.jwks, KeySet::File(Path::new("keys.json").to_owned()));
    let layer = &config.layers[0];
    assert_eq!(layer.state, Some(LayerState::Draft));
    // It opens on that day.
    assert_eq!(
        layer.embargo_until.unwrap().to_string(),
        "2026-12-31T23:00:00Z"
    );
}

#[test]
fn keys_of_a_provider_may_stand_at_an_address() {
    let read = |more: &str| {
        let url = format!("jwks_url = \"https://id.example.org/jwks\"{more}");
        let text = people("").replacen("jwks = \"keys.json\"", &url, 1);
        parse(&text).unwrap().tokens.unwrap().jwks
    };
    for (more, minutes) in [("", 10), ("\njwks_refresh_minutes = 60", 60)] {
        let expected = KeySet::Url {
            url: "https://id.example.org/jwks".to_owned(),
            refresh: Duration::from_mins(minutes),
        };
        assert_eq!(read(more), expected);
    }
}

#[test]
fn people_that_do_not_agree_are_refused() {
    let with = |from: &str, to: &str| {
        let text = people("");
        assert!(text.contains(from), "{from}");
        fault(&text.replacen(from, to, 1))
    };
    for (from, to, expected) in [
        (
            "parent = \"dep\"",
            "parent = \"commune\"",
            "an organisation is not its own parent",
        ),
        (
            "parent = \"dep\"",
            "parent = \"region\"",
            "there is no organisation \"region\"",
        ),
        ("21130001300013", "2113", "the fourteen digits of a SIRET"),
        (
            "accepted = [\"licence@3\"]",
            "accepted = [\"licence@4\"]",
            "there is no terms \"licence@4\"; did you mean \"licence@3\"?",
        ),
        (
            "role = \"publisher\"",
            "role = \"owner\"",
            "\"role\" in [[member]] must be",
        ),
        (
            "organisation = \"commune\"\nmember",
            "organisation = \"dep\"\nmember",
            "belongs to another organisation",
        ),
        ("1f2e3d4c", "1F2E3D4C", "eight digits (0-9, a-f)"),
        (
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "9f86",
            "64 hexadecimal digits",
        ),
        (
            "member = \"alice\"",
            "member = \"bob\"",
            "there is no member \"bob\"",
        ),
        (
            "layers = [\"a\"]",
            "layers = [\"b\"]",
            "there is no layer \"b\"",
        ),
        (
            "profile = \"p\", max_zoom",
            "profile = \"q\", max_zoom",
            "there is no profile \"q\"",
        ),
        (
            "networks = [\"192.0.2.0/24\"]",
            "networks = [\"here\"]",
            "must be an address such as",
        ),
        (
            "audience = \"guichet\"\n",
            "",
            "those for others must not be believed",
        ),
        (
            "jwks = \"keys.json\"\n",
            "",
            "neither \"jwks\" nor \"jwks_url\"",
        ),
        (
            "jwks = \"keys.json\"",
            "jwks = \"keys.json\"\njwks_url = \"https://id.example.org/jwks\"",
            "take away the file or the address",
        ),
        (
            "jwks = \"keys.json\"",
            "jwks = \"https://id.example.org/jwks\"",
            "an address is \"jwks_url\"",
        ),
        (
            "jwks = \"keys.json\"",
            "jwks = \"keys.json\"\njwks_refresh_minutes = 5",
            "a file is read again whenever it changes",
        ),
        (
            "jwks = \"keys.json\"",
            "jwks_url = \"http://id.example.org/jwks\"",
            "whoever is on the way would choose whose tokens are believed",
        ),
        (
            "jwks = \"keys.json\"",
            "jwks_url = \"https://id.example.org/jwks\"\njwks_refresh_minutes = 0",
            "\"jwks_refresh_minutes\" in [tokens] must be",
        ),
        (
            "url = \"https",
            "url = \"ftp",
            "an address that begins with https://",
        ),
    ] {
        let found = with(from, to);
        assert!(found.contains(expected), "{to}\n{found}");
    }
}

#[test]
fn nobody_is_above_itself() {
    let text = people("").replacen("id = \"dep\"", "id = \"dep\"\nparent = \"commune\"", 1);
    let all = faults(&text);
    // Each of the two could be the slip.
    assert_eq!(all.len(), 2, "{all:#?}");
    assert!(all.iter().all(|f| f.contains("is above itself")));
}

#[test]
fn what_must_be_one_s_own_is_not_shared() {
    let siret = "\n[[organisation]]\nid = 'c'\nsiret = '21130001300013'";
    assert!(
        fault(&people(siret))
            .contains("the siret 21130001300013 is already that of guichet.toml:6")
    );
    let key = "\n[[key]]\nid = '00000001'\nlabel = 'x'\norganisation = 'dep'\n\
               sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'";
    assert!(fault(&people(key)).contains("is already that of guichet.toml:24"));
}

#[test]
fn grants_are_for_keys_by_their_digits_and_under_terms_that_exist() {
    let grant = |subject: &str, more: &str| {
        people(&format!(
            "\n[[grant]]\nsubject = '{subject}'\nlayers = ['a']\nprofile = 'p'\nactions = ['tiles']\n{more}"
        ))
    };
    // One of the store: only its digits are known here.
    let config = parse(&grant("key:0000beef", "terms = 'licence@3'")).unwrap();
    assert_eq!(config.grants[0].subject, Subject::Key(0xbeef));
    assert!(fault(&grant("key:beef", "")).contains("\"key:ID\""));
    assert!(
        fault(&grant("public", "terms = 'licence@9'")).contains("there is no terms \"licence@9\"")
    );
}

#[test]
fn cells_show_no_properties_and_have_whole_metres() {
    let profile = |attributes: &str, grid: &str| {
        format!(
            "[[profile]]\nid = 'cells'\nrows = 'TRUE'\nattributes = {attributes}\nprecision = {{ grid_m = {grid} }}\n"
        )
    };
    assert_eq!(
        parse(&profile("[]", "1000")).unwrap().profiles[0]
            .precision
            .as_ref()
            .unwrap()
            .grid_m,
        1000
    );
    assert!(fault(&profile("['nom']", "1000")).contains("shows cells, not features"));
    assert!(fault(&profile("'*'", "1000")).contains("shows cells, not features"));
    assert!(fault(&profile("[]", "1000.5")).contains("a whole number from 1 to 1000000"));
    assert!(fault(&profile("[]", "0")).contains("a whole number"));
}

#[test]
fn tokens_stand_in_the_first_file() {
    let root = super::folder(&[
        ("guichet.toml", "include = ['more.toml']"),
        ("more.toml", "[tokens]\nissuer = 'a'"),
    ]);
    let all = super::faults_in(root.path());
    assert!(all[0].contains("[tokens] belongs in the file that the server is started with"));
    assert_eq!(faults("[tokens]\n").len(), 3);
}
