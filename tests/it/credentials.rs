//! Who asks: keys, tokens, signatures and sessions, over real connections. What must not open anything is tested in `tests/leaks`.

use std::collections::BTreeSet;

use guichet::access::{Key, KeyText, Member, Role, TokenKeys};
use guichet::api::{Rate, Rates, TokenKeyState};
use serde_json::{Value, json};

use crate::keyed::{
    BROWSER, DAY, FORM, NOW, PAGE, Provider, Reply, SECOND, Server, basic, bearer, browser_key,
    key, parts, template, text,
};

async fn organisation(server: &Server, target: &str, headers: &[(&str, &str)]) -> Value {
    let me = server.get(target, headers).await.expect(200);
    assert_eq!(me.header("cache-control"), "private, no-store");
    assert!(me.header("vary").contains("Authorization, X-API-Key"));
    me.json()["organisation"]["id"].clone()
}

#[tokio::test]
async fn a_key_in_each_of_its_places() {
    let good = text(1);
    let server = Server::new(parts([key(&good)])).await;
    for headers in [
        [("Authorization", bearer(&good))],
        [("Authorization", basic("qgis", good.reveal()))],
        [("Authorization", basic("", good.reveal()))],
        [("X-API-Key", good.reveal().to_owned())],
    ] {
        let headers = headers.each_ref().map(|(n, v)| (*n, v.as_str()));
        assert_eq!(organisation(&server, "/me", &headers).await, "eau");
    }
    for target in [
        format!("/me?key={}", good.reveal()),
        format!("/me?f=json&key={}&lang=en", good.reveal()),
    ] {
        assert_eq!(organisation(&server, &target, &[]).await, "eau");
    }
    let nobody = server.get("/me", &[]).await;
    assert_eq!(nobody.problem(401), "credential-required");
}

#[tokio::test]
async fn several_credentials_are_one_too_many() {
    let (one, two) = (text(1), text(2));
    let server = Server::new(parts([key(&one), key(&two)])).await;
    let target = format!("/me?key={}", two.reveal());
    let headers = [("Authorization", &*bearer(&one))];
    let refused = server.get(&target, &headers).await;
    assert_eq!(refused.problem(400), "two-credentials");
    let headers = [
        ("Authorization", &*bearer(&two)),
        ("X-API-Key", two.reveal()),
    ];
    server.get(&target, &headers).await.expect(200);
}

#[tokio::test]
async fn a_replaced_key_says_so() {
    let (old, new) = (text(1), text(2));
    let server = Server::new(parts([
        Key {
            until_us: Some(NOW + 30 * DAY),
            replaced_by: Some(new.id()),
            ..key(&old)
        },
        Key {
            from_us: Some(NOW),
            ..key(&new)
        },
    ]))
    .await;
    let with_old = server.get("/me", &[("X-API-Key", old.reveal())]).await;
    assert_eq!(with_old.header("deprecation"), "@1790000000");
    assert_eq!(with_old.header("sunset"), "Wed, 21 Oct 2026 14:13:20 GMT");
    let with_new = server.get("/me", &[("X-API-Key", new.reveal())]).await;
    assert_eq!(with_new.header("deprecation"), "");
    assert_eq!(with_new.header("sunset"), "");
}

