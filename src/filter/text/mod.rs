//! CQL2 text (§8.2 and its grammar, `cql2.bnf`), in and out.
//!
//! Where the grammar leaves a choice, or a client needs more than it gives:
//! - A backslash in a text (/req/cql2-text/escaping): `\'` is a quote, as `''` is; `\\` is one backslash, which is how QGIS writes it;
//!   `\a \b \t \n \v \f \r` are control characters. Before anything else it is itself, so that `LIKE '100\%'` means what the standard
//!   says and `LIKE '100\\%'`, as QGIS writes it, means the same. A text may hold any character.
//! - A word of CQL2 before a bracket (`DATE(…)`, `S_WITHIN(…)`, `POINT(…)`) is what CQL2 means by it; elsewhere it is the name of a
//!   property. `AND OR NOT IS NULL IN LIKE BETWEEN TRUE FALSE DIV` are never names. In double quotes, everything is a name, that of a
//!   function too.
//! - A property may stand where something true or false is wanted, as a function may: the schema knows whether it is of type boolean.
//! - Predicates in brackets may be compared, and whatever has a value may be tested with `IS NULL`. Which types an operator takes is
//!   checked against the schema, not here.
//! - `-a` is `-1 * a`, also with brackets: `-(a)`. `-1` is one number. `NOT NOT a` is fine; `a ^ b ^ c` and `a = b = c` are not.
//! - A bracket with a comma in it is an array wherever it stands; see [`rank::Place`] for those without.
//! - `IN ()` is read, since JSON can say it and it has to be printed.
//! - Timestamps may have an offset. Ends of intervals may be written `DATE('…')`.
//! - What is told of geometries: [`wkt`](super::wkt).

mod call;
mod condition;
pub(super) mod cursor;
mod keywords;
pub(super) mod lex;
mod operand;
mod parse;
mod print;
mod rank;
#[cfg(test)]
mod tests;

pub use parse::parse_text;
pub use print::to_text;
