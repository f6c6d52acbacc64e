//! A world, served: layers go through files and the real reader, requests through the real router. Nothing differs between two servers
//! but their worlds: secrets, settings and clocks are the same.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use guichet::access::Policy;
use guichet::api::{ApiState, Clock, Random, Rate, Rates, Settings, router};
use guichet::catalog::{
    Catalog, CatalogHandle, Language, LayerEntry, Organisation, Platform, Publication, Views,
};
use guichet::ingest::{DeclaredField, IngestLimits, LoadOptions, SourceSpec, load};
use guichet::portal::Portal;
use http_body_util::BodyExt as _;
use jiff::tz::TimeZone;
use serde_json::json;
use tower::ServiceExt as _;

use crate::ask::{Answer, Ask};
use crate::generate::NOW_US;
use crate::world::{IdRule, Layer, World};

/// The base of all links.
pub const BASE: &str = "http://data.example.org";
/// Key of everything that is keyed, and of revisions.
const SECRET: [u8; 32] = [7; 32];

/// No caller is ever refused for having asked too much: the clock stands still.
const PLENTY: Rate = Rate {
    burst: 1 << 30,
    interval_us: 1,
};

/// Layers that were made already: worlds that share a layer share what was made of it.
#[derive(Default)]
pub struct Made(Mutex<HashMap<usize, Entry>>);

type Entry = (Arc<Layer>, Arc<LayerEntry>);

impl Made {
    fn entry(&self, layer: &Arc<Layer>) -> Arc<LayerEntry> {
        let key = Arc::as_ptr(layer) as usize;
        let held = || self.0.lock().expect("no panic while it is held");
        if let Some((_, entry)) = held().get(&key) {
            return Arc::clone(entry);
        }
        let entry = Arc::new(made(layer));
        held().insert(key, (Arc::clone(layer), Arc::clone(&entry)));
        entry
    }
}

fn features(layer: &Layer) -> String {
    let features = layer.rows.iter().map(|row| {
        let named = layer.fields.iter().zip(&row.values);
        let properties: serde_json::Map<_, _> =
            named.map(|(f, v)| (f.name.clone(), v.json())).collect();
        let geometry = row.shape.as_ref().map(crate::world::Shape::geojson);
        let mut feature =
            json!({ "type": "Feature", "geometry": geometry, "properties": properties });
        if let (IdRule::File, Some(id)) = (layer.ids, &row.id) {
            feature["id"] = id.json();
        }
        feature
    });
    json!({ "type": "FeatureCollection", "features": features.collect::<Vec<_>>() }).to_string()
}

fn made(layer: &Layer) -> LayerEntry {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("source.geojson");
    std::fs::write(&path, features(layer)).expect("a file");
    let declared = layer
        .fields
        .iter()
        .filter(|f| f.declared)
        .map(|f| DeclaredField {
            name: f.name.clone(),
            data_type: Some(f.data_type),
            title: f.title.clone(),
            description: None,
            codes: f.codes.clone(),
        });
    let declared: Vec<_> = declared.collect();
    let feature_id = match layer.ids {
        IdRule::Declared(place) => Some(layer.fields[place].name.as_str()),
        _ => None,
    };
    let options = LoadOptions {
        feature_id,
        fields: &declared,
        time_zone: TimeZone::UTC,
        limits: IngestLimits::default(),
        hash_key: SECRET,
        snapshot: None,
        workers: 1,
        progress: &|_| {},
    };
    let source = SourceSpec {
        path,
        crs: Some(layer.crs),
        ..SourceSpec::default()
    };
    let loaded = load(&source, &options).expect("a layer");
    assert_eq!(
        loaded.report.read, loaded.report.accepted,
        "{:?}",
        loaded.report
    );
    let publication = Publication {
        id: layer.id.clone(),
        organisation: layer.organisation.clone(),
        access: layer.access,
        discovery: layer.discovery,
        declared: layer
            .fields
            .iter()
            .filter(|f| f.declared)
            .map(|f| f.name.clone())
            .collect(),
        metadata: layer.metadata.clone(),
        time: layer.time.clone(),
        tiles: layer.tiles.clone(),
    };
    LayerEntry::new(publication, loaded.layer).expect("a publication")
}

/// A server of a world.
pub struct Server {
    router: Router,
    handle: Arc<CatalogHandle>,
    views: Arc<Views>,
    clock: Arc<AtomicI64>,
}

fn catalog(world: &World, made: &Made, views: &Arc<Views>, now_us: i64) -> Catalog {
    let platform = Platform {
        title: world.title.clone(),
        description: None,
        language: Language::Fr,
        contact: None,
    };
    let organisations = world.organisations.iter().map(|o| Organisation {
        id: o.id.clone(),
        title: o.title.clone(),
        ..Organisation::default()
    });
    let entries = world.layers.iter().map(|l| made.entry(l)).collect();
    Catalog::new(platform, organisations.collect(), entries)
        .keeping(Arc::clone(views))
        .under(Arc::new(Policy::new(world.policy.clone())), now_us)
}

impl Server {
    pub fn new(world: &World, made: &Made) -> Self {
        Self::with(world, made, |settings| settings)
    }

    /// One with other settings.
    pub fn with(world: &World, made: &Made, change: impl FnOnce(Settings) -> Settings) -> Self {
        let clock = Arc::new(AtomicI64::new(NOW_US));
        let told = Arc::clone(&clock);
        let settings = Settings {
            // Small, so that tiles are made, found and pushed out within one run.
            tile_cache_bytes: 4 << 20,
            workers: 2,
            rates: Rates {
                caller: PLENTY,
                network: PLENTY,
                failures: PLENTY,
            },
            clock: Clock::new(move || told.load(Ordering::Relaxed)),
            random: Random::new(|buffer| {
                buffer.fill(5);
                Ok(())
            }),
            ..Settings::default()
        };
        // Room for some views and not for all: they come and go.
        let views = Arc::new(Views::new(SECRET, 1 << 20));
        let handle = Arc::new(CatalogHandle::new(catalog(world, made, &views, NOW_US)));
        let state = Arc::new(ApiState::new(
            Arc::clone(&handle),
            Arc::new(Portal),
            SECRET,
            change(settings),
        ));
        Self {
            router: router(&state),
            handle,
            views,
            clock,
        }
    }

    /// It is that moment from now on.
    pub fn set_clock(&self, now_us: i64) {
        self.clock.store(now_us, Ordering::Relaxed);
    }

    /// Serves another world from now on, as a reload does.
    pub fn reload(&self, world: &World, made: &Made) {
        let now_us = self.clock.load(Ordering::Relaxed);
        self.handle.swap(catalog(world, made, &self.views, now_us));
    }

    /// The answer, its body not read yet.
    pub async fn begin(&self, ask: &Ask) -> axum::http::Response<Body> {
        let target = ask.target.strip_prefix(BASE).unwrap_or(&ask.target);
        let slash = if target.starts_with('/') { "" } else { "/" };
        let target = format!("{slash}{target}");
        let mut request = Request::builder()
            .method(ask.method)
            .uri(target)
            .header("host", "data.example.org");
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let request = match request.body(Body::from(ask.body.clone().unwrap_or_default())) {
            Ok(request) => request,
            Err(e) => panic!("{ask:?}: {e}"),
        };
        self.router
            .clone()
            .oneshot(request)
            .await
            .expect("never fails")
    }

    pub async fn send(&self, ask: &Ask) -> Answer {
        let response = self.begin(ask).await;
        let (parts, body) = response.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(e) => panic!("{ask:?}: the body broke off: {e}"),
        };
        Answer::new(&parts, body)
    }
}