/// What a shared cache may give to the next is said to nobody in particular, whether it is sent whole or was kept.
#[tokio::test]
async fn public_answers_say_nothing_of_one_caller() {
    let (old, new) = (text(1), text(2));
    let old_key = Key {
        until_us: Some(NOW + 3 * DAY),
        replaced_by: Some(new.id()),
        ..key(&old)
    };
    let last = Key {
        until_us: Some(NOW + 3 * DAY),
        ..key(&new)
    };
    let server = Server::with(parts([old_key, last]), few(), None).await;
    let notes = [
        "ratelimit",
        "ratelimit-policy",
        "guichet-key-expires",
        "deprecation",
        "sunset",
    ];
    let told = |answer: &Reply| {
        let is_told = |name: &&str| !answer.header(name).is_empty();
        notes.into_iter().filter(is_told).collect::<Vec<_>>()
    };
    let mut all = BTreeSet::new();
    for key in [&old, &new] {
        let shown = ("X-API-Key", key.reveal());
        for target in ["/conformance", "/xyz/villes/0/0/0.mvt"] {
            let answer = server.get(target, &[shown]).await.expect(200);
            assert_eq!(answer.header("cache-control"), "public, no-cache");
            assert_eq!(told(&answer), [""; 0], "{target}");
            let tag = answer.header("etag");
            let kept = server.get(target, &[shown, ("If-None-Match", &tag)]).await;
            assert_eq!(told(&kept.expect(304)), [""; 0], "{target}");
        }
        all.extend(told(&server.get("/me", &[shown]).await.expect(200)));
    }
    assert_eq!(all, BTreeSet::from(notes));
}

/// Before a page may show a key, its browser asks without one.
#[tokio::test]
async fn preflights_need_no_key() {
    let server = Server::new(parts([])).await;
    for target in ["/me", "/xyz/villes/0/0/0.mvt", "/collections/absent/items"] {
        let headers = [
            ("Origin", "https://carte.example"),
            ("Access-Control-Request-Method", "GET"),
            ("Access-Control-Request-Headers", "authorization,x-api-key"),
        ];
        let answer = server
            .ask("OPTIONS", target, &headers, "")
            .await
            .expect(200);
        let allowed = answer.header("access-control-allow-headers");
        assert!(allowed.contains("Authorization") && allowed.contains("X-API-Key"));
        assert!(
            answer
                .header("access-control-allow-methods")
                .contains("GET")
        );
    }
    let headers = [("Access-Control-Request-Method", "POST")];
    let answer = server.ask("OPTIONS", "/me/key/rotate", &headers, "").await;
    assert_eq!(
        answer.header("access-control-allow-methods"),
        "POST, OPTIONS"
    );
    let answer = server.ask("PUT", "/me/key/rotate", &[], "").await;
    assert_eq!(answer.problem(405), "method-not-allowed");
    assert_eq!(answer.header("allow"), "POST, OPTIONS");
}

#[tokio::test]
async fn a_signed_url_opens_its_tiles_for_a_while() {
    let page = text(1);
    let server = Server::new(parts([browser_key(&page), key(&text(2))])).await;
    let (first, tile) = template(&server, &page).await;
    server.get(&tile, &[]).await.expect(200);
    // The same within a window, so that caches know it again.
    server.pass(299 * SECOND - NOW % (300 * SECOND));
    assert_eq!(template(&server, &page).await.0, first);
    server.pass(2 * SECOND);
    let (second, next) = template(&server, &page).await;
    assert_ne!(second, first);
    // Windows overlap.
    server.get(&tile, &[]).await.expect(200);
    server.get(&next, &[]).await.expect(200);
    server.pass(598 * SECOND);
    server.get(&tile, &[]).await.expect(200);
    server.get(&next, &[]).await.expect(200);
    // A signature makes no other one.
    let again = next.replace("/5/16/11.mvt", ".json");
    let document = server.get(&again, &[]).await.expect(200).json();
    assert_eq!(document["tiles"][0], json!(second));
    // A secret key does not let go of its rights.
    let (bare, _) = template(&server, &text(2)).await;
    assert!(!bare.contains("sig="), "{bare}");
}

