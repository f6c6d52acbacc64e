//! HTTP: methods, origins, languages, media types.

use axum::http::Method;

use crate::app::{App, link};
use crate::core_service::RESOURCES;

/// Targets that lead nowhere, or fail.
const BROKEN: &[(&str, u16)] = &[
    ("/nowhere", 404),
    ("/collections/absent", 404),
    ("/collections/absent/items", 404),
    ("/collections/villes/items/absent", 404),
    ("/collections/villes/items?limit=x", 400),
    ("/collections/%ff", 400),
];

#[tokio::test]
async fn head_is_get_without_a_body() {
    let app = App::new();
    for target in RESOURCES {
        let (get, head) = (
            app.get(target).await,
            app.send(Method::HEAD, target, &[]).await,
        );
        assert_eq!(head.status, get.status, "{target}");
        assert!(head.body.is_empty(), "{target}");
        for name in [
            "content-type",
            "etag",
            "vary",
            "cache-control",
            "link",
            "content-crs",
            "ogc-numbermatched",
        ] {
            assert_eq!(head.header(name), get.header(name), "{target} {name}");
        }
        // If a length is told, it is that of the answer to GET.
        let told = head.header("content-length");
        assert!(
            told.is_empty() || told == get.body.len().to_string(),
            "{target} {told}"
        );
    }
    for (target, status) in BROKEN {
        let head = app.send(Method::HEAD, target, &[]).await.expect(*status);
        assert!(head.body.is_empty(), "{target}");
    }
}

#[tokio::test]
async fn options_names_the_methods_of_what_there_is() {
    let app = App::new();
    for target in RESOURCES
        .iter()
        .chain(&["/collections/villes/items/unknown_id", "/assets/x.css"])
    {
        let answer = app.send(Method::OPTIONS, target, &[]).await.expect(200);
        assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS", "{target}");
        assert!(answer.body.is_empty());
    }
    for target in ["/collections/absent", "/collections/absent/items"] {
        let answer = app.send(Method::OPTIONS, target, &[]).await;
        answer.problem(404);
        assert_eq!(answer.header("allow"), "", "{target}");
        app.send(Method::POST, target, &[]).await.problem(404);
    }
}

#[tokio::test]
async fn other_methods_are_refused_with_the_list() {
    let app = App::new();
    for target in RESOURCES {
        for method in ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"] {
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let answer = app.send(method, target, &[]).await;
            answer.problem(405);
            assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS", "{target}");
        }
    }
}

#[tokio::test]
async fn scripts_of_every_origin_can_read_every_answer() {
    let app = App::new();
    let origin = ("origin", "https://carte.example.net");
    let broken = BROKEN.iter().map(|(t, _)| t);
    for target in RESOURCES.iter().chain(broken) {
        let answer = app.send(Method::GET, target, &[origin]).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "*",
            "{target}"
        );
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            "",
            "{target}"
        );
        let exposed = answer
            .header("access-control-expose-headers")
            .to_ascii_lowercase();
        for name in [
            "etag",
            "link",
            "content-crs",
            "ogc-numbermatched",
            "ogc-numberreturned",
        ] {
            assert!(exposed.contains(name), "{target} {name}");
        }
    }
    for wanted in [
        "x-api-key",
        "authorization",
        "if-none-match",
        "content-type",
    ] {
        let headers = [
            origin,
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", wanted),
        ];
        for target in ["/collections/villes/items", "/collections/absent/items/x"] {
            let answer = app
                .send(Method::OPTIONS, target, &headers)
                .await
                .expect(200);
            assert!(
                answer
                    .header("access-control-allow-headers")
                    .to_ascii_lowercase()
                    .contains(wanted)
            );
            assert!(
                answer
                    .header("access-control-allow-methods")
                    .contains("GET")
            );
            assert!(
                answer
                    .header("access-control-max-age")
                    .parse::<u32>()
                    .expect("seconds")
                    >= 7200
            );
        }
    }
}

#[tokio::test]
async fn languages() {
    let app = App::new();
    for (header, query, expected) in [
        ("", "", "fr"),
        ("en", "", "en"),
        ("en-GB,en;q=0.9", "", "en"),
        ("de", "", "fr"),
        ("fr", "?lang=en", "en"),
        ("en", "?lang=fr", "fr"),
    ] {
        let headers: Vec<_> = [("accept-language", header)]
            .into_iter()
            .filter(|h| !h.1.is_empty())
            .collect();
        let answer = app
            .send(Method::GET, &format!("/{query}"), &headers)
            .await
            .expect(200);
        assert_eq!(
            answer.header("content-language"),
            expected,
            "{header} {query}"
        );
        let title = if expected == "fr" {
            "Classes de conformité"
        } else {
            "Conformance classes"
        };
        assert!(answer.text().contains(title), "{header} {query}");
        assert!(answer.header("vary").contains("Accept-Language"));
        // A language asked for by name stays in the links; one asked for by header does not get into them.
        let data = link(&answer.json(), "data").expect("collections");
        assert_eq!(
            data.ends_with(&format!("?lang={expected}")),
            !query.is_empty(),
            "{data}"
        );
    }
    let answer = app
        .send(Method::GET, "/", &[("accept-language", "de, *;q=0.0")])
        .await;
    answer.problem(406);
    let problem = app
        .send(Method::GET, "/collections/x", &[("accept-language", "en")])
        .await
        .problem(404);
    assert_eq!(problem["title"], "No such collection");
    let problem = app.get("/collections/x").await.problem(404);
    assert_eq!(problem["title"], "Collection introuvable");
}

#[tokio::test]
async fn what_cannot_be_written_is_not_acceptable() {
    let app = App::new();
    for target in RESOURCES {
        app.send(
            Method::GET,
            target,
            &[("accept", "image/png, application/xml")],
        )
        .await
        .problem(406);
        app.send(Method::GET, target, &[("accept", "image/png, */*;q=0.1")])
            .await
            .expect(200);
    }
}
