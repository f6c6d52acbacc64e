//! The door: who gets what, what is kept, what is forgotten.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::world::{Opened, Row, SECRET, Shape, catalog, layer, policy, publication};
use crate::access::{
    Access, Action, AreaMode, AreaSource, Discovery, Grant, Organisation, Policy, PolicyParts,
    ProfileArea, Scopes, Standing, Subject, Zooms,
};
use crate::catalog::{
    Catalog, CatalogHandle, LayerEntry, Platform, Principal, Resolution, Surface, ViewId, Views,
};
use crate::layer::Layer;

const NAMES: [&str; 5] = ["k", "nom", "n", "x", "jour"];

fn rows() -> Layer {
    let row = |k: i64| Row {
        k: Some(k),
        nom: Some("a"),
        n: Some(k % 5),
        x: None,
        jour: None,
        shape: Shape::Square((k % 10) as i32, (k / 10) as i32, 1),
    };
    layer(&(0..100).map(row).collect::<Vec<_>>(), &NAMES, Some("k"))
}

fn count(catalog: &Catalog, principal: &Principal, surface: Surface) -> Option<u64> {
    match catalog.resolve(principal, "t", surface) {
        Resolution::Visible(layer) => Some(layer.feature_count()),
        Resolution::Absent => None,
        Resolution::Listed(_) => panic!("not listed"),
    }
}

fn member(group: &str) -> Principal {
    Principal::Known(Arc::new(Standing {
        subjects: BTreeSet::from([Subject::Group(group.into())]),
        ..Standing::default()
    }))
}

#[test]
fn a_view_is_derived_once_and_shared_by_equal_rights() {
    let catalog = catalog(rows(), &[Opened::rows("n = 1", &["k"])]);
    let anonymous = Principal::Anonymous;
    assert!(
        catalog
            .resolve_ready(&anonymous, "t", Surface::Items, None)
            .is_none()
    );
    assert_eq!(count(&catalog, &anonymous, Surface::Items), Some(20));
    let ready = catalog.resolve_ready(&member("x"), "t", Surface::Export, None);
    let Some(Resolution::Visible(layer)) = ready else {
        panic!("what one has derived is there for all: {ready:?}")
    };
    assert_eq!(layer.feature_count(), 20);
    let id = catalog.view_id(&anonymous, "t", Surface::Items);
    assert_eq!(id, Some(layer.view_id()));
    assert_ne!(id, Some(ViewId::EVERYTHING));
    assert_eq!(
        catalog.views(&anonymous, Surface::Items),
        [("t", layer.view_id())]
    );
    let memory = catalog.memory();
    assert_eq!(memory.layers[0].views, [(layer.view_id(), memory.views.0)]);
    assert!(memory.views.0 > 0 && memory.layers[0].bytes > 0);
    // Nothing of the name that does not exist.
    assert!(matches!(
        catalog.resolve(&anonymous, "u", Surface::Items),
        Resolution::Absent
    ));
}

#[test]
fn without_a_place_for_views_nobody_is_given_one() {
    let entry = LayerEntry::new(publication(Access::Restricted), rows()).unwrap();
    let catalog = Catalog::new(Platform::default(), Vec::new(), vec![Arc::new(entry)])
        .under(Arc::new(policy(&[Opened::rows("n = 1", &["k"])])), 0);
    assert_eq!(count(&catalog, &Principal::Anonymous, Surface::Items), None);
}

