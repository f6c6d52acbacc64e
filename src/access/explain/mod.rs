//! Why a caller sees what it sees of a layer, grant by grant (`guichet why`). For people who run the platform or publish the layer:
//! it names grants and profiles.

mod words;

use super::compile::Place;
use super::context::{Areas, LayerContext};
use super::describe::Portrait;
use super::draft::{Draft, ProfileFault, Profiles};
use super::gate::{Gate, WholeRight};
use super::normal::{adds_nothing_to, tidy};
use super::policy::{Grant, Subject, Terms};
use super::prepared::Policy;
use super::principal::{Principal, Standing};
use super::surface::{Action, Surface};
use super::view::{Slice, SurfaceView, View};

/// Why a caller sees what it sees of a layer.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// How journals name the caller; `anonymous`.
    pub caller: String,
    /// Collection id.
    pub collection: String,
    /// The instant, in microseconds since 1970.
    pub as_of_us: i64,
    /// What stands before all grants.
    pub obstacles: Vec<Obstacle>,
    /// The right to all of it without a grant.
    pub whole: Option<WholeRight>,
    /// Each grant that names the layer, in the order of their ids.
    pub grants: Vec<Trace>,
    /// The surfaces that were looked at: of tiles, the first zoom of each run of zooms at which the same holds.
    pub surfaces: Vec<Surface>,
    /// What is seen, surface by surface.
    pub view: View,
    /// The slices of each surface, described.
    pub portraits: Vec<Vec<Portrait>>,
}

/// What stands before all grants.
#[derive(Debug, Clone, PartialEq)]
pub enum Obstacle {
    /// The key, its member or its organisation was suspended.
    Refused,
    /// The credential is narrowed to other layers.
    Elsewhere,
    /// The credential is narrowed by a profile that shows nothing here.
    Scopes(ProfileFault),
    /// The layer is not there for grants.
    Gate(Gate),
}

/// What a grant gives a caller.
#[derive(Debug, Clone)]
pub struct Trace {
    /// Id of the grant.
    pub grant: String,
    /// For whom it is.
    pub subject: Subject,
    /// Id of its profile.
    pub profile: String,
    /// Why it gives nothing: all the reasons, in no order of weight.
    pub hindrances: Vec<Hindrance>,
    /// What it gives on each of the surfaces, in their order; empty if there are hindrances, or obstacles before all grants.
    pub gives: Vec<Gives>,
}

/// Why a grant gives a caller nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Hindrance {
    /// It is for others.
    NotFor,
    /// It begins then, in microseconds since 1970.
    NotYet(i64),
    /// It ended then.
    Ended(i64),
    /// The caller's organisation has not accepted these terms; a caller without one cannot.
    Terms(Terms),
    /// Its profile shows nothing of this layer.
    Profile(ProfileFault),
}

/// What a grant gives on one surface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gives {
    /// It does not allow the action, or the credential is narrowed to others.
    NoAction,
    /// These zooms are not among those of its profile, or of the credential.
    OtherZooms,
    /// A limit of zooms without a precision closes items and copies too.
    ZoomLimit,
    /// It opens some formats only.
    SomeFormats,
    /// It makes that slice of the surface, alone or with others.
    Shows(usize),
    /// Those slices give all that it would.
    Covered(Vec<usize>),
    /// Everything is seen anyway.
    Everything,
    /// Too many slices come together: the surface shows nothing.
    TooMany,
}

impl Policy {
    /// Why a caller sees what it sees of a layer.
    pub fn explain(
        &self,
        principal: &Principal,
        layer: &LayerContext<'_>,
        areas: &dyn Areas,
        as_of_us: i64,
    ) -> Explanation {
        let view = self.view(principal, layer, areas, as_of_us);
        let surfaces = surfaces(&view);
        let gate = self.gate(layer, as_of_us);
        let standing = principal.standing();
        let profiles = Profiles {
            policy: self,
            layer,
            areas,
            organisation: standing.and_then(|s| s.organisation.as_deref()),
        };
        let obstacles = obstacles(self, standing, &profiles, gate);
        let eye = Eye {
            is_blocked: !obstacles.is_empty(),
            policy: self,
            principal,
            profiles: &profiles,
            as_of_us,
            view: &view,
            surfaces: &surfaces,
        };
        let mut grants: Vec<Trace> = self
            .grants_on(layer.collection)
            .into_iter()
            .map(|place| eye.trace(place))
            .collect();
        grants.sort_by(|a, b| a.grant.cmp(&b.grant));
        let described = |surface: &Surface| {
            let slices = view.on(*surface).slices().iter();
            slices.map(|s| Portrait::of(s, layer.schema())).collect()
        };
        Explanation {
            caller: standing.map_or("anonymous".to_owned(), |s| s.name.clone()),
            collection: layer.collection.to_owned(),
            as_of_us,
            obstacles,
            whole: self.whole_right(principal, layer, gate),
            grants,
            portraits: surfaces.iter().map(described).collect(),
            surfaces,
            view,
        }
    }
}

