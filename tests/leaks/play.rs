//! The stage, served: requests as its callers, one after the other.

use guichet::api::Settings;
use serde_json::Value;
use std::task::Poll;

use crate::ask::{Answer, Ask};
use crate::campaign::runtime;
use crate::canary;
use crate::publish::{Made, Server};
use crate::stage::Stage;
use crate::world::World;

pub struct Play {
    pub stage: Stage,
    pub server: Server,
    made: Made,
    runtime: tokio::runtime::Runtime,
}

impl Play {
    pub fn new() -> Self {
        Self::of(Stage::new())
    }

    pub fn of(stage: Stage) -> Self {
        Self::with(stage, |settings| settings)
    }

    /// One with other settings.
    pub fn with(stage: Stage, change: impl FnOnce(Settings) -> Settings) -> Self {
        let made = Made::default();
        let server = Server::with(&stage.world, &made, change);
        Self {
            stage,
            server,
            made,
            runtime: runtime(),
        }
    }

    /// Serves the stage as it was changed.
    pub fn change(&mut self, change: impl FnOnce(&mut World)) {
        change(&mut self.stage.world);
        self.server.reload(&self.stage.world, &self.made);
    }

    /// A request as one of the callers.
    pub fn ask(&self, who: &str, ask: Ask) -> Answer {
        let ask = self.stage.who(who).dress(ask);
        self.raw(&ask)
    }

    /// A request as it is.
    pub fn raw(&self, ask: &Ask) -> Answer {
        let mut answer = self.runtime.block_on(self.server.send(ask));
        // How much a caller may still ask is of what it asked before: it differs between two of its own requests.
        answer.headers.retain(|(name, _)| name != "ratelimit");
        answer
    }

    pub fn get(&self, who: &str, target: &str) -> Answer {
        self.ask(who, Ask::get(target).with("accept", "application/json"))
    }

    #[track_caller]
    pub fn json(&self, who: &str, target: &str) -> Value {
        let answer = self.get(who, target);
        assert_eq!(answer.status, 200, "{who} {target}: {}", text(&answer));
        answer
            .json()
            .unwrap_or_else(|| panic!("{who} {target}: no JSON"))
    }

    #[track_caller]
    pub fn status(&self, who: &str, target: &str) -> u16 {
        self.get(who, target).status
    }

    /// All items, page by page.
    pub fn items(&self, who: &str, collection: &str, query: &str) -> Vec<Value> {
        let mut target = format!("/collections/{collection}/items?limit=17{query}");
        let mut items = Vec::new();
        loop {
            let page = self.json(who, &target);
            items.extend(
                page["features"]
                    .as_array()
                    .expect("features")
                    .iter()
                    .cloned(),
            );
            let links = page["links"].as_array().expect("links");
            let Some(next) = links.iter().find(|l| l["rel"] == "next") else {
                return items;
            };
            next["href"]
                .as_str()
                .expect("an address")
                .clone_into(&mut target);
        }
    }

    /// Asks all of these at a time.
    pub fn together(&self, asks: &[Ask]) -> Vec<Answer> {
        self.runtime.block_on(async {
            let mut waiting: Vec<_> = asks
                .iter()
                .map(|ask| Box::pin(self.server.send(ask)))
                .collect();
            let mut answers = vec![None; asks.len()];
            std::future::poll_fn(|task| {
                for (answer, ask) in answers.iter_mut().zip(&mut waiting) {
                    if answer.is_none()
                        && let Poll::Ready(ready) = ask.as_mut().poll(task)
                    {
                        *answer = Some(ready);
                    }
                }
                if answers.iter().all(Option::is_some) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
            answers.into_iter().flatten().collect()
        })
    }
}

/// The body as a text.
pub fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.plain_body()).into_owned()
}

/// True if a text is in the body or the headers, in any encoding that is looked for.
pub fn says(answer: &Answer, secret: &str) -> bool {
    let folded = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_lowercase();
    let secret = secret.to_lowercase();
    let decoded = canary::variants(&answer.plain_body());
    decoded.iter().any(|body| folded(body).contains(&secret))
        || answer
            .headers
            .iter()
            .any(|(_, v)| folded(v).contains(&secret))
}

/// The value of a property of an item.
pub fn property<'a>(item: &'a Value, name: &str) -> &'a Value {
    &item["properties"][name]
}
