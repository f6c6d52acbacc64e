//! Rows, values and shapes that are not shown: nothing that is answered depends on them.

use std::collections::BTreeSet;

use guichet::access::{Action, Attributes, Subject};

use crate::play::{Play, property, says};
use crate::requests::encoded;
use crate::stage::{AREA, PARCELS, PIPES, SALES, SECRET, SIGHTINGS};
use crate::world::Value;

#[test]
pub fn threat_03_counts_are_of_what_is_seen() {
    let _beside = crate::beside_others();
    let play = Play::new();
    for (layer, query) in [
        (PARCELS, ""),
        (SALES, ""),
        (SALES, "&filter=etat%20IS%20NULL"),
    ] {
        if query.contains("etat") {
            // Not shown: not asked for either.
            assert_eq!(
                play.status(
                    "partner",
                    &format!("/collections/{layer}/items?limit=1{query}")
                ),
                400
            );
            continue;
        }
        let items = play.items("partner", layer, query);
        assert!(!items.is_empty());
        for limit in [1, 7, 1000] {
            let page = play.json(
                "partner",
                &format!("/collections/{layer}/items?limit={limit}{query}"),
            );
            assert_eq!(page["numberMatched"], items.len(), "{layer}");
            assert_eq!(page["numberReturned"], limit.min(items.len()), "{layer}");
        }
        assert_eq!(
            play.json("partner", &format!("/collections/{layer}"))["itemCount"],
            items.len()
        );
    }
    // 100 parcels: a third is in service, of these some lie in the area; a third was sold.
    assert_eq!(play.items("partner", SALES, "").len(), 67);
    assert!((15..34).contains(&play.items("partner", PARCELS, "").len()));
}

#[test]
pub fn threat_04_cursors_are_for_one_view() {
    let _beside = crate::beside_others();
    let play = Play::new();
    let target = format!("/collections/{PARCELS}/items?limit=3");
    let next = |who: &str| {
        let page = play.json(who, &target);
        let links = page["links"].as_array().expect("links").clone();
        let next = links
            .iter()
            .find(|l| l["rel"] == "next")
            .expect("a next page");
        next["href"].as_str().expect("an address").to_owned()
    };
    let (partner, owner) = (next("partner"), next("owner"));
    assert_eq!(
        (
            play.status("partner", &partner),
            play.status("owner", &owner)
        ),
        (200, 200)
    );
    // What one was given is nothing in the hands of another, nor for another query or layer.
    assert_eq!(
        (
            play.status("partner", &owner),
            play.status("owner", &partner)
        ),
        (400, 400)
    );
    assert_eq!(
        play.status("partner", &format!("{partner}&etat=vendu")),
        400
    );
    assert_eq!(
        play.status("partner", &partner.replace(PARCELS, SALES)),
        400
    );
    // It says no filter of the policy, and no offset.
    assert!(
        !partner.contains("etat") && !partner.contains("offset") && !partner.contains("service")
    );
}

#[test]
pub fn threat_05_pages_are_full() {
    let _beside = crate::beside_others();
    let play = Play::new();
    for (layer, limit) in [(PARCELS, 3), (SALES, 10), (SALES, 66)] {
        let mut target = format!("/collections/{layer}/items?limit={limit}");
        let mut seen = BTreeSet::new();
        loop {
            let page = play.json("partner", &target);
            let features = page["features"].as_array().expect("features");
            assert!(
                features.iter().all(|f| seen.insert(f["id"].to_string())),
                "{target}: twice"
            );
            let links = page["links"].as_array().expect("links");
            let Some(next) = links.iter().find(|l| l["rel"] == "next") else {
                break;
            };
            assert_eq!(features.len(), limit, "{target}");
            next["href"]
                .as_str()
                .expect("an address")
                .clone_into(&mut target);
        }
        assert_eq!(seen.len(), play.items("partner", layer, "").len());
    }
}

#[test]
pub fn threat_07_masked_cells_are_null() {
    let _beside = crate::beside_others();
    let play = Play::new();
    let all = play.items("partner", SALES, "");
    let shown = |item: &&serde_json::Value| !property(item, "prix").is_null();
    let (with, without): (Vec<_>, Vec<_>) = all.iter().partition(shown);
    assert_eq!((with.len(), without.len()), (33, 34));
    let count = |filter: &str| {
        play.items("partner", SALES, &format!("&filter={}", encoded(filter)))
            .len()
    };
    assert_eq!(count("prix IS NULL"), 34);
    assert_eq!(count("prix IS NOT NULL"), 33);
    assert_eq!(count("prix > -1000000"), 33);
    assert_eq!(count("NOT (prix > -1000000)"), 0);
    assert_eq!(count("prix * 0 = 0"), 33);
    // The price of a row that is shown without it, guessed right.
    let layer = play.stage.world.layer(SALES).expect("a layer of the stage");
    let Value::Number(price) = layer.rows[0].values[3] else {
        panic!("a price")
    };
    assert_eq!(count(&format!("prix = {price}")), 0);
    assert_eq!(
        play.items("partner", SALES, &format!("&prix={price}"))
            .len(),
        0
    );
    assert_eq!(
        play.items("owner", SALES, &format!("&prix={price}")).len(),
        1
    );
}

