//! Tests of the room, one file per subject.

mod domain;
mod identifiers;
mod reference;
mod survey;
mod wkt;
