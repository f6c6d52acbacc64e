//! Everything that a caller finds from `/` on by following links, decoded and searched for what that caller may not see.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::ask::{Answer, Ask};
use crate::canary::{self, Found};
use crate::follow;
use crate::generate;
use crate::logs;
use crate::positions;
use crate::publish::{BASE, Made, Server};
use crate::session::links;
use crate::sight::Sight;
use crate::subjects::Subjects;
use crate::who::Who;
use crate::world::World;

/// Pages of one kind and collection that are followed: the hundredth page of items says nothing new.
const OF_A_KIND: usize = 25;
/// Tiles that are asked for of each template.
const TILES: usize = 60;
/// Worlds whose canaries are looked for are apart from those of other tests, which run at the same time and log too.
const SEEDS: u64 = 1 << 40;

/// What was found that should not have been, each with where. Nothing if all is well.
pub fn leaks(worlds: u64) -> Vec<String> {
    let mut leaks = Vec::new();
    for seed in SEEDS..SEEDS + worlds {
        let world = generate::world(seed);
        for who in Who::of(&world) {
            leaks.extend(crawl(&world, &who, seed).leaks);
        }
    }
    leaks
}

/// What a crawl met.
pub struct Crawl {
    pub leaks: Vec<String>,
    /// All that was found, of what may be seen.
    pub found: Found,
    /// Answers.
    pub pages: usize,
    /// Links that led to no answer.
    pub dead: Vec<String>,
}

struct Crawler<'a> {
    crawl: Crawl,
    sight: Sight,
    allowed: Found,
    known: Found,
    keys: Vec<(guichet::access::KeyId, String)>,
    /// The world as a text, to tell where something comes from.
    told: String,
    who: &'a Who,
    seen: BTreeSet<String>,
    queue: VecDeque<String>,
    /// Pages asked for, by kind.
    kinds: BTreeMap<String, usize>,
}

/// Follows all links.
pub fn crawl(world: &World, who: &Who, seed: u64) -> Crawl {
    let sight = Sight::of(world, who).expect("clear");
    let allowed = sight.canaries();
    let told = format!("{world:?}");
    let known = canary::plain(told.as_bytes());
    let mut crawler = Crawler {
        crawl: Crawl {
            leaks: Vec::new(),
            found: Found::default(),
            pages: 0,
            dead: Vec::new(),
        },
        allowed,
        known,
        keys: world.secrets.clone().into_iter().collect(),
        told,
        who,
        seen: BTreeSet::new(),
        queue: VecDeque::new(),
        kinds: BTreeMap::new(),
        sight,
    };
    let server = Server::new(world, &Made::default());
    let mut subjects = Subjects::of([world, world], &crawler.sight, seed);
    let log =
        logs::record(|| crate::campaign::runtime().block_on(crawler.run(&server, &mut subjects)));
    crawler.judge("the log", canary::any(&log));
    crawler.judge_keys("the log", &canary::variants(&log));
    crawler.crawl
}

