//! The normal form of views, and their ids.

use super::*;

/// Views of the public under those profiles, granted in that order.
fn view(profiles: &[fn(&mut Profile)], order: &[usize]) -> SurfaceView {
    let mut w = World::new();
    for (i, change) in profiles.iter().enumerate() {
        change(w.profile(&format!("p{i}"), "TRUE", &["idu"]));
    }
    for i in order {
        w.grant(Subject::Public, &format!("p{i}"));
    }
    w.anonymous().on(Surface::Items).clone()
}

fn clip(name: &str) -> Option<(ProfileArea, AreaMode)> {
    Some((
        ProfileArea::Given(AreaSource::Wkt(name.to_owned())),
        AreaMode::Clip,
    ))
}

fn only(names: &[&str]) -> Attributes {
    Attributes::Only(names.iter().map(|n| (*n).to_owned()).collect())
}

const NARROW: fn(&mut Profile) = |p| p.rows = "owner = 'x'".to_owned();
const NARROWER: fn(&mut Profile) = |p| {
    p.rows = "owner = 'x'".to_owned();
    p.area = clip("north");
};
const OTHER: fn(&mut Profile) = |p| {
    p.rows = "owner = 'x'".to_owned();
    p.attributes = only(&["area"]);
};
const CELLS: fn(&mut Profile) = |p| {
    p.attributes = only(&[]);
    p.precision = Some(cells(1000, 11, &[]));
};
const COARSE_CELLS: fn(&mut Profile) = |p| {
    p.attributes = only(&[]);
    p.precision = Some(cells(5000, 11, &[]));
};

#[test]
fn order_and_repetition_say_nothing() {
    let all = [NARROW, NARROWER, OTHER, CELLS];
    let one = view(&all, &[0, 1, 2, 3]);
    for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        assert_eq!(view(&all, &order).id(), one.id());
    }
    assert_eq!(view(&all, &[0, 0, 1, 2, 3, 3, 2]).id(), one.id());
}

#[test]
fn spelling_says_nothing() {
    let a = view(&[|p| p.rows = "owner = 'x' AND idu = '1'".to_owned()], &[0]);
    let b = view(
        &[|p| p.rows = "(idu='1') and ('x' = owner)".to_owned()],
        &[0],
    );
    assert_eq!(a.id(), b.id());
}

#[test]
fn slices_that_add_nothing_are_left_out() {
    assert_eq!(
        view(&[NARROW, NARROWER], &[0, 1]).id(),
        view(&[NARROW], &[0]).id()
    );
    assert_eq!(view(&[|_| {}, NARROW], &[0, 1]).slices().len(), 1);
    assert_eq!(
        view(&[CELLS, |_| {}], &[0, 1]).id(),
        view(&[|_| {}], &[0]).id()
    );
    assert_eq!(
        view(&[CELLS, COARSE_CELLS], &[0, 1]).id(),
        view(&[CELLS], &[0]).id()
    );
}

#[test]
fn slices_that_add_something_stay() {
    // Cells of rows that the other does not show; a property that the wider one does not give; finer cells of fewer rows.
    assert_eq!(view(&[CELLS, NARROW], &[0, 1]).slices().len(), 2);
    assert_eq!(view(&[|_| {}, OTHER], &[0, 1]).slices().len(), 2);
    let fine = |p: &mut Profile| {
        CELLS(p);
        NARROW(p);
    };
    assert_eq!(view(&[fine, COARSE_CELLS], &[0, 1]).slices().len(), 2);
    // What the wider one masks where it cuts.
    let cut: fn(&mut Profile) = |p| {
        p.attributes = only(&["area"]);
        p.area = clip("north");
        p.derived.insert("area".to_owned(), Derived::Mask);
    };
    let narrow_cut: fn(&mut Profile) = |p| {
        p.attributes = only(&["area"]);
        p.rows = "owner = 'x'".to_owned();
        p.area = clip("north");
    };
    assert_eq!(view(&[cut, narrow_cut], &[0, 1]).slices().len(), 2);
}

