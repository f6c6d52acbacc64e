//! Areas: of an organisation's jurisdiction, and of what a profile opens.

use super::names::{Kind, reference};
use super::node::Node;
use super::table::Table;

/// An area that is written in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Area {
    /// A geometry as WKT, in CRS84.
    Wkt(String),
    /// The union of the features of a layer that a filter selects.
    Layer {
        /// The collection id.
        layer: String,
        /// CQL2 text; `TRUE` for all.
        filter: String,
    },
}

/// Reads `wkt`, or `layer` and `filter`, of a table. `None` without a fault if the table has none of the three keys.
pub(super) fn read(t: &Table<'_>) -> Option<Area> {
    let wkt = t.get("wkt");
    let layer = t.get("layer");
    let filter = t.get("filter");
    match (wkt, layer, filter) {
        (None, None, None) => None,
        (Some(wkt), None, None) => Some(Area::Wkt(wkt.string()?)),
        (None, Some(layer), Some(filter)) => {
            let layer = reference(&layer, Kind::Layer);
            let filter = filter.string()?;
            Some(Area::Layer {
                layer: layer?,
                filter,
            })
        }
        (None, Some(layer), None) => {
            reference(&layer, Kind::Layer)?;
            t.fault(format!(
                "{} has a \"layer\" but no \"filter\": write filter = \"TRUE\" for all its features",
                t.name
            ));
            None
        }
        (None, None, Some(filter)) => {
            filter.fault(format!(
                "{} has a \"filter\" but no \"layer\" to filter",
                t.name
            ));
            None
        }
        (Some(wkt), _, _) => {
            wkt.fault(format!(
                "{} has both \"wkt\" and a layer: keep one of them",
                t.name
            ));
            None
        }
    }
}

/// Reads a table that must be an area and nothing else.
pub(super) fn read_alone(node: &Node<'_>, name: &str) -> Option<Area> {
    let t = node.table(name)?;
    let asked = ["wkt", "layer", "filter"].map(|key| t.get(key).is_some());
    let area = read(&t);
    if asked == [false; 3] {
        node.fault(format!(
            "{name} names no area: write {{ layer = …, filter = … }} or {{ wkt = … }}"
        ));
    }
    t.finish();
    area
}
