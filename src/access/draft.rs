//! A profile compiled for one layer: a slice, and what decides on which surfaces it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::context::{Areas, LayerContext};
use super::policy::{Scopes, common};
use super::prepared::Policy;
use super::profile::{
    AreaMode, AreaSource, Attributes, Derived, Precision, Profile, ProfileArea, Zooms,
};
use super::surface::Action;
use super::view::{AreaTest, Slice};
use crate::filter::{Encoding, Fault, Filter, Frame};
use crate::geometry::region::Region;
use crate::model::{DataType, Schema};

/// A slice on its way into a view.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) slice: Slice,
    /// `None` allows all.
    pub(super) actions: Option<BTreeSet<Action>>,
    pub(super) zooms: Zooms,
    /// `None` opens all.
    pub(super) formats: Option<BTreeSet<String>>,
}

/// Why a profile shows nothing of a layer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProfileFault {
    /// There is no such profile.
    #[error("there is no profile {0:?}")]
    Missing(String),
    /// It belongs to an organisation that neither owns the layer nor hosts its owner: that one could widen it at any time.
    #[error("the profile belongs to {0:?}, which neither owns the layer nor hosts its owner")]
    Foreign(String),
    /// Its row filter does not fit the layer.
    #[error("its row filter does not fit the layer: {}", .0.describe(crate::model::Language::En))]
    Filter(Fault),
    /// It names a property that the layer does not declare.
    #[error("the layer declares no property {0:?}")]
    UnknownProperty(String),
    /// It computes with a property that is no number.
    #[error("the property {0:?} is no number")]
    NoNumber(String),
    /// It has a precision and properties.
    #[error("it has a precision and properties: with a precision, attributes must be []")]
    PrecisionAndAttributes,
    /// Cells sum up what is stored of a cut feature: a rule for its properties would be none.
    #[error("it has a precision and rules for cut shapes: with a precision, derived must be empty")]
    PrecisionAndDerived,
    /// A cell without a size, or a threshold of zero.
    #[error("its precision has a side or a minimal count of zero")]
    NoPrecision,
    /// Its first zoom is above its last.
    #[error("its first zoom is above its last")]
    Zooms,
    /// Its area is that of the organisation that asks, and this caller asks for none, or for one that has none.
    #[error("the caller's organisation has no jurisdiction")]
    NoJurisdiction,
    /// Its area cannot be found, or there is nothing in it.
    #[error("its area cannot be found, or is empty")]
    NoArea,
    /// Its area is drawn from a layer that its author neither owns nor sees as everybody does.
    #[error(
        "its area is drawn from {0:?}, which its author neither owns nor sees as everybody does"
    )]
    ForeignArea(String),
}

impl Draft {
    /// All of a layer.
    pub(super) fn everything(layer: &LayerContext<'_>) -> Self {
        Self {
            slice: Slice {
                rows: Vec::new(),
                areas: Vec::new(),
                attributes: (0..layer.schema().fields.len()).collect(),
                derived: Vec::new(),
                precision: None,
                whole: true,
            },
            actions: None,
            zooms: Zooms::ALL,
            formats: None,
        }
    }

    /// What both show: everything in both must hold.
    #[must_use]
    pub(super) fn and(&self, other: &Self, schema: &Schema) -> Self {
        Self {
            slice: product(&self.slice, &other.slice, schema),
            actions: common(self.actions.as_ref(), other.actions.as_ref()),
            zooms: self.zooms.and(other.zooms),
            formats: common(self.formats.as_ref(), other.formats.as_ref()),
        }
    }

    /// The same with no more than scopes leave open, their profile apart.
    #[must_use]
    pub(super) fn within(mut self, scopes: &Scopes) -> Self {
        self.actions = common(self.actions.as_ref(), scopes.actions.as_ref());
        if let Some(max) = scopes.max_zoom {
            self.zooms = self.zooms.and(Zooms { min: 0, max });
        }
        self
    }

