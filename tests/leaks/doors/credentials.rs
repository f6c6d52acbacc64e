//! Credentials: what is bad opens nothing, what is good opens nothing else, and none is ever repeated.

use std::fmt::Write as _;

use guichet::access::{
    Grant, Key, KeyKind, KeyText, Member, PolicyParts, Role, Suspension, Target, Terms,
};
use serde_json::json;

use super::keyed::{
    BASE, BROWSER, DAY, FORM, NOW, PAGE, Provider, Reply, SECOND, Server, basic, bearer,
    browser_key, grant, key, parts, template, text,
};

/// Every bad credential is the same answer, on open data too, and also where there is nothing.
pub async fn bad_credentials_are_never_passed_over() {
    let keys: [KeyText; 5] = [1, 2, 3, 4, 5].map(text);
    let [good, revoked, suspended, early, orphan] = &keys;
    let mut policy = parts([
        key(good),
        Key {
            revoked: true,
            ..key(revoked)
        },
        key(suspended),
        Key {
            from_us: Some(NOW + 1),
            ..key(early)
        },
        Key {
            member: Some("nobody".to_owned()),
            ..key(orphan)
        },
    ]);
    policy.suspensions.push(Suspension {
        target: Target::Key(suspended.id()),
        reason: "test".to_owned(),
        by: None,
    });
    let server = Server::new(policy).await;
    let mut swapped = good.reveal().as_bytes().to_vec();
    swapped.swap(20, 30);
    let swapped = String::from_utf8(swapped).expect("ASCII");
    let unknown = text(99);
    // The id of a good key, and another secret.
    let mut seed = 0;
    let forged = KeyText::generate(|buffer| {
        seed += 1;
        match buffer {
            [_, _, _, _] => buffer.copy_from_slice(&good.id().0.to_be_bytes()),
            digits => digits.fill(seed),
        }
    });
    assert_eq!(forged.id(), good.id());
    let bad = [
        bearer(&forged),
        bearer(revoked),
        bearer(suspended),
        bearer(early),
        bearer(orphan),
        bearer(&unknown),
        format!("Bearer {swapped}"),
        "Bearer x".to_owned(),
        "Bearer a.b.c".to_owned(),
        basic("x", "secret"),
        "Digest x".to_owned(),
        String::new(),
    ];
    let mut bodies = std::collections::BTreeSet::new();
    for target in [
        "/",
        "/collections",
        "/collections/villes/items?limit=1",
        "/collections/secret",
        "/collections/absent?limit=x",
        "/xyz/villes/0/0/0.mvt",
        "/xyz/villes.json",
        "/nowhere",
        "/me",
        "/assets/none.css",
    ] {
        for bad in &bad {
            let refused = server.get(target, &[("Authorization", bad)]).await;
            assert_eq!(refused.problem(401), "invalid-credential", "{target} {bad}");
            let challenge = refused.header("www-authenticate");
            assert_eq!(
                challenge,
                "Bearer realm=\"guichet\", Basic realm=\"guichet\", charset=\"UTF-8\""
            );
            bodies.insert(refused.text());
        }
        let headers = [("User-Agent", BROWSER), ("X-API-Key", "x")];
        let refused = server.get(target, &headers).await.expect(401);
        assert_eq!(
            refused.header("www-authenticate"),
            "Bearer realm=\"guichet\""
        );
    }
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    // Health is told to everybody.
    let headers = [("Authorization", "Bearer x")];
    server.get("/health/live", &headers).await.expect(200);
}

