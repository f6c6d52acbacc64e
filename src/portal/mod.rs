//! Floor 6: pages for people, in French and English. A page is a pure function of plain values: no request, no clock, no I/O.

mod assets;
mod connect;
mod lang;
mod map;
pub mod model;
mod pages;
mod reference;
mod shell;
#[cfg(test)]
mod tests;
mod texts;
mod words;

pub use assets::{Asset, CACHE_CONTROL, asset, has_maps};
pub use lang::Lang;
pub use pages::{
    render_api, render_collection, render_collections, render_conformance, render_item,
    render_items, render_landing, render_problem,
};

/// The content security policy of every page: nothing but this server's own files, no inline script or style, no plug-in, no
/// frame. Maps need a worker (a file of this server) and images in `data:` (the icons of their buttons).
pub const CSP: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; \
                       connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The headers that every page is sent with, beside its own. An address may hold a key: it is told to no other site.
pub const HEADERS: [(&str, &str); 3] = [
    ("content-security-policy", CSP),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
];