    pub(super) fn allows(&self, action: Action) -> bool {
        self.actions.as_ref().is_none_or(|a| a.contains(&action))
    }

    /// A limit of zooms promises that nothing finer is given away, which items and copies would break; cells are as coarse as they are.
    pub(super) fn is_for_items(&self) -> bool {
        self.zooms.are_all()
            || self.slice.precision.is_some()
            || crate::leak!("zoom-limit-on-tiles-alone")
    }
}

fn product(a: &Slice, b: &Slice, schema: &Schema) -> Slice {
    let attributes: Vec<usize> = a
        .attributes
        .iter()
        .copied()
        .filter(|place| b.attributes.contains(place))
        .collect();
    let mut derived: BTreeMap<usize, Derived> = BTreeMap::new();
    for (place, rule) in a.derived.iter().chain(&b.derived) {
        // Masking gives less than computing anew.
        derived
            .entry(*place)
            .and_modify(|r| *r = (*r).min(*rule))
            .or_insert(*rule);
    }
    let precision = match (&a.precision, &b.precision) {
        (None, None) => None,
        _ if crate::leak!("precision-lost-in-product") => None,
        // Of cells a credential's profile asks for no others: there are not two.
        (Some(cells), _) => Some(summing_what_is_shown(cells, b, schema)),
        (None, Some(cells)) => Some(summing_what_is_shown(cells, a, schema)),
    };
    Slice {
        rows: a.rows.iter().chain(&b.rows).map(Arc::clone).collect(),
        areas: a.areas.iter().chain(&b.areas).cloned().collect(),
        derived: derived
            .into_iter()
            .filter(|(place, _)| attributes.contains(place))
            .collect(),
        attributes,
        precision,
        whole: a.whole && b.whole,
    }
}

/// Cells say of a property no more than rows would: what the other side does not show of each row as it is, is not summed up.
fn summing_what_is_shown(cells: &Precision, rows: &Slice, schema: &Schema) -> Precision {
    let is_shown = |name: &str| {
        schema.index_of(name).is_some_and(|place| {
            let is_masked = rows.derived.iter().any(|(p, _)| *p == place);
            rows.attributes.contains(&place) && !is_masked || crate::leak!("sums-of-hidden")
        })
    };
    Precision {
        aggregates: cells
            .aggregates
            .iter()
            .filter(|(name, _)| is_shown(name))
            .map(|(n, h)| (n.clone(), *h))
            .collect(),
        ..cells.clone()
    }
}

/// Compiles profiles for one layer, and for the organisation that asks.
pub(super) struct Profiles<'a> {
    pub(super) policy: &'a Policy,
    pub(super) layer: &'a LayerContext<'a>,
    pub(super) areas: &'a dyn Areas,
    /// Whose jurisdiction is meant.
    pub(super) organisation: Option<&'a str>,
}

