//! From a configuration to a catalogue: loads what is new, keeps what has not changed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::catalog::{
    Access, Catalog, Discovery, Language, LayerEntry, Organisation, Platform, Publication,
    TileSettings,
};
use crate::config::{self, Config};
use crate::geometry::crs::Crs;
use crate::ingest::{self, DeclaredField, IngestLimits, LoadOptions, Report, SourceSpec, Verdict};
use crate::model::DataType;
use crate::model::metadata::Metadata;

use super::progress::Progress;

/// A layer to be published: where it comes from, how it is read, what is said of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) publication: Publication,
    pub(super) source: SourceSpec,
    pub(super) feature_id: Option<String>,
    pub(super) fields: Vec<DeclaredField>,
}

/// What a file was when it was read: if this has not changed, the layer need not be read again.
#[derive(Debug, Clone, PartialEq)]
struct Stamp {
    modified: Option<SystemTime>,
    /// Seconds and nanoseconds of the inode's last change, which no program sets back as it does the time of modification.
    changed: (i64, i64),
    bytes: u64,
    inode: u64,
}

/// One published layer and how it came to be.
#[derive(Debug)]
pub(super) struct Published {
    plan: Plan,
    stamp: Option<Stamp>,
    /// Time zone and ceilings under which it was read.
    time_zone: jiff::tz::TimeZone,
    limits: IngestLimits,
    pub(super) entry: Arc<LayerEntry>,
    pub(super) report: Report,
    pub(super) from_snapshot: bool,
}

impl Published {
    /// The file it came from.
    pub(super) fn source_path(&self) -> &Path {
        &self.plan.source.path
    }

    /// The layer of that file, where it has several.
    pub(super) fn source_layer(&self) -> Option<&str> {
        self.plan.source.layer.as_deref()
    }
}

/// How layers are loaded, whatever the layer.
pub(super) struct Loader<'a> {
    pub(super) secret: [u8; 32],
    pub(super) time_zone: jiff::tz::TimeZone,
    pub(super) limits: IngestLimits,
    /// Folder of the snapshots; none keeps layers in memory alone.
    pub(super) snapshots: Option<PathBuf>,
    pub(super) progress: &'a Progress,
}

/// Layers by collection id, and those that failed with the reason.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) layers: BTreeMap<String, Published>,
    pub(super) failed: Vec<(String, String)>,
    /// Layers that stay as they were read before, since their file cannot be read as it is now.
    pub(super) stale: Vec<(String, String)>,
}

impl Outcome {
    /// What a reload must not accept: a layer that is served now and fails though it is to be read otherwise, or a new one that fails. What failed
    /// before may go on failing, and what was read stays as it was, else one bad file would shut out every later change.
    pub(super) fn worse_than<'a>(
        &'a self,
        before: &'a Self,
    ) -> impl Iterator<Item = &'a (String, String)> {
        let failed_before = |id: &str| before.failed.iter().any(|(old, _)| old == id);
        self.failed.iter().filter(move |(id, _)| !failed_before(id))
    }

    /// True if a layer that is served comes from `path`.
    pub(super) fn serves(&self, path: &Path) -> bool {
        self.layers.values().any(|p| p.source_path() == path)
    }

    /// Removes the snapshots in `folder` of layers that neither are served nor failed.
    pub(super) fn sweep_snapshots(&self, folder: &Path) {
        let keep: Vec<PathBuf> = self
            .layers
            .keys()
            .chain(self.failed.iter().map(|(id, _)| id))
            .map(|id| snapshot_path(folder, id))
            .collect();
        ingest::sweep_snapshots(folder, &keep);
    }
}

