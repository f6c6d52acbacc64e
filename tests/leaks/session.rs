//! One caller's requests to two servers, in one order, each made of what came before: links are followed, tags sent back.

use std::collections::HashMap;

use crate::ask::{Answer, Ask};
use crate::publish::{BASE, Server};
use crate::requests;
use crate::rng::Rng;
use crate::subjects::Subjects;
use crate::who::Who;

/// Links and tags of earlier answers that are remembered.
const REMEMBERED: usize = 400;

/// What a caller has been told so far.
#[derive(Debug, Default)]
pub struct Seen {
    links: Vec<String>,
    tags: HashMap<String, String>,
    last: Vec<String>,
}

impl Seen {
    pub fn link(&self, rng: &mut Rng) -> Option<String> {
        (!self.links.is_empty()).then(|| rng.pick(&self.links).clone())
    }

    /// The tag of this target, else of another.
    pub fn tag(&self, target: &str, rng: &mut Rng) -> Option<String> {
        let own = self.tags.get(target);
        own.or_else(|| (!self.last.is_empty()).then(|| rng.pick(&self.last)))
            .cloned()
    }

    fn learn(&mut self, ask: &Ask, answer: &Answer, rng: &mut Rng) {
        let tag = answer.header("etag");
        if !tag.is_empty() {
            self.tags.insert(ask.target.clone(), tag.to_owned());
            keep(&mut self.last, tag.to_owned(), rng);
        }
        if let Some(document) = answer.json() {
            links(&document, &mut |link| {
                keep(&mut self.links, link.to_owned(), rng);
            });
        }
    }
}

fn keep(list: &mut Vec<String>, one: String, rng: &mut Rng) {
    if list.len() < REMEMBERED {
        list.push(one);
    } else {
        let place = rng.below(REMEMBERED);
        list[place] = one;
    }
}

/// All addresses of this server in a document.
pub fn links(document: &serde_json::Value, found: &mut dyn FnMut(&str)) {
    match document {
        serde_json::Value::String(text) if text.starts_with(BASE) && !text.contains('{') => {
            found(text);
        }
        serde_json::Value::Array(all) => all.iter().for_each(|v| links(v, found)),
        serde_json::Value::Object(all) => all.values().for_each(|v| links(v, found)),
        _ => {}
    }
}

/// A request that two servers answered differently.
#[derive(Debug, Clone)]
pub struct Difference {
    pub ask: Ask,
    pub what: String,
    /// Which request of the session it was, from 0.
    pub place: usize,
}

/// Others who ask the second server this and that meanwhile: nothing of it may show.
pub struct Others {
    callers: Vec<Who>,
    subjects: Subjects,
    seen: Seen,
}

impl Others {
    /// Callers of a world, all but one: of that one itself the server may tell how much it has asked.
    pub fn of(callers: Vec<Who>, who: &Who, subjects: Subjects) -> Self {
        let callers = callers
            .into_iter()
            .filter(|c| c.key() != who.key())
            .collect();
        Self {
            callers,
            subjects,
            seen: Seen::default(),
        }
    }

    pub async fn ask(&mut self, server: &Server, count: usize) {
        for _ in 0..count * usize::from(!self.callers.is_empty()) {
            let ask = requests::random(&mut self.subjects, &self.seen);
            let who = self.subjects.rng().pick(&self.callers).clone();
            let answer = server.send(&who.dress(ask.clone())).await;
            self.seen.learn(&ask, &answer, self.subjects.rng());
        }
    }
}

/// Asks both servers the same, `count` times at most, until `found` says that it is enough. Gives the number of requests that were
/// made of each.
pub async fn compare(
    servers: [&Server; 2],
    who: &Who,
    subjects: &mut Subjects,
    others: &mut Others,
    count: usize,
    found: &mut dyn FnMut(Difference) -> bool,
) -> usize {
    let mut seen = Seen::default();
    let mut scripted = requests::scripted(subjects);
    subjects.rng().shuffle(&mut scripted);
    // Half of what is asked is random, whatever there is room for.
    scripted.truncate(count.div_ceil(2));
    for place in 0..count {
        if subjects.rng().one_in(10) {
            others.ask(servers[1], 1).await;
        }
        let ask = match scripted.pop() {
            Some(ask) => ask,
            None => requests::random(subjects, &seen),
        };
        let ask = who.dress(ask);
        let [a, b] = [servers[0].send(&ask).await, servers[1].send(&ask).await];
        // A server that gives up would hide whatever it was about to say; one that does not know the rights says nothing of what is closed.
        let is_meant = a.status == 503 && subjects.is_in_doubt;
        let broken = (a.status >= 500 && !is_meant).then(|| format!("status {}", a.status));
        if let Some(what) = a.difference(&b).or(broken)
            && found(Difference {
                ask: ask.clone(),
                what,
                place,
            })
        {
            return place + 1;
        }
        seen.learn(&ask, &a, subjects.rng());
    }
    count
}