impl Profiles<'_> {
    /// The profile of a grant on the layer. Only the operator, the owner, and whoever hosts the owner may say what it opens.
    pub(super) fn of_grant(&self, id: &str) -> Result<Draft, ProfileFault> {
        let profile = self.find(id)?;
        let owner = self.layer.organisation.unwrap_or_default();
        match &profile.organisation {
            Some(author)
                if !self.policy.lineage(owner).contains(author)
                    && !crate::leak!("profiles-of-others-count") =>
            {
                Err(ProfileFault::Foreign(author.clone()))
            }
            _ => self.compile(profile, false),
        }
    }

    /// The profile to which a credential is narrowed, whoever made it. Names that the layer does not declare are passed over: whether there
    /// is such a property is not for its author to know.
    pub(super) fn of_scopes(&self, id: &str) -> Result<Draft, ProfileFault> {
        self.compile(self.find(id)?, true)
    }

    /// Whether the profile of a credential asks of rows no more than what a grant shows of them. Whoever holds a grant can write such a
    /// profile and see which rows are left: asked of hidden properties, or of ground beyond an area, each answer would tell of them. A
    /// filter may name what is shown as it is, an area is cut along where the grant's is; of cells nothing is asked.
    pub(super) fn asks_what_is_shown(&self, id: &str, scope: &Draft, grant: &Slice) -> bool {
        if grant.whole || crate::leak!("scopes-ask-what-is-hidden") {
            return true;
        }
        let areas = &scope.slice.areas;
        let are_cells = grant.precision.is_some();
        if are_cells && !(areas.is_empty() && scope.slice.precision.is_none()) {
            return false;
        }
        let is_cut = grant.areas.iter().any(|a| a.mode == AreaMode::Clip);
        if is_cut && areas.iter().any(|a| a.mode != AreaMode::Clip) {
            return false;
        }
        let Ok(profile) = self.find(id) else {
            return false;
        };
        let mut schema = self.layer.schema().clone();
        let as_it_is = |place: &&usize| grant.derived.iter().all(|(p, _)| p != *place);
        let shown = grant.attributes.iter().filter(as_it_is);
        schema.fields = shown.map(|place| schema.fields[*place].clone()).collect();
        if is_cut || are_cells {
            schema.geometry_kinds = Vec::new();
        }
        let frame = Frame {
            schema: &schema,
            ..self.layer.frame
        };
        Filter::parse(Encoding::Text, &profile.rows, &frame, &self.layer.limits).is_ok()
    }

    fn find(&self, id: &str) -> Result<&Profile, ProfileFault> {
        self.policy
            .profiles
            .get(id)
            .ok_or_else(|| ProfileFault::Missing(id.to_owned()))
    }

    fn compile(&self, profile: &Profile, passes_over: bool) -> Result<Draft, ProfileFault> {
        if profile.zooms.are_none() {
            return Err(ProfileFault::Zooms);
        }
        let filter = self
            .layer
            .filters
            .get(&profile.rows, &self.layer.frame, &self.layer.limits)
            .map_err(ProfileFault::Filter)?;
        let attributes = self.attributes(&profile.attributes, passes_over)?;
        let derived = self.derived(&profile.derived, passes_over)?;
        let mut precision = profile.precision.clone();
        if let Some(precision) = &mut precision {
            if passes_over {
                precision
                    .aggregates
                    .retain(|name, _| self.number(name).is_ok());
            }
            self.check_precision(precision, profile)?;
        }
        let mut areas = Vec::new();
        if let Some((area, mode)) = &profile.area {
            match self.area(area, profile.organisation.as_deref()) {
                Ok(region) => areas.push(AreaTest {
                    region,
                    mode: *mode,
                }),
                Err(_) if crate::leak!("no-area-is-everywhere") => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(Draft {
            slice: Slice {
                whole: crate::leak!("everything-by-counting")
                    && attributes.len() == self.layer.schema().fields.len(),
                rows: vec![filter],
                areas,
                derived: derived
                    .into_iter()
                    .filter(|(place, _)| attributes.contains(place))
                    .collect(),
                attributes,
                precision,
            },
            actions: None,
            zooms: profile.zooms,
            formats: profile.formats.clone(),
        })
    }

    fn place(&self, name: &str) -> Result<usize, ProfileFault> {
        self.layer
            .schema()
            .index_of(name)
            .filter(|place| self.layer.declared.contains(place))
            .ok_or_else(|| ProfileFault::UnknownProperty(name.to_owned()))
    }

    fn number(&self, name: &str) -> Result<usize, ProfileFault> {
        let place = self.place(name)?;
        match self.layer.schema().fields[place].data_type {
            DataType::Integer | DataType::Number => Ok(place),
            _ => Err(ProfileFault::NoNumber(name.to_owned())),
        }
    }

    fn attributes(
        &self,
        attributes: &Attributes,
        passes_over: bool,
    ) -> Result<Vec<usize>, ProfileFault> {
        let mut places = match attributes {
            Attributes::All => self.layer.declared.to_vec(),
            Attributes::Only(_) if crate::leak!("all-properties") => self.layer.declared.to_vec(),
            Attributes::Only(names) if passes_over => {
                names.iter().filter_map(|n| self.place(n).ok()).collect()
            }
            Attributes::Only(names) => names
                .iter()
                .map(|name| self.place(name))
                .collect::<Result<Vec<_>, _>>()?,
        };
        places.sort_unstable();
        Ok(places)
    }

    /// A name that is none here may be one misspelled, and what it meant would be shown as it is.
    fn derived(
        &self,
        derived: &BTreeMap<String, Derived>,
        passes_over: bool,
    ) -> Result<Vec<(usize, Derived)>, ProfileFault> {
        if crate::leak!("rules-for-cut-shapes-forgotten") {
            return Ok(Vec::new());
        }
        let place = |(name, rule): (&String, &Derived)| match rule {
            Derived::Mask => Ok((self.place(name)?, *rule)),
            Derived::Recompute if passes_over && self.number(name).is_err() => {
                Ok((self.place(name)?, Derived::Mask))
            }
            Derived::Recompute => Ok((self.number(name)?, *rule)),
        };
        let places = derived.iter().map(place);
        let mut places = if passes_over {
            places.filter_map(Result::ok).collect()
        } else {
            places.collect::<Result<Vec<_>, ProfileFault>>()?
        };
        places.sort_unstable();
        Ok(places)
    }

    fn check_precision(
        &self,
        precision: &Precision,
        profile: &Profile,
    ) -> Result<(), ProfileFault> {
        if !matches!(&profile.attributes, Attributes::Only(names) if names.is_empty()) {
            return Err(ProfileFault::PrecisionAndAttributes);
        }
        if !profile.derived.is_empty() {
            return Err(ProfileFault::PrecisionAndDerived);
        }
        if precision.grid_m == 0 || precision.min_count == 0 {
            return Err(ProfileFault::NoPrecision);
        }
        precision
            .aggregates
            .keys()
            .try_for_each(|name| self.number(name).map(|_| ()))
    }

    fn area(&self, area: &ProfileArea, author: Option<&str>) -> Result<Arc<Region>, ProfileFault> {
        let source = match area {
            ProfileArea::Jurisdiction => {
                let organisation = self
                    .organisation
                    .and_then(|o| self.policy.organisations.get(o));
                organisation
                    .and_then(|o| o.jurisdiction.as_ref())
                    .ok_or(ProfileFault::NoJurisdiction)?
            }
            ProfileArea::Given(source) => {
                self.check_source(source, author)?;
                source
            }
        };
        self.areas
            .region(source)
            .filter(|region| !region.rings().is_empty())
            .ok_or(ProfileFault::NoArea)
    }

    /// A shape drawn from a layer that its author does not see would show that layer, by where features are cut.
    fn check_source(&self, source: &AreaSource, author: Option<&str>) -> Result<(), ProfileFault> {
        let (AreaSource::Layer { layer, .. }, Some(author)) = (source, author) else {
            return Ok(());
        };
        let may_draw = self.policy.may_draw_from(Some(author), layer)
            || self.areas.is_open(layer)
            || crate::leak!("areas-of-others-drawn");
        if may_draw {
            return Ok(());
        }
        Err(ProfileFault::ForeignArea(layer.clone()))
    }
}

impl Policy {
    /// True if the author of a profile may draw its area from a layer that is not open to everybody.
    pub(super) fn may_draw_from(&self, author: Option<&str>, layer: &str) -> bool {
        let Some(author) = author else {
            return true;
        };
        let owners = owner_of(layer).map_or(&[][..], |owner| self.lineage(owner));
        owners.iter().any(|o| o == author)
    }
}

/// The organisation that a collection id names as its owner: ids of organisations have no dot.
pub fn owner_of(collection: &str) -> Option<&str> {
    collection.split_once('.').map(|(owner, _)| owner)
}