impl Loader<'_> {
    /// Publishes every plan. What `before` holds unchanged is kept.
    pub(super) fn publish(&self, plans: Vec<Plan>, before: &Outcome) -> Outcome {
        let mut outcome = Outcome::default();
        for plan in plans {
            let id = plan.publication.id.clone();
            match self.publish_one(plan.clone(), before.layers.get(&id)) {
                Ok(published) => {
                    outcome.layers.insert(id, published);
                }
                Err(e) => match self.as_it_was(plan, before.layers.get(&id)) {
                    Some(published) => {
                        outcome.stale.push((id.clone(), e.to_string()));
                        outcome.layers.insert(id, published);
                    }
                    None => outcome.failed.push((id, e.to_string())),
                },
            }
        }
        outcome
    }

    /// A layer as it was read before, if it is to be read in the same way: its file alone is at fault. The next reload tries again.
    fn as_it_was(&self, plan: Plan, before: Option<&Published>) -> Option<Published> {
        let before = before.filter(|b| self.reads_alike(&plan, b))?;
        self.again(plan, before, before.stamp.clone()).ok()
    }

    fn reads_alike(&self, plan: &Plan, before: &Published) -> bool {
        before.plan.source == plan.source
            && before.plan.feature_id == plan.feature_id
            && before.plan.fields == plan.fields
            && before.time_zone == self.time_zone
            && before.limits == self.limits
    }

    /// The rows of before, published as is planned now.
    fn again(
        &self,
        plan: Plan,
        before: &Published,
        stamp: Option<Stamp>,
    ) -> anyhow::Result<Published> {
        let entry = before.entry.republished(plan.publication.clone())?;
        Ok(Published {
            plan,
            stamp,
            time_zone: self.time_zone.clone(),
            limits: self.limits,
            entry: Arc::new(entry),
            report: before.report.clone(),
            from_snapshot: before.from_snapshot,
        })
    }

    fn publish_one(&self, plan: Plan, before: Option<&Published>) -> anyhow::Result<Published> {
        let stamp = stamp(&plan.source.path);
        if let Some(before) = before
            && self.reads_alike(&plan, before)
            && before.stamp == stamp
            && stamp.is_some()
        {
            return self.again(plan, before, stamp);
        }
        let id = &plan.publication.id;
        let bar = self.progress.layer(id);
        let loaded = ingest::load(
            &plan.source,
            &LoadOptions {
                feature_id: plan.feature_id.as_deref(),
                fields: &plan.fields,
                time_zone: self.time_zone.clone(),
                limits: self.limits,
                hash_key: self.secret,
                snapshot: self
                    .snapshots
                    .as_deref()
                    .map(|folder| snapshot_path(folder, id)),
                workers: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
                progress: &|features| bar.add(features),
            },
        )?;
        if let Some(fault) = &loaded.snapshot_fault {
            tracing::warn!(layer = %id, fault, "the snapshot of {id} is not used");
        }
        let entry = LayerEntry::new(plan.publication.clone(), loaded.layer)?;
        bar.done(&loaded.report, loaded.from_snapshot);
        Ok(Published {
            plan,
            stamp,
            time_zone: self.time_zone.clone(),
            limits: self.limits,
            entry: Arc::new(entry),
            report: loaded.report,
            from_snapshot: loaded.from_snapshot,
        })
    }
}

fn snapshot_path(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.snapshot"))
}

fn stamp(path: &Path) -> Option<Stamp> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(path).ok()?;
    Some(Stamp {
        modified: metadata.modified().ok(),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
        bytes: metadata.len(),
        inode: metadata.ino(),
    })
}

/// The catalogue of an outcome under a configuration.
pub(super) fn catalogue(config: &Config, outcome: &Outcome) -> Catalog {
    let platform = Platform {
        title: config.platform.title.clone(),
        description: config.platform.description.clone(),
        language: match config.platform.language {
            config::Language::French => Language::Fr,
            config::Language::English => Language::En,
        },
        contact: config.platform.contact.clone(),
    };
    let organisations = config.organisations.iter().map(|o| Organisation {
        id: o.id.clone(),
        title: o.title.clone(),
        description: o.description.clone(),
        url: o.url.clone(),
        contact: o.contact.clone(),
        colour: o.colour.clone(),
    });
    let guests = config.guests.iter().filter_map(|guest| {
        Some(Organisation {
            id: guest.id.clone(),
            title: guest.title.clone()?,
            description: None,
            url: None,
            contact: None,
            colour: None,
        })
    });
    let organisations = organisations.chain(guests);
    let entries = outcome.layers.values().map(|p| Arc::clone(&p.entry));
    Catalog::new(platform, organisations.collect(), entries.collect())
}