pub async fn a_key_holds_to_its_end() {
    let good = text(1);
    let server = Server::new(parts([Key {
        until_us: Some(NOW + 20 * DAY),
        ..key(&good)
    }]))
    .await;
    let get = async || server.get("/me", &[("X-API-Key", good.reveal())]).await;
    assert_eq!(get().await.expect(200).header("guichet-key-expires"), "");
    server.pass(6 * DAY);
    let warned = get().await.expect(200);
    assert_eq!(warned.header("guichet-key-expires"), "2026-10-11T14:13:20Z");
    assert_eq!(warned.header("deprecation"), "");
    assert!(
        warned
            .header("access-control-expose-headers")
            .contains("Guichet-Key-Expires")
    );
    server.pass(14 * DAY - 1);
    get().await.expect(200);
    server.pass(1);
    assert_eq!(get().await.problem(401), "expired-credential");
    // Whoever does not have the secret learns nothing of the end.
    let forged = {
        let text = good.reveal();
        format!("{}{}", &text[..18], &text[18..].replace('_', "0"))
    };
    let refused = server.get("/me", &[("X-API-Key", &forged)]).await;
    assert_eq!(refused.problem(401), "invalid-credential");
}

pub async fn keys_of_some_pages_and_networks() {
    let (page, office) = (text(1), text(2));
    let server = Server::new(parts([
        Key {
            kind: KeyKind::Browser,
            origins: ["https://carte.example".to_owned()].into(),
            ..key(&page)
        },
        Key {
            networks: vec!["198.51.100.0/24".to_owned(), "2001:db8::/32".to_owned()],
            ..key(&office)
        },
    ]))
    .await;
    let target = "/xyz/villes/0/0/0.mvt";
    let of_page = [("X-API-Key", page.reveal())];
    for origin in ["https://carte.example", "HTTPS://Carte.Example"] {
        let headers = [of_page[0], ("Origin", origin)];
        server.get(target, &headers).await.expect(200);
    }
    for origin in [
        "https://carte.example.evil",
        "http://carte.example",
        "null",
        BASE,
    ] {
        let headers = [of_page[0], ("Origin", origin)];
        let refused = server.get(target, &headers).await;
        assert_eq!(refused.problem(403), "origin-refused", "{origin}");
    }
    assert_eq!(
        server.get(target, &of_page).await.problem(403),
        "origin-refused"
    );
    for (address, allowed) in [
        ("198.51.100.7", true),
        ("198.51.101.7", false),
        ("2001:db8:1::2", true),
        // The nearest stranger counts, whatever else the list says.
        ("198.51.100.7, 203.0.113.9", false),
        ("203.0.113.9, 198.51.100.7", true),
    ] {
        let headers = [("X-API-Key", office.reveal()), ("X-Forwarded-For", address)];
        let answer = server.get(target, &headers).await;
        if allowed {
            answer.expect(200);
        } else {
            assert_eq!(answer.problem(403), "network-refused", "{address}");
        }
    }
    let untold = server.get(target, &[("X-API-Key", office.reveal())]).await;
    assert_eq!(untold.problem(403), "network-refused");
}

/// Keys, signatures and tokens stand in no link, header, page, problem or log.
pub async fn credentials_are_not_repeated() {
    // The log is recorded around a server of its own.
    let asked = std::thread::spawn(|| {
        let mut sent = None;
        let logged =
            crate::logs::record(|| super::run(async { sent = Some(sent_with_keys().await) }));
        (sent, String::from_utf8_lossy(&logged).into_owned())
    });
    let (sent, logged) = asked.join().expect("no panic");
    let (shown, whole) = sent.expect("it ran to its end");
    assert!(
        logged.contains("/xyz/villes/0/0/0.mvt"),
        "nothing was logged"
    );
    for secret in shown {
        for part in [&secret[..], &secret[18..]] {
            assert!(!whole.contains(part), "{part} was sent");
            assert!(!logged.contains(part), "{part} was logged");
        }
    }
}

