//! Explanations and differences in French and English.

use super::{Explanation, Gives, Hindrance, Obstacle, Trace};
use crate::access::describe::Portrait;
use crate::access::difference::{Difference, Extent, GainedPair};
use crate::access::draft::ProfileFault;
use crate::access::gate::{Gate, WholeRight};
use crate::access::profile::{AreaMode, Derived, Precision};
use crate::access::surface::Surface;
use crate::model::Language;

/// One of the two.
fn one<'a>(language: Language, fr: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Fr => fr,
        Language::En => en,
    }
}

/// An instant in UTC, to the second.
fn instant(us: i64) -> String {
    match jiff::Timestamp::from_microsecond(us) {
        Ok(at) => format!("{at:.0}"),
        Err(_) => format!("{us} µs"),
    }
}

impl Explanation {
    /// Line by line, for people.
    pub fn lines(&self, language: Language) -> Vec<String> {
        let l = language;
        let mut lines = vec![format!(
            "{} → {} ({})",
            self.caller,
            self.collection,
            instant(self.as_of_us)
        )];
        lines.extend(self.obstacles.iter().map(|o| o.words(l)));
        lines.extend(self.whole.map(|w| w.words(l).to_owned()));
        if self.grants.is_empty() {
            lines.push(
                one(
                    l,
                    "aucune autorisation ne nomme cette couche",
                    "no grant names this layer",
                )
                .to_owned(),
            );
        }
        for trace in &self.grants {
            lines.extend(trace.lines(&self.surfaces, l));
        }
        for (surface, portraits) in self.surfaces.iter().zip(&self.portraits) {
            let view = self.view.on(*surface);
            lines.push(format!(
                "{} : {}",
                surface.words(l),
                Extent::of(view).words(l)
            ));
            let numbered = portraits.iter().enumerate();
            lines.extend(numbered.map(|(i, p)| format!("  {}. {}", i + 1, p.words(l))));
        }
        lines
    }
}

impl Trace {
    fn lines(&self, surfaces: &[Surface], l: Language) -> Vec<String> {
        let (grant, profile) = (one(l, "autorisation", "grant"), one(l, "profil", "profile"));
        let mut lines = vec![format!(
            "{grant} {} ({}, {profile} {})",
            self.grant, self.subject, self.profile
        )];
        let why = self.hindrances.iter();
        lines.extend(
            why.map(|h| format!("  {} {}", one(l, "sans effet :", "no effect:"), h.words(l))),
        );
        // Surfaces on which it gives the same are told together.
        let mut told: Vec<(&Gives, Vec<String>)> = Vec::new();
        for (surface, gives) in surfaces.iter().zip(&self.gives) {
            match told.iter_mut().find(|(known, _)| *known == gives) {
                Some((_, surfaces)) => surfaces.push(surface.words(l)),
                None => told.push((gives, vec![surface.words(l)])),
            }
        }
        let said = |(gives, surfaces): (&Gives, Vec<String>)| {
            format!("  {} : {}", surfaces.join(", "), gives.words(l))
        };
        lines.extend(told.into_iter().map(said));
        lines
    }
}

impl Surface {
    fn words(self, l: Language) -> String {
        match self {
            Self::Discover => one(l, "description", "description").to_owned(),
            Self::Tilesets => one(l, "jeux de tuiles", "tile sets").to_owned(),
            Self::Tiles(zoom) => {
                format!(
                    "{} {zoom}",
                    one(l, "tuiles à partir du zoom", "tiles from zoom")
                )
            }
            Self::Items => one(l, "objets", "items").to_owned(),
            Self::Export => one(l, "export", "export").to_owned(),
        }
    }
}

impl Obstacle {
    fn words(&self, l: Language) -> String {
        match self {
            Self::Refused => one(
                l,
                "la clé, son membre ou son organisation est suspendu : refus",
                "the key, its member or its organisation is suspended: refused",
            )
            .to_owned(),
            Self::Elsewhere => one(
                l,
                "la clé est restreinte à d'autres couches",
                "the credential is narrowed to other layers",
            )
            .to_owned(),
            Self::Scopes(fault) => format!(
                "{} {}",
                one(
                    l,
                    "le profil auquel la clé est restreinte ne montre rien :",
                    "the profile to which the credential is narrowed shows nothing:"
                ),
                fault.words(l)
            ),
            Self::Gate(gate) => gate.words(l),
        }
    }
}

