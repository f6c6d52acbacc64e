//! Prepares what the pages are served with: the map library (fetched by `npm ci` from the committed lock, whose integrity hashes
//! fix every byte), the notices of its licences, our own styles and scripts. Each file is named by its content and compressed
//! once, here.
//!
//! `GUICHET_ASSETS` says how much the build may insist on the library: `auto` (the default: without npm or network the build
//! succeeds and its pages say that they have no map), `off` (npm is not run), `require` (the build fails without it).
#![allow(
    clippy::print_stdout,
    reason = "cargo reads what a build script prints"
)]

#[path = "src/portal/assets/fetch.rs"]
mod fetch;

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use fetch::{LIBRARY, LOCK, NOTICES};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Sources of the assets, relative to the package.
const SOURCES: &str = "src/portal/assets";
/// Our own files: the constant that names each one in the pages' code, its name, its parts in order (styles: in the order of
/// the cascade).
const OWN: [(&str, &str, &[&str]); 4] = [
    (
        "STYLESHEET",
        "portal.css",
        &[
            "styles/base.css",
            "styles/frame.css",
            "styles/lists.css",
            "styles/forms.css",
            "styles/data.css",
            "styles/map.css",
            "styles/api.css",
            "styles/small.css",
        ],
    ),
    ("PAGE_SCRIPT", "page.js", &["page.js"]),
    ("MAP_SCRIPT", "map.js", &["map.js"]),
    ("ICON", "icon.svg", &["icon.svg"]),
];
/// A build without network must not wait for npm's own patience (minutes); a full fetch takes some seconds.
const PATIENCE: Duration = Duration::from_secs(28);
/// Where the library is required, a slow network is waited for.
const LONG_PATIENCE: Duration = Duration::from_mins(5);
/// Highest level of libdeflate: the files are compressed once and sent many times.
const GZIP_LEVEL: i32 = 12;

fn main() -> Outcome<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=GUICHET_ASSETS");
    println!("cargo:rerun-if-env-changed=npm_config_registry");
    for name in LOCK.iter().chain(OWN.iter().flat_map(|own| own.2)) {
        println!("cargo:rerun-if-changed={SOURCES}/{name}");
    }
    let variable = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .ok_or(format!("cargo sets {name}"))
    };
    let out = variable("OUT_DIR")?;
    let sources = variable("CARGO_MANIFEST_DIR")?.join(SOURCES);

    let library = match env::var("GUICHET_ASSETS").as_deref().unwrap_or("auto") {
        "off" => None,
        "require" => Some(fetch::fetch(&sources, &out, LONG_PATIENCE)?),
        "" | "auto" => match fetch::fetch(&sources, &out, PATIENCE) {
            Ok(dir) => Some(dir),
            Err(reason) => {
                println!("cargo:warning=the pages are built without maps: {reason}");
                println!(
                    "cargo:warning=GUICHET_ASSETS=require tries again and insists, GUICHET_ASSETS=off does not try"
                );
                None
            }
        },
        other => {
            return Err(
                format!("GUICHET_ASSETS is `{other}`; it can be auto, off or require").into(),
            );
        }
    };
    let code = generate(&sources, library.as_deref(), &out)?;
    fs::write(out.join("assets.rs"), code)?;
    Ok(())
}

/// Copies each asset under a name that holds its hash, compresses it, and writes the Rust that embeds both.
fn generate(sources: &Path, library: Option<&Path>, out: &Path) -> Outcome<String> {
    let served = out.join("assets");
    if served.exists() {
        fs::remove_dir_all(&served)?;
    }
    fs::create_dir_all(&served)?;
    let mut entries = String::new();
    let mut names = String::new();
    for (constant, name, parts) in OWN {
        let bytes = read(parts.iter().map(|part| sources.join(part)))?;
        let hashed = embed(name, &bytes, &served, &mut entries)?;
        writeln!(names, "pub(super) const {constant}: &str = {hashed:?};")?;
    }
    names.push_str("pub(super) const LIBRARY: Option<Library> = ");
    if let Some(dir) = library {
        names.push_str("Some(Library {\n");
        for (member, file) in LIBRARY.into_iter().chain([("notices", NOTICES)]) {
            let name = file_name(file);
            let bytes = read([dir.join(name)])?;
            let hashed = embed(name, &bytes, &served, &mut entries)?;
            writeln!(names, "    {member}: {hashed:?},")?;
        }
        names.push_str("});\n");
    } else {
        names.push_str("None;\n");
    }
    Ok(format!(
        "pub(super) static ASSETS: &[Asset] = &[\n{entries}];\n{names}"
    ))
}

/// The files, one after the other.
fn read(paths: impl IntoIterator<Item = PathBuf>) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    for path in paths {
        bytes.extend(fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?);
    }
    Ok(bytes)
}

/// Adds one file to the table; returns the name it is served under.
fn embed(name: &str, bytes: &[u8], served: &Path, entries: &mut String) -> Outcome<String> {
    let hash = blake3::hash(bytes).to_hex();
    let (stem, extension) = name
        .rsplit_once('.')
        .ok_or(format!("{name} has no extension"))?;
    let hashed = format!("{stem}-{}.{extension}", &hash.as_str()[..16]);
    let content_type = match extension {
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        other => return Err(format!("no media type for .{other}").into()),
    };
    let level = libdeflater::CompressionLvl::new(GZIP_LEVEL)
        .map_err(|e| format!("level {GZIP_LEVEL}: {e:?}"))?;
    let mut compressor = libdeflater::Compressor::new(level);
    let mut gzip = vec![0; compressor.gzip_compress_bound(bytes.len())];
    let length = compressor.gzip_compress(bytes, &mut gzip)?;
    gzip.truncate(length);
    fs::write(served.join(format!("{hashed}.gz")), &gzip)?;
    fs::write(served.join(&hashed), bytes)?;
    let include =
        |file: &str| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/assets/{file}\"))");
    let (plain, gzipped) = (include(&hashed), include(&format!("{hashed}.gz")));
    writeln!(entries, "    Asset {{")?;
    writeln!(
        entries,
        "        name: {hashed:?}, content_type: {content_type:?},"
    )?;
    writeln!(
        entries,
        "        etag: \"\\\"{hash}\\\"\", gzip_etag: \"\\\"{hash}-gzip\\\"\","
    )?;
    writeln!(entries, "        bytes: {plain}, gzip_bytes: {gzipped},")?;
    writeln!(entries, "    }},")?;
    Ok(hashed)
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