/// Shows keys and signatures wherever they can stand: these, and all that was sent back.
async fn sent_with_keys() -> (Vec<String>, String) {
    let (secret, page) = (text(11), text(12));
    let server = Server::new(parts([
        key(&secret),
        Key {
            kind: KeyKind::Browser,
            ..key(&page)
        },
    ]))
    .await;
    let mut shown: Vec<String> = [&secret, &page].map(|k| k.reveal().to_owned()).into();
    let unknown = text(13).reveal().to_owned();
    shown.push(unknown.clone());
    let mut whole = String::new();
    let mut keep = |reply: &Reply| {
        let _ = write!(whole, "{:?} {}", reply.headers, reply.text());
    };
    for key in &shown {
        for target in [
            "/?",
            "/?f=html&",
            "/collections?",
            "/collections/villes/items?limit=2&",
            "/collections/villes/items?limit=2&f=html&",
            "/collections/villes/items?limit=x&",
            "/collections/villes/queryables?f=html&",
            "/collections/absent?",
            "/nowhere?",
            "/api?",
            "/xyz/villes/0/0/0.mvt?nonsense=1&",
            "/styles/basemap?",
            "/session?to=/collections&",
        ] {
            keep(&server.get(&format!("{target}key={key}"), &[]).await);
            keep(&server.get(&format!("{target}api_key={key}"), &[]).await);
            let referer = format!("{BASE}{target}key={key}");
            keep(&server.get(target, &[("Referer", &referer)]).await);
        }
        keep(&server.get(&format!("/collections/{key}"), &[]).await);
        // Where it is encoded, not even the page that refuses it has it.
        for pasted in [
            key.replacen('g', "%67", 1),
            key.replacen('_', "%5f", 1),
            key.replacen('_', "%255F", 1),
        ] {
            for target in [
                format!("/collections/{pasted}/items"),
                format!("/{pasted}"),
                format!("/collections/villes/items?filter={pasted}"),
            ] {
                for accept in ["*/*", "text/html"] {
                    keep(&server.get(&target, &[("Accept", accept)]).await.expect(401));
                }
            }
        }
        keep(&server.get("/me", &[("X-API-Key", key)]).await);
        keep(
            &server
                .get("/me", &[("Authorization", &basic("a", key))])
                .await,
        );
    }
    // The links go on as they were asked for.
    let target = format!("/collections/villes/items?limit=2&key={}", secret.reveal());
    let first = server.get(&target, &[]).await.expect(200);
    let links = first.json()["links"].clone();
    let next = links
        .as_array()
        .expect("links")
        .iter()
        .find(|l| l["rel"] == "next");
    let next = next.expect("a next page")["href"]
        .as_str()
        .expect("a link")
        .to_owned();
    assert!(!next.contains("key="), "{next}");
    server.get(&next, &[]).await.expect(200);
    // Signatures stand in the templates of tiles alone.
    let (template, _) = template(&server, &page).await;
    let signature = template
        .split("sig=")
        .nth(1)
        .expect("a signature")
        .to_owned();
    for target in [
        "/nowhere?",
        "/collections/villes/items?",
        "/xyz/villes/x/0/0.mvt?",
    ] {
        keep(&server.get(&format!("{target}sig={signature}"), &[]).await);
    }
    shown.push(signature);
    (shown, whole)
}

pub async fn a_signed_url_ends_in_time() {
    let page = text(1);
    let server = Server::new(parts([browser_key(&page)])).await;
    let (_, tile) = template(&server, &page).await;
    server.get(&tile, &[]).await.expect(200);
    server.pass(15 * 60 * SECOND);
    let headers = [("Origin", "https://carte.example"), ("User-Agent", BROWSER)];
    let expired = server.get(&tile, &headers).await;
    assert_eq!(expired.problem(401), "signature-expired");
    assert_eq!(
        expired.header("www-authenticate"),
        "Bearer realm=\"guichet\""
    );
    // Nor does it open what another one is made of.
    let description = tile.replace("/5/16/11.mvt", ".json");
    assert_eq!(
        server.get(&description, &[]).await.problem(401),
        "signature-expired"
    );
}