#[test]
pub fn threat_08_places_are_those_shown() {
    let _beside = crate::beside_others();
    let play = Play::new();
    let east = AREA.0[2];
    let beyond = [east + 1e-6, 43.0, 5.2, 43.2];
    let count = |query: &str| play.items("partner", PARCELS, query).len();
    let [w, s, e, n] = beyond;
    assert_eq!(count(&format!("&bbox={w},{s},{e},{n}")), 0);
    let polygon = format!("POLYGON(({w} {s}, {e} {s}, {e} {n}, {w} {n}, {w} {s}))");
    assert_eq!(
        count(&format!(
            "&filter={}",
            encoded(&format!("S_INTERSECTS(geometry, {polygon})"))
        )),
        0
    );
    assert_eq!(
        count(&format!(
            "&filter={}",
            encoded(&format!("S_DISJOINT(geometry, {polygon})"))
        )),
        count("")
    );
    // Whoever sees more finds them there.
    assert!(
        play.items("owner", PARCELS, &format!("&bbox={w},{s},{e},{n}"))
            .len()
            > 40
    );
    // And what is said of all of them ends at the border.
    let collection = play.json("partner", &format!("/collections/{PARCELS}"));
    let bbox = collection["extent"]["spatial"]["bbox"][0]
        .as_array()
        .expect("a box");
    assert!(
        bbox[2].as_f64().expect("a number") <= east + 1e-6,
        "{bbox:?}"
    );
}

#[test]
pub fn threat_10_what_names_rows_is_of_what_is_seen() {
    let _beside = crate::beside_others();
    let mut play = Play::new();
    // Of each secret row its state is opened, not the number that is its id; ten of them are in one place.
    play.change(|world| {
        let states = Attributes::Only(["etat".to_owned()].into());
        let mut profile = world.policy.profiles["priced"].clone();
        (profile.id, profile.rows, profile.attributes) =
            ("states".to_owned(), "TRUE".to_owned(), states);
        let mut grant = world.policy.grants[0].clone();
        grant.id = "of-states".to_owned();
        grant.layers = [SECRET.to_owned()].into();
        grant.subject = Subject::Organisation("eau".to_owned());
        grant.profile = profile.id.clone();
        world.policy.profiles.insert(profile.id.clone(), profile);
        world.policy.grants.push(grant);
        let mut layer = (**world.layer(SECRET).expect("a layer of the stage")).clone();
        for row in 1..10 {
            layer.rows[row].shape = layer.rows[0].shape.clone();
        }
        world.replace(SECRET, layer);
    });
    let target = format!("/collections/{SECRET}/items?limit=100");
    let before = play.get("partner", &target);
    assert_eq!(play.items("partner", SECRET, "").len(), 100);
    assert!(!says(&before, "idu"));
    // The numbers change hands, and with them the order in which the layer keeps its rows.
    play.change(|world| {
        let mut layer = (**world.layer(SECRET).expect("a layer of the stage")).clone();
        for row in 0..5 {
            let id = layer.rows[row].values[0].clone();
            let other = std::mem::replace(&mut layer.rows[9 - row].values[0], id);
            layer.rows[row].values[0] = other;
        }
        world.replace(SECRET, layer);
    });
    assert_eq!(before.difference(&play.get("partner", &target)), None);
}

#[test]
pub fn threat_15_masked_where_cut() {
    let _beside = crate::beside_others();
    let play = Play::new();
    let east = AREA.0[2];
    let (mut cut, mut whole) = (0, 0);
    for item in play.items("partner", PARCELS, "") {
        let ring = item["geometry"]["coordinates"][0]
            .as_array()
            .expect("a ring")
            .clone();
        let x = ring
            .iter()
            .map(|p| p[0].as_f64().expect("a number"))
            .fold(f64::MIN, f64::max);
        assert!(x <= east + 1e-6, "{x} lies beyond");
        if x > east - 1e-6 {
            cut += 1;
            assert!(
                property(&item, "contenance").is_null(),
                "the surface of the whole parcel: {item}"
            );
        } else {
            whole += 1;
            assert!(
                property(&item, "contenance")
                    .as_i64()
                    .is_some_and(|v| v >= 700_000),
                "{item}"
            );
        }
    }
    assert!(cut >= 2 && whole >= 10, "{cut} {whole}");
    assert_eq!(
        play.items("partner", PARCELS, "&filter=contenance%20IS%20NULL")
            .len(),
        cut
    );
}

