//! What pages tell people besides the data: what their key opens, how to go on after a refusal, filters that match something.

use guichet::access::{Action, Grant, PolicyParts};

use crate::keyed::{Reply, Server, grant, key, parts, text};

const PAGE: (&str, &str) = ("Accept", "text/html");

/// Addresses of the links of a page.
fn links(reply: &Reply) -> Vec<String> {
    let html = reply.text();
    let parts = html.split("href=\"").skip(1);
    let links = parts.filter_map(|rest| rest.split('"').next());
    links.map(|href| href.replace("&amp;", "&")).collect()
}

fn granted(actions: &[Action]) -> PolicyParts {
    let grant = Grant {
        actions: actions.iter().copied().collect(),
        ..grant("secret")
    };
    PolicyParts {
        grants: vec![grant],
        ..parts([key(&text(1))])
    }
}

#[tokio::test]
async fn a_key_tells_on_a_page_what_it_opens() {
    let server = Server::new(granted(&[Action::Discover, Action::Items])).await;
    let good = text(1);
    let shown = [PAGE, ("X-API-Key", good.reveal())];
    let page = server.get("/me", &shown).await.expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert_eq!(page.header("cache-control"), "private, no-store");
    for name in ["Authorization", "X-API-Key", "Cookie", "Accept"] {
        assert!(
            page.header("vary").contains(name),
            "{}",
            page.header("vary")
        );
    }
    assert!(
        links(&page).contains(&"/collections/secret".to_owned()),
        "{}",
        page.text()
    );
    assert!(!page.text().contains(good.reveal()));
    // Each page of theirs leads there.
    let landing = server.get("/", &shown).await.expect(200);
    assert!(links(&landing).contains(&"/me".to_owned()));
    // Nobody is led to where a key can be typed, and from there back.
    let nobody = server.get("/me?lang=en", &[PAGE]).await.expect(401);
    let links = links(&nobody);
    assert!(
        links.contains(&"/session?to=/me%3Flang%3Den&lang=en".to_owned()),
        "{links:?}"
    );
    assert!(links.contains(&"?lang=fr".to_owned()), "{links:?}");
}

#[tokio::test]
async fn refusals_lead_on_and_repeat_no_credential() {
    let server = Server::new(granted(&[Action::Discover])).await;
    let good = text(1);
    let lost = server
        .get("/collections/nowhere/items?limit=3", &[PAGE])
        .await;
    let lost = links(&lost.expect(404));
    let other = "?limit=3&lang=en";
    assert!(lost.contains(&other.to_owned()), "{lost:?}");
    assert!(
        lost.contains(&"/session?to=/collections/nowhere/items%3Flimit%3D3".to_owned()),
        "{lost:?}"
    );
    // Whoever is known stays so.
    let known = server
        .get(
            "/collections/nowhere",
            &[PAGE, ("X-API-Key", good.reveal())],
        )
        .await;
    let known = known.expect(404);
    assert!(
        known.text().contains("Eau de Provence")
            && !links(&known).iter().any(|l| l.contains("/session?"))
    );
    let (unknown, bad) = (text(9), good.reveal());
    let ids = [&good, &unknown].map(|key| key.id().to_string());
    for target in [
        format!("/collections?key={}", unknown.reveal()),
        format!("/collections/{bad}"),
        format!("/collections/nowhere?x={bad}"),
        format!("/collections/nowhere?{bad}=1"),
        "/collections/nowhere?sig=abc".to_owned(),
    ] {
        let page = server.get(&target, &[PAGE]).await;
        assert!(page.status >= 400, "{target}");
        let told: Vec<String> = links(&page)
            .into_iter()
            .filter(|l| ids.iter().any(|id| l.contains(id)) || l.contains("sig="))
            .collect();
        assert_eq!(told, Vec::<String>::new(), "{target}");
    }
    // No link leads to another host, and none repeats what was sent by POST.
    for (method, target) in [
        ("GET", "//evil.example/collections"),
        ("POST", "/collections/nowhere"),
    ] {
        let page = server.ask(method, target, &[PAGE], "").await;
        let led = links(&page)
            .into_iter()
            .any(|l| l.contains("evil") || l.contains("nowhere"));
        assert!(!led, "{method} {target}: {:?}", links(&page));
    }
}

#[tokio::test]
async fn examples_of_filters_match_what_the_caller_sees() {
    let server = Server::new(granted(&[Action::Discover, Action::Items])).await;
    let good = text(1);
    let shown = [PAGE, ("X-API-Key", good.reveal())];
    let mut tried = 0;
    for layer in ["villes", "secret"] {
        let page = server
            .get(&format!("/collections/{layer}/queryables"), &shown)
            .await;
        let filters = links(&page.expect(200))
            .into_iter()
            .filter(|l| l.contains("filter="));
        for filter in filters {
            tried += 1;
            let found = server
                .get(&format!("{filter}&f=json"), &shown[1..])
                .await
                .expect(200)
                .json();
            assert!(found["numberMatched"].as_u64() > Some(0), "{filter}");
        }
    }
    assert!(tried >= 6, "{tried}");
    // They hold values: those to whom a layer is described and not shown are given none.
    server.under(granted(&[Action::Discover]));
    let page = server
        .get("/collections/secret/queryables", &shown)
        .await
        .expect(200);
    assert!(
        !links(&page).iter().any(|l| l.contains("filter=")),
        "{}",
        page.text()
    );
}
