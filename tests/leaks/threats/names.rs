//! Names of what is hidden: they must be as good as names of nothing.

use crate::ask::{Answer, Ask};
use crate::play::{Play, says, text};
use crate::requests::{COLLECTION, encoded};
use crate::stage::{DRAFT, EMBARGO, OTHERS, PARCELS, PIPES, SALES, SECRET, SUSPENDED, WITHDRAWN};
use crate::world::{Shape, Value};

const HIDDEN: [&str; 8] = [
    SECRET, DRAFT, EMBARGO, SUSPENDED, WITHDRAWN, OTHERS, PIPES, SALES,
];
const METHODS: [&str; 6] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"];

/// An answer without the name that was asked for, in the length of another.
fn without(answer: &Answer, name: &str) -> (u16, Vec<(String, String)>, String) {
    let gone = |text: &str| text.replace(name, "NAME").replace(&encoded(name), "NAME");
    let headers = answer.headers.iter().filter(|(n, _)| n != "content-length");
    let headers = headers
        .map(|(n, v)| (n.clone(), gone(&String::from_utf8_lossy(v))))
        .collect();
    (answer.status, headers, gone(&text(answer)))
}

#[test]
pub fn threat_01_a_hidden_name_is_no_name() {
    let _beside = crate::beside_others();
    let play = Play::new();
    let mut forms = 0;
    for hidden in HIDDEN {
        let nowhere = format!("{}x", &hidden[..hidden.len() - 1]);
        for path in COLLECTION.iter().filter(|p| p.contains("{c}")) {
            for method in METHODS {
                for suffix in ["", "?limit=0", "?f=html", "?nonsense=1"] {
                    forms += 1;
                    let fill = |name: &str| {
                        let item = encoded(&format!("idu {hidden} 0"));
                        let path = path
                            .replace("{c}", name)
                            .replace("{i}", &item)
                            .replace("{z}", "9");
                        path.replace("{x}", "263")
                            .replace("{y}", "187")
                            .replace("{o}", "ville")
                            + suffix
                    };
                    let ask = |name: &str| {
                        play.ask(
                            "anonymous",
                            Ask {
                                method,
                                ..Ask::get(fill(name))
                            },
                        )
                    };
                    assert_eq!(
                        without(&ask(hidden), hidden),
                        without(&ask(&nowhere), &nowhere),
                        "{method} {}",
                        fill(hidden)
                    );
                }
            }
        }
    }
    assert!(forms >= 40, "{forms}");
    // Nor is the id of a row, where other rows are seen: every third one is hidden.
    for row in 0..30 {
        let item = |id: &str| format!("/collections/{SALES}/items/{}", encoded(id));
        let hidden = format!("idu {SALES} {row}");
        let answer = play.get("partner", &item(&hidden));
        if row % 3 != 2 {
            assert_eq!(answer.status, 200, "{hidden}");
            continue;
        }
        let nowhere = format!("idx {SALES} {row}");
        let other = play.get("partner", &item(&nowhere));
        assert_eq!(
            without(&answer, &hidden),
            without(&other, &nowhere),
            "{hidden}"
        );
    }
}

#[test]
pub fn threat_02_the_definition_lists_what_is_there() {
    let _beside = crate::beside_others();
    let play = Play::new();
    for who in ["anonymous", "narrow", "partner", "reader", "neighbour"] {
        let document = play.json(who, "/api");
        for path in document["paths"]
            .as_object()
            .expect("paths")
            .keys()
            .filter(|p| p.starts_with("/collections/ville.") && !p.contains('{'))
        {
            assert_eq!(play.status(who, path), 200, "{who} is promised {path}");
        }
        let definition = document.to_string();
        for layer in HIDDEN {
            let seen = play.status(who, &format!("/collections/{layer}")) == 200;
            assert_eq!(definition.contains(layer), seen, "{who} {layer}");
        }
    }
    let portal = play.json("partner", "/o/ville/api").to_string();
    assert!(portal.contains("/collections/ventes") && !portal.contains("secret"));
}

#[test]
pub fn threat_06_a_hidden_property_is_no_property() {
    let _beside = crate::beside_others();
    let play = Play::new();
    // Of the same length, so that places of faults are the same.
    let (hidden, none) = ("proprietaire", "proprietaira");
    let queries = [
        format!("{hidden}=x"),
        format!("filter={hidden}%20IS%20NULL"),
        format!("filter={hidden}%20LIKE%20%27p%25%27"),
        format!("filter=idu%20%3D%20%27x%27%20OR%20{hidden}%20%3C%3E%20%27%27"),
        format!("filter=CASEI({hidden})%3D%27x%27"),
        format!("sortby={hidden}"),
        format!("properties={hidden}"),
    ];
    for query in queries {
        for form in ["", "&f=html"] {
            let ask = |name: &str| {
                let target = format!(
                    "/collections/{PARCELS}/items?{}{form}",
                    query.replace(hidden, name)
                );
                without(&play.get("partner", &target), name)
            };
            let answer = ask(hidden);
            assert_eq!(answer.0, 400, "{query}");
            assert_eq!(answer, ask(none), "{query}{form}");
        }
    }
}

