//! Part of the build script: fetches the map library by npm, once for each state of the lock.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use super::{Outcome, file_name};

/// The library's files that are served: the member that names each one, its source in the package `maplibre-gl`.
pub const LIBRARY: [(&str, &str); 3] = [
    ("module", "dist/maplibre-gl.mjs"),
    ("worker", "dist/maplibre-gl-worker.mjs"),
    ("stylesheet", "dist/maplibre-gl.css"),
];
/// The licences of all that is in it.
pub const NOTICES: &str = "licences.txt";
/// What says which packages: their integrity hashes fix every byte.
pub const LOCK: [&str; 2] = ["package.json", "package-lock.json"];

/// The folder with the library's files, fetched unless an earlier run did so from the same lock.
pub fn fetch(sources: &Path, out: &Path, patience: Duration) -> Outcome<PathBuf> {
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
