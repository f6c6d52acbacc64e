//! What a large policy costs: 1,000 organisations, 5,000 layers, 10,000 keys, 100,000 grants. Memory is told by the kernel, so that it
//! counts what allocators keep.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement says what it found"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use guichet::access::{
    Access, Action, AreaMode, AreaSource, Areas, Attributes, Discovery, FilterCache, Grant, Key,
    KeyId, LayerContext, Organisation, Policy, PolicyParts, Principal, Profile, ProfileArea,
    Subject, Zooms,
};
use guichet::filter::{Frame, Limits};
use guichet::geometry::crs::Crs;
use guichet::geometry::region::Region;
use guichet::model::{DataType, Field, Schema};

const ORGANISATIONS: usize = 1_000;
const LAYERS: usize = 5_000;
const KEYS: usize = 10_000;
const GRANTS: usize = 100_000;
const NOW: i64 = 1_000_000;

fn organisation(i: usize) -> String {
    format!("commune-{i:05}")
}

fn layer(i: usize) -> String {
    format!(
        "{}.layer-{}",
        organisation(i % ORGANISATIONS),
        i / ORGANISATIONS
    )
}

fn parts() -> PolicyParts {
    let organisations = (0..ORGANISATIONS).map(|i| {
        let made = Organisation {
            id: organisation(i),
            title: format!("Commune {i}"),
            parent: (i % 50 != 0).then(|| organisation(i / 50 * 50)),
            jurisdiction: Some(AreaSource::Wkt(format!("{i}"))),
            siret: Some(format!("{i:014}")),
        };
        (made.id.clone(), made)
    });
    let keys = (0..KEYS).map(|i| {
        let key = Key {
            label: format!("key {i}"),
            until_us: Some(NOW * 2),
            ..Key::new(
                KeyId(i as u32),
                [i as u8; 32],
                organisation(i % ORGANISATIONS),
            )
        };
        (key.id, key)
    });
    let profiles = (0..ORGANISATIONS).map(|i| {
        let profile = Profile {
            id: format!("{}-profile", organisation(i)),
            organisation: Some(organisation(i)),
            rows: format!("etat = 'en service' AND code <> '{i}'"),
            attributes: Attributes::Only(["code".to_owned(), "etat".to_owned()].into()),
            area: Some((ProfileArea::Jurisdiction, AreaMode::Clip)),
            derived: BTreeMap::new(),
            zooms: Zooms::ALL,
            precision: None,
            formats: None,
        };
        (profile.id.clone(), profile)
    });
    let grants = (0..GRANTS).map(|i| {
        let on = i % LAYERS;
        Grant {
            id: format!("g-{i:010x}"),
            subject: match i % 4 {
                0 => Subject::Key(KeyId((i / 4 % KEYS) as u32)),
                _ => Subject::Organisation(organisation(i / 7 % ORGANISATIONS)),
            },
            layers: [layer(on)].into(),
            profile: format!("{}-profile", organisation(on % ORGANISATIONS)),
            actions: [Action::Discover, Action::Tiles, Action::Items].into(),
            from_us: None,
            until_us: Some(NOW * 3 + i as i64),
            terms: None,
        }
    });
    PolicyParts {
        organisations: organisations.collect(),
        keys: keys.collect(),
        profiles: profiles.collect(),
        grants: grants.collect(),
        ..PolicyParts::default()
    }
}

/// Resident bytes of this process, where the kernel tells.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let kib = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

struct Square;

impl Areas for Square {
    fn region(&self, source: &AreaSource) -> Option<Arc<Region>> {
        let AreaSource::Wkt(text) = source else {
            return None;
        };
        let x: i32 = text.parse().ok()?;
        let ring = vec![[x, 0], [x + 1, 0], [x + 1, 1], [x, 1]];
        Some(Arc::new(Region::of_rings(vec![ring])))
    }

    fn is_open(&self, _collection: &str) -> bool {
        false
    }
}

/// Nanoseconds of one call, the least of several runs.
fn least(times: usize, mut call: impl FnMut(usize)) -> f64 {
    let run = |call: &mut dyn FnMut(usize)| {
        let start = Instant::now();
        (0..times).for_each(call);
        start.elapsed().as_nanos() as f64 / times as f64
    };
    (0..5).map(|_| run(&mut call)).fold(f64::INFINITY, f64::min)
}

