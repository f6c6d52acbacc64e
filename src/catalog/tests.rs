//! The public order and the R-tree against plain scans, over layers of one and of several segments.

mod cells;
mod derive;
mod evict;
mod resolve;
mod world;

use std::ops::ControlFlow;
use std::sync::Arc;

use proptest::prelude::*;

use super::{Access, LayerEntry, Publication, Row, Scan, TileSettings, VisibleLayer};
use crate::geometry::crs::Crs;
use crate::geometry::grid::{self, GridBox};
use crate::layer::{self, BuildOptions, Chunk, Layer, RawColumn, RawValue};
use crate::model::metadata::Metadata;
use crate::model::{FeatureId, FeatureIdRef};

/// A point layer with these places (`None`: no geometry) and ids.
fn layer(rows: &[(i64, Option<[f64; 2]>)]) -> Layer {
    let mut chunk = Chunk::default();
    for (i, (id, place)) in rows.iter().enumerate() {
        chunk.ids.set(i, RawValue::Int(*id));
        chunk.ordinals.push(i as u32 + 1);
        let shapes = &mut chunk.shapes;
        if let Some([lon, lat]) = place {
            shapes.kinds.push(1);
            shapes.counts.push(1);
            shapes.xy.push([*lon, *lat]);
            let p = grid::from_lonlat(*lon, *lat);
            shapes.grid.push_points(&[p]);
            shapes.grid.bbox.push(GridBox { min: p, max: p });
        } else {
            shapes.kinds.push(0);
            shapes.grid.bbox.push(GridBox::EMPTY);
        }
        shapes.counts_end.push(shapes.counts.len() as u32);
        shapes.xy_end.push(shapes.xy.len() as u32);
        shapes.grid.row_end.push(shapes.grid.path_end.len() as u32);
    }
    let options = BuildOptions {
        declared: &[],
        announced: &[],
        geometry_column: None,
        feature_id: None,
        max_columns: 10,
        naive_offset: &|_| 0,
    };
    Layer::of_built(
        layer::build(vec![chunk], &options).unwrap(),
        Crs::CRS84,
        &[0; 32],
    )
}

fn visible(layer: Layer) -> VisibleLayer {
    let publication = Publication {
        id: "t".into(),
        organisation: None,
        access: Access::Open,
        metadata: Metadata::default(),
        time: None,
        tiles: TileSettings::default(),
        ..Publication::default()
    };
    let entry = LayerEntry::new(publication, layer).unwrap();
    VisibleLayer::unrestricted(&Arc::new(entry), super::told::Told::Exactly)
}

fn ids(layer: &VisibleLayer, scan: &Scan<'_>) -> Vec<FeatureId> {
    let mut ids = Vec::new();
    layer.scan(scan, &mut |row| {
        ids.push(row.id().to_owned());
        ControlFlow::Continue(())
    });
    ids
}

fn rows() -> impl Strategy<Value = Vec<(i64, Option<[f64; 2]>)>> {
    // Few distinct places, so that ties are broken by id; some rows without geometry.
    let place = prop::option::weighted(
        0.9,
        (-20i32..20, -10i32..10).prop_map(|(x, y)| [f64::from(x), f64::from(y)]),
    );
    prop::collection::vec(place, 0..400).prop_map(|places| {
        let n = places.len() as i64;
        places
            .into_iter()
            .enumerate()
            .map(|(i, p)| ((i as i64 * 7919) % (n * 3 + 1), p))
            .collect()
    })
}

fn distinct(rows: &[(i64, Option<[f64; 2]>)]) -> bool {
    let ids: std::collections::HashSet<i64> = rows.iter().map(|r| r.0).collect();
    ids.len() == rows.len()
}