/// Whoever opens a web page can read its key.
pub async fn a_browser_key_changes_nothing() {
    let page = text(1);
    let mut policy = parts([browser_key(&page)]);
    policy.grants = vec![Grant {
        terms: Some(Terms {
            id: "licence".to_owned(),
            version: 1,
        }),
        ..grant("secret")
    }];
    let server = Server::new(policy).await;
    for target in ["/me/key/rotate", "/me/terms/licence@1"] {
        let headers = [("X-API-Key", page.reveal())];
        let refused = server.ask("POST", target, &headers, "").await;
        assert_eq!(refused.problem(403), "key-required", "{target}");
    }
}

pub async fn a_signed_url_opens_nothing_else() {
    let page = text(1);
    let server = Server::new(parts([browser_key(&page)])).await;
    let (_, tile) = template(&server, &page).await;
    let signature = tile.split("sig=").nth(1).expect("a signature").to_owned();
    let mut changed = signature.clone();
    changed.replace_range(20..21, if &changed[20..21] == "A" { "B" } else { "A" });
    for target in [
        format!("/xyz/villes/5/16/11.mvt?sig={signature}"),
        format!("/xyz/sud.communes,villes/5/16/11.mvt?sig={signature}"),
        format!("/xyz/villes,sud.communes,sommets/5/16/11.mvt?sig={signature}"),
        format!("/xyz/villes,secret/5/16/11.mvt?sig={signature}"),
        format!("/collections/villes/tiles/WebMercatorQuad/5/11/16?sig={signature}"),
        tile.replace(&signature, &changed),
        format!("/collections/villes/items?sig={signature}"),
        format!("/collections?sig={signature}"),
        format!("/me?sig={signature}"),
        format!("/nowhere/at/all?sig={signature}"),
    ] {
        let refused = server.get(&target, &[]).await;
        let expected = if target.starts_with("/nowhere") {
            404
        } else {
            401
        };
        assert_eq!(refused.status, expected, "{target}: {}", refused.text());
        if expected == 401 {
            assert_eq!(refused.problem(401), "signature-invalid", "{target}");
        }
    }
    let elsewhere = [("Host", "other.example.org")];
    let refused = server.get(&tile, &elsewhere).await;
    assert_eq!(refused.problem(401), "signature-invalid");
    let refused = server.get(&format!("{tile}x"), &[]).await;
    assert_eq!(refused.problem(401), "invalid-credential");
    // It is good for one zoom as for another.
    let zoomed = tile.replace("/5/16/11.mvt", "/0/0/0.mvt");
    server.get(&zoomed, &[]).await.expect(200);
}

pub async fn a_signed_url_ends_with_its_key() {
    let page = text(1);
    let server = Server::new(parts([browser_key(&page)])).await;
    let (_, tile) = template(&server, &page).await;
    server.get(&tile, &[]).await.expect(200);
    server.under(parts([Key {
        revoked: true,
        ..browser_key(&page)
    }]));
    assert_eq!(
        server.get(&tile, &[]).await.problem(401),
        "signature-invalid"
    );
    server.under(parts([browser_key(&page)]));
    server.get(&tile, &[]).await.expect(200);
    let mut suspended = parts([browser_key(&page)]);
    suspended.suspensions.push(Suspension {
        target: Target::Organisation("eau".to_owned()),
        reason: "test".to_owned(),
        by: None,
    });
    server.under(suspended);
    assert_eq!(
        server.get(&tile, &[]).await.problem(401),
        "signature-invalid"
    );
    server.under(parts([]));
    assert_eq!(
        server.get(&tile, &[]).await.problem(401),
        "signature-invalid"
    );
    // Between two windows the key itself may end.
    server.under(parts([Key {
        until_us: Some(NOW + 60 * SECOND),
        ..browser_key(&page)
    }]));
    server.get(&tile, &[]).await.expect(200);
    server.pass(60 * SECOND);
    assert_eq!(
        server.get(&tile, &[]).await.problem(401),
        "signature-invalid"
    );
}