#[test]
fn equal_tests_are_one_slice_with_the_properties_of_both() {
    let both = view(&[NARROW, OTHER], &[0, 1]);
    assert_eq!(both.slices().len(), 1);
    assert_eq!(both.slices()[0].attributes, [0, 1]);
    let with = |rules: &[fn(&mut Profile)]| view(rules, &[0, 1]).slices()[0].derived.clone();
    let mask: fn(&mut Profile) = |p| {
        p.attributes = only(&["area"]);
        p.area = clip("north");
        p.derived.insert("area".to_owned(), Derived::Mask);
    };
    let anew: fn(&mut Profile) = |p| {
        p.attributes = only(&["area"]);
        p.area = clip("north");
        p.derived.insert("area".to_owned(), Derived::Recompute);
    };
    let plain: fn(&mut Profile) = |p| {
        p.attributes = only(&["area"]);
        p.area = clip("north");
    };
    assert_eq!(with(&[mask, anew]), [(1, Derived::Recompute)]);
    assert_eq!(with(&[mask, plain]), []);
    assert_eq!(with(&[anew, plain]), []);
    assert_eq!(with(&[mask, mask]), [(1, Derived::Mask)]);
}

#[test]
fn rules_for_cut_shapes_mean_nothing_where_nothing_is_cut() {
    let rule: fn(&mut Profile) = |p| {
        p.derived.insert("idu".to_owned(), Derived::Mask);
    };
    assert_eq!(view(&[rule], &[0]).id(), view(&[|_| {}], &[0]).id());
}

#[test]
fn whether_more_is_hidden_shows_in_nothing() {
    let mut w = World::new();
    w.profile("all", "TRUE", &["*"]);
    w.grant(Subject::Public, "all");
    let beside_others = w.anonymous();
    assert!(!beside_others.is_everything());
    w.profile("named", "TRUE", &["idu", "area", "owner"]);
    w.parts.grants.clear();
    w.grant(Subject::Public, "named");
    let id = |view: &View| view.on(Surface::Items).id();
    assert_eq!(id(&w.anonymous()), id(&beside_others));
    // All that there is, by name or not, and in two halves: no profile knows that it is all.
    w.declared = vec![0, 1, 2, 3];
    w.profile("half", "TRUE", &["idu", "area"]);
    w.profile("rest", "TRUE", &["owner", "kept"]);
    for profiles in [&["all"][..], &["half", "rest"]] {
        w.parts.grants.clear();
        for profile in profiles {
            w.grant(Subject::Public, profile);
        }
        let view = w.anonymous();
        assert!(!view.is_everything(), "{profiles:?}");
        assert_eq!(view.on(Surface::Items).slices().len(), 1, "{profiles:?}");
    }
}

#[test]
fn ids_tell_meanings_apart_and_nothing_else() {
    let mut w = World::new();
    w.profile("a", "TRUE", &["idu"]);
    w.profile("b", "TRUE", &["idu"]);
    w.grant(Subject::Public, "a");
    w.key(1, "eau", None);
    w.grant(Subject::Key(KeyId(1)), "b");
    let id = |w: &World| w.anonymous().on(Surface::Items).id();
    let first = id(&w);
    assert_eq!(
        w.by_key(1).on(Surface::Items).id(),
        first,
        "whoever has them"
    );
    w.parts.grants[0].id = "renamed".to_owned();
    w.parts.grants[0].until_us = Some(NOON + 1);
    assert_eq!(id(&w), first);
    w.key = [2; 32];
    assert_ne!(id(&w), first, "without the key nobody knows");
    w.key = [1; 32];
    w.parts.grants[0].layers.insert("aix.other".to_owned());
    let elsewhere = w.layer_of("aix.other");
    let other = w
        .policy()
        .view(&Principal::Anonymous, &elsewhere, &Squares, NOON);
    assert_ne!(other.on(Surface::Items).id(), first);
    w.schema.fields[0].data_type = DataType::Json;
    assert_ne!(id(&w), first, "another type");
}

#[test]
fn an_id_does_not_depend_on_what_is_computed_from_rows() {
    let mut w = World::new();
    w.profile("a", "owner = 'x'", &["idu"]);
    w.grant(Subject::Public, "a");
    let before = w.anonymous().on(Surface::Items).id();
    w.schema.geometry_kinds = vec![crate::geometry::source::GeometryKind::Point];
    w.schema.has_z = true;
    assert_eq!(w.anonymous().on(Surface::Items).id(), before);
}

#[test]
fn surfaces_that_show_the_same_share_their_slices() {
    let mut w = World::new();
    w.profile("a", "owner = 'x'", &["idu"]);
    w.grant(Subject::Public, "a");
    let view = w.anonymous();
    let slices = |s| view.on(s).slices().as_ptr();
    assert_eq!(slices(Surface::Items), slices(Surface::Tiles(4)));
}