/// Ceilings of the configuration that concern sources.
pub(super) fn limits(config: &Config) -> IngestLimits {
    let l = &config.limits;
    IngestLimits {
        source_file_bytes: l.source_file_bytes,
        features: l.features_per_layer,
        vertices_per_feature: l.vertices_per_feature as usize,
        columns: l.columns as usize,
        property_value_bytes: l.property_value_bytes as usize,
    }
}

/// The plan of a configured layer. The only thing that can fail here is a CRS that is not known.
pub(super) fn plan(config: &Config, layer: &config::Layer) -> Result<Plan, String> {
    let crs = layer.source.crs.as_deref().map(Crs::parse).transpose();
    let crs = crs.map_err(|e| format!("{}: source.crs: {e}", layer.place))?;
    let publisher = layer.organisation.as_ref().and_then(|id| {
        let own = config.organisations.iter().find(|o| o.id == *id);
        let guest = || config.guests.iter().find(|g| g.id == *id);
        own.map(|o| o.title.clone())
            .or_else(|| guest()?.title.clone())
    });
    Ok(Plan {
        publication: Publication {
            id: layer.collection.clone(),
            organisation: layer.organisation.clone(),
            access: match layer.access {
                config::Access::Open => Access::Open,
                config::Access::Restricted => Access::Restricted,
            },
            discovery: match layer.discovery {
                config::Discovery::Listed => Discovery::Listed,
                config::Discovery::Hidden => Discovery::Hidden,
            },
            declared: layer.fields.iter().map(|f| f.name.clone()).collect(),
            metadata: Metadata {
                title: layer.title.clone().unwrap_or_else(|| layer.id.clone()),
                description: layer.description.clone(),
                keywords: layer.keywords.clone(),
                licence: layer.licence.clone(),
                attribution: layer.attribution.clone(),
                contact: layer.contact.clone(),
                updated: layer.updated.clone(),
                label: layer.label.clone(),
                publisher,
            },
            time: layer.time.clone(),
            tiles: TileSettings {
                min_zoom: layer.tiles.min_zoom,
                max_zoom: layer.tiles.max_zoom,
                properties: layer.tiles.properties.clone(),
            },
        },
        source: SourceSpec {
            path: layer.source.path.clone(),
            layer: layer.source.layer.clone(),
            crs,
            partial: layer.source.partial,
        },
        feature_id: layer.feature_id.clone(),
        fields: layer.fields.iter().map(declared).collect(),
    })
}

fn declared(field: &config::Field) -> DeclaredField {
    DeclaredField {
        name: field.name.clone(),
        data_type: field.data_type.map(|t| match t {
            config::FieldType::Boolean => DataType::Boolean,
            config::FieldType::Integer => DataType::Integer,
            config::FieldType::Number => DataType::Number,
            config::FieldType::String => DataType::String,
            config::FieldType::Date => DataType::Date,
            config::FieldType::DateTime => DataType::DateTime,
            config::FieldType::Json => DataType::Json,
        }),
        title: field.title.clone(),
        description: field.description.clone(),
        codes: field.codes.clone(),
    }
}

/// One line of a report: counts, and each code with its first places.
pub(super) fn summary(report: &Report) -> String {
    let mut line = format!("{} features, {}", report.accepted, report.crs);
    let rejected = report.count(Verdict::Rejected);
    if rejected > 0 {
        let _infallible = write!(line, ", {rejected} rejected");
    }
    for (code, faults) in &report.codes {
        let places: Vec<String> = faults.places.iter().take(3).map(u32::to_string).collect();
        let places = if places.is_empty() {
            String::new()
        } else {
            format!(" at {}", places.join(", "))
        };
        let _infallible = write!(line, "; {} × {}{places}", faults.count, code.name());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(ids: &[&str]) -> Outcome {
        Outcome {
            failed: ids
                .iter()
                .map(|id| ((*id).to_owned(), "it is damaged".to_owned()))
                .collect(),
            ..Outcome::default()
        }
    }

    #[test]
    fn what_failed_before_may_go_on_failing() {
        let (before, after) = (failing(&["a", "b"]), failing(&["b", "c"]));
        let worse: Vec<&str> = after.worse_than(&before).map(|(id, _)| &**id).collect();
        assert_eq!(worse, ["c"]);
    }
}
