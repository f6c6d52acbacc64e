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
        |p| p.area = area("south", AreaMode::Within),
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
fn of_two_precisions_the_coarser_holds() {
    let with = |precision: Precision| {
        move |p: &mut Profile| {
            p.attributes = Attributes::Only(BTreeSet::new());
            p.precision = Some(precision);
        }
    };
    let both = product(
        with(cells(1000, 20, &[("area", Aggregate::Sum)])),
        with(cells(5000, 11, &[("area", Aggregate::Sum)])),
    );
    let expected = cells(5000, 20, &[("area", Aggregate::Sum)]);
    assert_eq!(both.unwrap().precision, Some(expected));
    let other = product(
        with(cells(1000, 20, &[("area", Aggregate::Sum)])),
        with(cells(1000, 20, &[("area", Aggregate::Mean)])),
    );
    assert_eq!(other.unwrap().precision, Some(cells(1000, 20, &[])));
}

#[test]
fn cells_sum_up_only_what_the_other_side_shows_as_it_is() {
    let summing = |p: &mut Profile| {
        p.attributes = Attributes::Only(BTreeSet::new());
        p.precision = Some(cells(1000, 11, &[("area", Aggregate::Sum)]));
    };
    let full = cells(1000, 11, &[("area", Aggregate::Sum)]);
    let precision = |scope: fn(&mut Profile)| product(summing, scope).unwrap().precision.unwrap();
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
