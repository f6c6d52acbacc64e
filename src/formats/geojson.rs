//! GeoJSON (RFC 7946; OGC 17-069r4 §8.3), written straight from the columns.
//!
//! - Coordinates in the storage CRS, or in another that has the same numbers, are those of the source bit for bit; computed ones are
//!   rounded ([`Placement`]). There is no `crs` member: `Content-Crs` says it (OGC 18-058r1 §6.4).
//! - In CRS84 rings follow the right-hand rule (RFC 7946 §3.1.6); in other systems they are as in the source.
//! - Heights are the third number of a position whenever the source has them. Measures are the fourth number after a height; where a
//!   geometry has measures but no complete heights, a third number would be taken for a height, so they stand apart in a member `m` of
//!   the geometry: one number per vertex, in the order of the source's vertices, `null` where a vertex has none.
//! - A geometry that has no place in the CRS asked for (a pole in EPSG:3857) is `null`, and the feature says so by
//!   `"geometryOmitted":"outside the domain of the CRS"`.

use super::{Placement, json};
use crate::catalog::Row;
use crate::geometry::source::{GeometryKind, SourceGeometry, Step};
use crate::model::{FeatureIdRef, Schema, ValueRef};

/// Media type (RFC 7946 §12).
pub const MEDIA_TYPE: &str = "application/geo+json";

/// What ends a collection that [`begin_collection`] has begun.
pub const END_COLLECTION: &[u8] = b"]}";

/// Begins a collection; `links` is a JSON array. The features follow, separated by commas, then [`END_COLLECTION`].
pub fn begin_collection(
    number_matched: u64,
    number_returned: u32,
    links: &[u8],
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(b"{\"type\":\"FeatureCollection\",\"numberMatched\":");
    out.extend_from_slice(itoa::Buffer::new().format(number_matched).as_bytes());
    out.extend_from_slice(b",\"numberReturned\":");
    out.extend_from_slice(itoa::Buffer::new().format(number_returned).as_bytes());
    out.extend_from_slice(b",\"links\":");
    out.extend_from_slice(links);
    out.extend_from_slice(b",\"features\":[");
}

/// Writes features of one schema.
#[derive(Debug)]
pub struct FeatureWriter {
    placement: Placement,
    /// `"name":` of each property, with a comma before it but for the first.
    keys: Vec<Vec<u8>>,
    scratch: Vec<[f64; 2]>,
}

impl FeatureWriter {
    /// A writer for rows of that schema.
    pub fn new(schema: &Schema, placement: Placement) -> Self {
        let key = |(place, field): (usize, &crate::model::Field)| {
            let mut key = Vec::new();
            if place > 0 {
                key.push(b',');
            }
            json::string(&field.name, &mut key);
            key.push(b':');
            key
        };
        Self {
            placement,
            keys: schema.fields.iter().enumerate().map(key).collect(),
            scratch: Vec::new(),
        }
    }

    /// Bytes of a feature, roughly and fast: its vertices and texts counted, the rest guessed.
    pub fn weigh(&self, row: &Row<'_>) -> u64 {
        const PER_FEATURE: usize = 80;
        const PER_ORDINATE: usize = 19;
        const PER_SCALAR: usize = 8;
        let ordinates = row
            .source_geometry()
            .map_or(0, |g| 2 * g.xy.len() + g.z.len() + g.m.len());
        let values = self.keys.iter().enumerate().map(|(place, key)| {
            key.len()
                + match row.value(place) {
                    ValueRef::Text(text) | ValueRef::Json(text) => text.len() + 2,
                    _ => PER_SCALAR,
                }
        });
        (PER_FEATURE + PER_ORDINATE * ordinates + values.sum::<usize>()) as u64
    }

    /// Appends one feature.
    pub fn feature(&mut self, row: &Row<'_>, out: &mut Vec<u8>) {
        self.begin(row, out);
        out.push(b'}');
    }

    /// Appends one feature with its own links, a JSON array (`/req/geojson/content` C).
    pub fn feature_with_links(&mut self, row: &Row<'_>, links: &[u8], out: &mut Vec<u8>) {
        self.begin(row, out);
        out.extend_from_slice(b",\"links\":");
        out.extend_from_slice(links);
        out.push(b'}');
    }

