//! Floor 3: who asks, what was granted to them, and what follows from it. Pure: it knows of no request, no file and no clock.
//!
//! [`PolicyParts`] are what publishers wrote: organisations, members, profiles, grants, keys, suspensions. A [`Policy`] is what follows
//! from them: for one caller and one layer a [`View`], on each [`Surface`] a set of [`Slice`]s in normal form with a [`ViewId`] that says
//! what they mean. Deny by default: no slice, no layer. Inside a slice everything must hold; a feature is seen if one slice shows it; how
//! slices come together stands at [`Slice`]. Grants only allow, in any order, and are never merged part by part. What is faulty denies.
//! A credential only narrows; suspension wins over all.
//!
//! The way of a question: credential → [`Policy::standing_of_key`] → [`Principal`] → [`Policy::view`] (its gate, grants, profiles
//! compiled into drafts, scopes, surfaces, normal form). `tests/model` holds the same rules as a naive interpreter and compares.

mod admin;
mod area;
mod change;
mod check;
mod compile;
mod context;
mod describe;
mod difference;
mod draft;
mod effects;
mod entry;
mod explain;
mod files;
mod gate;
mod health;
mod inert;
mod journal;
pub mod key;
mod line;
mod meaning;
mod normal;
mod outlook;
mod policy;
mod prepared;
mod principal;
mod profile;
mod refusal;
mod request;
mod rights;
mod signature;
mod standing;
mod store;
mod surface;
#[cfg(test)]
mod tests;
pub mod token;
mod view;
mod width;
mod words;
mod writable;
mod written;

pub use admin::{Denial, Operation};
pub use area::{AreaFault, WKT_BYTES_MAX, region_of_wkt};
pub use change::{Change, Decision, Name, Record, TermsText};
pub use check::{FORMATS, GEOJSON, MVT, PAGES};
pub use context::{Areas, Discovery, FilterCache, LayerContext};
pub use describe::Portrait;
pub use difference::{Difference, Extent, GainedPair, difference, gained_pairs};
pub use draft::{ProfileFault, owner_of};
pub use effects::{Effect, Found, Look, OVERLAP_US_MAX, effects, references};
pub use entry::{Acceptance, Entry, LayerLife};
pub use explain::{Explanation, Gives, Hindrance, Obstacle, Trace};
pub use files::{Broken, Files};
pub use gate::{Gate, WholeRight};
pub use health::IdleGrant;
pub use inert::{Flaw, Inert, Part};
pub use journal::{NoJournal, Read, ReadJournal, Route};
pub use key::{KeyText, NotAKey, sha256};
pub use normal::{MOST_SLICES, TooManySlices};
pub use outlook::TermsOutlook;
pub use policy::{
    Grant, Key, KeyId, KeyKind, LayerState, Member, OVERLAP_DAYS, Organisation, PolicyParts, Role,
    Scopes, Subject, Suspension, Target, Terms,
};
pub use prepared::Policy;
pub use principal::{Principal, Standing};
pub use profile::{
    Aggregate, AreaMode, AreaSource, Attributes, Derived, Precision, Profile, ProfileArea, Zooms,
};
pub use refusal::Refusal;
pub use request::{AccessRequest, RequestState};
pub use rights::Rights;
pub use signature::{Reach, Signature, SignatureFault, SigningKey, TileStamp};
pub use store::{Author, ChangeRefusal, Changed, PolicyStore, StoreError, Stored};
pub use surface::{Action, Surface};
pub use token::{Claims, KeySetFault, TokenFault, TokenIssuer, TokenKeys};
pub use view::{AreaTest, Slice, SurfaceView, TileBand, View, ViewId};
pub use words::{NoSuchWord, is_collection, is_id, is_name};
pub use writable::TooWide;

/// What a publisher decided for a layer (`access` in the configuration).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Access {
    /// Everybody may see all of it.
    Open,
    /// Nobody may see it without a grant.
    #[default]
    Restricted,
}
