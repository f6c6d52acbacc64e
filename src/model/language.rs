//! Languages that pages and messages are written in.

use std::borrow::Cow;
use std::fmt;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// French.
    #[default]
    Fr,
    /// English.
    En,
}

/// A text in each of the languages: what is found out where nobody knows who will read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    fr: Cow<'static, str>,
    en: Cow<'static, str>,
}

impl Words {
    /// In French and in English.
    pub fn new(fr: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self {
            fr: fr.into(),
            en: en.into(),
        }
    }

    /// In one of them.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::Fr => &self.fr,
            Language::En => &self.en,
        }
    }
}

impl fmt::Display for Words {
    /// In English, as logs and commands are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}
