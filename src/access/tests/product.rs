//! Credentials narrowed by a profile: what both show.

use super::*;

/// The one slice of the items that key 1 sees, narrowed to the profile `scope`, by a grant of the profile `grant`.
fn product(grant: impl FnOnce(&mut Profile), scope: impl FnOnce(&mut Profile)) -> Option<Slice> {
    let mut w = World::new();
    grant(w.profile("grant", "owner = 'x'", &["idu", "area"]));
    scope(w.profile("scope", "idu = '1'", &["area", "owner"]));
    w.grant(Subject::Public, "grant");
    w.key(1, "eau", None).scopes.profile = Some("scope".to_owned());
    let view = w.by_key(1);
    let slices = view.on(Surface::Items).slices();
    assert!(slices.len() <= 1);
    slices.first().cloned()
}

fn area(name: &str, mode: AreaMode) -> Option<(ProfileArea, AreaMode)> {
    Some((ProfileArea::Given(AreaSource::Wkt(name.to_owned())), mode))
}

#[test]
fn rows_and_areas_must_all_hold_and_properties_be_in_both() {
    let slice = product(
        |p| p.area = area("north", AreaMode::Clip),
        |p| p.area = area("south", AreaMode::Clip),
    )
    .unwrap();
    let rows: BTreeSet<_> = slice
        .rows
        .iter()
        .map(|f| f.canonical().to_owned())
        .collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(slice.areas.len(), 2);
    assert_eq!(slice.attributes, [1]);
}

#[test]
fn of_two_rules_for_cut_shapes_the_stricter_holds() {
    let derive = |rule: Option<Derived>| {
        move |p: &mut Profile| {
            p.area = area("north", AreaMode::Clip);
            p.derived.extend(rule.map(|r| ("area".to_owned(), r)));
        }
    };
    let rule = |a, b| product(derive(a), derive(b)).unwrap().derived;
    let (mask, anew) = (Some(Derived::Mask), Some(Derived::Recompute));
    assert_eq!(rule(None, None), []);
    assert_eq!(rule(mask, anew), [(1, Derived::Mask)]);
    assert_eq!(rule(anew, None), [(1, Derived::Recompute)]);
    assert_eq!(rule(None, mask), [(1, Derived::Mask)]);
    // A rule from the one, a cut by the other.
    let mixed = product(
        |p| {
            p.derived.insert("area".to_owned(), Derived::Mask);
        },
        |p| p.area = area("north", AreaMode::Clip),
    );
    assert_eq!(mixed.unwrap().derived, [(1, Derived::Mask)]);
}

#[test]
fn credentials_ask_only_what_is_shown() {
    let clip = |p: &mut Profile| p.area = area("north", AreaMode::Clip);
    let rows = |text: &'static str| move |p: &mut Profile| p.rows = text.to_owned();
    let asks = |text| product(|_| {}, rows(text)).is_some();
    // Of the properties that the grant shows, and of the geometry, which it does not cut.
    assert!(asks("area > 1 AND idu = '1'") && asks("S_INTERSECTS(geometry, POINT(5 43))"));
    // Nor one that is hidden, nor one that does not exist.
    assert!(!asks("owner = 'y'") && !asks("owner IS NULL OR idu = '1'") && !asks("nothing = 1"));
    // Of a geometry that is cut nothing is asked but where it may be cut further.
    assert!(product(clip, rows("S_INTERSECTS(geometry, POINT(5 43))")).is_none());
    for mode in [AreaMode::Within, AreaMode::Intersects] {
        let elsewhere = |p: &mut Profile| p.area = area("south", mode);
        assert!(product(clip, elsewhere).is_none());
        assert!(product(|_| {}, elsewhere).is_some());
    }
    // What is false of a cut shape is hidden where it is cut.
    let masked = |p: &mut Profile| {
        p.derived.insert("area".to_owned(), Derived::Mask);
    };
    assert!(product(masked, rows("area > 1")).is_none());
    // Names of what there is not are passed over like those of what is hidden.
    let named = |name: &'static str| {
        let names = ["idu".to_owned(), name.to_owned()];
        product(
            |_| {},
            move |p| p.attributes = Attributes::Only(names.into()),
        )
        .unwrap()
    };
    assert_eq!(named("owner").attributes, named("nothing").attributes);
    // Of cells nothing is asked, and no other grid is laid over them.
    let cells = |size| {
        move |p: &mut Profile| {
            p.attributes = Attributes::Only(BTreeSet::new());
            p.precision = Some(cells(size, 20, &[]));
        }
    };
    assert!(product(cells(1000), rows("idu = '1'")).is_none());
    assert!(
        product(cells(1000), |p| {
            p.rows = "TRUE".to_owned();
            clip(p);
        })
        .is_none()
    );
    assert!(
        product(cells(1000), |p| {
            cells(1001)(p);
            p.rows = "TRUE".to_owned();
        })
        .is_none()
    );
    assert!(product(cells(1000), rows("TRUE")).is_some());
}

