//! A folder with a configuration of two small layers, commands on it, and a server of it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Everybody sees it.
pub const OPEN: &str = "region.villes";
/// Nobody sees it without a grant.
pub const RESTRICTED: &str = "region.parcelles";

const CONFIG: &str = r#"
[platform]
timezone = "Europe/Paris"
[limits]
policy_lease_seconds = 1
[[organisation]]
id = "region"
title = "Région"
[[layer]]
id = "villes"
organisation = "region"
source = "villes.geojson"
access = "open"
[[layer]]
id = "parcelles"
organisation = "region"
source = { path = "parcelles.geojson", crs = "EPSG:4326" }
access = "restricted"
tiles = { min_zoom = 0, max_zoom = 12 }
feature_id = "idu"
[layer.fields.idu]
type = "string"
[layer.fields.surface]
type = "number"
[layer.fields.proprietaire]
type = "string"
[[profile]]
id = "sans-nom"
rows = "TRUE"
attributes = ["idu", "surface"]
[[profile]]
id = "tout"
rows = "TRUE"
attributes = "*"
"#;

fn features(properties: impl Fn(u32) -> String) -> String {
    let feature = |i: u32| {
        let (x, y) = (5.0 + f64::from(i) / 100.0, 43.5);
        format!(
            r#"{{"type":"Feature","properties":{},"geometry":{{"type":"Point","coordinates":[{x},{y}]}}}}"#,
            properties(i)
        )
    };
    let all: Vec<String> = (0..20).map(feature).collect();
    format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        all.join(",")
    )
}

pub struct World {
    folder: tempfile::TempDir,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            fs::write(folder.path().join(name), text).expect("a file");
        };
        write("guichet.toml", CONFIG);
        write(
            "villes.geojson",
            &features(|i| format!(r#"{{"nom":"v{i}"}}"#)),
        );
        let parcel = |i| format!(r#"{{"idu":"p{i}","surface":{i}.5,"proprietaire":"canari-{i}"}}"#);
        write("parcelles.geojson", &features(parcel));
        Self { folder }
    }

    /// A folder with nothing in it: whoever starts there gets the demonstration.
    pub fn demonstration() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn state(&self) -> PathBuf {
        self.path("var")
    }

    pub fn append(&self, text: &str) {
        let path = self.path("guichet.toml");
        let config = fs::read_to_string(&path).expect("a configuration");
        fs::write(path, config + text).expect("a file");
    }

    fn guichet(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
        command.args(words).current_dir(self.folder.path());
        command.env("XDG_CACHE_HOME", self.path("cache"));
        command.env("USER", "tester").env_remove("SUDO_USER");
        command
    }

    /// Runs a command.
    pub fn run(&self, line: &[&str]) -> Output {
        self.guichet(line).output().expect("a process")
    }

    /// What a command prints; it must succeed.
    pub fn ok(&self, line: &[&str]) -> String {
        let output = self.run(line);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{line:?}\n{out}\n{err}");
        out
    }

    /// What a command says when it refuses.
    pub fn refused(&self, line: &[&str]) -> String {
        let output = self.run(line);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{line:?}\n{}",
            text(&output.stdout)
        );
        text(&output.stderr)
    }

    /// The JSON that a command prints.
    pub fn json(&self, line: &[&str]) -> Value {
        let mut words = line.to_vec();
        words.push("--json");
        serde_json::from_str(&self.ok(&words)).expect("JSON")
    }

    /// Makes a key of an organisation; gives its id and text.
    pub fn key(&self, organisation: &str, more: &[&str]) -> (String, String) {
        let mut line = vec![
            "key",
            "add",
            "--organisation",
            organisation,
            "--label",
            "essai",
        ];
        line.extend(more);
        let made = self.json(&line);
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        (text("id"), text("key"))
    }

    pub fn serve(&self, more: &[&str]) -> Server {
        self.try_serve(more).unwrap_or_else(|said| panic!("{said}"))
    }

    /// A server, or what it said before it ended.
    pub fn try_serve(&self, more: &[&str]) -> Result<Server, String> {
        let mut words = vec!["serve", "--listen", "127.0.0.1:0"];
        words.extend(more);
        let mut child = self
            .guichet(&words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        out.read_line(&mut line).expect("a line");
        match line.trim().strip_prefix("listening on http://") {
            Some(address) => Ok(Server {
                address: address.to_owned(),
                child,
            }),
            None => {
                let mut said = String::new();
                let mut err = child.stderr.take().expect("a pipe");
                err.read_to_string(&mut said).expect("text");
                child.wait().expect("its end");
                Err(said)
            }
        }
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub struct Server {
    address: String,
    child: Child,
}

impl Server {
    /// Status and body.
    pub fn get(&self, target: &str, key: Option<&str>) -> (u16, String) {
        let header = key.map_or(String::new(), |k| format!("X-API-Key: {k}\r\n"));
        self.get_with(target, &header)
    }

    /// The same with lines of headers.
    pub fn get_with(&self, target: &str, header: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        write!(
            stream,
            "GET {target} HTTP/1.0\r\nHost: {}\r\nAccept: application/json\r\n{header}Connection: close\r\n\r\n",
            self.address
        )
        .expect("a request");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = text(&answer);
        let status = answer.split(' ').nth(1).and_then(|s| s.parse().ok());
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, b)| b);
        (status.expect("a status"), body.to_owned())
    }

    pub fn status(&self, target: &str, key: Option<&str>) -> u16 {
        self.get(target, key).0
    }

    /// How long it takes until a target answers with a status; ten seconds at most.
    pub fn until(&self, target: &str, key: Option<&str>, status: u16) -> Duration {
        let start = Instant::now();
        let mut last = 0;
        while start.elapsed() < Duration::from_secs(10) {
            last = self.status(target, key);
            if last == status {
                return start.elapsed();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("{target}: {last} instead of {status}")
    }

    /// Ends as by Ctrl-C; gives what was said on standard error.
    pub fn stop(mut self) -> String {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("a signal");
        let mut said = String::new();
        let mut err = self.child.stderr.take().expect("a pipe");
        err.read_to_string(&mut said).expect("text");
        assert!(self.child.wait().expect("its end").success(), "{said}");
        said
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// Copies the policy's store, as a backup does.
pub fn back_up(state: &Path, to: &Path) {
    let db = rusqlite::Connection::open(state.join("policy.sqlite")).expect("a store");
    let _old = fs::remove_file(to);
    let done = db.execute("VACUUM INTO ?1", [to.to_str().expect("a path")]);
    done.expect("a copy");
}

/// Puts a copy in its place.
pub fn restore(state: &Path, from: &Path) {
    for ending in ["-wal", "-shm"] {
        let _absent = fs::remove_file(state.join(format!("policy.sqlite{ending}")));
    }
    let new = state.join("new.sqlite");
    fs::copy(from, &new).expect("a copy");
    fs::rename(new, state.join("policy.sqlite")).expect("a file");
}