/// What the key sees stands under the signature: a change of the grant ends it, and the next one opens what is left.
pub async fn a_signed_url_ends_with_what_it_was_made_for() {
    let page = text(1);
    let granted = |profile: &str| PolicyParts {
        grants: vec![Grant {
            profile: profile.to_owned(),
            ..grant("secret")
        }],
        ..parts([browser_key(&page)])
    };
    let server = Server::new(granted("tout")).await;
    let tile = async || {
        let headers = [("X-API-Key", page.reveal())];
        let answer = server.get("/xyz/secret.json", &headers).await.expect(200);
        let template = answer.json()["tiles"][0]
            .as_str()
            .expect("a template")
            .to_owned();
        template.replace("{z}/{x}/{y}", "0/0/0")
    };
    let first = tile().await;
    let whole = server.get(&first, &[]).await.expect(200);
    assert_eq!(whole.header("cache-control"), "private, no-cache");
    let bare = first.split('?').next().expect("a path");
    assert_eq!(
        server.get(bare, &[]).await.problem(404),
        "no-such-collection"
    );
    server.under(granted("peu"));
    assert_eq!(
        server.get(&first, &[]).await.problem(401),
        "signature-invalid"
    );
    let second = tile().await;
    let less = server.get(&second, &[]).await.expect(200);
    assert!(less.body.len() < whole.body.len());
    // Rights that come back are the same rights.
    server.under(granted("tout"));
    assert_eq!(server.get(&first, &[]).await.expect(200).body, whole.body);
    assert_eq!(
        server.get(&second, &[]).await.problem(401),
        "signature-invalid"
    );
    server.under(parts([browser_key(&page)]));
    for signed in [&first, &second] {
        assert_eq!(
            server.get(signed, &[]).await.problem(401),
            "signature-invalid"
        );
    }
}

/// What was found good before ends with the membership, the policy and the provider.
pub async fn verdicts_end_with_what_they_were_made_of() {
    let provider = Provider::new();
    let mut policy = parts([]);
    let member = Member {
        id: "carto".to_owned(),
        organisation: "sud".to_owned(),
        role: Role::Publisher,
        groups: [].into(),
        identity: Some((Provider::ISSUER.to_owned(), "u-1".to_owned())),
        until_us: Some(NOW + 30 * SECOND),
    };
    policy.members.insert(member.id.clone(), member);
    let server = Server::new(policy.clone()).await;
    let me = async |token: &str| server.get("/me", &[("Authorization", token)]).await;
    let member = provider.good(&json!({ "sub": "u-1" }));
    let partner = provider.good(&json!({ "sub": "u-2", "siret": "13002526500013" }));
    let stranger = provider.good(&json!({ "sub": "u-3" }));
    assert_eq!(me(&member).await.problem(401), "invalid-credential");
    server.state.believe(vec![provider.issuer()]);
    for token in [&member, &partner, &stranger] {
        me(token).await.expect(200);
    }
    server.pass(30 * SECOND);
    assert_eq!(me(&member).await.problem(401), "expired-credential");
    policy.suspensions.push(Suspension {
        target: Target::Organisation("eau".to_owned()),
        reason: "test".to_owned(),
        by: None,
    });
    server.under(policy);
    assert_eq!(me(&partner).await.problem(401), "invalid-credential");
    me(&stranger).await.expect(200);
    server.state.believe(vec![Provider::new().issuer()]);
    assert_eq!(me(&stranger).await.problem(401), "invalid-credential");
    server.state.believe(vec![provider.issuer()]);
    me(&stranger).await.expect(200);
    server.pass(600 * SECOND);
    assert_eq!(me(&stranger).await.problem(401), "expired-credential");
}

