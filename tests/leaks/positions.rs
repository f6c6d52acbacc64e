//! Places in tiles: every vertex must be explained by something that the caller sees.

use crate::sight::Sight;
use fast_mvt::{MvtReaderRef, MvtTile};
use geo::CoordsIter as _;

/// Units of a tile that a vertex may stray from the box of its feature: snapping and thinning move it by less.
const TOLERANCE: f64 = 3.0;
/// Below, a unit is so large that features run into one another.
const FIRST_ZOOM: u32 = 9;

pub fn decode(body: &[u8]) -> MvtTile {
    MvtReaderRef::new(body)
        .expect("a tile")
        .to_tile()
        .expect("a tile")
}

/// Vertices that lie in the box of no visible feature.
pub fn strange(tile: &MvtTile, target: &str, sight: &Sight) -> Vec<String> {
    let Some([z, x, y]) = coordinates(target).filter(|[z, ..]| *z >= FIRST_ZOOM) else {
        return Vec::new();
    };
    let mut strange = Vec::new();
    let tiles = f64::from(1u32 << z);
    for layer in &tile.layers {
        let boxes = boxes(&full_id(target, &layer.name), sight);
        let unit = 1.0 / (tiles * f64::from(layer.extent.get()));
        let vertices = layer.features.iter().flat_map(|f| f.geometry.coords_iter());
        for vertex in vertices {
            let world = [
                f64::from(x) / tiles + f64::from(vertex.x) * unit,
                f64::from(y) / tiles + f64::from(vertex.y) * unit,
            ];
            let room = TOLERANCE * unit;
            let inside = |b: &[f64; 4]| {
                (b[0] - room..=b[2] + room).contains(&world[0])
                    && (b[1] - room..=b[3] + room).contains(&world[1])
            };
            if !boxes.iter().any(inside) {
                strange.push(format!(
                    "{target}: a vertex of {} where nothing is visible: {world:?}",
                    layer.name
                ));
            }
        }
    }
    strange
}

/// Boxes of the visible features of a layer, on a square world of side 1, y southward.
fn boxes(layer: &str, sight: &Sight) -> Vec<[f64; 4]> {
    let x = |lon: f64| (lon + 180.0) / 360.0;
    let y = |lat: f64| (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0;
    let faces = sight
        .layers
        .get(layer)
        .into_iter()
        .flat_map(|seen| seen.faces.values());
    let boxes = faces.flat_map(|face| &face.boxes);
    boxes
        .map(|[w, s, e, n]| [x(*w), y(*n), x(*e), y(*s)])
        .collect()
}

/// The full id of a layer: in a portal it is called without its organisation.
fn full_id(target: &str, name: &str) -> String {
    let organisation = target
        .strip_prefix("/o/")
        .and_then(|rest| rest.split('/').next());
    organisation.map_or_else(|| name.to_owned(), |o| format!("{o}.{name}"))
}

/// Zoom, column and row of either form of address.
fn coordinates(target: &str) -> Option<[u32; 3]> {
    let path = target.split('?').next()?.strip_suffix(".mvt")?;
    let mut parts = path.rsplit('/').map_while(|p| p.parse::<u32>().ok());
    let (last, middle, z) = (parts.next()?, parts.next()?, parts.next()?);
    let by_row = path.contains("/tiles/");
    Some(if by_row {
        [z, last, middle]
    } else {
        [z, middle, last]
    })
}
