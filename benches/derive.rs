//! Views of a million parcels: how long one takes to derive, and what 350 of them weigh; see benches/README.md.
//!
//! `GUICHET_BENCH_PARCELS` names a FlatGeobuf file of parcels with the properties below; without it parcels are made here, fewer of them.
#![allow(clippy::print_stdout, reason = "a bench says what it measured")]

#[allow(dead_code, reason = "each bench uses a part of it")]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use guichet::access::{
    Action, AreaMode, AreaSource, Attributes, Derived, Grant, Policy, PolicyParts, Profile,
    ProfileArea, Standing, Subject, Zooms,
};
use guichet::catalog::{
    Access, Catalog, LayerEntry, Platform, Principal, Publication, Resolution, Surface,
    TileSettings, Views, VisibleLayer,
};
use guichet::geometry::bbox::Bbox;

/// That of the server: what it gives back to the system, and when, is part of what is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Side of the lattice of parcels that are made where no file is named.
const SIDE: usize = 450;

/// Budget of views: enough for all of them.
const BUDGET: u64 = 8 << 30;

/// Organisations with a territory each, and those with a filter each.
const TERRITORIES: usize = 300;
const FILTERS: usize = 50;

/// Properties of either file.
const DECLARED: [&str; 14] = [
    "id",
    "idu",
    "code_insee",
    "commune",
    "section",
    "numero",
    "contenance_m2",
    "contenance",
    "usage",
    "created",
    "updated",
    "proprietaire",
    "proprietaire_naissance",
    "proprietaire_courriel",
];

struct Case {
    name: &'static str,
    rows: String,
    attributes: Attributes,
    area: Option<(Vec<[f64; 2]>, AreaMode)>,
}

fn profile(id: &str, case: &Case, number: &str) -> Profile {
    let area = case.area.as_ref().map(|(ring, mode)| {
        let vertices: Vec<String> = ring.iter().map(|[x, y]| format!("{x} {y}")).collect();
        let wkt = format!("POLYGON(({}))", vertices.join(","));
        (ProfileArea::Given(AreaSource::Wkt(wkt)), *mode)
    });
    Profile {
        id: id.to_owned(),
        organisation: None,
        rows: case.rows.clone(),
        attributes: case.attributes.clone(),
        derived: if area.is_some() {
            BTreeMap::from([(number.to_owned(), Derived::Mask)])
        } else {
            BTreeMap::new()
        },
        area,
        zooms: Zooms::ALL,
        precision: None,
        formats: None,
    }
}

/// A policy in which group `i` has case `i`.
fn policy(cases: &[Case], number: &str) -> Policy {
    let mut parts = PolicyParts::default();
    for (i, case) in cases.iter().enumerate() {
        let id = format!("p{i}");
        parts
            .profiles
            .insert(id.clone(), profile(&id, case, number));
        parts.grants.push(Grant {
            id: format!("g{i}"),
            subject: Subject::Group(i.to_string()),
            layers: BTreeSet::from(["bench".to_owned()]),
            profile: id,
            actions: BTreeSet::from([Action::Items]),
            from_us: None,
            until_us: None,
            terms: None,
        });
    }
    Policy::new(parts)
}

fn member_of(group: usize) -> Principal {
    Principal::Known(Arc::new(Standing {
        subjects: BTreeSet::from([Subject::Group(group.to_string())]),
        ..Standing::default()
    }))
}

fn resolve(catalog: &Catalog, group: usize) -> (Option<VisibleLayer>, Duration) {
    let start = Instant::now();
    let resolution = catalog.resolve(&member_of(group), "bench", Surface::Items);
    let took = start.elapsed();
    match resolution {
        Resolution::Visible(layer) => (Some(layer), took),
        Resolution::Absent | Resolution::Listed(_) => (None, took),
    }
}

/// Vertices of the border of a department, and of a commune.
const DEPARTMENT: usize = 6_000;
const COMMUNE: usize = 500;

