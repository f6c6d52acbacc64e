//! The catalogue that is served now.

use std::collections::BTreeSet;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::{Catalog, Views};

/// Where the current catalogue hangs. A request loads it once and keeps it to its end; a reload swaps it whole, so nobody ever sees
/// half of a change.
#[derive(Debug, Default)]
pub struct CatalogHandle {
    now: ArcSwap<Catalog>,
    /// What the first catalogue brought, for those that come after it.
    views: Option<Arc<Views>>,
}

impl CatalogHandle {
    /// Serves `catalog`. Those that follow keep their derived views where it does.
    pub fn new(catalog: Catalog) -> Self {
        Self {
            views: catalog.views.clone(),
            now: ArcSwap::from_pointee(catalog),
        }
    }

    /// The catalogue of this moment.
    pub fn load(&self) -> Arc<Catalog> {
        self.now.load_full()
    }

    /// Serves `catalog` from now on. Views of what is no longer there are forgotten.
    pub fn swap(&self, catalog: Catalog) {
        let catalog = match &self.views {
            Some(views) if catalog.views.is_none() => catalog.keeping(Arc::clone(views)),
            _ => catalog,
        };
        let states: BTreeSet<u128> = catalog.entries.values().map(|e| e.state).collect();
        let (views, areas) = (catalog.views.clone(), catalog.areas.keys().to_vec());
        self.now.store(Arc::new(catalog));
        if let Some(views) = views {
            views.sweep(&states, &areas);
        }
    }
}
