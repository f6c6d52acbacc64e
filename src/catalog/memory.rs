//! What the catalogue holds, in bytes, for health.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::entry::LayerEntry;
use super::{Catalog, ViewId};
use crate::layer::Rows;

/// What is held of all layers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    /// By collection id.
    pub layers: Vec<LayerMemory>,
    /// Bytes of derived views, and how many there may be.
    pub views: (u64, u64),
}

/// What is held of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerMemory {
    /// Collection id.
    pub id: String,
    /// Bytes of its rows, whether in memory or in a mapped file.
    pub bytes: u64,
    /// Those of them that lie in a mapped file: they are in memory only while somebody reads them, or nobody else wants the room.
    pub mapped: u64,
    /// Its derived views, and what each takes beside the layer.
    pub views: Vec<(ViewId, u64)>,
}

impl LayerMemory {
    fn of(entry: &LayerEntry) -> Self {
        let layer = &entry.layer;
        let segments = layer.parts().iter().map(|p| p.segment.bytes() as u64);
        let bytes = segments.sum();
        Self {
            id: entry.id().to_owned(),
            bytes,
            mapped: layer.mapped_bytes().min(bytes),
            views: Vec::new(),
        }
    }
}

impl Catalog {
    /// What is held, by layer and view.
    pub fn memory(&self) -> Memory {
        let mut views = match &self.views {
            Some(views) => views.by_layer(),
            None => HashMap::new(),
        };
        let layers = self.entries.values().map(|entry| LayerMemory {
            views: views.remove(&entry.state).unwrap_or_default(),
            ..LayerMemory::of(entry)
        });
        Memory {
            layers: layers.collect(),
            views: self.views.as_ref().map_or((0, 0), |v| v.usage()),
        }
    }

    /// Bytes of layers that are in memory for good: what lies in no mapped file.
    pub fn held_bytes(&self) -> u64 {
        let layers = self.entries.values().map(|e| LayerMemory::of(e));
        layers.map(|l| l.bytes - l.mapped).sum()
    }

    /// Gives the memory of mapped files back, of the layers that were asked for the longest ago first, until `enough` says so; those
    /// that are asked for now keep theirs. Gives the number of layers.
    pub fn cool(&self, mut enough: impl FnMut() -> bool) -> usize {
        let now = match &self.views {
            Some(views) => views.next_turn(),
            None => return 0,
        };
        let used = |e: &&Arc<LayerEntry>| e.used.load(Ordering::Relaxed);
        let mut cold: Vec<&Arc<LayerEntry>> = self.entries.values().collect();
        cold.retain(|e| e.layer.mapped_bytes() > 0 && used(e) < now);
        cold.sort_by_key(used);
        let mut cooled = 0;
        for entry in cold {
            if enough() {
                break;
            }
            // Who was cooled last time and not asked for since has nothing to give.
            if entry.used.swap(0, Ordering::Relaxed) > 0 {
                entry.layer.cool();
                cooled += 1;
            }
        }
        cooled
    }
}
