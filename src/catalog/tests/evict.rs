//! Views that were evicted and come back: the same as before, and each its own, whatever the budget does meanwhile.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::world::{Opened, Row, SECRET, Shape, load, policy, publication};
use crate::access::{Access, AreaMode, Policy, PolicyParts, Standing, Subject};
use crate::catalog::{
    Catalog, LayerEntry, Platform, Principal, Resolution, Scan, Surface, Views, VisibleLayer,
};
use crate::layer::Layer;

const NAMES: [&str; 5] = ["k", "nom", "n", "x", "jour"];

fn rows(feature_id: Option<&str>, mapped: bool) -> Layer {
    let row = |k: i64| Row {
        k: Some(k),
        nom: Some(["a", "b", "c"][(k % 3) as usize]),
        n: Some(k % 5),
        x: None,
        jour: (k % 2 == 0).then_some("2026-02-03"),
        shape: Shape::Square((k % 20) as i32, (k / 20) as i32, 1),
    };
    let rows: Vec<Row> = (0..400).map(row).collect();
    load(&rows, &NAMES, feature_id, mapped)
}

/// Views of all makes: rows alone, masked properties, cut shapes.
fn opened() -> Vec<Opened> {
    let cut = |x| Opened {
        area: Some((x, 2, 6, AreaMode::Clip)),
        ..Opened::rows("TRUE", &["nom", "n"])
    };
    vec![
        Opened::rows("n = 1", &["k", "nom"]),
        Opened::rows("n < 3", &["nom"]),
        Opened::rows("n = 4 OR nom = 'a'", &["k", "nom", "n"]),
        cut(1),
        cut(9),
    ]
}

/// Group `i` has what is opened `i`-th.
fn each_to_its_group(opened: &[Opened]) -> Policy {
    let mut all = PolicyParts::default();
    for (i, one) in opened.iter().enumerate() {
        let parts = (*policy(std::slice::from_ref(one))).clone();
        for (id, mut profile) in parts.profiles {
            profile.id = format!("{id}-{i}");
            all.profiles.insert(profile.id.clone(), profile);
        }
        for mut grant in parts.grants {
            grant.id = format!("{}-{i}", grant.id);
            grant.profile = format!("{}-{i}", grant.profile);
            grant.subject = Subject::Group(i.to_string());
            all.grants.push(grant);
        }
    }
    Policy::new(all)
}

fn member(group: usize) -> Principal {
    Principal::Known(Arc::new(Standing {
        subjects: BTreeSet::from([Subject::Group(group.to_string())]),
        ..Standing::default()
    }))
}

/// Everything that a view says.
fn whole(layer: &VisibleLayer) -> String {
    let mut text = format!(
        "{:?} {:?} {:?} {:?} {:?}\n",
        layer.revision(),
        layer.schema(),
        layer.extent_crs84(),
        layer.tile_zooms(),
        layer.id_stability()
    );
    let fields = layer.schema().fields.len();
    layer.scan(&Scan::default(), &mut |row| {
        let values: Vec<_> = (0..fields).map(|f| row.value(f)).collect();
        let _infallible = writeln!(
            text,
            "{} {values:?} {:?} {:?}",
            row.id(),
            row.source_geometry(),
            row.grid_paths()
        );
        ControlFlow::Continue(())
    });
    text
}

fn seen(catalog: &Catalog, group: usize) -> String {
    match catalog.resolve(&member(group), "t", Surface::Items) {
        Resolution::Visible(layer) => whole(&layer),
        other => panic!("group {group}: {other:?}"),
    }
}

fn world(feature_id: Option<&str>, mapped: bool) -> (Catalog, Arc<Views>) {
    let views = Arc::new(Views::new(SECRET, 1 << 30));
    let entry = LayerEntry::new(publication(Access::Restricted), rows(feature_id, mapped)).unwrap();
    let catalog = Catalog::new(Platform::default(), Vec::new(), vec![Arc::new(entry)])
        .under(Arc::new(each_to_its_group(&opened())), 0)
        .keeping(Arc::clone(&views));
    (catalog, views)
}

#[test]
fn what_comes_back_is_what_was_there() {
    for feature_id in [Some("k"), None] {
        let (catalog, views) = world(feature_id, false);
        let groups = 0..opened().len();
        let hot: Vec<String> = groups.clone().map(|g| seen(&catalog, g)).collect();
        assert_eq!(
            hot.iter().collect::<BTreeSet<_>>().len(),
            hot.len(),
            "each is another"
        );
        for g in groups.clone() {
            views.set_budget(0);
            assert_eq!(views.usage().0, 0);
            views.set_budget(1 << 30);
            let ready = catalog.resolve_ready(&member(g), "t", Surface::Items, None);
            assert!(ready.is_none(), "it was evicted");
            assert_eq!(seen(&catalog, g), hot[g], "group {g}");
        }
        // Where none fits, each is made for whoever asks, and kept for nobody.
        views.set_budget(1);
        for g in groups.rev() {
            assert_eq!(seen(&catalog, g), hot[g], "group {g}");
        }
        assert_eq!(views.usage().0, 0);
    }
}

#[test]
fn evicting_gives_nobody_what_is_anothers() {
    let (catalog, views) = world(None, false);
    let hot: Vec<String> = (0..opened().len()).map(|g| seen(&catalog, g)).collect();
    let all = views.usage().0;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut turn = 0;
            while !done.load(Ordering::Relaxed) {
                turn += 1;
                views.set_budget(all * (turn % 4) / 4);
                std::thread::yield_now();
            }
        });
        let asking: Vec<_> = (0..4)
            .map(|start| {
                let (catalog, hot) = (&catalog, &hot);
                scope.spawn(move || {
                    for turn in 0..60 {
                        let group = (start + turn) % hot.len();
                        assert_eq!(seen(catalog, group), hot[group], "group {group}");
                    }
                })
            })
            .collect();
        let ended: Vec<_> = asking
            .into_iter()
            .map(std::thread::ScopedJoinHandle::join)
            .collect();
        done.store(true, Ordering::Relaxed);
        assert!(ended.iter().all(Result::is_ok));
    });
}

#[test]
fn a_layer_whose_pages_were_given_back_is_the_same() {
    let (catalog, views) = world(Some("k"), true);
    let memory = &catalog.memory().layers[0];
    assert!(memory.mapped > 0 && memory.mapped <= memory.bytes);
    assert!(catalog.held_bytes() < memory.bytes);
    let hot: Vec<String> = (0..opened().len()).map(|g| seen(&catalog, g)).collect();
    assert_eq!(catalog.cool(|| false), 0, "it is in use");
    assert_eq!(catalog.cool(|| true), 0, "there is enough");
    assert_eq!(catalog.cool(|| false), 1);
    assert_eq!(catalog.cool(|| false), 0, "it was given back already");
    for (g, hot) in hot.iter().enumerate() {
        assert_eq!(&seen(&catalog, g), hot, "a view that was kept");
    }
    views.set_budget(0);
    views.set_budget(1 << 30);
    catalog.cool(|| true);
    assert_eq!(catalog.cool(|| false), 1, "it was asked for since");
    for (g, hot) in hot.iter().enumerate() {
        assert_eq!(&seen(&catalog, g), hot, "a view that is made anew");
    }
    // A layer in memory alone has nothing to give.
    let (catalog, _) = world(Some("k"), false);
    seen(&catalog, 0);
    catalog.cool(|| true);
    assert_eq!(catalog.cool(|| false), 0);
}