    fn begin(&mut self, row: &Row<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":\"Feature\",\"id\":");
        match row.id() {
            FeatureIdRef::Int(i) => json::integer(i, out),
            FeatureIdRef::Text(text) => json::string(text, out),
        }
        out.extend_from_slice(b",\"geometry\":");
        match row.source_geometry() {
            None => out.extend_from_slice(b"null"),
            Some(geometry) => self.geometry(&geometry, out),
        }
        out.extend_from_slice(b",\"properties\":{");
        for (place, key) in self.keys.iter().enumerate() {
            out.extend_from_slice(key);
            json::value(row.value(place), out);
        }
        out.push(b'}');
    }

    fn geometry(&mut self, geometry: &SourceGeometry<'_>, out: &mut Vec<u8>) {
        let Some(xy) = self.placement.place(geometry.xy, &mut self.scratch) else {
            out.extend_from_slice(b"null,\"geometryOmitted\":\"outside the domain of the CRS\"");
            return;
        };
        write_geometry(geometry, xy, &self.placement, out);
    }
}

/// Writes a geometry whose vertices have been placed.
fn write_geometry(
    geometry: &SourceGeometry<'_>,
    xy: &[[f64; 2]],
    placement: &Placement,
    out: &mut Vec<u8>,
) {
    let heights = !geometry.z.is_empty() && geometry.z.iter().all(|z| z.is_finite());
    let mut shape = Shape {
        xy,
        // Heights that not every vertex has are written where they are.
        z: geometry.z,
        m: if heights { geometry.m } else { &[] },
        placement,
        kinds: Vec::new(),
        ring: 0,
        comma: false,
        out,
    };
    geometry.walk(&mut |step| shape.step(step));
    if !heights && geometry.m.iter().any(|m| m.is_finite()) {
        // Inside of the object that was just closed.
        shape.out.pop();
        shape.out.extend_from_slice(b",\"m\":[");
        for (i, m) in geometry.m.iter().enumerate() {
            if i > 0 {
                shape.out.push(b',');
            }
            json::number(*m, shape.out);
        }
        shape.out.extend_from_slice(b"]}");
    }
}

struct Shape<'a> {
    xy: &'a [[f64; 2]],
    z: &'a [f64],
    m: &'a [f64],
    placement: &'a Placement,
    /// The geometries that are open, outermost first.
    kinds: Vec<GeometryKind>,
    /// Rings met in this polygon.
    ring: u32,
    /// Something precedes on this level.
    comma: bool,
    out: &'a mut Vec<u8>,
}