#[test]
fn views_outlive_catalogues_and_go_with_their_layer() {
    let views = Arc::new(Views::new(SECRET, 1 << 30));
    let opened = [Opened::rows("n = 1", &["k"])];
    let entry = LayerEntry::new(publication(Access::Restricted), rows()).unwrap();
    let entry = Arc::new(entry);
    let make = |entry: &Arc<LayerEntry>| {
        Catalog::new(Platform::default(), Vec::new(), vec![Arc::clone(entry)])
            .under(Arc::new(policy(&opened)), 0)
    };
    let handle = CatalogHandle::new(make(&entry).keeping(Arc::clone(&views)));
    let anonymous = Principal::Anonymous;
    assert_eq!(count(&handle.load(), &anonymous, Surface::Items), Some(20));
    let used = views.usage().0;
    assert!(used > 0);

    // Another policy, another publication of the same rows: what was derived is still there.
    handle.swap(handle.load().under(Arc::new(policy(&opened)), 5));
    assert_eq!(views.usage().0, used);
    let republished = entry.republished(publication(Access::Restricted)).unwrap();
    handle.swap(make(&Arc::new(republished)));
    let ready = handle
        .load()
        .resolve_ready(&anonymous, "t", Surface::Items, None);
    assert!(matches!(ready, Some(Resolution::Visible(_))));

    // Read again, or published otherwise: derived anew.
    let mut other = publication(Access::Restricted);
    other.tiles.max_zoom = Some(9);
    handle.swap(make(&Arc::new(entry.republished(other).unwrap())));
    assert_eq!(views.usage().0, 0);
    assert_eq!(count(&handle.load(), &anonymous, Surface::Items), Some(20));
    let entry = LayerEntry::new(publication(Access::Restricted), rows()).unwrap();
    handle.swap(make(&Arc::new(entry)));
    assert_eq!(views.usage().0, 0);
}

#[test]
fn what_does_not_fit_the_budget_goes() {
    let conditions = ["n = 0", "n = 1", "n = 2", "n = 3", "n = 4"];
    let weigh = |budget: u64| {
        let views = Arc::new(Views::new(SECRET, budget));
        let entry = LayerEntry::new(publication(Access::Restricted), rows()).unwrap();
        let catalog = Catalog::new(Platform::default(), Vec::new(), vec![Arc::new(entry)])
            .keeping(Arc::clone(&views));
        for condition in conditions {
            let opened = [Opened::rows(condition, &["k", "nom", "n"])];
            let catalog = catalog.under(Arc::new(policy(&opened)), 0);
            let seen = count(&catalog, &Principal::Anonymous, Surface::Items);
            assert_eq!(seen, Some(20));
        }
        views.usage().0
    };
    let all = weigh(1 << 30);
    let some = weigh(all / 2);
    assert!(some > 0 && some <= all / 2, "{some} of {all}");
}

#[test]
fn one_derivation_for_all_who_wait() {
    let catalog = Arc::new(catalog(rows(), &[Opened::rows("n = 1", &["k", "n"])]));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let catalog = Arc::clone(&catalog);
            std::thread::spawn(move || {
                match catalog.resolve(&Principal::Anonymous, "t", Surface::Items) {
                    Resolution::Visible(layer) => std::ptr::from_ref(layer.schema()).addr(),
                    _ => 0,
                }
            })
        })
        .collect();
    let places: BTreeSet<usize> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert_eq!(places.len(), 1, "all have the same one");
    assert!(!places.contains(&0));
}

#[test]
fn rights_begin_and_end() {
    let opened = [Opened::rows("n = 1", &["k"])];
    let mut parts = PolicyParts::clone(&policy(&opened));
    parts.grants[0].from_us = Some(1_000);
    parts.grants[0].until_us = Some(2_000);
    let policy = Arc::new(Policy::new(parts));
    let catalog = catalog(rows(), &opened);
    let at = |us| catalog.under(Arc::clone(&policy), us);
    let seen = |us| count(&at(us), &Principal::Anonymous, Surface::Items);
    assert_eq!(
        [999, 1_000, 1_999, 2_000].map(seen),
        [None, Some(20), Some(20), None]
    );
    assert_eq!(at(0).next_boundary_us(), Some(1_000));
    assert_eq!(at(1_000).next_boundary_us(), Some(2_000));
    assert_eq!(at(2_000).next_boundary_us(), None);
}

