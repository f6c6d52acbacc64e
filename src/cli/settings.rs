//! From the configuration to the plain values that the API wants.

use std::time::{Duration, SystemTime};

use anyhow::Context as _;

use crate::api::{Base, Basemap, Rate, Rates, Settings, TrustedProxies};
use crate::config::{self, Config};
use crate::features::Limits;
use crate::filter;

/// Settings of the API.
pub(super) fn api(config: &Config) -> anyhow::Result<Settings> {
    let l = &config.limits;
    let public_url = config
        .platform
        .url
        .as_deref()
        .map(Base::parse)
        .transpose()
        .context("platform.url")?;
    let proxies: Vec<String> = config
        .server
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    let trusted_proxies =
        TrustedProxies::parse(proxies.iter().map(String::as_str)).map_err(|bad| {
            anyhow::anyhow!("server.trusted_proxies: \"{bad}\" is no address and no network")
        })?;
    Ok(Settings {
        public_url,
        trusted_proxies,
        items: items(l),
        url_bytes: l.url_bytes as usize,
        answer_within: Duration::from_secs(l.request_seconds),
        workers: l.concurrent_renders as usize,
        queue: l.queued_renders as usize,
        connections: l.connections as usize,
        tile_cache_bytes: l.tile_cache_bytes,
        collections_per_tile: l.collections_per_tile as usize,
        rates: rates(l),
        signature_seconds: l.signature_seconds as u32,
        basemap: basemap(&config.basemap)?,
        run: SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |t| t.as_secs()),
        ..Settings::default()
    })
}

fn rates(l: &config::Limits) -> Rates {
    Rates {
        caller: Rate::per_second(
            l.caller_requests_per_second as u32,
            l.caller_requests_at_once as u32,
        ),
        network: Rate::per_second(
            l.network_requests_per_second as u32,
            l.network_requests_at_once as u32,
        ),
        failures: Rate::per_minute(l.bad_credentials_per_minute as u32),
    }
}

/// What a page of items, and a filter of it, may be at most.
fn items(l: &config::Limits) -> Limits {
    Limits {
        default: l.items_limit_default as u32,
        maximum: l.items_limit_max as u32,
        weight: l.page_bytes,
        filter: filter::Limits {
            length_bytes: l.filter_bytes as usize,
            depth: l.filter_depth as usize,
            nodes: l.filter_parts as usize,
            vertices: l.filter_vertices as usize,
            cost: l.filter_cost,
        },
    }
}

fn basemap(basemap: &config::Basemap) -> anyhow::Result<Basemap> {
    Ok(match basemap {
        config::Basemap::Own => Basemap::Own,
        config::Basemap::Layers(layers) => Basemap::Layers(layers.clone()),
        config::Basemap::Style(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("basemap.style: {}", path.display()))?;
            let style = serde_json::from_str(&text)
                .with_context(|| format!("basemap.style: {} is no JSON", path.display()))?;
            let name = path
                .file_stem()
                .map_or("basemap".into(), |n| n.to_string_lossy().into_owned());
            Basemap::Style { name, style }
        }
        config::Basemap::External { url, .. } => anyhow::bail!(
            "basemap.style = \"{url}\": styles of another host are not served yet; use a file, or leave it out"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_the_same_on_both_sides() {
        let limits = config::Limits::default();
        assert_eq!(items(&limits), Limits::default());
        assert_eq!(rates(&limits), Rates::default());
        assert_eq!(limits.url_bytes as usize, Settings::default().url_bytes);
        assert_eq!(
            limits.signature_seconds as u32,
            Settings::default().signature_seconds
        );
    }
}
