//! `guichet org`: publishers and partners.

use clap::Args;

use super::desk::Desk;
use super::entries::New;
use crate::access::{AreaSource, Organisation, Record};

/// `guichet org add`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct NewOrganisation {
    /// Its id
    pub id: String,
    /// Title for people
    #[arg(long)]
    pub title: String,
    /// The organisation that hosts it
    #[arg(long, value_name = "ID")]
    pub parent: Option<String>,
    /// Its number in the national register, fourteen digits
    #[arg(long, value_name = "SIRET")]
    pub siret: Option<String>,
    /// Its jurisdiction as WKT, in longitudes and latitudes
    #[arg(long, value_name = "WKT", conflicts_with = "area_layer")]
    pub wkt: Option<String>,
    /// Its jurisdiction as features of a layer
    #[arg(long, value_name = "LAYER", requires = "area_filter")]
    pub area_layer: Option<String>,
    /// Which features, in CQL2; TRUE for all
    #[arg(long, value_name = "CQL2", requires = "area_layer")]
    pub area_filter: Option<String>,
}

impl New for NewOrganisation {
    const KIND: &'static str = "organisation";

    fn record(self, _desk: &Desk) -> anyhow::Result<Record> {
        Ok(Record::Organisation(Organisation {
            jurisdiction: area_of(self.wkt, self.area_layer, self.area_filter),
            id: self.id,
            title: self.title,
            parent: self.parent,
            siret: self.siret,
        }))
    }
}

/// The area that is given, if one is.
pub(super) fn area_of(
    wkt: Option<String>,
    layer: Option<String>,
    filter: Option<String>,
) -> Option<AreaSource> {
    let of_layer = layer
        .zip(filter)
        .map(|(layer, filter)| AreaSource::Layer { layer, filter });
    wkt.map(AreaSource::Wkt).or(of_layer)
}