#[test]
fn listed_layers_tell_what_was_declared() {
    let listed = |discovery| {
        let mut publication = publication(Access::Restricted);
        publication.discovery = discovery;
        publication.metadata.title = "Parcelles".into();
        let entry = LayerEntry::new(publication, rows()).unwrap();
        let catalog = Catalog::new(Platform::default(), Vec::new(), vec![Arc::new(entry)])
            .keeping(Arc::new(Views::new(SECRET, 1 << 20)));
        let resolution = catalog.resolve(&Principal::Anonymous, "t", Surface::Items);
        let notices = catalog.notices(&Principal::Anonymous).len();
        (resolution, notices)
    };
    let (Resolution::Listed(notice), 1) = listed(Discovery::Listed) else {
        panic!("it is listed")
    };
    assert_eq!(notice.metadata.title, "Parcelles");
    // The name of a property is none of what a publisher says of a locked layer.
    assert_eq!(notice.metadata.label, None);
    assert!(matches!(listed(Discovery::Hidden), (Resolution::Absent, 0)));
}

/// The jurisdiction of an organisation is drawn from the rows of another layer; one that is not found gives nothing.
#[test]
fn jurisdictions_are_drawn_from_layers() {
    let mut communes = publication(Access::Open);
    communes.id = "communes".into();
    let communes = Arc::new(LayerEntry::new(communes, rows()).unwrap());
    let restricted = LayerEntry::new(publication(Access::Restricted), rows()).unwrap();
    let territory = |filter: &str| AreaSource::Layer {
        layer: "communes".into(),
        filter: filter.into(),
    };
    let organisation = |id: &str, jurisdiction: Option<AreaSource>| Organisation {
        id: id.into(),
        title: id.into(),
        parent: None,
        jurisdiction,
        siret: None,
    };
    let mut parts = PolicyParts::clone(&policy(&[Opened::rows("TRUE", &["k"])]));
    let profile = parts.profiles.get_mut("p0").unwrap();
    profile.area = Some((ProfileArea::Jurisdiction, AreaMode::Within));
    for (id, jurisdiction) in [
        ("some", Some(territory("k < 20"))),
        ("none", Some(territory("k > 1000"))),
        ("faulty", Some(territory("kk < 3"))),
        ("nowhere", None),
    ] {
        parts
            .organisations
            .insert(id.into(), organisation(id, jurisdiction));
    }
    parts.grants = vec![Grant {
        subject: Subject::Authenticated,
        actions: BTreeSet::from([Action::Items]),
        ..parts.grants[0].clone()
    }];
    let catalog = Catalog::new(
        Platform::default(),
        Vec::new(),
        vec![communes, Arc::new(restricted)],
    )
    .keeping(Arc::new(Views::new(SECRET, 1 << 30)))
    .under(Arc::new(Policy::new(parts)), 0);
    let seen = |organisation: &str| {
        let standing = Standing {
            organisation: Some(organisation.into()),
            ..Standing::default()
        };
        count(
            &catalog,
            &Principal::Known(Arc::new(standing)),
            Surface::Items,
        )
    };
    assert_eq!(seen("some"), Some(20));
    assert_eq!(["none", "faulty", "nowhere"].map(seen), [None; 3]);
    assert_eq!(catalog.missing_areas().count(), 2);
    assert_eq!(count(&catalog, &Principal::Anonymous, Surface::Items), None);
}

