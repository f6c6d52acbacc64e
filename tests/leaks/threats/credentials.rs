//! Keys, signatures, sessions: what they open, where, and until when.

use guichet::access::{Attributes, Grant};
use guichet::api::{Rate, Rates, Settings};

use crate::ask::{Answer, Ask};
use crate::generate::NOW_US;
use crate::play::{Play, text};
use crate::stage::{OPEN, PARCELS, SALES, SECRET, Stage, id_of};
use crate::world::Value;

const MINUTE_US: i64 = 60_000_000;

/// A signed tile of a layer, and the place of its signature.
fn signed(play: &Play, layer: &str) -> String {
    let document = play.json("browser", &format!("/xyz/{layer}.json"));
    let template = document["tiles"][0]
        .as_str()
        .expect("a template")
        .to_owned();
    assert!(template.contains("?sig="), "{template}");
    let (x, y) = crate::matrix::tile(11);
    template
        .replace("{z}", "11")
        .replace("{x}", &x.to_string())
        .replace("{y}", &y.to_string())
}

#[test]
pub fn threat_34_signatures_open_their_tiles_alone() {
    let _beside = crate::beside_others();
    let mut play = Play::new();
    let tile = signed(&play, PARCELS);
    let status = |play: &Play, target: &str| play.raw(&Ask::get(target)).status;
    assert_eq!(status(&play, &tile), 200);
    assert!(
        play.raw(&Ask::get(&tile))
            .header("access-control-allow-origin")
            == "*"
    );
    // Another layer, another document, every other character of the signature.
    for (from, to) in [
        (PARCELS, SALES),
        (PARCELS, SECRET),
        (PARCELS, "ville.parcelles,ville.communes"),
    ] {
        assert_eq!(status(&play, &tile.replace(from, to)), 401, "{to}");
    }
    let sig = tile.split("sig=").nth(1).expect("a signature").to_owned();
    for target in [
        format!("/collections/{PARCELS}/items?sig={sig}"),
        format!("/me?sig={sig}"),
        format!("/collections?sig={sig}"),
    ] {
        assert_eq!(status(&play, &target), 401, "{target}");
    }
    for place in 0..sig.len() {
        let mut changed: Vec<char> = sig.chars().collect();
        changed[place] = if changed[place] == 'A' { 'B' } else { 'A' };
        let changed: String = changed.into_iter().collect();
        assert_eq!(
            status(&play, &tile.replace(&sig, &changed)),
            401,
            "character {place}"
        );
    }
    let elsewhere = Ask::get(tile.as_str()).with("x-forwarded-host", "elsewhere.example");
    assert_eq!(
        play.raw(&elsewhere).status,
        200,
        "nobody is believed who is not trusted"
    );
    // It ends with its time, and with its key; it is as narrow as the policy of the moment.
    play.server.set_clock(NOW_US + 9 * MINUTE_US);
    assert_eq!(status(&play, &tile), 200);
    play.server.set_clock(NOW_US + 16 * MINUTE_US);
    assert_eq!(status(&play, &tile), 401);
    play.server.set_clock(NOW_US);
    play.change(|world| world.policy.grants.retain(|g| g.id != "of-within"));
    assert_eq!(status(&play, &tile), 401, "it was made for another view");
    let mut play = Play::new();
    let tile = signed(&play, PARCELS);
    let id = id_of(play.stage.who("browser"));
    play.change(|world| world.policy.keys.get_mut(&id).expect("a key").revoked = true);
    assert_eq!(status(&play, &tile), 401);
}

/// Grants of what there is of a layer to the water company, in that time.
fn open_to_partner(play: &mut Play, layer: &str, until_us: Option<i64>) {
    play.change(|world| {
        let mut profile = world.policy.profiles["priced"].clone();
        (profile.id, profile.rows) = ("all".to_owned(), "TRUE".to_owned());
        profile.attributes = Attributes::All;
        let of_sales = |g: &&Grant| g.id == "of-priced";
        let mut grant = world
            .policy
            .grants
            .iter()
            .find(of_sales)
            .expect("a grant")
            .clone();
        grant.id = "of-all".to_owned();
        grant.layers = [layer.to_owned()].into();
        grant.profile = profile.id.clone();
        grant.until_us = until_us;
        world.policy.profiles.insert(profile.id.clone(), profile);
        world.policy.grants.push(grant);
    });
}

#[test]
pub fn threat_34_signatures_say_nothing_of_what_is_hidden() {
    let _beside = crate::beside_others();
    let mut play = Play::new();
    open_to_partner(&mut play, SECRET, None);
    let before = play.get("browser", &format!("/xyz/{SECRET}.json"));
    assert!(text(&before).contains("sig="));
    // A property that the publisher did not declare is opened to nobody.
    play.change(|world| {
        let mut layer = (**world.layer(SECRET).expect("a layer of the stage")).clone();
        let mut field = layer.fields[0].clone();
        (field.name, field.declared) = ("cachee".to_owned(), false);
        layer.fields.push(field);
        for row in &mut layer.rows {
            row.values.push(row.values[0].clone());
        }
        world.replace(SECRET, layer);
    });
    let after = play.get("browser", &format!("/xyz/{SECRET}.json"));
    assert_eq!(before.difference(&after), None);
}

#[test]
pub fn threat_41_what_ended_is_over() {
    let _beside = crate::beside_others();
    for (until_us, status) in [(NOW_US + 1, 200), (NOW_US, 404), (NOW_US - 1, 404)] {
        let mut play = Play::new();
        open_to_partner(&mut play, SECRET, Some(until_us));
        let target = format!("/collections/{SECRET}/items");
        assert_eq!(play.status("partner", &target), status, "{until_us}");
    }
}

