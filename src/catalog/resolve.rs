//! The one door: from a caller, a collection and a surface to what is there for the caller.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use hashbrown::HashMap;
use quick_cache::sync::Cache;

use super::areas::Known;
use super::entry::LayerEntry;
use super::told::Told;
use super::{Catalog, Notice, Principal, Resolution, Surface, ViewId, VisibleLayer};
use crate::access::{FilterCache, LayerContext, Rights, SurfaceView, View};
use crate::filter::{Frame, Limits};
use crate::geometry::crs::Crs;
use crate::layer::Rows;

/// Compiled views that are remembered, of all callers together: those of 300 organisations on 100 layers each. They take about a
/// kilobyte each; one that is not there is compiled again, in less than a millisecond.
const REMEMBERED: usize = 1 << 15;

/// What a request looks up first: its collection, and what its caller has on it.
pub(super) struct Memo {
    /// Hashed: half as many instructions as by order.
    places: HashMap<Box<str>, Place>,
    /// Views of those who show a credential, by rights and layer.
    views: Cache<(Rights, u64), Arc<Compiled>>,
}

/// A collection, and what everybody has on it: with what they have the rights of all others are compared.
struct Place {
    entry: Arc<LayerEntry>,
    everybody: OnceLock<Arc<Compiled>>,
}

impl Default for Memo {
    fn default() -> Self {
        Self::of(&BTreeMap::new())
    }
}

impl Memo {
    /// Nothing is worked out yet.
    pub(super) fn of(entries: &BTreeMap<String, Arc<LayerEntry>>) -> Self {
        let place = |(id, entry): (&String, &Arc<LayerEntry>)| {
            let place = Place {
                entry: Arc::clone(entry),
                everybody: OnceLock::new(),
            };
            (id.as_str().into(), place)
        };
        Self {
            places: entries.iter().map(place).collect(),
            views: Cache::new(REMEMBERED),
        }
    }
}

impl std::fmt::Debug for Memo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memo")
            .field("views", &self.views.len())
            .finish_non_exhaustive()
    }
}

/// What is at hand for a caller.
#[derive(Debug)]
pub struct Ready {
    /// `None` if a view must be derived first.
    pub resolution: Option<Resolution>,
    /// A caller without credentials has the same view.
    pub for_everybody: bool,
}

/// How much of a layer somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All of it.
    Whole,
    /// Some of its features, of their properties, or of their places.
    Part,
    /// No feature: cells of a grid, and what is counted in them.
    Cells,
}

/// What a caller has on a layer.
struct Compiled {
    view: View,
    /// How exactly it tells where the layer lies.
    told: Told,
}

/// What a view shows of a surface, in a format.
#[derive(Clone, Copy)]
struct Seen<'a> {
    rows: &'a SurfaceView,
    told: Told,
}

/// What a caller has on a surface of a layer, before anything is derived.
enum Sight {
    Nothing,
    Listed,
    Everything(Told),
    Derived(SurfaceView, Told),
}

impl Compiled {
    #[inline]
    fn seen(&self, surface: Surface, format: Option<&str>) -> Seen<'_> {
        Seen {
            rows: match format {
                Some(format) => self.view.in_format(surface, format),
                None => self.view.on(surface),
            },
            told: self.told.on(surface),
        }
    }
}

impl Seen<'_> {
    /// `None` where nothing is seen.
    fn id(self) -> Option<ViewId> {
        (!self.rows.is_nothing()).then(|| self.told.id(self.rows.id()))
    }
}

impl Catalog {
    /// What `collection` is for `principal` on `surface`. It may take the time to derive a view of it (a second for a million rows):
    /// that is work for a thread that may block.
    pub fn resolve(&self, principal: &Principal, collection: &str, surface: Surface) -> Resolution {
        self.resolve_in(principal, collection, surface, None)
    }

    /// The same for an answer in a format, by the short name that profiles use.
    pub fn resolve_in(
        &self,
        principal: &Principal,
        collection: &str,
        surface: Surface,
        format: Option<&str>,
    ) -> Resolution {
        let Some(entry) = self.entries.get(collection) else {
            return Resolution::Absent;
        };
        let sight = self.sight(entry, principal, surface, format);
        self.look(entry, sight, true).unwrap_or(Resolution::Absent)
    }

    /// The same, if it is at hand: `None` if a view must be derived first.
    pub fn resolve_ready(
        &self,
        principal: &Principal,
        collection: &str,
        surface: Surface,
        format: Option<&str>,
    ) -> Option<Resolution> {
        let ready = self.resolve_beside(principal, collection, surface, format);
        ready.resolution
    }

