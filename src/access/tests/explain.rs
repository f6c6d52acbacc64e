//! Why somebody sees what, and what a change would change.

use super::*;
use crate::model::Language;

fn explained(w: &World, principal: &Principal) -> Explanation {
    w.policy().explain(principal, &w.layer(), &Squares, NOON)
}

#[test]
fn each_grant_says_what_it_gives_or_why_not() {
    let mut w = World::new();
    w.key(1, "eau", None);
    w.profile("id", "TRUE", &["idu"]);
    w.profile("narrow", "owner = 'x'", &["idu"]);
    w.profile("low", "TRUE", &["area"]).zooms = Zooms { min: 0, max: 9 };
    w.profile("flat", "TRUE", &["owner"]).formats = Some(["fgb".to_owned()].into());
    let eau = || Subject::Organisation("eau".to_owned());
    w.grant(eau(), "id");
    w.grant(eau(), "narrow");
    w.grant(eau(), "low").actions = [Action::Tiles, Action::Items].into();
    w.grant(eau(), "flat");
    w.grant(Subject::Organisation("bdr".to_owned()), "id");
    w.grant(eau(), "id").from_us = Some(NOON + 1);
    w.grant(eau(), "id").until_us = Some(NOON);
    let terms = Terms {
        id: "t".to_owned(),
        version: 2,
    };
    w.grant(eau(), "id").terms = Some(terms.clone());
    w.grant(eau(), "gone");
    let told = explained(&w, &w.known(1));
    let hindrances: Vec<_> = told.grants.iter().map(|t| t.hindrances.clone()).collect();
    assert!(hindrances[..4].iter().all(Vec::is_empty));
    assert_eq!(
        hindrances[4..],
        [
            vec![Hindrance::NotFor],
            vec![Hindrance::NotYet(NOON + 1)],
            vec![Hindrance::Ended(NOON)],
            vec![Hindrance::Terms(terms)],
            vec![Hindrance::Profile(ProfileFault::Missing("gone".to_owned()))],
        ]
    );
    let gives = |grant: usize, surface: Surface| {
        let place = told.surfaces.iter().position(|s| *s == surface).unwrap();
        told.grants[grant].gives[place].clone()
    };
    assert_eq!(gives(0, Surface::Items), Gives::Shows(0));
    assert_eq!(gives(1, Surface::Items), Gives::Covered(vec![0]));
    assert_eq!(gives(2, Surface::Discover), Gives::NoAction);
    assert_eq!(gives(2, Surface::Items), Gives::ZoomLimit);
    assert_eq!(gives(2, Surface::Tiles(0)), Gives::Shows(0));
    assert_eq!(gives(2, Surface::Tiles(10)), Gives::OtherZooms);
    assert_eq!(gives(3, Surface::Items), Gives::SomeFormats);
    for language in [Language::Fr, Language::En] {
        let text = told.lines(language).join("\n");
        for word in ["g0", "g8", "gone", "t@2", "idu", "1970-01-01T00:00:01"] {
            assert!(text.contains(word), "{word} in {text}");
        }
    }
}

#[test]
fn what_stands_before_all_grants_is_told() {
    let mut w = World::new();
    w.profile("id", "TRUE", &["idu"]);
    w.grant(Subject::Public, "id");
    w.key(1, "eau", None).scopes = Scopes {
        layers: Some(BTreeSet::new()),
        profile: Some("gone".to_owned()),
        ..Scopes::default()
    };
    let known = w.known(1);
    w.suspend(Target::Key(KeyId(1)));
    w.suspend(Target::Layer(PARCELS.to_owned()));
    let told = explained(&w, &known);
    assert_eq!(
        told.obstacles,
        [
            Obstacle::Gate(Gate::Suspended),
            Obstacle::Refused,
            Obstacle::Elsewhere,
            Obstacle::Scopes(ProfileFault::Missing("gone".to_owned())),
        ]
    );
    let text = told.lines(Language::En).join("\n");
    assert!(
        text.contains("suspended") && text.contains("narrowed to other layers"),
        "{text}"
    );
}