#[test]
pub fn threat_16_a_limit_of_zooms_limits_extents() {
    let _beside = crate::beside_others();
    let mut play = Play::new();
    // One parcel is left, which the partner is shown on tiles up to zoom 12: 2.4 m a step, at best.
    let keep = |world: &mut crate::world::World, moved: f64, actions: &[Action]| {
        let mut layer = (**world.layer(PIPES).expect("a layer of the stage")).clone();
        layer.rows.truncate(1);
        let shape = layer.rows[0].shape.as_mut().expect("a shape");
        let at = *shape.vertices_mut()[0];
        for vertex in shape.vertices_mut() {
            // The north-western corner of a step of zoom 12 is 5.009765625 degrees east.
            let off = [vertex[0] - at[0], vertex[1] - at[1]];
            *vertex = [5.009_770 + moved + off[0], 43.100_005 + moved + off[1]];
        }
        world.replace(PIPES, layer);
        for grant in &mut world.policy.grants {
            if grant.layers.contains(PIPES) {
                grant.actions = actions.iter().copied().collect();
            }
        }
    };
    let bbox = |answer: &serde_json::Value| -> Vec<f64> {
        let bbox = answer["extent"]["spatial"]["bbox"][0].as_array();
        let bbox = bbox.expect("a box");
        bbox.iter().map(|v| v.as_f64().expect("a number")).collect()
    };
    let collection = format!("/collections/{PIPES}");
    let tileset = format!("/collections/{PIPES}/tiles/WebMercatorQuad");
    // On tiles, and described without being on any.
    let (on_tiles, described) = (
        [Action::Discover, Action::Tiles].as_slice(),
        [Action::Discover].as_slice(),
    );
    for (actions, targets) in [
        (on_tiles, &[&collection, &tileset][..]),
        (described, &[&collection][..]),
    ] {
        let answers = |play: &Play, who: &str| -> Vec<_> {
            targets.iter().map(|t| play.json(who, t)).collect()
        };
        play.change(|world| keep(world, 0.0, actions));
        let (partner, owner) = (answers(&play, "partner"), answers(&play, "owner"));
        play.change(|world| keep(world, 1e-6, actions));
        assert_eq!(
            partner,
            answers(&play, "partner"),
            "as far as tiles tell, {actions:?}"
        );
        assert_ne!(owner, answers(&play, "owner"), "it was moved");
        let (told, exact) = (bbox(&partner[0]), bbox(&owner[0]));
        assert!(
            told[0] < exact[0] && told[1] < exact[1] && told[2] > exact[2] && told[3] > exact[3],
            "{told:?} around {exact:?}, {actions:?}"
        );
    }
}

#[test]
pub fn threat_40_no_cell_of_a_few() {
    let _beside = crate::beside_others();
    let mut play = Play::new();
    let total = |play: &Play| {
        let cells = play.items("anonymous", SIGHTINGS, "");
        let counts = cells
            .iter()
            .map(|c| property(c, "count").as_u64().expect("a count"));
        let counts: Vec<_> = counts.collect();
        assert!(counts.iter().all(|n| *n >= 3), "{counts:?}");
        for cell in &cells {
            let text = cell.to_string();
            assert!(
                !text.contains("idu")
                    && !text.contains("proprietaire")
                    && !text.contains("en service"),
                "{text}"
            );
        }
        counts.iter().sum::<u64>()
    };
    // One of a hundred is alone in the largest of cells, and in none.
    assert_eq!(total(&play), 99);
    // Two parcels far from all others are counted nowhere.
    let before = play.get("anonymous", &format!("/collections/{SIGHTINGS}/items"));
    play.change(|world| {
        let mut layer = (**world.layer(SIGHTINGS).expect("a layer of the stage")).clone();
        for i in 0..2 {
            let mut row = layer.rows[i].clone();
            row.values[0] = Value::Text(format!("idu alone {i}"));
            for vertex in row.shape.as_mut().expect("a shape").vertices_mut() {
                *vertex = [vertex[0] + 1.0, vertex[1] + 1.0];
            }
            layer.rows.push(row);
        }
        world.replace(SIGHTINGS, layer);
    });
    assert_eq!(total(&play), 99);
    let after = play.get("anonymous", &format!("/collections/{SIGHTINGS}/items"));
    assert_eq!(
        before.difference(&after),
        None,
        "who is alone moves nothing"
    );
    assert_eq!(
        play.json("owner", &format!("/collections/{SIGHTINGS}/items?limit=1"))["numberMatched"],
        102
    );
}