impl Crawler<'_> {
    async fn run(&mut self, server: &Server, subjects: &mut Subjects) {
        let first = [
            "/",
            "/?f=html",
            "/collections",
            "/api.html",
            "/styles/basemap",
            "/health/ready",
        ];
        self.queue.extend(first.map(str::to_owned));
        while let Some(target) = self.queue.pop_front() {
            let kind = follow::kind(&target);
            let met = self.kinds.entry(kind).or_default();
            if *met >= OF_A_KIND.max(TILES * usize::from(target.contains(".mvt"))) {
                continue;
            }
            *met += 1;
            self.crawl.pages += 1;
            let accept = if target.contains("f=html") {
                "text/html"
            } else {
                "application/json, text/html;q=0.5"
            };
            let ask = Ask::get(&target)
                .with("accept", accept)
                .with("accept-encoding", "gzip");
            // A signed address is a credential of its own.
            let signed = target.contains("sig=");
            let ask = if signed { ask } else { self.who.dress(ask) };
            let answer = server.send(&ask).await;
            // A layer that is listed says to whom it is open, and what is done is not read.
            let is_dead = answer.status >= 400 && !matches!(answer.status, 401 | 403 | 405);
            if is_dead && !target.contains(".mvt") {
                self.crawl
                    .dead
                    .push(format!("{}: {}", answer.status, target));
            }
            self.look(&target, &answer);
            self.follow(&answer, subjects);
        }
    }

    /// Searches an answer.
    fn look(&mut self, target: &str, answer: &Answer) {
        let mut found = Found::default();
        for (name, value) in &answer.headers {
            found.add(canary::any(name.as_bytes()));
            found.add(canary::any(value));
        }
        let body = answer.plain_body();
        found.add(canary::any(&body));
        let mut texts = canary::variants(&body);
        texts.extend(answer.headers.iter().map(|(_, v)| v.clone()));
        self.judge_keys(target, &texts);
        if answer.header("content-type").contains("mapbox-vector-tile") && !body.is_empty() {
            let tile = positions::decode(&body);
            found.add(canary::any(format!("{tile:?}").as_bytes()));
            let strange = positions::strange(&tile, target, &self.sight);
            self.crawl.leaks.extend(strange);
        }
        self.judge(target, found);
    }

    /// Keys are told to nobody, not even to their owners.
    fn judge_keys(&mut self, place: &str, texts: &[Vec<u8>]) {
        for (id, key) in &self.keys {
            // A part of it would be enough to lead to more.
            let secret = &key.as_bytes()[18..40];
            if texts
                .iter()
                .any(|t| memchr::memmem::find(t, secret).is_some())
            {
                self.crawl.leaks.push(format!("{place}: the key {id}"));
            }
        }
    }

    fn judge(&mut self, place: &str, found: Found) {
        let beyond = found.beyond(&self.allowed).known(&self.known);
        if !beyond.is_empty() {
            let origins: Vec<_> = beyond.tokens.iter().map(|t| self.origin(t)).collect();
            self.crawl
                .leaks
                .push(format!("{place}: {beyond:?}\n  {}", origins.join("\n  ")));
        }
        self.crawl.found.add(found);
    }

    /// What stands around a token where it first occurs in the world.
    fn origin(&self, token: &str) -> String {
        let at = self.told.find(token).unwrap_or(0);
        let around = |at: usize| {
            (0..=at)
                .rev()
                .find(|i| self.told.is_char_boundary(*i))
                .unwrap_or(0)
        };
        let part =
            &self.told[around(at.saturating_sub(90))..around((at + 60).min(self.told.len()))];
        format!("{token} of …{part}…")
    }

    fn follow(&mut self, answer: &Answer, subjects: &mut Subjects) {
        let mut new = Vec::new();
        if let Some(document) = answer.json() {
            links(&document, &mut |link| new.push(link.to_owned()));
            new.extend(follow::in_storage_crs(&document));
            follow::templates(&document, &mut |template| {
                new.extend((0..TILES).map(|_| crate::requests::tile_of(template, subjects)));
            });
        } else if answer.header("content-type").contains("html") {
            new.extend(follow::attributes(&String::from_utf8_lossy(
                &answer.plain_body(),
            )));
        }
        for target in new {
            let target = target
                .strip_prefix(BASE)
                .unwrap_or(&target)
                .split('#')
                .next()
                .unwrap_or_default()
                .to_owned();
            if target.starts_with('/')
                && !target.starts_with("//")
                && self.seen.insert(target.clone())
            {
                self.queue.push_back(target);
            }
        }
    }
}

#[test]
fn no_canary_is_met() {
    let _beside = crate::beside_others();
    let leaks = leaks(1);
    assert!(
        leaks.is_empty(),
        "{} leaks, the first:\n{}",
        leaks.len(),
        leaks[..leaks.len().min(5)].join("\n")
    );
}

/// The test above can fail: what may be seen is found, so what may not would be.
#[test]
fn what_may_be_seen_is_met() {
    let _beside = crate::beside_others();
    let seed = SEEDS + 1000;
    let world = generate::world(seed);
    for who in Who::of(&world) {
        let crawl = crawl(&world, &who, seed);
        let wanted = Sight::of(&world, &who).expect("clear").read_by_items();
        let missed = wanted.tokens.difference(&crawl.found.tokens).count();
        let numbers = wanted.numbers.difference(&crawl.found.numbers).count();
        let all = (wanted.tokens.len(), wanted.numbers.len());
        println!(
            "{who:?}: {missed} of {} tokens and {numbers} of {} numbers missed on {} pages",
            all.0, all.1, crawl.pages
        );
        assert_eq!(crawl.dead, [""; 0], "links that lead nowhere");
        assert!(
            missed * 50 <= all.0 && numbers * 50 <= all.1,
            "too little is found"
        );
    }
}
