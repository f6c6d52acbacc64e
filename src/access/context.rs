//! What the policy has to know of a layer, and of areas, to say who sees what.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Access;
use super::profile::AreaSource;
use crate::filter::{Encoding, Fault, Filter, Frame, Limits};
use crate::geometry::region::Region;
use crate::model::Schema;

/// What those without a grant see of a restricted layer (`discovery` in the configuration).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Discovery {
    /// A notice: what its publisher declared.
    Listed,
    /// Nothing: it answers like one that does not exist.
    #[default]
    Hidden,
}

/// A layer, as far as the policy looks at it. Nothing here is computed from rows, and a view depends on nothing else of the layer.
#[derive(Debug, Clone, Copy)]
pub struct LayerContext<'a> {
    /// Collection id.
    pub collection: &'a str,
    /// The organisation that owns it; without one it is the operator's.
    pub organisation: Option<&'a str>,
    /// What its publisher decided.
    pub access: Access,
    /// What those without a grant see.
    pub discovery: Discovery,
    /// Schema of the stored rows, their CRS, and that of the geometries in profiles (CRS84).
    pub frame: Frame<'a>,
    /// Places in the schema of the properties that profiles can open, ascending: those that the publisher declares; all of an open layer.
    pub declared: &'a [usize],
    /// Ceilings on the filters of profiles.
    pub limits: Limits,
    /// Filters that were parsed against this schema before.
    pub filters: &'a FilterCache,
    /// Key of the ids of views, derived from the instance's secret: whoever does not have it cannot confirm a guess.
    pub view_key: &'a [u8; 32],
}

impl<'a> LayerContext<'a> {
    /// Schema of the stored rows.
    pub fn schema(&self) -> &'a Schema {
        self.frame.schema
    }
}

/// Finds areas. A profile whose area is not found shows nothing.
pub trait Areas {
    /// The region that is meant; `None` if there is none: text that is no geometry, a layer that does not exist, a faulty filter.
    fn region(&self, source: &AreaSource) -> Option<Arc<Region>>;

    /// Whether everybody sees all of a layer: only such a layer may lend its shapes to the profiles of whoever does not own it.
    fn is_open(&self, collection: &str) -> bool;
}

/// Filters of profiles, parsed once for each schema. Whoever keeps the layer keeps one of these beside it.
#[derive(Debug, Default)]
pub struct FilterCache(Mutex<HashMap<Box<str>, Parsed>>);

type Parsed = Result<Arc<Filter>, Fault>;

/// Distinct filters kept for one layer: as many as an organisation with a profile for each of its partners may have. Beyond, all are
/// parsed again, which takes microseconds each.
const KEPT: usize = 4096;

impl FilterCache {
    /// The filter that a text is, or what is wrong with it.
    pub(super) fn get(
        &self,
        text: &str,
        frame: &Frame<'_>,
        limits: &Limits,
    ) -> Result<Arc<Filter>, Fault> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(text) {
            return known.clone();
        }
        let parsed = Filter::parse(Encoding::Text, text, frame, limits).map(Arc::new);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(text.into(), parsed.clone());
        parsed
    }
}
