//! The one door, as requests pass it: who asks, of which snapshot, through which face of the platform, and whether what they were
//! shown is what everybody is shown.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::request::Parts;

use super::admission::{self, Check, Identified};
use super::context::base_of;
use super::portals::Portal;
use super::problem::{Lock, Problem};
use super::run::pool_problem;
use super::signed;
use super::state::ApiState;
pub(super) use crate::access::{GEOJSON, MVT, PAGES};
use crate::access::{Principal, Surface, ViewId};
use crate::catalog::{Catalog, Notice, Organisation, Resolution, VisibleLayer};

/// Who asks, and the one snapshot that the request is answered from.
pub struct Caller {
    pub(super) api: Arc<ApiState>,
    /// Loaded once.
    pub(super) catalog: Arc<Catalog>,
    pub(super) principal: Principal,
    /// The organisation to whose portal the request came.
    portal: Option<Arc<str>>,
    /// Something was looked at that an anonymous caller sees otherwise, or not at all.
    differs: AtomicBool,
}

impl Caller {
    /// Who asks for a document.
    pub(super) fn of(api: &Arc<ApiState>, parts: &Parts) -> Result<Self, Problem> {
        Self::known(api, parts, |_, identified| identified.principal())
    }

    /// Who asks for a page: somebody may have typed a key on one before.
    pub(super) fn of_page(api: &Arc<ApiState>, parts: &Parts) -> Result<Self, Problem> {
        Self::known(api, parts, |caller, identified| {
            // Such a page says what nobody else is told: no shared cache may keep it.
            let lapsed = identified.has_lapsed() && !crate::leak!("lapsed-pages-public");
            caller.differs.store(lapsed, Ordering::Relaxed);
            identified.reader()
        })
    }

    /// Who asks for tiles of the collections of a list: a signature opens nothing else.
    #[inline(never)] // counted by benches/lookup_cost
    pub(super) fn of_tiles(
        api: &Arc<ApiState>,
        parts: &Parts,
        list: &str,
    ) -> Result<Self, Problem> {
        Self::known(api, parts, |caller, identified| {
            let Some(signature) = identified.signature() else {
                return identified.principal();
            };
            let names: Vec<&str> = list.split(',').collect();
            if names.len() > api.settings.collections_per_tile {
                return Err(Problem::SignatureInvalid);
            }
            let base = base_of(api, parts).ok_or(Problem::BadHost)?;
            let ids = names.iter().map(|n| caller.full_id(n).into_owned());
            let ids: Vec<String> = ids.collect();
            let check = Check::again(api, identified, parts);
            signed::principal(&check, signature, &base, &ids)
        })
    }

    /// Reads who asks. A portal of which the caller sees nothing is no portal.
    fn known(
        api: &Arc<ApiState>,
        parts: &Parts,
        who: impl FnOnce(&Self, &Identified) -> Result<Principal, Problem>,
    ) -> Result<Self, Problem> {
        let portal = parts.extensions.get::<Portal>();
        let identified = Identified::of(parts).unwrap_or_else(|| admission::nobody(api, parts));
        let mut caller = Self {
            api: Arc::clone(api),
            catalog: Arc::clone(identified.catalog()),
            principal: Principal::Anonymous,
            portal: portal.map(Portal::id),
            differs: AtomicBool::new(false),
        };
        caller.principal = who(&caller, &identified)?;
        if let Some(portal) = portal {
            portal.enter(caller.organisation().ok_or(Problem::NoSuchPath)?);
        }
        Ok(caller)
    }

    /// The organisation of the portal, where the request came to one.
    pub(super) fn organisation(&self) -> Option<&Organisation> {
        let id = self.portal.as_deref()?;
        self.told_apart(|who| self.catalog.organisation(who, id).is_some());
        self.catalog.organisation(&self.principal, id)
    }

    /// The collection on one of its surfaces. One that is hidden and none at all are the same. What has to be derived first is derived
    /// off the async threads, so many at a time as there are cores.
    pub(super) async fn layer(
        &self,
        name: &str,
        surface: Surface,
    ) -> Result<VisibleLayer, Problem> {
        self.layer_in(name, surface, None).await
    }