impl Gate {
    fn words(self, l: Language) -> String {
        let text = match self {
            Self::Open => one(l, "la couche est publiée", "the layer is published"),
            Self::Draft => one(
                l,
                "la couche est un brouillon : seuls ses éditeurs la voient",
                "the layer is a draft: only its editors see it",
            ),
            Self::Embargo(until) => {
                let text = one(
                    l,
                    "la couche est sous embargo, seuls ses éditeurs la voient, jusqu'au",
                    "the layer is under an embargo, only its editors see it, until",
                );
                return format!("{text} {}", instant(until));
            }
            Self::Withdrawn => one(l, "la couche est retirée", "the layer is withdrawn"),
            Self::Suspended => one(l, "la couche est suspendue", "the layer is suspended"),
            Self::OwnerSuspended => one(
                l,
                "l'organisation de la couche est suspendue",
                "the organisation that owns the layer is suspended",
            ),
            Self::Unconfirmed => one(
                l,
                "la base des droits ne répond pas : les couches restreintes sont fermées",
                "the store of rights does not answer: restricted layers are closed",
            ),
        };
        text.to_owned()
    }
}

impl WholeRight {
    fn words(self, l: Language) -> &'static str {
        match self {
            Self::Everybody => one(
                l,
                "couche ouverte : tout le monde la voit entière",
                "open layer: everybody sees all of it",
            ),
            Self::Member => one(
                l,
                "membre de l'organisation de la couche, ou d'une organisation qui l'héberge : la voit entière",
                "member of the organisation that owns the layer, or of one that hosts it: sees all of it",
            ),
            Self::Operator => one(
                l,
                "administrateur de la machine : voit tout",
                "runs the machine: sees everything",
            ),
        }
    }
}

impl Hindrance {
    fn words(&self, l: Language) -> String {
        match self {
            Self::NotFor => one(l, "elle est pour d'autres", "it is for others").to_owned(),
            Self::NotYet(from) => format!(
                "{} {}",
                one(l, "elle commence le", "it begins on"),
                instant(*from)
            ),
            Self::Ended(until) => format!(
                "{} {}",
                one(l, "elle a pris fin le", "it ended on"),
                instant(*until)
            ),
            Self::Terms(terms) => format!(
                "{} {terms}",
                one(
                    l,
                    "l'organisation du demandeur n'a pas accepté les conditions",
                    "the caller's organisation has not accepted the terms"
                )
            ),
            Self::Profile(fault) => format!(
                "{} {}",
                one(
                    l,
                    "son profil ne montre rien de cette couche :",
                    "its profile shows nothing of this layer:"
                ),
                fault.words(l)
            ),
        }
    }
}

impl ProfileFault {
    /// For people.
    pub fn words(&self, language: Language) -> String {
        if language == Language::En {
            return self.to_string();
        }
        match self {
            Self::Missing(id) => format!("il n'y a pas de profil {id:?}"),
            Self::Foreign(o) => format!(
                "le profil est de {o:?}, qui ne possède pas la couche et n'héberge pas son propriétaire"
            ),
            Self::Filter(fault) => format!(
                "son filtre ne convient pas à la couche : {}",
                fault.describe(language)
            ),
            Self::UnknownProperty(name) => format!("la couche ne déclare pas d'attribut {name:?}"),
            Self::NoNumber(name) => format!("l'attribut {name:?} n'est pas un nombre"),
            Self::PrecisionAndAttributes => {
                "il a une précision et des attributs : avec une précision, attributes doit être []"
                    .to_owned()
            }
            Self::PrecisionAndDerived => {
                "il a une précision et des règles pour les formes coupées : avec une précision, derived doit être vide"
                    .to_owned()
            }
            Self::NoPrecision => "sa précision a un côté ou un effectif minimal nul".to_owned(),
            Self::Zooms => "son premier zoom dépasse le dernier".to_owned(),
            Self::NoJurisdiction => "l'organisation du demandeur n'a pas de ressort".to_owned(),
            Self::NoArea => "son emprise est introuvable ou vide".to_owned(),
            Self::ForeignArea(layer) => format!(
                "son emprise vient de {layer:?}, que son auteur ne possède pas et qui n'est pas ouverte à tous"
            ),
        }
    }
}

