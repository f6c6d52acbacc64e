//! From a policy and a caller to what the caller has on a layer.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Areas, LayerContext};
use super::draft::{Draft, Profiles};
use super::gate::Gate;
use super::normal::{Shared, TooManySlices, tidy};
use super::policy::{Grant, Subject};
use super::prepared::Policy;
use super::principal::{Principal, Standing};
use super::profile::Zooms;
use super::surface::{Action, Surface};
use super::view::{Faces, Slice, SurfaceView, TileBand, View};

/// When grants have to hold.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// At that instant.
    At(i64),
    /// At that instant or later, whatever has to begin, to be accepted or to be published before.
    OneDay(i64),
}

impl Policy {
    /// What a caller has on a layer at an instant. It does not change before [`Policy::next_boundary_us`], and is the same for callers
    /// of equal [rights](Policy::rights).
    pub fn view(
        &self,
        principal: &Principal,
        layer: &LayerContext<'_>,
        areas: &dyn Areas,
        as_of_us: i64,
    ) -> View {
        let drafts = self.drafts(principal, layer, areas, Moment::At(as_of_us));
        assemble(drafts, layer)
    }

    /// The same as [`Policy::view`], with whatever may hold one day.
    pub(super) fn widest_view(
        &self,
        principal: &Principal,
        layer: &LayerContext<'_>,
        areas: &dyn Areas,
        as_of_us: i64,
    ) -> View {
        let drafts = self.drafts(principal, layer, areas, Moment::OneDay(as_of_us));
        assemble(drafts, layer)
    }

    /// The slices that the caller has, with what decides on which surfaces they stand.
    fn drafts(
        &self,
        principal: &Principal,
        layer: &LayerContext<'_>,
        areas: &dyn Areas,
        moment: Moment,
    ) -> Vec<Draft> {
        let standing = principal.standing();
        if standing.is_some_and(|s| self.is_refused(s) || !s.scopes.opens(layer.collection)) {
            return Vec::new();
        }
        let profiles = Profiles {
            policy: self,
            layer,
            areas,
            organisation: standing.and_then(|s| s.organisation.as_deref()),
        };
        let gate = match moment {
            Moment::At(as_of_us) => self.gate(layer, as_of_us),
            Moment::OneDay(_) => Gate::Open,
        };
        let mut drafts = Vec::new();
        let whole = self.whole_right(principal, layer, gate).is_some();
        if whole {
            drafts.push(Draft::everything(layer));
        }
        // Beside all of it grants add nothing, unless the credential is narrowed: cells pass a limit of zooms that rows do not.
        let is_narrow = standing.is_some_and(|s| !s.scopes.are_wide());
        if gate == Gate::Open && (!whole || is_narrow) {
            for place in self.grants_of(principal, layer.collection) {
                let grant = &self.grants[place];
                if !self.is_active(grant, standing, moment) {
                    continue;
                }
                if let Ok(mut draft) = profiles.of_grant(&grant.profile) {
                    draft.actions = Some(grant.actions.clone());
                    drafts.push(draft);
                }
            }
        }
        match standing {
            Some(standing) => narrowed(drafts, standing, &profiles),
            None => drafts,
        }
    }

    /// Places of the grants on a collection that are for the caller.
    pub(super) fn grants_of(&self, principal: &Principal, collection: &str) -> BTreeSet<usize> {
        if crate::leak!("grants-for-anybody") {
            return self.grants_on(collection);
        }
        let mut found: BTreeSet<usize> = self.grants_to(&Subject::Public, collection).collect();
        if let Some(standing) = principal.standing() {
            found.extend(self.grants_to(&Subject::Authenticated, collection));
            for subject in &standing.subjects {
                found.extend(self.grants_to(subject, collection));
            }
        }
        found
    }

    fn is_active(&self, grant: &Grant, standing: Option<&Standing>, moment: Moment) -> bool {
        match moment {
            Moment::At(as_of_us) => {
                let ended = grant.until_us.is_some_and(|until| until <= as_of_us);
                grant.from_us.is_none_or(|from| from <= as_of_us)
                    && (!ended || crate::leak!("grants-never-end"))
                    && (self.accepts(grant, standing) || crate::leak!("terms-not-asked"))
            }
            Moment::OneDay(as_of_us) => grant.until_us.is_none_or(|until| as_of_us < until),
        }
    }

    /// True if a grant asks for no terms, or the caller's organisation accepted them.
    pub(super) fn accepts(&self, grant: &Grant, standing: Option<&Standing>) -> bool {
        let Some(terms) = &grant.terms else {
            return true;
        };
        let organisation = standing.and_then(|s| s.organisation.clone());
        organisation.is_some_and(|o| self.acceptances.contains(&(o, terms.clone())))
    }
}

/// Drafts with no more than the scopes of a credential leave open.
pub(super) fn narrowed(
    drafts: Vec<Draft>,
    standing: &Standing,
    profiles: &Profiles<'_>,
) -> Vec<Draft> {
    if crate::leak!("scopes-forgotten") {
        return drafts;
    }
    let scopes = &standing.scopes;
    let profile = scopes.profile.as_ref();
    let profile = profile.map(|id| (id, profiles.of_scopes(id)));
    let schema = profiles.layer.schema();
    let narrow = |draft: Draft| match &profile {
        None => Some(draft.within(scopes)),
        Some((id, Ok(profile))) => profiles
            .asks_what_is_shown(id, profile, &draft.slice)
            .then(|| draft.and(profile, schema).within(scopes)),
        Some((_, Err(_))) => None,
    };
    drafts.into_iter().filter_map(narrow).collect()
}