proptest! {
    #[test]
    fn windows_find_what_a_linear_scan_finds(rows in rows(), a in (-21f64..21.0, -11f64..11.0), b in (-21f64..21.0, -11f64..11.0)) {
        let layer = visible(layer(&rows));
        let bbox = crate::geometry::bbox::Bbox::around(&[[a.0, a.1], [b.0, b.1]]);
        let window = GridBox::from_crs84(&bbox);
        let windows = [window];
        let found = ids(&layer, &Scan { windows: Some(&windows), ..Scan::default() });
        let mut linear = Vec::new();
        layer.scan(&Scan::default(), &mut |row: Row<'_>| {
            if row.grid_bbox().is_some_and(|b| b.intersects(&window)) {
                linear.push(row.id().to_owned());
            }
            ControlFlow::Continue(())
        });
        prop_assert_eq!(found, linear);
    }

    #[test]
    fn scans_go_on_after_any_row_and_from_any_offset(rows in rows(), at in any::<prop::sample::Index>()) {
        prop_assume!(!rows.is_empty() && distinct(&rows));
        let layer = visible(layer(&rows));
        let all = ids(&layer, &Scan::default());
        prop_assert_eq!(all.len(), rows.len());
        let at = at.index(all.len());
        let row = layer.row(&all[at].as_ref()).unwrap();
        let rest = ids(&layer, &Scan { after: Some(row.position()), ..Scan::default() });
        prop_assert_eq!(&rest[..], &all[at + 1..]);
        let mut offset = Vec::new();
        layer.scan_offset(at as u64, &mut |row| {
            offset.push(row.id().to_owned());
            ControlFlow::Continue(())
        });
        prop_assert_eq!(&offset[..], &all[at..]);
    }

    /// An edited layer (two segments, rows of the first gone) reads as one that was built at once.
    #[test]
    fn segments_and_tombstones_merge(rows in rows(), moved in prop::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        prop_assume!(!rows.is_empty() && distinct(&rows));
        let moved: std::collections::HashSet<usize> = moved.iter().map(|i| i.index(rows.len())).collect();
        let (mut now, mut new, mut gone) = (rows.clone(), Vec::new(), Vec::new());
        for i in &moved {
            now[*i].1 = Some([19.5, 9.5 - (*i % 7) as f64]);
            new.push(now[*i]);
            gone.push(rows[*i].0);
        }
        let at_once = visible(layer(&now));
        let edited = visible(layer(&rows).with_segment(layer(&new), |id| match id {
            FeatureIdRef::Int(id) => gone.contains(&id),
            FeatureIdRef::Text(_) => false,
        }));
        prop_assert_eq!(edited.feature_count(), at_once.feature_count());
        prop_assert_eq!(ids(&edited, &Scan::default()), ids(&at_once, &Scan::default()));
        let mut offset = Vec::new();
        edited.scan_offset(3, &mut |row| {
            offset.push(row.id().to_owned());
            ControlFlow::Continue(())
        });
        prop_assert_eq!(offset, ids(&at_once, &Scan::default()).into_iter().skip(3).collect::<Vec<_>>());
        for (id, place) in &now {
            let row = edited.row(&FeatureIdRef::Int(*id)).unwrap();
            prop_assert_eq!(row.source_geometry().map(|g| g.xy[0]), *place);
        }
    }
}

/// Ids of a declared property, whatever the column's type: each row is found by its id, and pages of four meet every row once.
#[test]
fn declared_ids_of_any_type_are_found_and_paged() {
    use crate::ingest::DeclaredField;
    use crate::model::DataType;
    let ints: fn(i64) -> RawValue<'static> = RawValue::Int;
    let mixed: fn(i64) -> RawValue<'static> = |i| match i % 3 {
        0 => {
            RawValue::Text(["a", "10b", "2c", "dd", "e", "f", "g", "h", "i", "j"][(i / 3) as usize])
        }
        _ => RawValue::Int(i),
    };
    let dates: fn(i64) -> RawValue<'static> = |i| {
        RawValue::Text(
            [
                "2020-01-01",
                "2020-01-02",
                "2021-12-31",
                "1999-05-05",
                "2000-02-29",
            ][(i % 5) as usize],
        )
    };
    for (case, id, declared, expected) in [
        ("integers", ints, None, 30),
        ("integers as text", ints, Some(DataType::String), 30),
        ("integers as numbers", ints, Some(DataType::Number), 30),
        ("integers as JSON", ints, Some(DataType::Json), 30),
        ("integers among texts", mixed, None, 30),
        ("dates, most of them twice", dates, None, 5),
    ] {
        let mut chunk = Chunk {
            names: vec!["k".into()],
            columns: vec![RawColumn::default()],
            ..Chunk::default()
        };
        for i in 0..30 {
            chunk.columns[0].set(i as usize, id(i));
            chunk.ordinals.push(i as u32 + 1);
            chunk.shapes.kinds.push(0);
            chunk.shapes.counts_end.push(0);
            chunk.shapes.xy_end.push(0);
            chunk.shapes.grid.row_end.push(0);
            chunk.shapes.grid.bbox.push(GridBox::EMPTY);
        }
        let field = DeclaredField {
            name: "k".into(),
            data_type: declared,
            ..DeclaredField::default()
        };
        let options = BuildOptions {
            declared: &[field],
            announced: &[],
            geometry_column: None,
            feature_id: Some("k"),
            max_columns: 10,
            naive_offset: &|_| 0,
        };
        let built = layer::build(vec![chunk], &options).unwrap();
        assert_eq!(built.faults.len(), 30 - expected, "{case}");
        let layer = visible(Layer::of_built(built, Crs::CRS84, &[0; 32]));
        let all = ids(&layer, &Scan::default());
        assert_eq!(all.len(), expected, "{case}");
        let mut met = Vec::new();
        let mut after: Option<FeatureId> = None;
        loop {
            let position = after
                .as_ref()
                .map(|id| layer.row(&id.as_ref()).expect(case).position());
            let mut page = Vec::new();
            let scan = Scan {
                after: position,
                ..Scan::default()
            };
            layer.scan(&scan, &mut |row| {
                page.push(row.id().to_owned());
                if page.len() < 4 {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            });
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            met.extend(page);
        }
        assert_eq!(met, all, "{case}");
        for id in &all {
            let found = layer.find_id(&id.to_string()).expect(case);
            assert_eq!(found.id().to_owned(), *id, "{case}");
        }
    }
}

