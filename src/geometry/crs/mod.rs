//! Coordinate reference systems: their identifiers, axis orders and the transforms between them.
//!
//! Inside guichet **x is east (or longitude) and y is north (or latitude), whatever the authority says**. The authority's order
//! matters only at the edge of the API, where a `crs` or `bbox-crs` URI promises it (OGC API Features Part 2, OGC 18-058r1):
//! [`Crs::to_authority`] and [`Crs::from_authority`] are the only two places that swap.
//!
//! Angles are degrees everywhere outside of [`Transform`]. Transforms are two-dimensional: heights pass unchanged beside them.
//!
//! WGS 84, ETRS89 and RGF93 degrees are taken as the same numbers (the null transformation that PROJ also picks by default
//! between the WGS 84 ensemble and these frames; they differ by up to a metre, less than the ensemble's own 2 m).

mod codes;
mod definition;
mod names;
mod parse;
mod projjson;
mod transform;
mod wkt;

#[cfg(test)]
mod tests;

use super::bbox::Bbox;
use std::fmt;

pub use transform::{OutOfDomain, Transform};
pub use wkt::describe as describe_wkt;

/// A coordinate reference system that guichet can transform from and to. There is no value for any other.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Crs(Id);

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Id {
    Crs84,
    Crs84h,
    Epsg(u16),
}

/// The order in which an authority writes the two horizontal coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AxisOrder {
    /// Easting or longitude first, as guichet holds them.
    EastNorth,
    /// Northing or latitude first: EPSG:4326, 4258, 4171, 3035 …
    NorthEast,
}

/// How far a system has been tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// Compared with PROJ to a millimetre over its area of use: CRS84, CRS84h, EPSG:4326, 4258, 4171, 3857, 2154, 3942 to 3950,
    /// 25828 to 25838, 32601 to 32660 and 32701 to 32760.
    Full,
    /// Taken from the general EPSG table, where it was found within 10 m of PROJ: datum shifts are the table's Helmert parameters, never a grid.
    /// Whoever serves it deserves a warning.
    Warned,
}

/// Why a text names no usable system, or why no transform could be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrsError {
    /// The text has none of the known forms.
    #[error(
        "{0:?} is not a coordinate reference system: write http://www.opengis.net/def/crs/EPSG/0/2154, urn:ogc:def:crs:EPSG::2154, [EPSG:2154] or EPSG:2154"
    )]
    Syntax(String),
    /// The form is right, the authority or the code is not one of ours.
    #[error("coordinate reference system {0} is not known here")]
    UnknownCode(String),
    /// The code is known to exist, but its coordinates would come out wrong.
    #[error(
        "EPSG:{0} cannot be transformed correctly here (it needs datum grids, or has axes other than east and north, or angles other than degrees): reproject the data to another system first"
    )]
    Refused(u16),
    /// The projection library refused the definition.
    #[error("no transform can be built for {crs}: {reason}")]
    Definition {
        /// The system, in short form.
        crs: String,
        /// What the library said.
        reason: String,
    },
}

impl Crs {
    /// WGS 84 longitude, latitude in degrees: the default of GeoJSON and of OGC API Features.
    pub const CRS84: Self = Self(Id::Crs84);
    /// CRS84 with an ellipsoidal height in metres.
    pub const CRS84H: Self = Self(Id::Crs84h);
    /// EPSG:4326, WGS 84 with latitude first at the API's edge.
    pub const WGS84: Self = Self(Id::Epsg(4326));
    /// EPSG:3857, spherical Mercator on the WGS 84 degrees.
    pub const WEB_MERCATOR: Self = Self(Id::Epsg(3857));
    /// EPSG:2154, RGF93 v1 / Lambert-93.
    pub const LAMBERT_93: Self = Self(Id::Epsg(2154));

    /// The system of an EPSG code.
    pub fn epsg(code: u32) -> Result<Self, CrsError> {
        let unknown = || CrsError::UnknownCode(format!("EPSG:{code}"));
        let short = u16::try_from(code).map_err(|_| unknown())?;
        if codes::is_full(short) {
            return Ok(Self(Id::Epsg(short)));
        }
        if crs_definitions::from_code(short).is_none() {
            return Err(unknown());
        }
        if codes::is_refused(short) {
            return Err(CrsError::Refused(short));
        }
        Ok(Self(Id::Epsg(short)))
    }

    /// The EPSG code, `None` for CRS84 and CRS84h.
    pub fn epsg_code(self) -> Option<u16> {
        match self.0 {
            Id::Epsg(code) => Some(code),
            Id::Crs84 | Id::Crs84h => None,
        }
    }

    /// The canonical URI (OGC 11-135r2; for CRS84 and CRS84h OGC 17-069r4, `/req/core/crs84`).
    pub fn uri(self) -> String {
        match self.0 {
            Id::Crs84 => "http://www.opengis.net/def/crs/OGC/1.3/CRS84".to_owned(),
            Id::Crs84h => "http://www.opengis.net/def/crs/OGC/0/CRS84h".to_owned(),
            Id::Epsg(code) => format!("http://www.opengis.net/def/crs/EPSG/0/{code}"),
        }
    }

    /// The short form: `EPSG:2154`, `OGC:CRS84`.
    pub fn name(self) -> String {
        self.to_string()
    }

    /// True if coordinates are longitudes and latitudes in degrees.
    pub fn is_geographic(self) -> bool {
        definition::of(self).contains("+proj=longlat")
    }

    /// The order in which the authority writes the coordinates.
    pub fn authority_axis_order(self) -> AxisOrder {
        match self.0 {
            Id::Epsg(code) if codes::is_north_first(code) => AxisOrder::NorthEast,
            _ => AxisOrder::EastNorth,
        }
    }

    /// `[x, y]` in the authority's order, for what leaves through the API.
    pub fn to_authority(self, [x, y]: [f64; 2]) -> [f64; 2] {
        match self.authority_axis_order() {
            AxisOrder::EastNorth => [x, y],
            AxisOrder::NorthEast => [y, x],
        }
    }

    /// A pair in the authority's order as `[x, y]`, for what comes in through the API.
    pub fn from_authority(self, pair: [f64; 2]) -> [f64; 2] {
        self.to_authority(pair)
    }

    /// How far the system has been tested.
    pub fn support(self) -> Support {
        match self.0 {
            Id::Epsg(code) if !codes::is_full(code) => Support::Warned,
            _ => Support::Full,
        }
    }

    /// The box of longitudes and latitudes for which the system is made, without tolerance; `None` where it is not known. Data
    /// beyond it by degrees usually were given the wrong system.
    pub fn domain(self) -> Option<Bbox> {
        definition::domain(self)
    }

    /// True for the degrees that are taken as the same numbers: see the module's documentation.
    fn is_wgs84_degrees(self) -> bool {
        matches!(
            self.0,
            Id::Crs84 | Id::Crs84h | Id::Epsg(4326 | 4258 | 4171)
        )
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Id::Crs84 => f.write_str("OGC:CRS84"),
            Id::Crs84h => f.write_str("OGC:CRS84h"),
            Id::Epsg(code) => write!(f, "EPSG:{code}"),
        }
    }
}

impl fmt::Debug for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Crs {
    type Err = CrsError;

    fn from_str(text: &str) -> Result<Self, CrsError> {
        Self::parse(text)
    }
}