impl Gives {
    fn words(&self, l: Language) -> String {
        let text = match self {
            Self::NoAction => one(
                l,
                "action non accordée, ou retirée à la clé",
                "the action is not allowed, or taken from the credential",
            ),
            Self::OtherZooms => one(l, "autres zooms", "other zooms"),
            Self::ZoomLimit => one(
                l,
                "fermé par une limite de zoom sans précision",
                "closed by a limit of zooms without a precision",
            ),
            Self::SomeFormats => one(l, "certains formats seulement", "some formats only"),
            Self::Shows(slice) => {
                return format!("{} {}", one(l, "fait la tranche", "makes slice"), slice + 1);
            }
            Self::Covered(by) => {
                let by: Vec<_> = by.iter().map(|i| (i + 1).to_string()).collect();
                let text = one(l, "n'ajoute rien à la tranche", "adds nothing to slice");
                return format!("{text} {}", by.join(", "));
            }
            Self::Everything => one(
                l,
                "tout est visible de toute façon",
                "everything is seen anyway",
            ),
            Self::TooMany => one(
                l,
                "trop de tranches se rencontrent : rien n'est montré",
                "too many slices come together: nothing is shown",
            ),
        };
        text.to_owned()
    }
}

impl Extent {
    fn words(self, l: Language) -> String {
        match self {
            Self::Nothing => one(l, "rien", "nothing").to_owned(),
            Self::Everything => one(l, "tout", "everything").to_owned(),
            Self::Some(n) => format!("{n} {}", one(l, "tranche(s)", "slice(s)")),
        }
    }
}

impl Portrait {
    /// For people.
    pub fn words(&self, language: Language) -> String {
        let l = language;
        let rows = if self.rows.is_empty() {
            one(l, "tous les objets", "all features").to_owned()
        } else {
            format!(
                "{} {}",
                one(l, "les objets où", "features where"),
                self.rows.join(" AND ")
            )
        };
        let mut parts = vec![rows];
        parts.extend(self.areas.iter().map(|mode| {
            match mode {
                AreaMode::Clip => one(l, "découpés selon une emprise", "cut along an area"),
                AreaMode::Intersects => one(l, "qui touchent une emprise", "that touch an area"),
                AreaMode::Within => one(l, "contenus dans une emprise", "inside of an area"),
            }
            .to_owned()
        }));
        parts.push(match &self.precision {
            Some(precision) => precision.words(l),
            None if self.attributes.is_empty() => {
                one(l, "sans attribut", "without properties").to_owned()
            }
            None => format!(
                "{} {}",
                one(l, "attributs", "properties"),
                self.attributes.join(", ")
            ),
        });
        parts.extend(self.derived.iter().map(|(name, rule)| match rule {
            Derived::Mask => format!("{name} {}", one(l, "masqué si découpé", "masked where cut")),
            Derived::Recompute => format!(
                "{name} {}",
                one(l, "recalculé si découpé", "computed anew where cut")
            ),
        }));
        parts.join(" ; ")
    }
}

impl Precision {
    fn words(&self, l: Language) -> String {
        let sums = self
            .aggregates
            .iter()
            .map(|(name, how)| format!("{how}_{name}"));
        let says: Vec<String> = std::iter::once("count".to_owned()).chain(sums).collect();
        format!(
            "{} {} m, {} {}, {}",
            one(l, "mailles de", "cells of"),
            self.grid_m,
            one(l, "au moins", "at least"),
            self.min_count,
            says.join(", ")
        )
    }
}

impl Difference {
    /// Line by line, for people.
    pub fn lines(&self, language: Language) -> Vec<String> {
        let l = language;
        let mut lines = vec![format!(
            "{} : {} → {}",
            self.surface.words(l),
            self.before.words(l),
            self.after.words(l)
        )];
        let gained = self.gained.iter().map(|p| format!("  + {}", p.words(l)));
        let lost = self.lost.iter().map(|p| format!("  - {}", p.words(l)));
        lines.extend(gained.chain(lost));
        lines
    }
}

impl GainedPair {
    /// A warning for whoever makes a grant.
    pub fn words(&self, language: Language) -> String {
        let (from, place) = (self.from + 1, self.place + 1);
        match language {
            Language::Fr => format!(
                "un objet des tranches {from} et {place} montre {:?} sur la géométrie de la tranche {place} : aucune autorisation seule ne donne les deux",
                self.attribute
            ),
            Language::En => format!(
                "a feature of slices {from} and {place} shows {:?} on the geometry of slice {place}: no grant alone gives both",
                self.attribute
            ),
        }
    }
}
