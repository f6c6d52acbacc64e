//! `[server]`: where the process listens, whom it trusts, where it keeps its state.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::network::Network;
use super::table::Table;

/// The process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Where it listens; port 0 is any free port.
    pub listen: SocketAddr,
    /// Peers whose `Forwarded` and `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// The folder of the secret, the lock, the store and the snapshots.
    pub state: PathBuf,
    /// Bytes for layers, views and caches together; `None` leaves it to the machine.
    pub memory: Option<u64>,
    /// Where the metrics are served, on a listener of their own; `None` is off.
    pub metrics: Option<SocketAddr>,
}

/// Where it listens unless told otherwise: this machine only.
pub const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Less than this leaves no room for a layer and its tiles.
const MEMORY_MIN: u64 = 64 << 20;

impl Server {
    /// The defaults, with the state in the folder `state`.
    pub(super) fn with_state(state: PathBuf) -> Self {
        Self {
            listen: DEFAULT_LISTEN,
            trusted_proxies: Vec::new(),
            state,
            memory: None,
            metrics: None,
        }
    }
}

/// Reads the table; `resolve` finds a path relative to the file, `default` is the server of an empty table.
pub(super) fn read(t: Table<'_>, resolve: impl Fn(&str) -> PathBuf, default: Server) -> Server {
    let metrics = t.get("metrics");
    let server = Server {
        listen: t
            .get("listen")
            .and_then(|n| n.socket())
            .unwrap_or(default.listen),
        trusted_proxies: read_proxies(&t),
        state: t.string("state").map_or(default.state, |s| resolve(&s)),
        memory: t.get("memory").and_then(|n| n.bytes(MEMORY_MIN..=1 << 50)),
        metrics: metrics.as_ref().and_then(super::node::Node::socket),
    };
    if let Some(node) =
        metrics.filter(|_| server.metrics == Some(server.listen) && server.listen.port() != 0)
    {
        node.fault("\"metrics\" is the address of \"listen\": metrics need a port of their own, which the public cannot reach");
    }
    t.finish();
    server
}

fn read_proxies(t: &Table<'_>) -> Vec<Network> {
    let nodes = t
        .get("trusted_proxies")
        .and_then(|n| n.list())
        .unwrap_or_default();
    let read = |node: &super::node::Node<'_>| {
        let network = Network::parse(&node.string()?);
        network.or_else(|| {
            node.wrong("an address such as \"10.0.0.7\" or a block such as \"10.0.0.0/8\"")
        })
    };
    nodes.iter().filter_map(read).collect()
}
