//! What is kept, here and on the way: by what it means, never by who asked first.

use crate::ask::Ask;
use crate::play::Play;
use crate::stage::{CALLERS, OPEN, PARCELS, SALES, SECRET};

const TARGETS: [&str; 14] = [
    "/",
    "/?f=html",
    "/collections",
    "/api",
    "/collections/ville.communes",
    "/collections/ville.parcelles",
    "/collections/ville.parcelles/items",
    "/collections/ville.ventes/items?limit=5",
    "/collections/ville.ventes/items?f=html",
    "/collections/ville.ventes/queryables",
    "/xyz/ville.parcelles.json",
    "/xyz/ville.communes,ville.parcelles.json",
    "/styles/basemap",
    "/me",
];

fn tile(layers: &str) -> String {
    let (x, y) = crate::matrix::tile(11);
    format!("/xyz/{layers}/11/{x}/{y}.mvt")
}

#[test]
pub fn threat_18_tiles_of_one_are_not_another_s() {
    let _beside = crate::beside_others();
    let target = tile(PARCELS);
    let alone: Vec<_> = CALLERS
        .iter()
        .map(|who| Play::new().get(who, &target))
        .collect();
    let mut play = Play::new();
    for round in 0..2 {
        for (who, alone) in CALLERS.iter().zip(&alone).rev() {
            assert_eq!(
                play.get(who, &target).difference(alone),
                None,
                "{who} in round {round}"
            );
        }
    }
    // A layer that is gone, and one that comes in its place with other rows.
    let count = |play: &Play, who: &str| {
        play.json(
            who,
            &format!("/collections/{PARCELS}/items?limit=1&filter=etat%20IS%20NOT%20NULL"),
        )["numberMatched"]
            .clone()
    };
    assert_eq!(count(&play, "owner"), 100);
    let before = play.get("owner", &target);
    play.change(|world| world.layers.retain(|l| l.id != PARCELS));
    assert_eq!(play.get("owner", &target).status, 404);
    let mut again = (**crate::stage::Stage::new()
        .world
        .layer(PARCELS)
        .expect("a layer of the stage"))
    .clone();
    again.rows.truncate(9);
    play.change(|world| world.layers.push(std::sync::Arc::new(again)));
    assert!(play.get("owner", &target).difference(&before).is_some());
    assert_eq!(
        (count(&play, "owner"), count(&play, "partner")),
        (9.into(), 2.into())
    );
}

#[test]
pub fn threat_19_together_as_alone() {
    let _beside = crate::beside_others();
    let targets = [
        tile(PARCELS),
        tile(&format!("{OPEN},{PARCELS}")),
        format!("/collections/{SALES}/items"),
        format!("/collections/{SECRET}"),
    ];
    let callers = ["anonymous", "owner", "partner", "narrow", "neighbour"];
    let quiet = Play::new();
    let asks: Vec<Ask> = (0..200)
        .map(|i| {
            let who = callers[i % callers.len()];
            quiet
                .stage
                .who(who)
                .dress(Ask::get(&targets[i / callers.len() % targets.len()]))
        })
        .collect();
    let busy = Play::new();
    for (ask, answer) in asks.iter().zip(busy.together(&asks)) {
        let alone = quiet.raw(ask);
        assert_eq!(
            (alone.status, alone.body),
            (answer.status, answer.body),
            "{ask}"
        );
    }
}

#[test]
pub fn threat_20_tags_are_of_one_view() {
    let _beside = crate::beside_others();
    let mut play = Play::new();
    let targets = TARGETS
        .into_iter()
        .map(str::to_owned)
        .chain([tile(PARCELS), tile(SALES)]);
    for target in targets {
        for who in CALLERS {
            let tag = play.get(who, &target).header("etag").to_owned();
            if tag.is_empty() {
                continue;
            }
            for other in CALLERS {
                let ask = Ask::get(&target).with("accept", "application/json");
                let (plain, tagged) = (
                    play.ask(other, ask.clone()),
                    play.ask(other, ask.with("if-none-match", &tag)),
                );
                if tagged.status == 304 {
                    assert_eq!(
                        plain.body,
                        play.get(who, &target).body,
                        "{other} is told that {target} is as {who} has it"
                    );
                } else {
                    assert_eq!(tagged.status, plain.status, "{other} {target}");
                }
            }
        }
    }
    // No tag, and none at all, makes something of nothing.
    for target in [
        format!("/collections/{SECRET}"),
        format!("/collections/{SECRET}/items"),
        tile(SECRET),
    ] {
        let ask = Ask::get(&target).with("if-none-match", "*");
        assert_eq!(play.ask("anonymous", ask).status, 404, "{target}");
    }
    // What is not seen changes no tag.
    let tags = |play: &Play| {
        ["/items", ""].map(|p| {
            play.get("partner", &format!("/collections/{PARCELS}{p}"))
                .header("etag")
                .to_owned()
        })
    };
    let before = tags(&play);
    play.change(|world| {
        let mut layer = (**world.layer(PARCELS).expect("a layer of the stage")).clone();
        layer
            .rows
            .retain(|row| row.values[1] != crate::world::Value::Text("projet".to_owned()));
        for row in &mut layer.rows {
            row.values[4] = crate::world::Value::Text("somebody else".to_owned());
        }
        world.replace(PARCELS, layer);
        world.policy.epoch += 1;
    });
    assert_eq!(tags(&play), before);
}

#[test]
pub fn threat_21_shared_caches_keep_what_all_see() {
    let _beside = crate::beside_others();
    let play = Play::new();
    let targets = TARGETS.into_iter().map(str::to_owned).chain([
        tile(OPEN),
        tile(PARCELS),
        tile(SECRET),
        "/collections/ville.nulle".to_owned(),
    ]);
    let mut kept = 0;
    for target in targets {
        let everybody = play.get("anonymous", &target);
        for who in CALLERS {
            let answer = play.get(who, &target);
            let control = answer.header("cache-control").to_owned();
            let vary = answer.header("vary").to_lowercase();
            if answer.status >= 400 {
                assert_eq!(control, "no-store", "{who} {target}: {}", answer.status);
            } else if control.contains("public") {
                kept += 1;
                assert_eq!(
                    answer.body, everybody.body,
                    "{who} {target} may be kept for all"
                );
                assert_eq!(answer.status, everybody.status, "{who} {target}");
            } else {
                assert!(
                    control.contains("private") || control.contains("no-store"),
                    "{who} {target}: {control}"
                );
                assert!(
                    vary.contains("authorization") && vary.contains("x-api-key"),
                    "{who} {target}: {vary}"
                );
            }
        }
    }
    assert!(kept > 20, "{kept}");
}