/// All but tiles once, tiles once for each run of zooms.
fn surfaces(view: &View) -> Vec<Surface> {
    let bands = view.tile_bands().iter();
    let mut all = vec![Surface::Discover, Surface::Tilesets];
    all.extend(bands.map(|band| Surface::Tiles(*band.zooms.start())));
    all.extend([Surface::Items, Surface::Export]);
    all
}

fn obstacles(
    policy: &Policy,
    standing: Option<&Standing>,
    profiles: &Profiles<'_>,
    gate: Gate,
) -> Vec<Obstacle> {
    let mut found = Vec::new();
    if gate != Gate::Open {
        found.push(Obstacle::Gate(gate));
    }
    let Some(standing) = standing else {
        return found;
    };
    if policy.is_refused(standing) {
        found.push(Obstacle::Refused);
    }
    if !standing.scopes.opens(profiles.layer.collection) {
        found.push(Obstacle::Elsewhere);
    }
    let narrowing = standing.scopes.profile.as_ref();
    if let Some(Err(fault)) = narrowing.map(|id| profiles.of_scopes(id)) {
        found.push(Obstacle::Scopes(fault));
    }
    found
}

/// Looks at grants on behalf of one caller.
struct Eye<'a> {
    /// Something stands before all grants.
    is_blocked: bool,
    policy: &'a Policy,
    principal: &'a Principal,
    profiles: &'a Profiles<'a>,
    as_of_us: i64,
    view: &'a View,
    surfaces: &'a [Surface],
}

impl Eye<'_> {
    fn trace(&self, place: usize) -> Trace {
        let grant = &self.policy.grants[place];
        let draft = self.profiles.of_grant(&grant.profile);
        let mut hindrances = self.hindrances(grant, place);
        let draft = match draft {
            Ok(draft) => Some(draft),
            Err(fault) => {
                hindrances.push(Hindrance::Profile(fault));
                None
            }
        };
        let mut gives = Vec::new();
        let is_free = hindrances.is_empty() && !self.is_blocked;
        if let (Some(mut draft), true) = (draft, is_free) {
            draft.actions = Some(grant.actions.clone());
            if let Some(draft) = self.narrowed(draft) {
                gives = self
                    .surfaces
                    .iter()
                    .map(|s| self.gives(&draft, *s))
                    .collect();
            }
        }
        Trace {
            grant: grant.id.clone(),
            subject: grant.subject.clone(),
            profile: grant.profile.clone(),
            hindrances,
            gives,
        }
    }

    fn hindrances(&self, grant: &Grant, place: usize) -> Vec<Hindrance> {
        let mut found = Vec::new();
        let standing = self.principal.standing();
        let collection = self.profiles.layer.collection;
        if !self
            .policy
            .grants_of(self.principal, collection)
            .contains(&place)
        {
            found.push(Hindrance::NotFor);
        }
        if let Some(from) = grant.from_us.filter(|from| self.as_of_us < *from) {
            found.push(Hindrance::NotYet(from));
        }
        if let Some(until) = grant.until_us.filter(|until| *until <= self.as_of_us) {
            found.push(Hindrance::Ended(until));
        }
        if let Some(terms) = &grant.terms
            && !self.policy.accepts(grant, standing)
        {
            found.push(Hindrance::Terms(terms.clone()));
        }
        found
    }

    fn narrowed(&self, draft: Draft) -> Option<Draft> {
        match self.principal.standing() {
            Some(standing) => super::compile::narrowed(vec![draft], standing, self.profiles).pop(),
            None => Some(draft),
        }
    }

    fn gives(&self, draft: &Draft, surface: Surface) -> Gives {
        let place = Place::of(draft);
        if !draft.allows(surface.action()) {
            return Gives::NoAction;
        }
        if !place.stands(surface, None) {
            return match surface {
                Surface::Tiles(zoom) if draft.zooms.hold(zoom) => Gives::SomeFormats,
                Surface::Items | Surface::Export if draft.is_for_items() => Gives::SomeFormats,
                Surface::Items | Surface::Export => Gives::ZoomLimit,
                _ => Gives::OtherZooms,
            };
        }
        of_slice(&tidy(draft.slice.clone()), self.view.on(surface))
    }
}

/// What becomes of a tidy slice in a view that it is part of.
fn of_slice(slice: &Slice, view: &SurfaceView) -> Gives {
    if view.is_everything() {
        return Gives::Everything;
    }
    let slices = view.slices();
    if slices.is_empty() {
        return Gives::TooMany;
    }
    if let Some(same) = slices.iter().position(|s| s.has_tests_of(slice)) {
        return Gives::Shows(same);
    }
    let covering = slices.iter().enumerate();
    Gives::Covered(
        covering
            .filter(|(_, other)| adds_nothing_to(slice, other))
            .map(|(i, _)| i)
            .collect(),
    )
}

impl Explanation {
    /// The action that each surface takes, for whoever prints a table.
    pub fn actions(&self) -> impl Iterator<Item = Action> + '_ {
        self.surfaces.iter().map(|s| s.action())
    }
}