#[tokio::test]
async fn tokens_name_members_and_organisations() {
    let provider = Provider::new();
    let mut policy = parts([]);
    policy.members.insert(
        "carto".to_owned(),
        Member {
            id: "carto".to_owned(),
            organisation: "sud".to_owned(),
            role: Role::Publisher,
            groups: [].into(),
            identity: Some((Provider::ISSUER.to_owned(), "u-1".to_owned())),
            until_us: Some(NOW + 30 * SECOND),
        },
    );
    let server = Server::new(policy.clone()).await;
    let me = async |token: &str| server.get("/me", &[("Authorization", token)]).await;
    let member = provider.good(&json!({ "sub": "u-1" }));
    // Nobody's tokens are believed before somebody's are.
    assert_eq!(me(&member).await.problem(401), "invalid-credential");
    server.state.believe(vec![provider.issuer()]);
    let told = me(&member).await.expect(200).json();
    assert_eq!(told["name"], "member:carto");
    assert_eq!(told["role"], "publisher");
    assert_eq!(told["organisation"]["id"], "sud");
    assert_eq!(told["key"], Value::Null);
    let partner = provider.good(&json!({ "sub": "u-2", "siret": "13002526500013" }));
    let told = me(&partner).await.expect(200).json();
    assert_eq!(told["organisation"]["id"], "eau");
    assert_eq!(told["role"], Value::Null);
    let stranger = provider.good(&json!({ "sub": "u-3" }));
    assert_eq!(
        me(&stranger).await.expect(200).json()["organisation"],
        Value::Null
    );
}

/// While the keys of a provider are not known, what was good before is refused too, and nobody is taken for somebody who guesses.
#[tokio::test]
async fn without_keys_no_token_is_believed() {
    let provider = Provider::new();
    let server = Server::with(parts([]), few(), None).await;
    let token = provider.good(&json!({ "sub": "u-1" }));
    let me = async || server.get("/me", &[("Authorization", &token)]).await;
    server.state.believe(vec![provider.issuer()]);
    me().await.expect(200);
    let mut unknown = provider.issuer();
    unknown.keys = TokenKeys::default();
    server.state.believe(vec![unknown]);
    for _ in 0..20 {
        assert_eq!(me().await.problem(401), "invalid-credential");
    }
    server.state.believe(vec![provider.issuer()]);
    me().await.expect(200);
    for (state, word) in [
        (TokenKeyState::None, "none"),
        (TokenKeyState::Good, "ok"),
        (TokenKeyState::Stale, "stale"),
        (TokenKeyState::Missing, "missing"),
    ] {
        server.state.health().token_keys(state);
        let ready = server.get("/health/ready", &[]).await.expect(200).json();
        assert_eq!(ready["tokenKeys"], word);
    }
}

fn few() -> Rates {
    Rates {
        caller: Rate::per_second(10, 250),
        network: Rate::per_second(10, 300),
        failures: Rate::per_minute(5),
    }
}

#[tokio::test]
async fn rates_of_keys_and_networks() {
    let (one, two) = (text(1), text(2));
    let server = Server::with(parts([key(&one), key(&two)]), few(), None).await;
    let target = "/xyz/villes/0/0/0.mvt";
    let of = |k: &KeyText| [("X-API-Key", k.reveal().to_owned())];
    let get = async |k: &KeyText| {
        let headers = of(k);
        let headers = headers.each_ref().map(|(n, v)| (*n, v.as_str()));
        server.get(target, &headers).await
    };
    // A map of two hundred tiles at once passes. What is the caller's own says how many are left.
    for _ in 0..199 {
        get(&one).await.expect(200);
    }
    let own = server.get("/me", &[("X-API-Key", one.reveal())]).await;
    assert_eq!(own.header("ratelimit-policy"), "\"caller\";q=250;w=25");
    let limit = own.expect(200).header("ratelimit");
    assert!(limit.starts_with("\"caller\";r=50;t="), "{limit}");
    for _ in 0..50 {
        get(&one).await.expect(200);
    }
    let refused = get(&one).await;
    assert_eq!(refused.problem(429), "too-many-requests");
    assert_eq!(refused.header("retry-after"), "1");
    get(&two).await.expect(200);
    server.pass(SECOND);
    for _ in 0..10 {
        get(&one).await.expect(200);
    }
    get(&one).await.expect(429);
    let me = server
        .get("/me", &[("X-API-Key", two.reveal())])
        .await
        .expect(200);
    // A tenth of a second each: a second has emptied the bucket.
    assert_eq!(me.json()["quota"]["left"], 249);
    // Those without a key, by network.
    let from = async |address: &str| server.get(target, &[("X-Forwarded-For", address)]).await;
    for i in 0..300 {
        from(&format!("198.51.100.{}", i % 250)).await.expect(200);
    }
    let refused = from("198.51.100.7").await;
    assert_eq!(refused.problem(429), "too-many-requests");
    assert_eq!(refused.header("ratelimit"), "");
    from("198.51.101.7").await.expect(200);
    from("2001:db8::1").await.expect(200);
    // A key is not held up by its neighbours.
    let headers = [
        ("X-API-Key", two.reveal()),
        ("X-Forwarded-For", "198.51.100.7"),
    ];
    server.get(target, &headers).await.expect(200);
}