/// What is remembered of a header with a key stands for that very key, under that very policy.
pub async fn remembered_keys_are_still_checked() {
    let [one, other, forged] = [1, 2, 3].map(text);
    let ended = Key {
        until_us: Some(NOW + 30 * SECOND),
        ..key(&other)
    };
    let policy = parts([key(&one), ended]);
    let server = Server::new(policy.clone()).await;
    let me = async |key: &KeyText| {
        let header = bearer(key);
        server.get("/me", &[("Authorization", &header)]).await
    };
    let name = |reply: Reply| reply.expect(200).json()["key"]["id"].clone();
    for key in [&one, &other, &one, &other] {
        assert_eq!(name(me(key).await), key.id().to_string());
    }
    assert_eq!(me(&forged).await.problem(401), "invalid-credential");
    // The id of a key that was just let in, with another secret.
    let mut first = true;
    let guess = KeyText::generate(|bytes| {
        bytes.fill(9);
        if std::mem::take(&mut first) {
            bytes.copy_from_slice(&one.id().0.to_be_bytes());
        }
    });
    assert_eq!(
        (guess.id(), guess.reveal() == one.reveal()),
        (one.id(), false)
    );
    assert_eq!(me(&guess).await.problem(401), "invalid-credential");
    // A key that is shown in two places is read in both.
    let twice = [
        ("Authorization", bearer(&one)),
        ("X-API-Key", other.reveal().to_owned()),
    ];
    let twice = twice.each_ref().map(|(n, v)| (*n, v.as_str()));
    assert_eq!(server.get("/me", &twice).await.status, 400);
    server.pass(30 * SECOND);
    assert_eq!(me(&other).await.problem(401), "expired-credential");
    assert_eq!(name(me(&one).await), one.id().to_string());
    // Under the same id another secret holds from now on.
    let replaced = Key {
        sha256: forged.sha256(),
        ..key(&one)
    };
    server.under(parts([replaced]));
    assert_eq!(me(&one).await.problem(401), "invalid-credential");
}

pub async fn hostile_tokens() {
    let (provider, attacker) = (Provider::new(), Provider::new());
    let server = Server::new(parts([])).await;
    server.state.believe(vec![provider.issuer()]);
    let sub = json!({ "sub": "u-1" });
    let good = provider.good(&sub);
    let header = json!({ "alg": "none", "kid": "a" });
    let unsigned = provider.token(&header, &sub);
    let unsigned = &unsigned[..=unsigned.rfind('.').expect("three parts")];
    let by_another_key = json!({ "alg": "EdDSA", "kid": "b" });
    let by_a_new_key = provider.token(&by_another_key, &sub);
    for bad in [
        unsigned,
        &provider.token(&json!({ "alg": "HS256", "kid": "a" }), &sub),
        &by_a_new_key,
        &provider.token(&by_another_key, &json!({ "sub": "u-1", "aud": "autre" })),
        &attacker.good(&sub),
        &provider.good(&json!({ "sub": "u-1", "aud": "autre" })),
        &provider.good(&json!({ "sub": "u-1", "iss": "https://autre.example" })),
        &provider.good(&json!({ "sub": "u-1", "x": "x".repeat(9_000) })),
        &good[..good.len() - 2],
    ] {
        for target in ["/me", "/collections/villes", "/xyz/villes/0/0/0.mvt"] {
            let refused = server.get(target, &[("Authorization", bad)]).await;
            assert_eq!(refused.problem(401), "invalid-credential", "{bad}");
        }
        // Tokens stand in one place alone.
        let token = &bad["Bearer ".len()..];
        server
            .get(&format!("/me?key={token}"), &[])
            .await
            .expect(401);
        // A key that the provider is not known to have is worth a look at its keys, if the token is for us; a forged one is not.
        let named = server.state.take_new_key_named();
        assert_eq!(named, bad == by_a_new_key, "{bad}");
    }
    server
        .get("/me", &[("Authorization", &good)])
        .await
        .expect(200);
}