#[test]
pub fn threat_11_what_is_said_of_a_layer_is_of_what_is_seen() {
    let _beside = crate::beside_others();
    let mut play = Play::new();
    let targets = [
        "",
        "/queryables",
        "/items?limit=100",
        "/tiles/WebMercatorQuad",
    ]
    .map(|path| format!("/collections/{SALES}{path}"))
    .into_iter()
    .chain([format!("/xyz/{SALES}.json"), "/api".to_owned()]);
    let targets: Vec<_> = targets.collect();
    let all = |play: &Play| -> Vec<Answer> {
        let seen = targets.iter().map(|t| play.get("partner", t));
        seen.chain(targets.iter().map(|t| play.get("owner", t)))
            .collect()
    };
    let before = all(&play);
    // A row that the partner does not see becomes a line elsewhere, another a point.
    play.change(|world| {
        let mut layer = (**world.layer(SALES).expect("a layer of the stage")).clone();
        layer.rows[2].shape = Some(Shape::Line(vec![[2.0, 48.0], [2.1, 48.1]]));
        layer.rows[5].shape = Some(Shape::Point([2.0, 48.0]));
        world.replace(SALES, layer);
    });
    let after = all(&play);
    for (target, (a, b)) in targets.iter().zip(before.iter().zip(&after)) {
        assert_eq!(a.difference(b), None, "{target}");
    }
    // The owner is told.
    let told = before.iter().zip(&after).skip(targets.len());
    assert!(told.filter(|(a, b)| a.difference(b).is_some()).count() >= 3);
}

#[test]
pub fn threat_11_columns_stand_as_they_are_declared() {
    let _beside = crate::beside_others();
    let mut play = Play::new();
    // The table of items has one column after the other, and the tag of the document names the view; of no row here is anything shown to
    // the partner.
    let targets = ["html", "json"].map(|f| format!("/collections/{PARCELS}/items?f={f}"));
    let mut answers = Vec::new();
    for hidden in [true, false] {
        play.change(|world| {
            let mut layer = (**world.layer(PARCELS).expect("a layer of the stage")).clone();
            layer
                .rows
                .retain(|row| hidden && row.values[1] == Value::Text("projet".to_owned()));
            world.replace(PARCELS, layer);
        });
        answers.push(targets.each_ref().map(|t| play.get("partner", t)));
    }
    assert!(answers[0].iter().all(|a| a.status == 200));
    assert!(says(&answers[0][0], "contenance") && says(&answers[0][0], "etat"));
    for (with, without) in answers[0].iter().zip(&answers[1]) {
        assert_eq!(with.difference(without), None);
    }
}