    /// The same, and whether everybody is shown the same there: their view is looked up beside.
    #[inline(never)] // counted by benches/lookup_cost
    pub fn resolve_beside(
        &self,
        principal: &Principal,
        collection: &str,
        surface: Surface,
        format: Option<&str>,
    ) -> Ready {
        let Some(place) = self.memo.places.get(collection) else {
            return Ready {
                resolution: Some(Resolution::Absent),
                for_everybody: true,
            };
        };
        let own = self.view_at(place, principal);
        let own_seen = own.seen(surface, format);
        let for_everybody = principal.standing().is_none() || {
            let everybody = self.view_at(place, &Principal::Anonymous);
            own_seen.id() == everybody.seen(surface, format).id()
        };
        let sight = self.sight_of(&place.entry, principal, own_seen);
        Ready {
            resolution: self.look(&place.entry, sight, false),
            for_everybody,
        }
    }

    /// All collections that `principal` sees on `surface`, by id. It may take the time to derive views of them.
    pub fn visible(&self, principal: &Principal, surface: Surface) -> Vec<VisibleLayer> {
        let visible = |entry: &Arc<LayerEntry>| {
            let sight = self.sight(entry, principal, surface, None);
            match self.look(entry, sight, true) {
                Some(Resolution::Visible(layer)) => Some(layer),
                _ => None,
            }
        };
        self.entries.values().filter_map(visible).collect()
    }

    /// Which view `principal` has of `collection` on `surface`, without deriving it; `None` where it sees nothing. What is not asked
    /// for by rows (whether to link, whether two callers see the same, whether a download may go on) is asked for by this.
    pub fn view_id(
        &self,
        principal: &Principal,
        collection: &str,
        surface: Surface,
    ) -> Option<ViewId> {
        self.view_id_in(principal, collection, surface, None)
    }

    /// The same for an answer in a format.
    #[inline(never)] // counted by benches/lookup_cost
    pub fn view_id_in(
        &self,
        principal: &Principal,
        collection: &str,
        surface: Surface,
        format: Option<&str>,
    ) -> Option<ViewId> {
        let place = self.memo.places.get(collection)?;
        let view = self.view_at(place, principal);
        view.seen(surface, format).id()
    }

    /// How much of `collection` is seen on `surface`, by the caller's own view and without deriving it; `None` where it sees nothing.
    pub fn reach(
        &self,
        principal: &Principal,
        collection: &str,
        surface: Surface,
    ) -> Option<Reach> {
        let place = self.memo.places.get(collection)?;
        let view = self.view_at(place, principal);
        let rows = view.seen(surface, None).rows;
        if rows.is_nothing() {
            None
        } else if rows.is_everything() {
            Some(Reach::Whole)
        } else if rows.slices().iter().all(|s| s.precision.is_some()) {
            Some(Reach::Cells)
        } else {
            Some(Reach::Part)
        }
    }

    /// The views of all collections that `principal` sees on `surface`, by id, without deriving them.
    pub fn views(&self, principal: &Principal, surface: Surface) -> Vec<(&str, ViewId)> {
        let mut views = Vec::new();
        for (id, entry) in &self.entries {
            let view = self.view(entry, principal);
            let seen = view.seen(surface, None).id();
            views.extend(seen.map(|view| (id.as_str(), view)));
        }
        views
    }

    /// The collections that `principal` may know of and not see, by id.
    pub fn notices(&self, principal: &Principal) -> Vec<Notice> {
        let listed = |entry: &&Arc<LayerEntry>| {
            let sight = self.sight(entry, principal, Surface::Discover, None);
            matches!(sight, Sight::Listed)
        };
        let listed = self.entries.values().filter(listed);
        listed.map(|entry| entry.notice()).collect()
    }

    /// Whether the caller sees anything of an entry, or may know of it.
    pub(super) fn is_known(&self, entry: &LayerEntry, principal: &Principal) -> bool {
        let faces = [
            Surface::Discover,
            Surface::Items,
            Surface::Tilesets,
            Surface::Export,
        ];
        let view = self.view(entry, principal);
        let sees = |face: Surface| view.seen(face, None).id().is_some();
        faces.into_iter().any(sees) || self.lists(entry, principal)
    }

    fn rights(&self, principal: &Principal) -> Rights {
        if crate::leak!("rights-shared-by-callers") {
            Rights::ANONYMOUS
        } else {
            self.policy.rights(principal)
        }
    }