/// What a credential is narrowed to cuts once more: what is left lies in both areas.
#[test]
fn scopes_cut_what_a_grant_leaves() {
    let area = |x, y, side| Opened {
        area: Some((x, y, side, AreaMode::Clip)),
        ..Opened::rows("TRUE", &["k"])
    };
    // Rows are squares of one step; the areas have their corners in the middle of the lattice.
    let opened = [area(0, 0, 6), area(4, 4, 6)];
    let mut parts = PolicyParts::clone(&policy(&opened));
    parts.grants.truncate(1);
    let catalog = catalog(rows(), &opened).under(Arc::new(Policy::new(parts)), 0);
    let seen = |profile: Option<&str>| {
        let standing = Standing {
            scopes: Scopes {
                profile: profile.map(str::to_owned),
                ..Scopes::default()
            },
            ..Standing::default()
        };
        count(
            &catalog,
            &Principal::Known(Arc::new(standing)),
            Surface::Items,
        )
    };
    assert_eq!(seen(None), Some(36));
    assert_eq!(seen(Some("p1")), Some(4));
    assert_eq!(seen(Some("p0")), Some(36));
    assert_eq!(seen(Some("p9")), None, "no such profile");
}

/// What is said of places that tiles show up to a zoom only is said no more exactly than these tiles say it.
#[test]
fn a_limit_of_zooms_limits_extents() {
    use Surface::{Discover, Export, Items, Tiles, Tilesets};
    let up_to = |max: u8, rows| Opened {
        zooms: Zooms { min: 0, max },
        ..Opened::rows(rows, &["k"])
    };
    let from = |min: u8, rows| Opened {
        zooms: Zooms { min, max: u8::MAX },
        ..Opened::rows(rows, &["k"])
    };
    let at = |opened: &[Opened], surface| {
        let catalog = catalog(rows(), opened);
        let found = catalog.resolve(&Principal::Anonymous, "t", surface);
        let Resolution::Visible(layer) = found else {
            panic!("{found:?} on {surface:?}")
        };
        let id = catalog.view_id(&Principal::Anonymous, "t", surface);
        assert_eq!(id, Some(layer.view_id()));
        (layer.grid_extent(), layer.extent_crs84().unwrap(), id)
    };
    let exact = at(&[Opened::rows("n = 1", &["k"])], Discover);
    let is_exact = |opened: &[Opened], surface| at(opened, surface) == exact;
    let is_told_to = |zoom: u32, opened: &[Opened]| {
        [Discover, Tilesets].into_iter().all(|surface| {
            let (on_grid, degrees, id) = at(opened, surface);
            let sides = [on_grid.min, on_grid.max].concat();
            let step = (1 << 31 >> zoom >> 12).max(1);
            sides.iter().all(|v| i64::from(*v) % step == 0)
                && sides.iter().any(|v| i64::from(*v) % (2 * step) != 0)
                && on_grid.contains(&exact.0)
                && degrees.contains(exact.1.min)
                && degrees.contains(exact.1.max)
                && id != exact.2
        })
    };
    assert!(is_told_to(5, &[up_to(5, "n = 1")]));
    assert!(is_told_to(9, &[up_to(9, "n = 1")]));
    assert!(is_exact(&[up_to(5, "n = 1")], Tiles(5)));
    // Where some of it ends, all of it is told so; the lowest of ends counts.
    assert!(is_told_to(
        7,
        &[up_to(9, "n = 1"), up_to(7, "n = 1 AND k < 50")]
    ));
    assert!(is_told_to(
        5,
        &[from(3, "n = 1 AND k > 30"), up_to(5, "n = 1")]
    ));
    // What begins, what goes on otherwise, and what only has fewer properties does not end.
    assert!(is_exact(&[from(5, "n = 1")], Tilesets));
    assert!(is_exact(&[up_to(5, "n = 1"), from(3, "n = 1")], Discover));
    let named = Opened {
        attributes: vec!["k", "nom"],
        ..up_to(5, "n = 1")
    };
    let with_name = at(&[named, Opened::rows("n = 1", &["k"])], Discover);
    assert_eq!((with_name.0, with_name.1), (exact.0, exact.1));
    // Items and copies have none of it.
    let both = [up_to(5, "n = 2"), Opened::rows("n = 1", &["k"])];
    for surface in [Items, Export] {
        assert!(is_exact(&both, surface));
    }
    assert!(!is_exact(&both, Discover));
}
