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

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

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
/// The library's files that are served: the member that names each one, its source in the package `maplibre-gl`.
const LIBRARY: [(&str, &str); 3] = [
    ("module", "dist/maplibre-gl.mjs"),
    ("worker", "dist/maplibre-gl-worker.mjs"),
    ("stylesheet", "dist/maplibre-gl.css"),
];
/// The licences of all that is in it.
const NOTICES: &str = "licences.txt";
/// What says which packages: their integrity hashes fix every byte.
const LOCK: [&str; 2] = ["package.json", "package-lock.json"];
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
    println!("cargo:rerun-if-env-changed=GUICHET_LEAKS");
    if env::var_os("GUICHET_LEAKS").is_some() {
        println!("cargo:rustc-cfg=guichet_leaks");
    }
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
        "require" => Some(fetch(&sources, &out, LONG_PATIENCE)?),
        "" | "auto" => match fetch(&sources, &out, PATIENCE) {
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

/// The folder with the library's files, fetched unless an earlier run did so from the same lock.
fn fetch(sources: &Path, out: &Path, patience: Duration) -> Outcome<PathBuf> {
    let dir = out.join("library");
    let stamp = dir.join("stamp");
    let mut wanted = blake3::Hasher::new();
    for name in LOCK {
        wanted.update(&fs::read(sources.join(name))?);
    }
    let wanted = wanted.finalize().to_hex();
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted.as_str()) {
        return Ok(dir);
    }
    let work = out.join("npm");
    for old in [&dir, &work] {
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
        fs::create_dir_all(old)?;
    }
    for name in LOCK {
        fs::copy(sources.join(name), work.join(name))?;
    }
    npm_ci(&work, patience)?;
    let modules = work.join("node_modules");
    for (_, source) in LIBRARY {
        let path = modules.join("maplibre-gl").join(source);
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        fs::write(dir.join(file_name(source)), without_source_map(&text))?;
    }
    fs::write(dir.join(NOTICES), notices(&modules)?)?;
    fs::remove_dir_all(&work)?;
    fs::write(stamp, wanted.as_str())?;
    Ok(dir)
}

/// Runs `npm ci` in `work`; scripts of packages are never run. What npm says goes to a file, so that a full pipe cannot stop it.
fn npm_ci(work: &Path, patience: Duration) -> Outcome<()> {
    let log = work.join("npm.log");
    let sink = fs::File::create(&log)?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let mut child = Command::new(npm)
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefer-offline",
        ])
        .args([
            "--loglevel=error",
            "--fetch-retries=1",
            "--fetch-retry-mintimeout=1000",
            "--fetch-retry-maxtimeout=2000",
        ])
        .current_dir(work)
        .stdin(Stdio::null())
        .stdout(sink.try_clone()?)
        .stderr(sink)
        .spawn()
        .map_err(|e| format!("npm could not be run: {e}"))?;
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            if status.success() {
                return Ok(());
            }
            let said = fs::read_to_string(&log).unwrap_or_default();
            let first = said
                .lines()
                .find(|l| l.contains("npm error"))
                .unwrap_or("no reason given");
            return Err(format!("npm ci ended with {status}: {first}").into());
        }
        if start.elapsed() > patience {
            child.kill()?;
            child.wait()?;
            return Err(format!(
                "npm ci had not ended after {} s and was stopped",
                patience.as_secs()
            )
            .into());
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// The map of a minified file is not served: without the line that names it no browser asks for it.
fn without_source_map(text: &str) -> &str {
    text.trim_end()
        .rsplit_once('\n')
        .filter(|(_, last)| last.starts_with("//# sourceMappingURL="))
        .map_or(text, |(rest, _)| rest)
}

/// The licences of every package that the library is built from, in one text.
fn notices(modules: &Path) -> Outcome<String> {
    let mut text = String::from(
        "The maps of these pages are drawn by MapLibre GL JS, which contains other packages.\nTheir licences follow, each as its package states it.\n",
    );
    for package in packages(modules)? {
        let described: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(package.join("package.json"))?)?;
        let said = |member: &str| {
            described
                .get(member)
                .and_then(serde_json::Value::as_str)
                .unwrap_or("not stated")
        };
        write!(
            text,
            "\n\n{}\n{} {}\nLicence: {}\n\n",
            "=".repeat(72),
            said("name"),
            said("version"),
            said("license")
        )?;
        let mut files: Vec<PathBuf> = fs::read_dir(&package)?
            .map(|e| e.map(|e| e.path()))
            .collect::<Result<_, _>>()?;
        files.retain(|p| {
            let name = file_name(&p.to_string_lossy()).to_lowercase();
            ["licen", "notice", "copying"]
                .iter()
                .any(|start| name.starts_with(start))
        });
        files.sort();
        for file in &files {
            text.push_str(&fs::read_to_string(file)?);
        }
        if files.is_empty() {
            let author = described
                .get("author")
                .map(ToString::to_string)
                .unwrap_or_default();
            writeln!(
                text,
                "The package carries no text of its licence. Author: {author}"
            )?;
        }
    }
    Ok(text)
}

/// The folders of the installed packages, nested ones included; declarations of types are not shipped.
fn packages(modules: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = fs::read_dir(modules)?
        .map(|e| e.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    entries.sort();
    for path in entries {
        let name = file_name(&path.to_string_lossy()).to_owned();
        if name.starts_with('.') || name == "@types" {
            continue;
        }
        if name.starts_with('@') {
            found.extend(packages(&path)?);
            continue;
        }
        let nested = path.join("node_modules");
        found.push(path);
        if nested.is_dir() {
            found.extend(packages(&nested)?);
        }
    }
    Ok(found)
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