#[tokio::test]
async fn guesses_are_slowed_down() {
    let (known, other) = (text(1), text(2));
    let server = Server::with(parts([key(&known), key(&other)]), few(), None).await;
    let from = async |key: &str, address: &str| {
        let headers = [("X-API-Key", key), ("X-Forwarded-For", address)];
        server.get("/me", &headers).await
    };
    from(known.reveal(), "198.51.100.1").await.expect(200);
    for guess in 10..15 {
        from(text(guess).reveal(), "198.51.100.66")
            .await
            .expect(401);
    }
    let slowed = from(text(20).reveal(), "198.51.100.66").await;
    assert_eq!(slowed.problem(429), "too-many-requests");
    assert_eq!(slowed.header("retry-after"), "12");
    // Nor is the right one looked at, but for those who were let in from there before.
    from(other.reveal(), "198.51.100.66").await.expect(429);
    from(known.reveal(), "198.51.100.7").await.expect(200);
    // Elsewhere nobody notices, and in time neither do they.
    from(other.reveal(), "198.51.101.1").await.expect(200);
    let anonymous = [("X-Forwarded-For", "198.51.100.66")];
    server.get("/conformance", &anonymous).await.expect(200);
    server.pass(12 * SECOND);
    from(other.reveal(), "198.51.100.66").await.expect(200);
}

#[tokio::test]
async fn signing_in_and_out() {
    let good = text(1);
    let server = Server::new(parts([key(&good)])).await;
    let post = async |headers: &[(&str, &str)], body: &str| {
        server.ask("POST", "/session", headers, body).await
    };
    let body = format!("key={}", good.reveal());
    for to in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        let body = format!("{body}&to={to}");
        let opened = post(&[FORM, PAGE], &body).await.expect(303);
        assert_eq!(opened.header("location"), "/");
    }
    // What is wrong with a key is told on the page, which never raises a box.
    for bad in ["key=x", "key=", "", &format!("key={}", text(9).reveal())] {
        let refused = post(&[FORM, PAGE, ("User-Agent", BROWSER)], bad)
            .await
            .expect(401);
        assert_eq!(refused.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(
            refused.header("www-authenticate"),
            "Bearer realm=\"guichet\""
        );
        assert_eq!(refused.header("set-cookie"), "");
    }
    for elsewhere in [
        ("Origin", "https://evil.example"),
        ("Sec-Fetch-Site", "cross-site"),
    ] {
        let refused = post(&[FORM, elsewhere], &body).await;
        assert_eq!(refused.status, 403, "{elsewhere:?}");
        let refused = server.ask("POST", "/session/end", &[elsewhere], "").await;
        assert_eq!(refused.status, 403, "{elsewhere:?}");
    }
    let refused = post(&[("Content-Type", "text/plain")], &body).await;
    assert_eq!(refused.status, 415);
    let refused = post(&[FORM], &format!("{body}&to={}", "x".repeat(5_000))).await;
    assert_eq!(refused.status, 413);
    for (method, target, status) in [("POST", "/session/end", 303), ("DELETE", "/session", 204)] {
        let ended = server.ask(method, target, &[], "").await.expect(status);
        assert_eq!(
            ended.header("set-cookie"),
            "guichet-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"
        );
    }
}