/// The view that drafts make.
fn assemble(drafts: Vec<Draft>, layer: &LayerContext<'_>) -> View {
    let formats: BTreeSet<String> = drafts
        .iter()
        .flat_map(|d| d.formats.iter().flatten().cloned())
        .collect();
    let (slices, places): (Vec<Slice>, Vec<Place>) = drafts
        .into_iter()
        .map(|draft| {
            let place = Place::of(&draft);
            (tidy(draft.slice), place)
        })
        .unzip();
    let mut assembly = Assembly {
        slices: &slices,
        places: &places,
        layer,
        shared: Shared::default(),
        refused: Vec::new(),
    };
    let any = assembly.faces(None);
    let described = assembly.described();
    let formats: BTreeMap<String, Faces> = formats
        .into_iter()
        .map(|format| {
            let faces = assembly.faces(Some(&format));
            (format, faces)
        })
        .collect();
    View {
        any,
        formats,
        described,
        refused: assembly.refused,
    }
}

/// On which surfaces a slice stands.
#[expect(clippy::struct_excessive_bools, reason = "one for each surface")]
pub(super) struct Place {
    discover: bool,
    tiles: bool,
    items: bool,
    export: bool,
    zooms: Zooms,
    formats: Option<BTreeSet<String>>,
}

impl Place {
    pub(super) fn of(draft: &Draft) -> Self {
        Self {
            discover: draft.allows(Action::Discover),
            tiles: draft.allows(Action::Tiles) && !draft.zooms.are_none(),
            items: draft.allows(Action::Items) && draft.is_for_items(),
            export: draft.allows(Action::Export) && draft.is_for_items(),
            zooms: draft.zooms,
            formats: draft.formats.clone(),
        }
    }

    /// True if the slice counts on a surface in a format.
    pub(super) fn stands(&self, surface: Surface, format: Option<&str>) -> bool {
        match surface {
            // What is said of a layer, and of its tiles as a whole, is said in formats of its own.
            Surface::Discover => self.discover,
            Surface::Tilesets => self.tiles,
            Surface::Tiles(zoom) => self.tiles && self.zooms.hold(zoom) && self.is_in(format),
            Surface::Items => self.items && self.is_in(format),
            Surface::Export => self.export && self.is_in(format),
        }
    }

    /// True if the slice opens a format; `None` is one that nobody names.
    fn is_in(&self, format: Option<&str>) -> bool {
        self.formats
            .as_ref()
            .is_none_or(|all| format.is_some_and(|f| all.contains(f)))
            || crate::leak!("formats-forgotten")
    }
}

struct Assembly<'a> {
    slices: &'a [Slice],
    places: &'a [Place],
    layer: &'a LayerContext<'a>,
    shared: Shared,
    refused: Vec<TooManySlices>,
}

impl Assembly<'_> {
    fn faces(&mut self, format: Option<&str>) -> Faces {
        let tiles = self.bands(
            |p| p.tiles,
            |all, zoom| all.surface(Surface::Tiles(zoom), format),
        );
        Faces {
            discover: self.surface(Surface::Discover, format),
            tilesets: self.surface(Surface::Tilesets, format),
            items: self.surface(Surface::Items, format),
            export: self.surface(Surface::Export, format),
            tiles,
        }
    }

    /// What tiles would show of what is described, if it stood on some.
    fn described(&mut self) -> Vec<TileBand> {
        self.bands(
            |p| p.discover,
            |all, zoom| all.view(Surface::Discover, |p| p.discover && p.zooms.hold(zoom)),
        )
    }

    fn surface(&mut self, surface: Surface, format: Option<&str>) -> SurfaceView {
        self.view(surface, |place| place.stands(surface, format))
    }

    fn view(&mut self, surface: Surface, stands: impl Fn(&Place) -> bool) -> SurfaceView {
        let chosen = (0..self.places.len())
            .filter(|i| stands(&self.places[*i]))
            .collect();
        let view = self.shared.view(chosen, self.slices, self.layer);
        view.unwrap_or_else(|count| {
            let refusal = TooManySlices { surface, count };
            if !self.refused.contains(&refusal) {
                self.refused.push(refusal);
            }
            SurfaceView::nothing()
        })
    }

    /// The views of all zooms, where those of the places that `count` change from one to the next.
    fn bands(
        &mut self,
        count: impl Fn(&Place) -> bool,
        view: impl Fn(&mut Self, u8) -> SurfaceView,
    ) -> Vec<TileBand> {
        let zooms = self.places.iter().filter(|p| count(p)).map(|p| p.zooms);
        let starts: BTreeSet<u8> = zooms
            .flat_map(|z| [Some(z.min), z.max.checked_add(1)])
            .flatten()
            .chain([0])
            .collect();
        let mut bands: Vec<TileBand> = Vec::new();
        for start in starts {
            let view = view(self, start);
            match bands.last_mut() {
                Some(last) if last.view.id() == view.id() => {}
                last => {
                    if let Some(last) = last {
                        last.zooms = *last.zooms.start()..=start - 1;
                    }
                    bands.push(TileBand {
                        zooms: start..=u8::MAX,
                        view,
                    });
                }
            }
        }
        bands
    }
}
