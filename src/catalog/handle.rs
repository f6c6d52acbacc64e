//! The catalogue that is served now.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::Catalog;

/// Where the current catalogue hangs. A request loads it once and keeps it to its end; a reload swaps it whole, so nobody ever sees
/// half of a change.
#[derive(Debug, Default)]
pub struct CatalogHandle(ArcSwap<Catalog>);

impl CatalogHandle {
    /// Serves `catalog`.
    pub fn new(catalog: Catalog) -> Self {
        Self(ArcSwap::from_pointee(catalog))
    }

    /// The catalogue of this moment.
    pub fn load(&self) -> Arc<Catalog> {
        self.0.load_full()
    }

    /// Serves `catalog` from now on.
    pub fn swap(&self, catalog: Catalog) {
        self.0.store(Arc::new(catalog));
    }
}