#[test]
fn rights_without_a_grant_are_told() {
    let mut w = World::new();
    w.access = Access::Open;
    w.profile("id", "TRUE", &["idu"]);
    w.grant(Subject::Public, "id");
    let told = explained(&w, &Principal::Anonymous);
    assert_eq!(told.whole, Some(WholeRight::Everybody));
    assert_eq!(told.grants[0].gives[0], Gives::Everything);
}

#[test]
fn too_many_slices_are_told() {
    let mut w = World::new();
    for i in 0..=MOST_SLICES {
        w.profile(&format!("p{i:02}"), &format!("owner = '{i}'"), &["idu"]);
        w.grant(Subject::Public, &format!("p{i:02}"));
    }
    let told = explained(&w, &Principal::Anonymous);
    assert_eq!(told.grants[0].gives[0], Gives::TooMany);
}

#[test]
fn a_change_shows_what_comes_and_what_goes() {
    let mut w = World::new();
    w.profile("id", "owner = 'x'", &["idu"]);
    w.profile("area", "idu = '1'", &["area"]);
    w.profile("all", "TRUE", &["idu", "owner"]);
    w.grant(Subject::Public, "id");
    let before = w.anonymous();
    assert_eq!(difference(&before, &before, &w.schema), []);
    w.grant(Subject::Public, "area").actions = [Action::Tiles].into();
    let with_tiles = w.anonymous();
    let told = difference(&before, &with_tiles, &w.schema);
    let surfaces: Vec<_> = told.iter().map(|d| d.surface).collect();
    assert_eq!(surfaces, [Surface::Tilesets, Surface::Tiles(0)]);
    assert_eq!(
        (told[0].before, told[0].after),
        (Extent::Some(1), Extent::Some(2))
    );
    assert_eq!(told[0].gained[0].attributes, ["area"]);
    assert!(told[0].lost.is_empty());
    let back = difference(&with_tiles, &before, &w.schema);
    assert_eq!(back[0].lost, told[0].gained);
    // What a wider slice takes in is not lost.
    w.grant(Subject::Public, "all");
    let wider = difference(&before, &w.anonymous(), &w.schema);
    assert!(
        wider
            .iter()
            .all(|d| d.lost.is_empty() && !d.gained.is_empty())
    );
    let lines = wider[0].lines(Language::Fr).join("\n");
    assert!(
        lines.contains("owner") && lines.contains("tous les objets"),
        "{lines}"
    );
}

#[test]
fn pairs_that_no_grant_gives_are_told() {
    let mut w = World::new();
    let clip = Some((
        ProfileArea::Given(AreaSource::Wkt("north".to_owned())),
        AreaMode::Clip,
    ));
    w.profile("shapes", "TRUE", &[]);
    w.profile("cut", "TRUE", &["owner", "area"]).area = clip.clone();
    w.grant(Subject::Public, "shapes");
    w.grant(Subject::Public, "cut");
    let pairs = |w: &World| gained_pairs(w.anonymous().on(Surface::Items), &w.schema);
    let found = pairs(&w);
    let attributes: Vec<_> = found.iter().map(|p| p.attribute.as_str()).collect();
    assert_eq!(attributes, ["area", "owner"]);
    assert!(found[0].words(Language::En).contains("\"area\""));
    // What is masked where the shape is cut comes with the whole shape only where that slice gives it too.
    w.parts.profiles.get_mut("cut").unwrap().derived = [("area".to_owned(), Derived::Mask)].into();
    let attributes: Vec<_> = pairs(&w).into_iter().map(|p| p.attribute).collect();
    assert_eq!(attributes, ["owner"]);
    // A grant that gives both together settles it.
    w.profile("both", "TRUE", &["owner"]);
    w.grant(Subject::Public, "both");
    assert_eq!(pairs(&w), []);
}