impl Shape<'_> {
    fn step(&mut self, step: Step) {
        match step {
            Step::Begin(kind) => self.begin(kind),
            Step::Open(_) => {
                self.separate();
                self.out.push(b'[');
                self.comma = false;
                self.ring = 0;
            }
            Step::Close => {
                self.out.push(b']');
                self.comma = true;
            }
            Step::Vertices { start, end } => self.vertices(start, end),
            Step::End => {
                self.kinds.pop();
                self.out.push(b'}');
                self.comma = true;
            }
        }
    }

    fn begin(&mut self, kind: GeometryKind) {
        self.separate();
        self.out.extend_from_slice(b"{\"type\":\"");
        self.out.extend_from_slice(kind.name().as_bytes());
        self.out.extend_from_slice(match kind {
            GeometryKind::GeometryCollection => b"\",\"geometries\":",
            _ => b"\",\"coordinates\":".as_slice(),
        });
        self.kinds.push(kind);
        self.comma = false;
    }

    fn separate(&mut self) {
        if self.comma {
            self.out.push(b',');
        }
    }

    fn vertices(&mut self, start: usize, end: usize) {
        self.separate();
        self.comma = true;
        let kind = self.kinds.last().copied();
        if kind == Some(GeometryKind::Point) {
            if start == end {
                self.out.extend_from_slice(b"[]");
            } else {
                self.position(start);
            }
            return;
        }
        let reversed =
            kind.and_then(GeometryKind::dimension) == Some(2) && self.ring_is_reversed(start, end);
        self.out.push(b'[');
        for i in start..end {
            if i > start {
                self.out.push(b',');
            }
            self.position(if reversed { start + end - 1 - i } else { i });
        }
        self.out.push(b']');
    }

    /// True if the ring has to be turned round for the right-hand rule: the first ring of a polygon runs counter-clockwise, holes clockwise.
    fn ring_is_reversed(&mut self, start: usize, end: usize) -> bool {
        self.ring += 1;
        if !self.placement.is_rfc7946() {
            return false;
        }
        let ring = &self.xy[start..end];
        let [x0, y0] = ring.first().copied().unwrap_or_default();
        let twice_area: f64 = ring
            .windows(2)
            .map(|e| (e[0][0] - x0) * (e[1][1] - y0) - (e[1][0] - x0) * (e[0][1] - y0))
            .sum();
        if self.ring == 1 {
            twice_area < 0.0
        } else {
            twice_area > 0.0
        }
    }

    fn position(&mut self, i: usize) {
        let [a, b] = self.placement.ordered(self.xy[i]);
        self.out.push(b'[');
        json::number(a, self.out);
        self.out.push(b',');
        json::number(b, self.out);
        for more in [self.z, self.m] {
            match more.get(i) {
                Some(v) if v.is_finite() => {
                    self.out.push(b',');
                    json::number(*v, self.out);
                }
                _ => break,
            }
        }
        self.out.push(b']');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::crs::Crs;

    fn written(
        kind: GeometryKind,
        counts: &[u32],
        xy: &[[f64; 2]],
        zm: (&[f64], &[f64]),
        target: Crs,
    ) -> String {
        let geometry = SourceGeometry {
            kind,
            counts,
            xy,
            z: zm.0,
            m: zm.1,
        };
        let placement = Placement::new(Crs::CRS84, target).expect("known");
        let mut out = Vec::new();
        write_geometry(&geometry, xy, &placement, &mut out);
        let text = String::from_utf8(out).expect("UTF-8");
        let _: serde_json::Value = serde_json::from_str(&text).expect(&text);
        text
    }

    const NOTHING: (&[f64], &[f64]) = (&[], &[]);

    #[test]
    fn all_kinds_nest_as_in_rfc_7946() {
        use GeometryKind as K;
        let xy: Vec<[f64; 2]> = (0..6).map(|i| [f64::from(i), 0.5]).collect();
        for (kind, counts, n, expected) in [
            (
                K::Point,
                &[1][..],
                1,
                r#"{"type":"Point","coordinates":[0.0,0.5]}"#,
            ),
            (K::Point, &[0], 0, r#"{"type":"Point","coordinates":[]}"#),
            (
                K::MultiPoint,
                &[2],
                2,
                r#"{"type":"MultiPoint","coordinates":[[0.0,0.5],[1.0,0.5]]}"#,
            ),
            (
                K::LineString,
                &[2],
                2,
                r#"{"type":"LineString","coordinates":[[0.0,0.5],[1.0,0.5]]}"#,
            ),
            (
                K::MultiLineString,
                &[2, 2, 2],
                4,
                r#"{"type":"MultiLineString","coordinates":[[[0.0,0.5],[1.0,0.5]],[[2.0,0.5],[3.0,0.5]]]}"#,
            ),
            (
                K::Polygon,
                &[1, 3],
                3,
                r#"{"type":"Polygon","coordinates":[[[0.0,0.5],[1.0,0.5],[2.0,0.5]]]}"#,
            ),
            (
                K::MultiPolygon,
                &[2, 1, 2, 2, 2, 2],
                6,
                r#"{"type":"MultiPolygon","coordinates":[[[[0.0,0.5],[1.0,0.5]]],[[[2.0,0.5],[3.0,0.5]],[[4.0,0.5],[5.0,0.5]]]]}"#,
            ),
            (
                K::GeometryCollection,
                &[3, 1, 1, 7, 1, 2, 2, 3, 1, 3],
                6,
                r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[0.0,0.5]},{"type":"GeometryCollection","geometries":[{"type":"LineString","coordinates":[[1.0,0.5],[2.0,0.5]]}]},{"type":"Polygon","coordinates":[[[3.0,0.5],[4.0,0.5],[5.0,0.5]]]}]}"#,
            ),
            (
                K::GeometryCollection,
                &[0],
                0,
                r#"{"type":"GeometryCollection","geometries":[]}"#,
            ),
        ] {
            assert_eq!(
                written(kind, counts, &xy[..n], NOTHING, Crs::CRS84),
                expected
            );
        }
    }

    #[test]
    fn heights_and_measures() {
        let xy = [[1.0, 2.0], [3.0, 4.0]];
        let line = |zm| written(GeometryKind::LineString, &[2], &xy, zm, Crs::CRS84);
        let nan = f64::NAN;
        for (zm, expected) in [
            (
                (&[9.5, 8.5][..], &[][..]),
                r#"{"type":"LineString","coordinates":[[1.0,2.0,9.5],[3.0,4.0,8.5]]}"#,
            ),
            (
                (&[9.5, 8.5], &[0.1, nan]),
                r#"{"type":"LineString","coordinates":[[1.0,2.0,9.5,0.1],[3.0,4.0,8.5]]}"#,
            ),
            (
                (&[], &[0.1, nan]),
                r#"{"type":"LineString","coordinates":[[1.0,2.0],[3.0,4.0]],"m":[0.1,null]}"#,
            ),
            (
                (&[9.5, nan], &[0.1, 0.2]),
                r#"{"type":"LineString","coordinates":[[1.0,2.0,9.5],[3.0,4.0]],"m":[0.1,0.2]}"#,
            ),
            (
                (&[nan, nan], &[]),
                r#"{"type":"LineString","coordinates":[[1.0,2.0],[3.0,4.0]]}"#,
            ),
        ] {
            assert_eq!(line(zm), expected);
        }
    }

    #[test]
    fn rings_follow_the_right_hand_rule_in_crs84_alone() {
        // Clockwise outside, counter-clockwise inside: both wrong.
        let xy = [
            [0.0, 0.0],
            [0.0, 9.0],
            [9.0, 9.0],
            [0.0, 0.0],
            [1.0, 2.0],
            [2.0, 3.0],
            [1.0, 3.0],
            [1.0, 2.0],
        ];
        let in_crs84 = written(GeometryKind::Polygon, &[2, 4, 4], &xy, NOTHING, Crs::CRS84);
        assert_eq!(
            in_crs84,
            r#"{"type":"Polygon","coordinates":[[[0.0,0.0],[9.0,9.0],[0.0,9.0],[0.0,0.0]],[[1.0,2.0],[1.0,3.0],[2.0,3.0],[1.0,2.0]]]}"#
        );
        let as_stored = written(GeometryKind::Polygon, &[2, 4, 4], &xy, NOTHING, Crs::WGS84);
        assert!(
            as_stored
                .starts_with(r#"{"type":"Polygon","coordinates":[[[0.0,0.0],[9.0,0.0],[9.0,9.0]"#),
            "{as_stored}"
        );
    }

    #[test]
    fn each_polygon_of_a_multipolygon_has_its_own_outside() {
        let mut xy = vec![[0.0, 0.0], [9.0, 9.0], [0.0, 9.0], [0.0, 0.0]];
        let second: Vec<[f64; 2]> = xy.iter().map(|p| [p[0] + 20.0, p[1]]).collect();
        xy.extend(second);
        let text = written(
            GeometryKind::MultiPolygon,
            &[2, 1, 4, 1, 4],
            &xy,
            NOTHING,
            Crs::CRS84,
        );
        assert!(
            text.contains("[[[20.0,0.0],[29.0,9.0],[20.0,9.0],[20.0,0.0]]]"),
            "{text}"
        );
    }

    #[test]
    fn a_collection_begins_with_its_counts() {
        let mut out = Vec::new();
        begin_collection(12_345, 0, b"[]", &mut out);
        out.extend_from_slice(END_COLLECTION);
        assert_eq!(
            String::from_utf8(out).expect("UTF-8"),
            r#"{"type":"FeatureCollection","numberMatched":12345,"numberReturned":0,"links":[],"features":[]}"#
        );
    }
}
