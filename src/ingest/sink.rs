//! A row builder as geozero's readers see it.

use geozero::error::{GeozeroError, Result as GeozeroResult};
use geozero::{ColumnValue, CoordDimensions, GeomProcessor, PropertyProcessor};

use super::report::Code;
use super::row::RowBuilder;
use crate::geometry::source::GeometryKind;
use crate::layer::RawValue;

/// Nesting of collections and lists: no data set needs as much, and readers take stack for each.
const MAX_OPEN: usize = 64;

impl RowBuilder {
    fn unsupported(&mut self, what: &str) -> GeozeroResult<()> {
        let what = format!("{what} geometries are not served");
        self.fail(Code::UnsupportedGeometry, what.as_str());
        // The reader stops here; of two faults the first one counts.
        Err(GeozeroError::Geometry(what))
    }
}

impl GeomProcessor for RowBuilder {
    fn dimensions(&self) -> CoordDimensions {
        CoordDimensions::xyzm()
    }

    fn multi_dim(&self) -> bool {
        true
    }

    fn xy(&mut self, x: f64, y: f64, _: usize) -> GeozeroResult<()> {
        self.vertex(x, y, None, None);
        Ok(())
    }

    fn coordinate(
        &mut self,
        x: f64,
        y: f64,
        z: Option<f64>,
        m: Option<f64>,
        _: Option<f64>,
        _: Option<u64>,
        _: usize,
    ) -> GeozeroResult<()> {
        self.vertex(x, y, z, m);
        Ok(())
    }

    fn empty_point(&mut self, idx: usize) -> GeozeroResult<()> {
        self.point_begin(idx)?;
        self.point_end(idx)
    }

    fn point_begin(&mut self, _: usize) -> GeozeroResult<()> {
        self.begin_geometry(GeometryKind::Point);
        self.open_path();
        Ok(())
    }

    fn point_end(&mut self, _: usize) -> GeozeroResult<()> {
        self.close();
        self.close();
        Ok(())
    }

    fn multipoint_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.begin_geometry(GeometryKind::MultiPoint);
        self.open_path();
        Ok(())
    }

    fn multipoint_end(&mut self, _: usize) -> GeozeroResult<()> {
        self.close();
        self.close();
        Ok(())
    }

    fn linestring_begin(&mut self, tagged: bool, _: usize, _: usize) -> GeozeroResult<()> {
        if tagged {
            self.begin_geometry(GeometryKind::LineString);
        }
        self.open_path();
        Ok(())
    }

    fn linestring_end(&mut self, tagged: bool, _: usize) -> GeozeroResult<()> {
        self.close();
        if tagged {
            self.close();
        }
        Ok(())
    }

    fn multilinestring_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.begin_geometry(GeometryKind::MultiLineString);
        self.open_list();
        Ok(())
    }

    fn multilinestring_end(&mut self, _: usize) -> GeozeroResult<()> {
        self.close();
        self.close();
        Ok(())
    }

    fn polygon_begin(&mut self, tagged: bool, _: usize, _: usize) -> GeozeroResult<()> {
        if tagged {
            self.begin_geometry(GeometryKind::Polygon);
        }
        self.open_list();
        Ok(())
    }

    fn polygon_end(&mut self, tagged: bool, _: usize) -> GeozeroResult<()> {
        self.close();
        if tagged {
            self.close();
        }
        Ok(())
    }

    fn multipolygon_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.begin_geometry(GeometryKind::MultiPolygon);
        self.open_list();
        Ok(())
    }

    fn multipolygon_end(&mut self, _: usize) -> GeozeroResult<()> {
        self.close();
        self.close();
        Ok(())
    }

    fn geometrycollection_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        if self.depth() >= MAX_OPEN {
            return Err(GeozeroError::Geometry("collections nested too deep".into()));
        }
        self.begin_geometry(GeometryKind::GeometryCollection);
        Ok(())
    }

    fn geometrycollection_end(&mut self, _: usize) -> GeozeroResult<()> {
        self.close();
        Ok(())
    }

    // A triangle is a polygon of one ring, a TIN or polyhedral surface many of them.
    fn triangle_begin(&mut self, tagged: bool, _: usize, _: usize) -> GeozeroResult<()> {
        self.polygon_begin(tagged, 1, 0)
    }

    fn triangle_end(&mut self, tagged: bool, _: usize) -> GeozeroResult<()> {
        self.polygon_end(tagged, 0)
    }

    fn polyhedralsurface_begin(&mut self, size: usize, idx: usize) -> GeozeroResult<()> {
        self.multipolygon_begin(size, idx)
    }

    fn polyhedralsurface_end(&mut self, idx: usize) -> GeozeroResult<()> {
        self.multipolygon_end(idx)
    }

    fn tin_begin(&mut self, size: usize, idx: usize) -> GeozeroResult<()> {
        self.multipolygon_begin(size, idx)
    }

    fn tin_end(&mut self, idx: usize) -> GeozeroResult<()> {
        self.multipolygon_end(idx)
    }

    fn circularstring_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.unsupported("CircularString")
    }

    fn compoundcurve_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.unsupported("CompoundCurve")
    }

    fn curvepolygon_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.unsupported("CurvePolygon")
    }

    fn multicurve_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.unsupported("MultiCurve")
    }

    fn multisurface_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.unsupported("MultiSurface")
    }
}

impl PropertyProcessor for RowBuilder {
    fn property(&mut self, _: usize, name: &str, value: &ColumnValue<'_>) -> GeozeroResult<bool> {
        let big;
        let value = match value {
            ColumnValue::Byte(v) => RawValue::Int((*v).into()),
            ColumnValue::UByte(v) => RawValue::Int((*v).into()),
            ColumnValue::Bool(v) => RawValue::Bool(*v),
            ColumnValue::Short(v) => RawValue::Int((*v).into()),
            ColumnValue::UShort(v) => RawValue::Int((*v).into()),
            ColumnValue::Int(v) => RawValue::Int((*v).into()),
            ColumnValue::UInt(v) => RawValue::Int((*v).into()),
            ColumnValue::Long(v) => RawValue::Int(*v),
            ColumnValue::ULong(v) => {
                if let Ok(v) = i64::try_from(*v) {
                    RawValue::Int(v)
                } else {
                    // Beyond 64 signed bits: kept exact as the text of a JSON number.
                    big = v.to_string();
                    RawValue::Json(&big)
                }
            }
            // Through its shortest decimal form: 0.1 in single precision means 0.1, not 0.10000000149.
            ColumnValue::Float(v) => RawValue::Float(widen(*v)),
            ColumnValue::Double(v) => RawValue::Float(*v),
            ColumnValue::String(v) | ColumnValue::DateTime(v) => RawValue::Text(v),
            ColumnValue::Json(v) => match serde_json::from_str::<&serde_json::value::RawValue>(v) {
                Ok(_) => RawValue::Json(v),
                Err(_) => RawValue::Text(v),
            },
            ColumnValue::Binary(_) => {
                self.report
                    .add(Code::BinaryColumn, 0, || format!("column \"{name}\""));
                return Ok(false);
            }
        };
        self.set(name, value);
        Ok(false)
    }
}

/// A single-precision value as the double of the same decimal spelling.
fn widen(v: f32) -> f64 {
    if v.is_finite() {
        v.to_string().parse().unwrap_or(f64::from(v))
    } else {
        f64::from(v)
    }
}