#[test]
fn cells_have_no_rules_for_cut_shapes() {
    let mut w = World::new();
    let p = w.profile("cells", "TRUE", &[]);
    p.precision = Some(cells(1000, 11, &[("area", Aggregate::Sum)]));
    p.derived.insert("area".to_owned(), Derived::Mask);
    w.grant(Subject::Public, "cells");
    assert!(w.anonymous().on(Surface::Items).is_nothing());
}

#[test]
fn cells_sum_up_only_what_the_other_side_shows_as_it_is() {
    let summing = |p: &mut Profile| {
        p.attributes = Attributes::Only(BTreeSet::new());
        p.precision = Some(cells(1000, 11, &[("area", Aggregate::Sum)]));
    };
    let full = cells(1000, 11, &[("area", Aggregate::Sum)]);
    let precision = |scope: fn(&mut Profile)| {
        let scope = |p: &mut Profile| {
            p.rows = "TRUE".to_owned();
            scope(p);
        };
        product(summing, scope).unwrap().precision.unwrap()
    };
    assert_eq!(precision(|_| {}), full);
    assert_eq!(precision(|p| p.attributes = Attributes::All), full);
    let without = |p: &mut Profile| p.attributes = Attributes::Only(["owner".to_owned()].into());
    assert_eq!(precision(without), cells(1000, 11, &[]));
    let masked = |p: &mut Profile| {
        p.derived.insert("area".to_owned(), Derived::Mask);
    };
    assert_eq!(precision(masked), cells(1000, 11, &[]));
}

#[test]
fn zooms_and_formats_are_those_in_both() {
    let mut w = World::new();
    w.profile("grant", "TRUE", &["*"]).zooms = Zooms { min: 5, max: 14 };
    w.profile("scope", "TRUE", &["*"]).zooms = Zooms { min: 0, max: 10 };
    w.profile("none", "TRUE", &["*"]).zooms = Zooms { min: 15, max: 20 };
    w.grant(Subject::Public, "grant");
    w.key(1, "eau", None).scopes.profile = Some("scope".to_owned());
    w.key(2, "eau", None).scopes.profile = Some("none".to_owned());
    let view = w.by_key(1);
    let seen: Vec<u8> = (0..=20)
        .filter(|z| !view.on(Surface::Tiles(*z)).is_nothing())
        .collect();
    assert_eq!(seen, [5, 6, 7, 8, 9, 10]);
    let none = w.by_key(2);
    assert!(none.on(Surface::Tilesets).is_nothing() && none.on(Surface::Tiles(15)).is_nothing());
    assert!(!none.on(Surface::Discover).is_nothing());
}

#[test]
fn narrowed_by_a_faulty_profile_nothing_is_left() {
    let none = product(|_| {}, |p| p.rows = "nothing = 1".to_owned());
    assert!(none.is_none());
}

#[test]
fn anybody_may_have_made_a_profile_that_narrows() {
    assert!(product(|_| {}, |p| p.organisation = Some("eau".to_owned())).is_some());
}