    /// The same for an answer in a format, by the short name that profiles use.
    pub(super) async fn layer_in(
        &self,
        name: &str,
        surface: Surface,
        format: Option<&'static str>,
    ) -> Result<VisibleLayer, Problem> {
        let collection = self.full_id(name);
        // The same for whatever is not open, whether or not it is there.
        let absent = || {
            let embargoes = &self.catalog.policy().embargoes;
            if crate::leak!("embargo-told-apart") && embargoes.contains_key(&*collection) {
                return Problem::NoSuchPath;
            }
            if self.catalog.policy().unconfirmed {
                Problem::RightsUnknown
            } else {
                Problem::NoSuchCollection(name.to_owned())
            }
        };
        match self.resolve(&collection, surface, format).await? {
            Resolution::Visible(layer) if self.has(layer.organisation()) => Ok(layer.called(name)),
            Resolution::Listed(notice)
                if self.has(notice.organisation.as_ref()) && !self.catalog.policy().unconfirmed =>
            {
                let mut notice = Notice {
                    id: name.to_owned(),
                    ..*notice
                };
                // Whom to ask, where the layer names nobody: whom its publisher names on its portal.
                let publisher = notice.organisation.as_deref();
                let publisher =
                    publisher.and_then(|id| self.catalog.organisation(&self.principal, id));
                let contact = &mut notice.metadata.contact;
                *contact = contact
                    .take()
                    .or_else(|| publisher.and_then(|o| o.contact.clone()));
                Err(Problem::Locked(Box::new(Lock {
                    known: self.principal.standing().is_some(),
                    notice,
                })))
            }
            Resolution::Absent | Resolution::Listed(_) | Resolution::Visible(_) => Err(absent()),
        }
    }

    /// All collections that the caller sees on a surface, by id.
    pub(super) async fn layers(&self, surface: Surface) -> Result<Vec<VisibleLayer>, Problem> {
        let views = self.views(&self.principal, surface);
        self.told_apart(|who| self.views(who, surface));
        if crate::leak!("hidden-layers-in-log") {
            let grants = self.catalog.policy().grants.iter();
            let layers: Vec<_> = grants.flat_map(|g| &g.layers).collect();
            tracing::info!(?layers, "looking through the grants");
        }
        let mut layers = Vec::with_capacity(views.len());
        for (collection, _) in views {
            if let Resolution::Visible(layer) = self.resolve(collection, surface, None).await? {
                let name = self.name_of(collection).unwrap_or(collection);
                layers.push(layer.called(name));
            }
        }
        Ok(layers)
    }

