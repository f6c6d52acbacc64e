//! `guichet profile`: named restrictions. Nothing is implied by absence: all rows are `--rows TRUE`, all properties `--attributes '*'`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use clap::Args;

use super::desk::{Desk, list_of, pair};
use super::entries::New;
use super::org::area_of;
use crate::access::{AreaMode, Attributes, Precision, Profile, ProfileArea, Record, Zooms};

/// `guichet profile add`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct NewProfile {
    /// Its id
    pub id: String,
    /// The organisation that makes it; without one it is the operator's
    #[arg(long, value_name = "ID")]
    pub organisation: Option<String>,
    /// Which rows, in CQL2; TRUE for all
    #[arg(long, value_name = "CQL2")]
    pub rows: String,
    /// Which properties, with commas; '*' for all, '' for none
    #[arg(long, value_name = "NAMES")]
    pub attributes: String,
    /// Within the jurisdiction of the organisation that asks
    #[arg(long, conflicts_with_all = ["wkt", "area_layer"], requires = "mode")]
    pub jurisdiction: bool,
    /// Within an area as WKT, in longitudes and latitudes
    #[arg(
        long,
        value_name = "WKT",
        conflicts_with = "area_layer",
        requires = "mode"
    )]
    pub wkt: Option<String>,
    /// Within features of a layer
    #[arg(long, value_name = "LAYER", requires_all = ["area_filter", "mode"])]
    pub area_layer: Option<String>,
    /// Which features, in CQL2; TRUE for all
    #[arg(long, value_name = "CQL2", requires = "area_layer")]
    pub area_filter: Option<String>,
    /// How the area restricts: clip, intersects or within
    #[arg(long)]
    pub mode: Option<AreaMode>,
    /// What becomes of a property that a clipped shape makes false: NAME=mask or NAME=recompute; may be given several times
    #[arg(long, value_name = "NAME=WORD")]
    pub derived: Vec<String>,
    /// A clipped shape makes no property false
    #[arg(long, conflicts_with = "derived")]
    pub no_derived: bool,
    /// First zoom of its tiles
    #[arg(long, value_name = "ZOOM")]
    pub min_zoom: Option<u8>,
    /// Last zoom of its tiles; without cells it closes items and exports too
    #[arg(long, value_name = "ZOOM")]
    pub max_zoom: Option<u8>,
    /// Cells of that many metres take the place of features; attributes must be ''
    #[arg(long, value_name = "METRES")]
    pub grid_m: Option<u32>,
    /// Cells with fewer features join the next step of the ladder
    #[arg(long, value_name = "COUNT", requires = "grid_m", default_value_t = 11)]
    pub min_count: u64,
    /// What cells say besides their count: NAME=sum, mean, min or max; may be given several times
    #[arg(long = "aggregate", value_name = "NAME=WORD", requires = "grid_m")]
    pub aggregates: Vec<String>,
    /// Short names of the formats it opens, with commas; all without it
    #[arg(long, value_name = "NAMES")]
    pub formats: Option<String>,
}

impl New for NewProfile {
    const KIND: &'static str = "profile";

    fn record(self, _desk: &Desk) -> anyhow::Result<Record> {
        let derived = words(&self.derived)?;
        let given = area_of(self.wkt, self.area_layer, self.area_filter).map(ProfileArea::Given);
        let area = if self.jurisdiction {
            Some(ProfileArea::Jurisdiction)
        } else {
            given
        };
        if self.mode.is_some() && area.is_none() {
            bail!("--mode is for an area: --jurisdiction, --wkt or --area-layer");
        }
        if self.mode == Some(AreaMode::Clip) && derived.is_empty() && !self.no_derived {
            bail!(
                "a profile that clips says what becomes of properties that a clipped shape makes false: \
                 --derived surface=mask, or --no-derived if there are none"
            );
        }
        let aggregates = words(&self.aggregates)?;
        let min_count = self.min_count;
        Ok(Record::Profile(Profile {
            id: self.id,
            organisation: self.organisation,
            rows: self.rows,
            attributes: attributes(&self.attributes)?,
            area: area.zip(self.mode),
            derived,
            zooms: match (self.min_zoom, self.max_zoom) {
                (None, None) => Zooms::ALL,
                (min, max) => Zooms {
                    min: min.unwrap_or(Zooms::ALL.min),
                    max: max.unwrap_or(Zooms::ALL.max),
                },
            },
            precision: self.grid_m.map(|grid_m| Precision {
                grid_m,
                min_count,
                aggregates,
            }),
            formats: self.formats.as_deref().map(names).transpose()?,
        }))
    }
}

fn names(text: &str) -> anyhow::Result<BTreeSet<String>> {
    Ok(list_of(text)?.into_iter().collect())
}

fn attributes(text: &str) -> anyhow::Result<Attributes> {
    if text == "*" {
        return Ok(Attributes::All);
    }
    Ok(Attributes::Only(names(text)?))
}

fn words<T: std::str::FromStr>(pairs: &[String]) -> anyhow::Result<BTreeMap<String, T>>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let read = |text: &String| {
        let (name, word) = pair(text)?;
        Ok((name.to_owned(), word.parse()?))
    };
    pairs.iter().map(read).collect()
}
