//! What a policy asks of a caller, as one number.

use super::meaning::Meaning;
use super::policy::{Scopes, Subject};
use super::prepared::Policy;
use super::principal::{Principal, Standing};

/// Callers whom a policy cannot tell apart have equal rights: what was worked out for one of them holds for the others, at the same
/// instant. Of no meaning under another policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rights(u128);

impl Rights {
    /// Those of callers without credentials.
    pub const ANONYMOUS: Self = Self(0);

    /// `refused` of whoever was suspended since the credential was checked.
    pub(super) fn of(
        standing: &Standing,
        refused: bool,
        is_subject: impl Fn(&Subject) -> bool,
    ) -> Self {
        let Standing {
            subjects,
            organisation,
            role,
            scopes,
            operator,
            // What they are called; all that follows from these stands in the others.
            name: _,
            member: _,
            key: _,
        } = standing;
        let mut meaning = Meaning::plain("guichet 2026 rights");
        meaning.number(refused.into());
        meaning.number((*operator).into());
        meaning.option(role.as_ref(), |m, r| m.number(*r as u64));
        if !crate::leak!("rights-without-organisation") {
            meaning.option(organisation.as_ref(), |m, o| m.text(o));
        }
        add_scopes(&mut meaning, scopes);
        let named: Vec<_> = subjects.iter().filter(|s| is_subject(s)).collect();
        meaning.list(named.into_iter(), add_subject);
        Self(meaning.end().max(1))
    }
}

fn add_scopes(meaning: &mut Meaning, scopes: &Scopes) {
    let Scopes {
        layers,
        actions,
        profile,
        max_zoom,
    } = scopes;
    meaning.option(layers.as_ref(), |m, l| m.list(l.iter(), |m, id| m.text(id)));
    meaning.option(actions.as_ref(), |m, a| {
        m.list(a.iter(), |m, a| m.number(*a as u64));
    });
    meaning.option(profile.as_ref(), |m, id| m.text(id));
    meaning.option(*max_zoom, |m, zoom| m.number(zoom.into()));
}

fn add_subject(meaning: &mut Meaning, subject: &Subject) {
    match subject {
        Subject::Public => meaning.number(0),
        Subject::Authenticated => meaning.number(1),
        Subject::Organisation(id) => {
            meaning.number(2);
            meaning.text(id);
        }
        Subject::Group(id) => {
            meaning.number(3);
            meaning.text(id);
        }
        Subject::Key(id) => {
            meaning.number(4);
            meaning.number(id.0.into());
        }
    }
}

impl Policy {
    /// The rights of a caller. For keys they were worked out when the policy was made.
    pub fn rights(&self, principal: &Principal) -> Rights {
        let Principal::Known(standing) = principal else {
            return Rights::ANONYMOUS;
        };
        self.standings().rights(standing).unwrap_or_else(|| {
            Rights::of(standing, self.is_refused(standing), |s| self.is_subject(s))
        })
    }
}
