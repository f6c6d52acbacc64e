//! The areas that a policy names, found when a catalogue is built.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

use super::entry::LayerEntry;
use super::views::{AreaKey, Views};
use crate::access::{self, AreaSource, Policy, ProfileArea, region_of_wkt};
use crate::filter::{Encoding, Filter, Frame, Limits};
use crate::geometry::crs::Crs;
use crate::geometry::region::{Region, Unite};
use crate::layer::{Rows, bits};

/// Areas by the way they are written. One that cannot be found is nowhere.
#[derive(Debug, Clone, Default)]
pub(super) struct Areas {
    found: HashMap<AreaSource, Option<Arc<Region>>>,
    keys: Vec<AreaKey>,
}

impl Areas {
    /// Those that a policy names.
    pub(super) fn of(
        policy: &Policy,
        entries: &BTreeMap<String, Arc<LayerEntry>>,
        views: Option<&Views>,
    ) -> Self {
        let jurisdictions = policy.organisations.values();
        let jurisdictions = jurisdictions.filter_map(|o| o.jurisdiction.as_ref());
        let given = policy.profiles.values().filter_map(|p| match &p.area {
            Some((ProfileArea::Given(source), _)) => Some(source),
            _ => None,
        });
        let mut sources: Vec<&AreaSource> = jurisdictions.chain(given).collect();
        sources.sort_unstable();
        sources.dedup();
        let found: Vec<(AreaKey, Option<Arc<Region>>)> = sources
            .into_par_iter()
            .map(|source| {
                let state = match source {
                    AreaSource::Layer { layer, .. } => entries.get(layer).map_or(0, |e| e.state),
                    AreaSource::Wkt(_) => 0,
                };
                let key = (source.clone(), state);
                let find = |source: &AreaSource| find(source, entries);
                let region = match views {
                    Some(views) => views.area(key.clone(), find),
                    None => find(source).map(Arc::new),
                };
                (key, region)
            })
            .collect();
        Self {
            keys: found.iter().map(|(key, _)| key.clone()).collect(),
            found: found
                .into_iter()
                .map(|((source, _), region)| (source, region))
                .collect(),
        }
    }

    /// How each is kept.
    pub(super) fn keys(&self) -> &[AreaKey] {
        &self.keys
    }

    /// The area that is written so.
    pub(super) fn get(&self, source: &AreaSource) -> Option<Arc<Region>> {
        self.found.get(source).cloned().flatten()
    }

    /// Those that cannot be found, or have nothing in them.
    pub(super) fn missing(&self) -> impl Iterator<Item = &AreaSource> {
        let all = self.found.iter();
        all.filter(|(_, region)| region.is_none())
            .map(|(source, _)| source)
    }
}

fn find(source: &AreaSource, entries: &BTreeMap<String, Arc<LayerEntry>>) -> Option<Region> {
    let region = match source {
        AreaSource::Wkt(text) => region_of_wkt(text).ok()?,
        AreaSource::Layer { layer, filter } => of_rows(entries.get(layer)?, filter)?,
    };
    (!region.is_empty()).then_some(region)
}

/// The ground of the rows that a filter selects, as they are stored.
fn of_rows(entry: &LayerEntry, filter: &str) -> Option<Region> {
    let layer = &entry.layer;
    let frame = Frame {
        schema: layer.schema(),
        filter_crs: Crs::CRS84,
        storage_crs: layer.storage_crs(),
    };
    let filter = Filter::parse(Encoding::Text, filter, &frame, &Limits::default()).ok()?;
    let mut unite = Unite::default();
    for part in layer.parts() {
        let mut bound = filter.bind(&*part.segment);
        for place in 0..part.blocks() {
            let (block, mask) = part.block(place);
            for row in bits(block, bound.block(block, mask)) {
                unite.add(&part.segment.grid_paths(row));
            }
        }
    }
    unite.finish().ok()
}

/// Areas as the policy asks for them.
pub(super) struct Known<'a> {
    pub(super) areas: &'a Areas,
    pub(super) is_open: &'a dyn Fn(&str) -> bool,
}

impl access::Areas for Known<'_> {
    fn region(&self, source: &AreaSource) -> Option<Arc<Region>> {
        self.areas.get(source)
    }

    fn is_open(&self, collection: &str) -> bool {
        (self.is_open)(collection)
    }
}