/// A star around a place: a territory with a jagged border of so many vertices.
fn star([x, y]: [f64; 2], radius: [f64; 2], vertices: usize) -> Vec<[f64; 2]> {
    let mut dice = support::Dice::new(vertices as u64);
    let jags: Vec<f64> = (0..vertices).map(|_| 0.004 * dice.unit()).collect();
    let vertex = |i: usize| {
        let angle = std::f64::consts::TAU * (i % vertices) as f64 / vertices as f64;
        let r = 1.0 + 0.08 * (17.0 * angle).sin() + jags[i % vertices];
        [
            x + radius[0] * r * angle.cos(),
            y + radius[1] * r * angle.sin(),
        ]
    };
    (0..=vertices).map(vertex).collect()
}

fn rectangle(extent: &Bbox, i: usize, columns: usize, rows: usize) -> Vec<[f64; 2]> {
    let step = [
        (extent.max[0] - extent.min[0]) / columns as f64,
        (extent.max[1] - extent.min[1]) / rows as f64,
    ];
    let corner = |dx: usize, dy: usize| {
        [
            extent.min[0] + step[0] * (i % columns + dx) as f64,
            extent.min[1] + step[1] * (i / columns + dy) as f64,
        ]
    };
    vec![
        corner(0, 0),
        corner(1, 0),
        corner(1, 1),
        corner(0, 1),
        corner(0, 0),
    ]
}

