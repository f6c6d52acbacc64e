//! The policy's store under real processes: commands beside a running server, processes that are killed, stores that are put back,
//! many keys and grants.

#![allow(clippy::panic, clippy::format_collect)]

mod commands;
mod demonstration;
mod killed;
mod many;
mod reloads;
mod rescue;
mod serving;
mod tokens;
mod world;
