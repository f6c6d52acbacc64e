//! Seeded leaks: places where a check could be forgotten, to prove that the leak suite would notice.
//!
//! `leak!("name")` is the constant `false` in every build but one: with the environment variable `GUICHET_LEAKS` set at build time, it
//! is true while that leak is switched on (at run time: by a test, or by the variable `GUICHET_LEAK`). `tests/leaks` lists them and says which
//! test kills which.

/// True while the seeded leak of that name is switched on; constant false in builds that people use.
#[macro_export]
macro_rules! leak {
    ($name:literal) => {
        cfg!(guichet_leaks) && $crate::leaks::is_on($name)
    };
}

/// At first the one that the environment names: other tests than the leak suite are run with it.
#[cfg(guichet_leaks)]
static ON: std::sync::LazyLock<std::sync::RwLock<String>> = std::sync::LazyLock::new(|| {
    std::sync::RwLock::new(std::env::var("GUICHET_LEAK").unwrap_or_default())
});

/// Switches one leak on, and the one before off; the empty name switches all off.
#[cfg(guichet_leaks)]
pub fn switch_on(name: &str) {
    name.clone_into(
        &mut ON
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner),
    );
}

/// True if that leak is switched on.
#[cfg(guichet_leaks)]
pub fn is_on(name: &str) -> bool {
    *ON.read().unwrap_or_else(std::sync::PoisonError::into_inner) == name
}

/// No leak is ever on in a build without them.
#[cfg(not(guichet_leaks))]
pub const fn is_on(_name: &str) -> bool {
    false
}