/// Correcting the CRS moves every row: nothing that is kept under the old revision may be used again.
#[test]
fn the_revision_tells_the_crs() {
    let rows = [(1, Some([5.0, 43.0]))];
    let revision = |crs| {
        let options = BuildOptions {
            declared: &[],
            announced: &[],
            geometry_column: None,
            feature_id: None,
            max_columns: 10,
            naive_offset: &|_| 0,
        };
        let mut chunk = Chunk::default();
        chunk.ordinals.push(1);
        chunk.shapes.kinds.push(0);
        chunk.shapes.counts_end.push(0);
        chunk.shapes.xy_end.push(0);
        chunk.shapes.grid.row_end.push(0);
        chunk.shapes.grid.bbox.push(GridBox::EMPTY);
        visible(Layer::of_built(
            layer::build(vec![chunk], &options).unwrap(),
            crs,
            &[0; 32],
        ))
        .revision()
    };
    assert_eq!(
        visible(layer(&rows)).revision(),
        visible(layer(&rows)).revision()
    );
    assert_ne!(revision(Crs::WEB_MERCATOR), revision(Crs::LAMBERT_93));
}

/// Rows without geometry have a time all the same (OGC 17-069r4 `/req/core/fc-md-extent`), and ids that no URL can end with give way to
/// places in the file.
#[test]
fn rows_without_geometry_count_in_time_and_unusable_ids_give_way() {
    let mut chunk = Chunk {
        names: vec!["jour".into()],
        columns: vec![RawColumn::default()],
        ..Chunk::default()
    };
    for (i, (day, id)) in [("2001-05-06", "a"), ("1999-01-01", "..")]
        .into_iter()
        .enumerate()
    {
        chunk.columns[0].set(i, RawValue::Text(day));
        chunk.ids.set(i, RawValue::Text(id));
        chunk.ordinals.push(i as u32 + 1);
        chunk.shapes.kinds.push(0);
        chunk.shapes.counts_end.push(0);
        chunk.shapes.xy_end.push(0);
        chunk.shapes.grid.row_end.push(0);
        chunk.shapes.grid.bbox.push(GridBox::EMPTY);
    }
    let options = BuildOptions {
        declared: &[],
        announced: &[],
        geometry_column: None,
        feature_id: None,
        max_columns: 10,
        naive_offset: &|_| 0,
    };
    let built = layer::build(vec![chunk], &options).unwrap();
    let layer = visible(Layer::of_built(built, Crs::CRS84, &[0; 32]));
    let day = |text| {
        crate::model::temporal::Date::parse(text)
            .unwrap()
            .start_us()
    };
    let extent = (day("1999-01-01"), day("2001-05-06"));
    assert_eq!(layer.temporal_extent_us(), Some(extent));
    assert_eq!(
        ids(&layer, &Scan::default()),
        [FeatureId::Int(1), FeatureId::Int(2)]
    );
}
