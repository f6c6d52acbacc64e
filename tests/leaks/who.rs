//! Who asks, and how they say who they are.

use guichet::access::KeyId;

use crate::ask::Ask;
use crate::encodings::base64;
use crate::requests::encoded;
use crate::world::World;

/// Who asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Who {
    /// Somebody without credentials.
    Anonymous,
    /// Somebody with a key.
    Key {
        id: KeyId,
        text: String,
        shown: Shown,
    },
}

/// Where a key is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown {
    Bearer,
    Header,
    Basic,
    Query,
}

/// Whether the server knows keys yet.
const KEYS: bool = true;

const SHOWN: [Shown; 4] = [Shown::Bearer, Shown::Header, Shown::Basic, Shown::Query];

impl Who {
    /// The callers of a world: nobody, and whoever has a key.
    pub fn of(world: &World) -> Vec<Self> {
        if !KEYS {
            return vec![Self::Anonymous];
        }
        let keys = world.secrets.iter().zip(SHOWN.iter().cycle());
        let keys = keys.map(|((id, text), shown)| Self::Key {
            id: *id,
            text: text.clone(),
            shown: *shown,
        });
        std::iter::once(Self::Anonymous).chain(keys).collect()
    }

    pub fn key(&self) -> Option<KeyId> {
        match self {
            Self::Anonymous => None,
            Self::Key { id, .. } => Some(*id),
        }
    }

    /// The request with the caller's credentials.
    pub fn dress(&self, mut ask: Ask) -> Ask {
        let Self::Key { text, shown, .. } = self else {
            return ask;
        };
        match shown {
            Shown::Bearer => ask.with("authorization", format!("Bearer {text}")),
            Shown::Header => ask.with("x-api-key", text.clone()),
            Shown::Basic => {
                let pair = base64(format!("qgis:{text}").as_bytes());
                ask.with("authorization", format!("Basic {pair}"))
            }
            Shown::Query => {
                let sign = if ask.target.contains('?') { '&' } else { '?' };
                ask.target = format!("{}{sign}key={}", ask.target, encoded(text));
                ask
            }
        }
    }
}