/// Id, number, text of few values and one of them.
struct Names {
    id: &'static str,
    number: (&'static str, u32),
    word: (&'static str, &'static str),
}

fn main() {
    let (path, names) = match std::env::var_os("GUICHET_BENCH_PARCELS") {
        Some(path) => (
            PathBuf::from(path),
            Names {
                id: "id",
                number: ("contenance_m2", 950),
                word: ("code_insee", "13001"),
            },
        ),
        None => (
            support::parcels(&support::folder(), SIDE),
            Names {
                id: "idu",
                number: ("contenance", 2500),
                word: ("usage", "terre"),
            },
        ),
    };
    for feature_id in [Some(names.id), None] {
        let layer = support::load_with(&path, feature_id).layer;
        let publication = Publication {
            id: "bench".into(),
            access: Access::Restricted,
            declared: DECLARED.map(str::to_owned).to_vec(),
            tiles: TileSettings {
                min_zoom: Some(0),
                max_zoom: Some(16),
                properties: None,
            },
            ..Publication::default()
        };
        let entry = LayerEntry::new(publication, layer).expect("an entry");
        let catalog = Catalog::new(Platform::default(), Vec::new(), vec![Arc::new(entry)]);
        println!("ids of the rows: {}", feature_id.unwrap_or("none"));
        times(&catalog, &names);
        lookups(&catalog, &names);
        weights(&catalog, &names);
    }
}

fn times(catalog: &Catalog, names: &Names) {
    let all = Attributes::All;
    let some = Attributes::Only(BTreeSet::from([names.id.to_owned()]));
    let (number, middle) = names.number;
    let (word, value) = names.word;
    let center = [6.0, 44.0];
    let case = |name, rows: String, attributes: &Attributes, area| Case {
        name,
        rows,
        attributes: attributes.clone(),
        area,
    };
    let clip = |radius, vertices| Some((star(center, radius, vertices), AreaMode::Clip));
    let cases = [
        case(
            "rows: half of them",
            format!("{number} < {middle}"),
            &all,
            None,
        ),
        case(
            "rows: half of them, ids alone",
            format!("{number} < {middle}"),
            &some,
            None,
        ),
        case(
            "rows: those of one word",
            format!("{word} = '{value}'"),
            &all,
            None,
        ),
        case("all rows, one property", "TRUE".into(), &some, None),
        case(
            "clip: most of the extent",
            "TRUE".into(),
            &all,
            clip([1.5, 0.9], DEPARTMENT),
        ),
        case(
            "clip: a department",
            "TRUE".into(),
            &all,
            clip([0.9, 0.5], DEPARTMENT),
        ),
        case(
            "clip: a commune",
            "TRUE".into(),
            &all,
            clip([0.08, 0.05], COMMUNE),
        ),
        case(
            "intersects: a department",
            "TRUE".into(),
            &all,
            Some((star(center, [0.9, 0.5], DEPARTMENT), AreaMode::Intersects)),
        ),
    ];
    let policy = Arc::new(policy(&cases, number));
    for (i, case) in cases.iter().enumerate() {
        let mut best = Duration::MAX;
        let mut seen = (0, 0);
        let before = processor();
        for _ in 0..5 {
            // Another store each time: nothing is remembered.
            let catalog = catalog
                .under(Arc::clone(&policy), 0)
                .keeping(Arc::new(Views::new([1; 32], BUDGET)));
            let (layer, took) = resolve(&catalog, i);
            best = best.min(took);
            let bytes = catalog.memory().views.0;
            seen = (layer.map_or(0, |l| l.feature_count()), bytes);
        }
        println!(
            "  {:40} {:8.1} ms, {:6.0} ms of processors {:9} rows {:10.1} kB",
            case.name,
            best.as_secs_f64() * 1e3,
            (processor() - before) * 1e3 / 5.0,
            seen.0,
            seen.1 as f64 / 1e3,
        );
    }
}

/// What it costs to come to a view that is there: of a layer that is open, and of one that is restricted, for a caller who is known.
fn lookups(catalog: &Catalog, names: &Names) {
    let (number, middle) = names.number;
    let cases = ["TRUE".to_owned(), format!("{number} < {middle}")].map(|rows| Case {
        name: "lookup",
        rows,
        attributes: Attributes::All,
        area: None,
    });
    let catalog = catalog
        .under(Arc::new(policy(&cases, number)), 0)
        .keeping(Arc::new(Views::new([1; 32], BUDGET)));
    for (group, name) in ["everything", "a derived view"].into_iter().enumerate() {
        let caller = member_of(group);
        let (Some(_), _) = resolve(&catalog, group) else {
            continue;
        };
        const TIMES: u32 = 200_000;
        let least = (0..5).map(|_| {
            let start = Instant::now();
            for _ in 0..TIMES {
                let ready = catalog.resolve_ready(&caller, "bench", Surface::Items, None);
                std::hint::black_box(ready);
            }
            start.elapsed() / TIMES
        });
        println!("  look-up of {name}: {:?}", least.min().unwrap_or_default());
    }
}

fn weights(catalog: &Catalog, names: &Names) {
    let everything = [Case {
        name: "all",
        rows: "TRUE".into(),
        attributes: Attributes::All,
        area: None,
    }];
    let views = |cases: &[Case]| {
        catalog
            .under(Arc::new(policy(cases, names.number.0)), 0)
            .keeping(Arc::new(Views::new([1; 32], BUDGET)))
    };
    let whole = views(&everything);
    let (Some(layer), _) = resolve(&whole, 0) else {
        return;
    };
    let extent = layer.extent_crs84().expect("parcels have a place");
    let base = whole.memory().layers[0].bytes;
    let mut cases: Vec<Case> = (0..TERRITORIES)
        .map(|i| Case {
            name: "territory",
            rows: "TRUE".into(),
            attributes: Attributes::All,
            area: Some((rectangle(&extent, i, 20, TERRITORIES / 20), AreaMode::Clip)),
        })
        .collect();
    let (number, middle) = names.number;
    cases.extend((0..FILTERS).map(|i| Case {
        name: "filter",
        rows: format!("{number} < {}", middle as usize * (i + 1) / (FILTERS / 2)),
        attributes: Attributes::All,
        area: None,
    }));
    let catalog = views(&cases);
    let resident = settled();
    let start = Instant::now();
    let mut rows = 0;
    for i in 0..cases.len() {
        rows += resolve(&catalog, i).0.map_or(0, |l| l.feature_count());
    }
    let took = start.elapsed();
    let bytes = catalog.memory().views.0;
    let grown = settled().saturating_sub(resident);
    println!(
        "  {TERRITORIES} territories and {FILTERS} filters: {:.1} s, {rows} rows, {:.1} MB beside {:.1} MB: with the layer {:.2} times its memory ({:.1} MB more resident: {:.2} times)",
        took.as_secs_f64(),
        bytes as f64 / 1e6,
        base as f64 / 1e6,
        1.0 + bytes as f64 / base as f64,
        grown as f64 / 1e6,
        1.0 + grown as f64 / base as f64,
    );
}

/// Resident bytes once the allocator has given back what is free.
fn settled() -> u64 {
    std::thread::sleep(Duration::from_secs(2));
    resident()
}

/// Seconds that the process has used of all processors; 0 where the system does not tell.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Resident bytes of the process; 0 where the system does not tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|l| l.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