    /// What `principal` has at a place.
    #[inline]
    fn view_at<'a>(&self, place: &'a Place, principal: &Principal) -> Cow<'a, Arc<Compiled>> {
        let rights = self.rights(principal);
        if rights != Rights::ANONYMOUS {
            return Cow::Owned(self.view_of(&place.entry, principal, rights));
        }
        let compile = || self.compile(&place.entry, principal);
        Cow::Borrowed(place.everybody.get_or_init(compile))
    }

    /// What `principal` has on a layer.
    fn view(&self, entry: &LayerEntry, principal: &Principal) -> Arc<Compiled> {
        match self.memo.places.get(entry.id()) {
            Some(place) => self.view_at(place, principal).into_owned(),
            None => self.view_of(entry, principal, self.rights(principal)),
        }
    }

    /// The same, worked out once for all callers of equal rights.
    fn view_of(&self, entry: &LayerEntry, principal: &Principal, rights: Rights) -> Arc<Compiled> {
        let key = (rights, entry.serial);
        if let Some(view) = self.memo.views.get(&key) {
            return view;
        }
        let view = self.compile(entry, principal);
        self.memo.views.insert(key, Arc::clone(&view));
        view
    }

    fn compile(&self, entry: &LayerEntry, principal: &Principal) -> Arc<Compiled> {
        self.with_context(entry, |context| {
            let is_open = |collection: &str| {
                let entry = self.entries.get(collection);
                entry.is_some_and(|e| self.is_open(e))
            };
            let areas = Known {
                areas: &self.areas,
                is_open: &is_open,
            };
            let as_of_us = if crate::leak!("periods-of-the-past") {
                0
            } else {
                self.as_of_us
            };
            let view = self.policy.view(principal, context, &areas, as_of_us);
            let told = Told::by(&view);
            Arc::new(Compiled { view, told })
        })
    }

    fn sight(
        &self,
        entry: &LayerEntry,
        principal: &Principal,
        surface: Surface,
        format: Option<&str>,
    ) -> Sight {
        let view = self.view(entry, principal);
        self.sight_of(entry, principal, view.seen(surface, format))
    }

    fn sight_of(&self, entry: &LayerEntry, principal: &Principal, seen: Seen<'_>) -> Sight {
        if seen.rows.is_everything() {
            Sight::Everything(seen.told)
        } else if !seen.rows.is_nothing() {
            Sight::Derived(seen.rows.clone(), seen.told)
        } else if self.lists(entry, principal) {
            Sight::Listed
        } else {
            Sight::Nothing
        }
    }

    /// `None` if it must be derived first and may not.
    fn look(&self, entry: &Arc<LayerEntry>, sight: Sight, may_derive: bool) -> Option<Resolution> {
        if let (Some(views), Sight::Everything(_) | Sight::Derived(..)) = (&self.views, &sight) {
            entry.touch(views.turn());
        }
        let (view, told) = match sight {
            Sight::Nothing => return Some(Resolution::Absent),
            Sight::Listed => return Some(Resolution::Listed(Box::new(entry.notice()))),
            Sight::Everything(told) => {
                return Some(Resolution::Visible(VisibleLayer::unrestricted(entry, told)));
            }
            Sight::Derived(view, told) => (view, told),
        };
        // Without a place to keep views nobody is given one.
        let Some(views) = &self.views else {
            return Some(Resolution::Absent);
        };
        if crate::leak!("restriction-forgotten") {
            return Some(Resolution::Visible(VisibleLayer::unrestricted(entry, told)));
        }
        if let Some(shown) = views.get(entry, view.id()) {
            return Some(Resolution::Visible(VisibleLayer::of(
                entry,
                shown,
                view.id(),
                told,
            )));
        }
        if !may_derive {
            return None;
        }
        Some(match views.get_or_derive(entry, &view) {
            Ok(shown) => Resolution::Visible(VisibleLayer::of(entry, shown, view.id(), told)),
            Err(fault) => {
                tracing::error!(layer = entry.id(), %fault, "a view cannot be derived: nobody sees it");
                Resolution::Absent
            }
        })
    }

    fn lists(&self, entry: &LayerEntry, principal: &Principal) -> bool {
        self.with_context(entry, |context| {
            self.policy.lists(principal, context, self.as_of_us)
        })
    }

    /// True if everybody sees all of it.
    pub(super) fn is_open(&self, entry: &LayerEntry) -> bool {
        self.with_context(entry, |context| {
            self.policy
                .is_everything_for_anonymous(context, self.as_of_us)
        })
    }

    /// A layer as the policy looks at it.
    pub(super) fn with_context<T>(
        &self,
        entry: &LayerEntry,
        ask: impl FnOnce(&LayerContext<'_>) -> T,
    ) -> T {
        const NO_KEY: [u8; 32] = [0; 32];
        let publication = &entry.publication;
        ask(&LayerContext {
            collection: &publication.id,
            organisation: publication.organisation.as_deref(),
            access: publication.access,
            discovery: publication.discovery,
            frame: Frame {
                schema: entry.layer.schema(),
                filter_crs: Crs::CRS84,
                storage_crs: entry.layer.storage_crs(),
            },
            declared: &entry.declared,
            limits: Limits::default(),
            filters: entry.filters(),
            // Without views of its own the catalogue names none.
            view_key: self.views.as_ref().map_or(&NO_KEY, |v| v.view_key()),
        })
    }
}

impl LayerEntry {
    /// What is said of it to those who see none of its rows: what its publisher declared, without the name of a property.
    fn notice(&self) -> Notice {
        let mut metadata = self.publication.metadata.clone();
        metadata.label = None;
        Notice {
            id: self.publication.id.clone(),
            organisation: self.publication.organisation.clone(),
            metadata,
        }
    }

    fn filters(&self) -> &FilterCache {
        &self.filters
    }
}