pub async fn a_session_is_for_pages() {
    let good = text(1);
    let server = Server::new(parts([key(&good)])).await;
    let body = format!("key=+{}+&to=/collections%3Ff=html", good.reveal());
    let headers = [
        FORM,
        PAGE,
        ("Origin", BASE),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    let opened = server
        .ask("POST", "/session", &headers, &body)
        .await
        .expect(303);
    assert_eq!(opened.header("location"), "/collections?f=html");
    let cookie = opened.header("set-cookie");
    assert!(
        cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().expect("a value").to_owned();
    assert!(!cookie.contains(good.reveal()) && !cookie.contains(&good.reveal()[18..]));
    let signed_in = |reply: &Reply| reply.text().contains("Eau de Provence");
    let page = server
        .get("/collections", &[PAGE, ("Cookie", &cookie)])
        .await;
    let page = page.expect(200);
    assert!(signed_in(&page), "{}", page.text());
    assert_eq!(page.header("cache-control"), "private, no-store");
    assert!(page.header("vary").contains("Cookie"));
    // No other format is answered for it.
    for target in ["/me", "/me?f=json"] {
        let refused = server.get(target, &[("Cookie", &cookie)]).await;
        assert_eq!(refused.problem(401), "credential-required");
    }
    let json = server
        .get("/collections", &[("Cookie", &cookie)])
        .await
        .expect(200);
    assert_eq!(json.header("cache-control"), "public, no-cache");
    // A cookie that is not ours, or no longer holds, is none.
    let (start, mac) = cookie.split_at(cookie.len() - 9);
    let (one, rest) = mac.split_at(1);
    let forged = format!("{start}{}{rest}", if one == "A" { "B" } else { "A" });
    let everybody = server.get("/collections", &[PAGE]).await.expect(200);
    let nobody = |page: Reply, cookie: &str| {
        let page = page.expect(200);
        assert!(!signed_in(&page), "{cookie}");
        // The page says so, to whoever shows it and nobody else.
        let says = page.text().contains("Votre clé ne vaut plus");
        assert!(says, "{cookie}: {}", page.text());
        let kept = page.header("cache-control");
        assert_eq!(kept, "private, no-store", "{cookie}");
        assert!(page.header("vary").contains("Cookie"), "{cookie}");
        assert_ne!(page.header("etag"), everybody.header("etag"));
    };
    for cookie in [forged.as_str(), "guichet-session=x"] {
        let headers = [PAGE, ("Cookie", cookie)];
        nobody(server.get("/collections", &headers).await, cookie);
        // Elsewhere than on pages it is nothing.
        let (json, headers) = ("/collections?f=json", [("Cookie", cookie)]);
        let data = server.get(json, &headers).await.expect(200);
        assert_eq!(data.header("cache-control"), "public, no-cache");
        assert_eq!(data.body, server.get(json, &[]).await.body);
    }
    for cookie in ["guichet-session=", "another=x"] {
        let headers = [PAGE, ("Cookie", cookie)];
        let page = server.get("/collections", &headers).await.expect(200);
        assert_eq!(page.body, everybody.body, "{cookie}");
        assert_eq!(page.header("cache-control"), "public, no-cache");
    }
    server.under(parts([Key {
        revoked: true,
        ..key(&good)
    }]));
    let held = [PAGE, ("Cookie", &*cookie)];
    nobody(server.get("/collections", &held).await, "revoked");
    server.under(parts([]));
    nobody(server.get("/collections", &held).await, "gone");
    let lost = server.get("/collections/nowhere", &held).await.expect(404);
    assert!(lost.text().contains("Votre clé ne vaut plus"));
    server.under(parts([key(&good)]));
    // Beside a credential it says nothing.
    let shown = [
        PAGE,
        ("Cookie", "guichet-session=x"),
        ("X-API-Key", good.reveal()),
    ];
    let page = server.get("/collections", &shown).await.expect(200);
    assert!(signed_in(&page) && !page.text().contains("ne vaut plus"));
    server.pass(12 * 3_600 * SECOND);
    nobody(server.get("/collections", &held).await, "ended");
}