#[test]
pub fn threat_39_one_asks_too_much() {
    let _beside = crate::beside_others();
    let few = Rate {
        burst: 20,
        interval_us: 1_000_000,
    };
    let play = Play::with(Stage::new(), |settings| Settings {
        rates: Rates {
            caller: few,
            ..settings.rates
        },
        ..settings
    });
    let statuses: Vec<_> = (0..40)
        .map(|_| play.status("partner", "/collections"))
        .collect();
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 20);
    assert_eq!(statuses.iter().filter(|s| **s == 429).count(), 20);
    // Nor do those who guess at the secret of a key use up what its holder may ask.
    let guess = guessed(&play.stage.world.secrets[&id_of(play.stage.who("owner"))]);
    for _ in 0..40 {
        let ask = Ask::get("/collections").with("x-api-key", guess.as_str());
        assert_eq!(play.raw(&ask).status, 401);
    }
    for who in ["owner", "neighbour", "anonymous"] {
        assert_eq!(play.status(who, "/collections"), 200, "{who}");
    }
}

#[test]
pub fn threat_43_refusals_are_alike() {
    let _beside = crate::beside_others();
    let play = Play::new();
    let refused = |key: &str| play.raw(&Ask::get("/collections").with("x-api-key", key));
    let wrong = play.stage.who("wrong").dress(Ask::get("/"));
    let unknown = refused(&wrong.headers[0].1);
    assert_eq!(unknown.status, 401);
    // The id of a key that exists, with another secret: made of the two halves of two keys, its check set right.
    let known = play.stage.world.secrets[&id_of(play.stage.who("owner"))].clone();
    let guess = guessed(&known);
    assert_eq!(unknown.difference(&refused(&guess)), None);
    for bad in ["", "x", "gch_live_", &known[..56], &known.to_lowercase()] {
        let answer = refused(bad);
        assert_eq!(answer.status, 401, "{bad}");
        assert!(!text(&answer).contains(SECRET));
    }
    for (name, value) in [
        ("authorization", "Bearer x"),
        ("authorization", "Basic eDp5"),
        ("authorization", "Digest x"),
        ("authorization", "Bearer a.b.c"),
        ("x-api-key", "é"),
    ] {
        assert_eq!(
            play.raw(&Ask::get("/collections").with(name, value)).status,
            401,
            "{name}: {value}"
        );
    }
    for query in ["key=", "key=x", "sig=x"] {
        assert_eq!(
            play.raw(&Ask::get(format!("/collections/{OPEN}?{query}")))
                .status,
            401,
            "{query}"
        );
    }
}

/// A key with the same id, another secret and a check that is right.
fn guessed(key: &str) -> String {
    let id = u32::from_str_radix(&key[9..17], 16).expect("eight digits");
    let mut first = true;
    let text = guichet::access::KeyText::generate(|bytes| {
        bytes.fill(9);
        if std::mem::take(&mut first) {
            bytes.copy_from_slice(&id.to_be_bytes());
        }
    });
    assert_ne!(text.reveal(), key);
    text.reveal().to_owned()
}

fn sign_in(play: &Play, who: &str) -> Answer {
    let key = &play.stage.world.secrets[&id_of(play.stage.who(who))];
    let form = Ask::post("/session", format!("key={key}&to=%2Fcollections"))
        .with("content-type", "application/x-www-form-urlencoded");
    play.raw(&form.with("accept", "text/html"))
}

#[test]
pub fn threat_44_pages_only_know_sessions() {
    let _beside = crate::beside_others();
    let play = Play::new();
    let opened = sign_in(&play, "owner");
    assert_eq!(opened.status, 303, "{}", text(&opened));
    let cookie = opened.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().expect("a value").to_owned();
    let page = |cookie: &str| {
        text(
            &play.raw(
                &Ask::get("/collections")
                    .with("accept", "text/html")
                    .with("cookie", cookie),
            ),
        )
    };
    assert!(page(&cookie).contains(SECRET));
    // For pages alone, and for nothing that is done from elsewhere.
    let data = play.raw(
        &Ask::get("/collections")
            .with("accept", "application/json")
            .with("cookie", &cookie),
    );
    assert!(!text(&data).contains(SECRET));
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("x-none", "1"),
    ] {
        let rotate = Ask::post("/me/key/rotate", "{}")
            .with("content-type", "application/json")
            .with("cookie", &cookie)
            .with(name, value);
        assert_eq!(play.raw(&rotate).status, 403, "{name}: {value}");
    }
    // One that was opened by nobody.
    for place in ["guichet-session=".len() + 3, cookie.len() - 4] {
        let mut forged: Vec<char> = cookie.chars().collect();
        forged[place] = if forged[place] == 'A' { 'B' } else { 'A' };
        let forged: String = forged.into_iter().collect();
        assert!(!page(&forged).contains(SECRET), "character {place}");
    }
    // Titles of tenants are texts.
    let mut play = Play::new();
    play.change(|world| {
        let mut layer = (**world.layer(OPEN).expect("a layer of the stage")).clone();
        layer.metadata.title = "<script>alert(1)</script><img src=x onerror=alert(1)>".to_owned();
        layer.rows[0].values[4] = Value::Text("\"><svg onload=alert(1)>".to_owned());
        world.replace(OPEN, layer);
    });
    for target in [
        "/",
        "/collections",
        "/collections/ville.communes",
        "/collections/ville.communes/items",
        "/api.html",
    ] {
        let page = play.ask("owner", Ask::get(target).with("accept", "text/html"));
        assert!(
            !text(&page).contains("<script>alert")
                && !text(&page).contains("<svg onload")
                && !text(&page).contains("<img src=x"),
            "{target}"
        );
        assert!(
            page.header("content-security-policy")
                .contains("default-src 'none'"),
            "{target}"
        );
    }
}