    /// A collection that the configuration names by its full id; `None` if the caller does not see it.
    pub(super) async fn configured(
        &self,
        collection: &str,
        surface: Surface,
    ) -> Result<Option<VisibleLayer>, Problem> {
        let Some(name) = self.name_of(collection) else {
            return Ok(None);
        };
        match self.layer(name, surface).await {
            Ok(layer) => Ok(Some(layer)),
            Err(Problem::NoSuchCollection(_) | Problem::Locked(_) | Problem::RightsUnknown) => {
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// The layers that everybody sees whole on a surface, and so does the caller, by id. Nothing is derived for them.
    pub(super) fn open_layers(&self, surface: Surface) -> Vec<VisibleLayer> {
        let views = self.views(&Principal::Anonymous, surface).into_iter();
        let open = views.filter(|(_, view)| *view == ViewId::EVERYTHING);
        open.filter_map(|(collection, _)| {
            let name = self.whole(collection, surface)?;
            match self.catalog.resolve(&self.principal, collection, surface) {
                Resolution::Visible(layer) => Some(layer.called(name)),
                Resolution::Absent | Resolution::Listed(_) => None,
            }
        })
        .collect()
    }

    /// What the caller calls a collection that it sees whole on a surface.
    pub(super) fn whole<'a>(&self, collection: &'a str, surface: Surface) -> Option<&'a str> {
        let name = self.name_of(collection)?;
        let whole = |who: &Principal| {
            self.catalog.view_id(who, collection, surface) == Some(ViewId::EVERYTHING)
        };
        self.told_apart(whole);
        whole(&self.principal).then_some(name)
    }

    /// The collections that the caller may know of and does not see, by id.
    pub(super) fn notices(&self) -> Vec<Notice> {
        let of = |who: &Principal| {
            let named = |mut notice: Notice| {
                notice.id = self.name_of(&notice.id)?.to_owned();
                Some(notice)
            };
            let notices = self.catalog.notices(who).into_iter();
            notices.filter_map(named).collect::<Vec<_>>()
        };
        self.told_apart(of);
        of(&self.principal)
    }

    /// Whether the caller sees anything of a layer's collection on another surface: whether to link there.
    pub(super) fn sees(&self, layer: &VisibleLayer, surface: Surface) -> bool {
        let sees = |who: &Principal| {
            let view = self.catalog.view_id(who, layer.collection(), surface);
            view.is_some()
        };
        self.told_apart(sees);
        sees(&self.principal)
    }

    /// First and last zoom at which the caller sees tiles of a layer: what its publisher declares, within what the caller may see.
    pub(super) fn tile_zooms(&self, layer: &VisibleLayer) -> (u8, u8) {
        let (first, last) = layer.tile_zooms();
        let zooms = |who: &Principal| {
            let seen = |zoom: &u8| {
                let surface = Surface::Tiles(*zoom);
                let view = self
                    .catalog
                    .view_id_in(who, layer.collection(), surface, Some(MVT));
                view.is_some()
            };
            let mut all = (first..=last).filter(seen);
            let first = all.next();
            first.map(|first| (first, all.next_back().unwrap_or(first)))
        };
        self.told_apart(zooms);
        zooms(&self.principal).unwrap_or((first, first))
    }

    /// Whether everybody sees all of the collection on that surface.
    pub(super) fn is_open(&self, layer: &VisibleLayer, surface: Surface) -> bool {
        let everything = Some(ViewId::EVERYTHING);
        if self.principal.standing().is_none() {
            return everything == Some(layer.view_id());
        }
        let everybody = Principal::Anonymous;
        everything
            == self
                .catalog
                .view_id(&everybody, layer.collection(), surface)
    }

    /// Whether everything that was looked at is the same for a caller without credentials: then shared caches may keep the answer.
    pub(super) fn is_public(&self) -> bool {
        !self.differs.load(Ordering::Relaxed)
    }

    /// The answer depends on who asks, whatever was looked at.
    pub(super) fn personal(&self) {
        if self.principal.standing().is_some() {
            self.differs.store(true, Ordering::Relaxed);
        }
    }

    /// Notes if the caller and an anonymous one are told different things.
    fn told_apart<T: PartialEq>(&self, told: impl Fn(&Principal) -> T) {
        if self.may_differ() && told(&self.principal) != told(&Principal::Anonymous) {
            self.differs.store(true, Ordering::Relaxed);
        }
    }

    /// The caller is not anonymous, and was told nothing yet that an anonymous one is not.
    fn may_differ(&self) -> bool {
        self.principal.standing().is_some() && !self.differs.load(Ordering::Relaxed)
    }

    /// What the caller sees of the platform, or of the portal.
    fn views(&self, who: &Principal, surface: Surface) -> Vec<(&str, ViewId)> {
        let mut views = self.catalog.views(who, surface);
        views.retain(|(id, _)| self.name_of(id).is_some());
        views
    }

    /// Whether a collection of that organisation belongs to the portal.
    fn has(&self, organisation: Option<&String>) -> bool {
        match &self.portal {
            Some(portal) => organisation.map(String::as_str) == Some(portal),
            None => true,
        }
    }

    /// Full ids of the collections that the caller sees on a surface.
    pub(super) fn collections(&self, surface: Surface) -> Vec<&str> {
        let views = self.views(&self.principal, surface).into_iter();
        views.map(|(id, _)| id).collect()
    }

    /// The full id of what the request calls `name`.
    pub(super) fn full_id<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match &self.portal {
            Some(_) if crate::leak!("portal-widens") && name.contains('.') => Cow::Borrowed(name),
            Some(portal) => Cow::Owned(format!("{portal}.{name}")),
            None => Cow::Borrowed(name),
        }
    }

    /// What the caller calls a collection: in a portal its id without the organisation. `None` for those of others.
    pub(super) fn name_of<'a>(&self, collection: &'a str) -> Option<&'a str> {
        match &self.portal {
            Some(portal) => collection.strip_prefix(&**portal)?.strip_prefix('.'),
            None => Some(collection),
        }
    }

    async fn resolve(
        &self,
        collection: &str,
        surface: Surface,
        format: Option<&'static str>,
    ) -> Result<Resolution, Problem> {
        let ready = self
            .catalog
            .resolve_beside(&self.principal, collection, surface, format);
        self.differs
            .fetch_or(!ready.for_everybody, Ordering::Relaxed);
        if let Some(resolution) = ready.resolution {
            return Ok(resolution);
        }
        let (catalog, principal) = (Arc::clone(&self.catalog), self.principal.clone());
        let collection = collection.to_owned();
        let derived = self
            .api
            .derivations
            .run(move || catalog.resolve_in(&principal, &collection, surface, format));
        derived
            .await
            .map_err(|fault| pool_problem(&self.api, fault))
    }
}
