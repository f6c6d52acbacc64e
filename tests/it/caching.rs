//! Entity tags, conditional requests, compression.

use std::io::Read as _;

use axum::http::Method;

use crate::app::App;
use crate::core_service::RESOURCES;
use crate::faults::broken;
use crate::fixture;

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let app = App::new();
    for target in RESOURCES {
        let first = app.get(target).await;
        let tag = first.header("etag").to_owned();
        assert!(
            tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10,
            "{target} {tag}"
        );
        for sent in [
            tag.clone(),
            format!("W/{tag}"),
            format!("\"other\", {tag}"),
            format!("\"a\",W/\"b\",W/{tag}"),
            "*".to_owned(),
        ] {
            let answer = app
                .send(Method::GET, target, &[("if-none-match", &sent)])
                .await
                .expect(304);
            assert!(answer.body.is_empty());
            assert_eq!(answer.header("etag"), tag, "{target}");
            for name in ["cache-control", "vary"] {
                assert_eq!(answer.header(name), first.header(name), "{target} {name}");
                assert!(!answer.header(name).is_empty(), "{target} {name}");
            }
        }
        app.send(Method::GET, target, &[("if-none-match", "\"other\"")])
            .await
            .expect(200);
        assert_eq!(
            app.get(target).await.header("etag"),
            tag,
            "{target}: stable"
        );
    }
    // A tag never turns an absence into a presence.
    app.send(
        Method::GET,
        "/collections/absent",
        &[("if-none-match", "*")],
    )
    .await
    .problem(404);
}

#[tokio::test]
async fn tags_differ_where_bytes_differ() {
    let app = App::new();
    let mut tags = Vec::new();
    let items = "/collections/villes/items";
    for target in [
        items.to_owned(),
        format!("{items}?limit=5"),
        format!("{items}?limit=6"),
        format!("{items}?lang=en"),
        format!("{items}?f=json"),
        format!("{items}?f=html"),
        format!("{items}?nom=x"),
        format!("{items}/1000"),
        format!("{items}/1001"),
    ] {
        for encoding in ["identity", "gzip"] {
            let answer = app
                .send(Method::GET, &target, &[("accept-encoding", encoding)])
                .await
                .expect(200);
            if encoding == "identity" || answer.header("content-encoding") == "gzip" {
                tags.push(answer.header("etag").to_owned());
            }
        }
    }
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count);
    // New data, new tags; the same data again, the old ones.
    let before = app.get(items).await.header("etag").to_owned();
    app.handle.swap(fixture::of(vec![fixture::towns(136)]));
    assert_ne!(app.get(items).await.header("etag"), before);
    app.handle.swap(fixture::catalog());
    assert_eq!(app.get(items).await.header("etag"), before);
}

#[tokio::test]
async fn compression_where_it_is_welcome() {
    let app = App::new();
    for target in RESOURCES {
        let plain = app.get(target).await;
        assert_eq!(plain.header("content-encoding"), "", "{target}");
        for accept in ["gzip", "gzip, deflate, br", "*"] {
            let answer = app
                .send(Method::GET, target, &[("accept-encoding", accept)])
                .await
                .expect(200);
            assert!(
                answer.header("vary").contains("Accept-Encoding"),
                "{target}"
            );
            if answer.header("content-encoding") != "gzip" {
                assert!(plain.body.len() < 1000, "{target}");
                continue;
            }
            let mut unpacked = Vec::new();
            flate2::read::GzDecoder::new(answer.body.as_slice())
                .read_to_end(&mut unpacked)
                .expect("gzip");
            assert_eq!(unpacked, plain.body, "{target}");
            assert!(answer.body.len() < plain.body.len(), "{target}");
            assert_ne!(answer.header("etag"), plain.header("etag"), "{target}");
        }
        for accept in [
            "gzip;q=0",
            "identity",
            "br",
            "gzip;q=0, *",
            "identity;q=1, gzip;q=0.1",
        ] {
            let answer = app
                .send(Method::GET, target, &[("accept-encoding", accept)])
                .await
                .expect(200);
            assert_eq!(answer.header("content-encoding"), "", "{target} {accept}");
            assert_eq!(answer.body, plain.body, "{target}");
        }
    }
}

#[tokio::test]
async fn files_of_pages_are_kept_for_ever() {
    let app = broken();
    let plain = app.get("/assets/any.css").await.expect(200);
    assert_eq!(
        (plain.header("content-type"), plain.header("etag")),
        ("text/css", "\"plain\"")
    );
    assert!(plain.header("cache-control").contains("immutable"));
    let packed = app
        .send(
            Method::GET,
            "/assets/any.css",
            &[("accept-encoding", "gzip"), ("accept", "text/css")],
        )
        .await
        .expect(200);
    assert_eq!(
        (packed.header("content-encoding"), packed.header("etag")),
        ("gzip", "\"packed\"")
    );
    assert_eq!(packed.body, b"packed");
    let again = app
        .send(
            Method::GET,
            "/assets/any.css",
            &[("if-none-match", "\"plain\"")],
        )
        .await
        .expect(304);
    assert_eq!(again.header("content-type"), "");
    App::new().get("/assets/any.css").await.problem(404);
}