#[test]
pub fn threat_24_names_are_judged_before_all_else() {
    let _beside = crate::beside_others();
    let play = Play::new();
    let faults = [
        "nonsense=1",
        "limit=x",
        "f=nonsense",
        "lang=xx",
        "crs=nowhere",
        "filter=(",
        "bbox=1",
        "limit=1&limit=2",
        "cursor=x",
    ];
    for (path, fault) in [
        "",
        "/items",
        "/queryables",
        "/tiles",
        "/tiles/WebMercatorQuad",
    ]
    .iter()
    .flat_map(|p| faults.map(|f| (p, f)))
    {
        for layer in [SECRET, "ville.nulle"] {
            let target = format!("/collections/{layer}{path}?{fault}");
            assert_eq!(play.status("anonymous", &target), 404, "{target}");
        }
    }
    // Nor is what the client accepts.
    let ask = |layer: &str| {
        play.ask(
            "anonymous",
            Ask::get(format!("/collections/{layer}")).with("accept", "image/png"),
        )
    };
    assert_eq!((ask(SECRET).status, ask("ville.nulle").status), (404, 404));
    // A refusal quotes the request at most, and no cache keeps it.
    let refused = play.get(
        "partner",
        &format!("/collections/{PARCELS}/items?filter=idu%20%3D%205"),
    );
    assert_eq!(refused.status, 400);
    for answer in [&refused, &ask(SECRET)] {
        assert!(!says(answer, "proprietaire") && !says(answer, "idu ville"));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[test]
pub fn threat_33_headers_open_nothing() {
    let _beside = crate::beside_others();
    let play = Play::new();
    let spoofed = [
        ("origin", "https://data.example.org"),
        ("referer", "https://data.example.org/"),
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1;by=127.0.0.1"),
        ("sec-username", "admin"),
        ("sec-roles", "ROLE_ADMINISTRATOR;ROLE_SUPERUSER"),
        ("sec-org", "ville"),
        ("x-user", "owner"),
        ("x-remote-user", "owner"),
        ("x-original-url", "/collections/ville.communes"),
        ("x-http-method-override", "GET"),
        (
            "cookie",
            "guichet-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ),
    ];
    for target in [
        "/collections",
        "/collections/ville.secret",
        "/collections/ville.ventes/items",
        "/me",
        "/xyz/ville.secret.json",
    ] {
        let plain = play.raw(&Ask::get(target));
        for (name, value) in spoofed {
            let mut answer = play.raw(&Ask::get(target).with(name, value));
            if name == "origin" {
                // Pages are never asked for a password: browsers would show a box of their own.
                let challenge = |(n, v): &&(String, Vec<u8>)| {
                    n == "www-authenticate" && v.starts_with(b"Basic")
                };
                answer
                    .headers
                    .extend(plain.headers.iter().filter(challenge).cloned());
                answer.headers.sort_by(|(a, _), (b, _)| a.cmp(b));
            }
            assert_eq!(
                plain.difference(&answer),
                None,
                "{target} with {name}: {value}"
            );
        }
    }
}

#[test]
pub fn threat_36_one_request_one_meaning() {
    let _beside = crate::beside_others();
    let play = Play::new();
    for target in [
        "/collections/%76ille.secret",
        "/collections/ville%2Esecret",
        "/collections/ville.secret/",
        "//collections/ville.secret",
        "/collections/ville.communes/../ville.secret",
        "/collections/./ville.secret",
        "/collections/ville.secret%00",
        "/collections/VILLE.SECRET",
    ] {
        let status = play.status("anonymous", target);
        assert!(matches!(status, 400 | 404), "{target}: {status}");
    }
    for query in [
        "limit=1&limit=100",
        "f=json&f=html",
        "bbox=1,2,3,4&bbox=5,6,7,8",
        "filter=TRUE&filter=FALSE",
    ] {
        assert_eq!(
            play.status("partner", &format!("/collections/{PARCELS}/items?{query}")),
            400,
            "{query}"
        );
    }
    // Who asks with two voices is not heard.
    let [owner, partner] = ["owner", "partner"]
        .map(|who| play.stage.world.secrets[&crate::stage::id_of(play.stage.who(who))].clone());
    let two = Ask::get("/collections/ville.secret")
        .with("x-api-key", partner)
        .with("authorization", format!("Bearer {owner}"));
    assert_eq!(play.raw(&two).status, 400);
}

#[test]
pub fn threat_37_portals_and_joined_tiles_open_nothing() {
    let _beside = crate::beside_others();
    let play = Play::new();
    // Another organisation's layer, by its full name or its own.
    for target in [
        "/o/voisin/collections/ville.communes",
        "/o/voisin/collections/communes",
        "/o/voisin/xyz/ville.communes.json",
        "/o/eau/collections/ville.communes/items",
    ] {
        assert_eq!(play.status("neighbour", target), 404, "{target}");
    }
    let listed = play.json("owner", "/o/ville/collections").to_string();
    assert!(!listed.contains("voisin") && !listed.contains("prive"));
    // A portal of which nothing is seen is none.
    for (who, portal) in [
        ("anonymous", "/o/voisin/"),
        ("partner", "/o/voisin/"),
        ("neighbour", "/o/nulle/"),
    ] {
        assert_eq!(play.status(who, portal), 404, "{who} {portal}");
    }
    let (x, y) = crate::matrix::tile(11);
    for list in [
        format!("ville.communes,{SECRET}"),
        format!("{SECRET},ville.communes"),
    ] {
        let answer = play.get("anonymous", &format!("/xyz/{list}/11/{x}/{y}.mvt"));
        assert!(
            !says(&answer, SECRET) && !says(&answer, "proprietaire ville.secret"),
            "{list}"
        );
        let nowhere = list.replace(SECRET, "ville.secrex");
        let other = play.get("anonymous", &format!("/xyz/{nowhere}/11/{x}/{y}.mvt"));
        assert_eq!(answer.difference(&other), None, "{list}");
    }
}