fn main() {
    let before = resident();
    let start = Instant::now();
    let parts = parts();
    let made = start.elapsed();
    let plain = resident();
    let start = Instant::now();
    let policy = Policy::new(parts);
    let ready = start.elapsed();
    let all = resident();
    println!("parts: {made:?}, {} MiB", (plain - before) >> 20);
    println!(
        "policy: {ready:?}, {} MiB more, {} parts inert",
        (all - plain) >> 20,
        policy.inert().len()
    );

    let look_up = least(1_000_000, |i| {
        let id = KeyId((i.wrapping_mul(7919) % KEYS) as u32);
        black_box(policy.standing_of_key(id, NOW)).ok();
    });
    println!("standing of a key: {look_up:.0} ns");
    let principals: Vec<Principal> = (0..KEYS as u32)
        .map(|i| Principal::Known(policy.standing_of_key(KeyId(i), NOW).unwrap()))
        .collect();
    let rights = least(1_000_000, |i| {
        black_box(policy.rights(&principals[i.wrapping_mul(7919) % KEYS]));
    });
    println!("its rights: {rights:.0} ns");

    let schema = Schema {
        fields: ["code", "etat", "owner"]
            .map(|f| Field::new(f, DataType::String))
            .to_vec(),
        ..Schema::default()
    };
    let filters = FilterCache::default();
    let names: Vec<(String, String)> = (0..LAYERS)
        .map(|i| (layer(i), organisation(i % ORGANISATIONS)))
        .collect();
    let context = |i: usize| LayerContext {
        collection: &names[i].0,
        organisation: Some(&names[i].1),
        access: Access::Restricted,
        discovery: Discovery::Hidden,
        frame: Frame {
            schema: &schema,
            filter_crs: Crs::CRS84,
            storage_crs: Crs::CRS84,
        },
        declared: &[0, 1, 2],
        limits: Limits::default(),
        filters: &filters,
        view_key: &[0; 32],
    };
    let mut seen = 0;
    let view = least(20_000, |i| {
        // A grant of an organisation, and a key of that organisation.
        let grant = i * 4 + 1;
        let principal = &principals[grant / 7 % ORGANISATIONS];
        let view = policy.view(principal, &context(grant % LAYERS), &Square, NOW);
        seen += usize::from(!view.is_nothing());
        black_box(&view);
    });
    println!(
        "view: {:.1} µs, {seen} of 100000 see something",
        view / 1_000.0
    );
    crowded(&schema);
}

/// 64 slices that all stay apart, with periods of zooms.
fn crowded(schema: &Schema) {
    let mut parts = PolicyParts::default();
    for i in 0..64 {
        let id = format!("p{i}");
        let profile = Profile {
            id: id.clone(),
            organisation: None,
            rows: format!("owner = '{i}'"),
            attributes: Attributes::All,
            area: Some((
                ProfileArea::Given(AreaSource::Wkt(format!("{i}"))),
                AreaMode::Clip,
            )),
            derived: BTreeMap::new(),
            zooms: Zooms {
                min: i / 8,
                max: 255,
            },
            precision: None,
            formats: None,
        };
        parts.profiles.insert(id.clone(), profile);
        parts.grants.push(Grant {
            id: id.clone(),
            subject: Subject::Public,
            layers: ["crowd".to_owned()].into(),
            profile: id,
            actions: [
                Action::Discover,
                Action::Tiles,
                Action::Items,
                Action::Export,
            ]
            .into(),
            from_us: None,
            until_us: None,
            terms: None,
        });
    }
    let policy = Policy::new(parts);
    let filters = FilterCache::default();
    let context = LayerContext {
        collection: "crowd",
        organisation: None,
        access: Access::Restricted,
        discovery: Discovery::Hidden,
        frame: Frame {
            schema,
            filter_crs: Crs::CRS84,
            storage_crs: Crs::CRS84,
        },
        declared: &[0, 1, 2],
        limits: Limits::default(),
        filters: &filters,
        view_key: &[0; 32],
    };
    let view = least(200, |_| {
        black_box(policy.view(&Principal::Anonymous, &context, &Square, NOW));
    });
    println!("view of 64 slices: {:.2} ms", view / 1e6);
}
