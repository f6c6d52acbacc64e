//! Pages: each row once, whatever the length, whatever happens between two of them.

use std::collections::BTreeSet;

use axum::http::Method;
use guichet::api::Settings;
use proptest::prelude::*;

use crate::app::{App, ids, link};
use crate::fixture::{self, PARISHES, TABLE, TOWN_COUNT, TOWNS, town};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

/// Ids of all pages, in order.
async fn all(app: &App, target: &str) -> Vec<String> {
    app.pages(target).await.iter().flat_map(ids).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_item_once_whatever_the_limit(limit in 1..200usize, filtered in any::<bool>()) {
        let app = App::new();
        let query = if filtered { "&prefecture=false&bbox=4,42,8,46" } else { "" };
        let found = block_on(all(&app, &format!("/collections/{TOWNS}/items?limit={limit}{query}")));
        let whole = block_on(all(&app, &format!("/collections/{TOWNS}/items?limit=1000{query}")));
        prop_assert_eq!(&found, &whole);
        let unique: BTreeSet<_> = found.iter().collect();
        prop_assert_eq!(unique.len(), if filtered { 91 } else { TOWN_COUNT });
    }

    #[test]
    fn offsets_and_cursors_agree(limit in 1..50usize, offset in 0..150usize, filtered in any::<bool>()) {
        let app = App::new();
        let query = if filtered { "&prefecture=false" } else { "" };
        let whole = block_on(all(&app, &format!("/collections/{TOWNS}/items?limit=1000{query}")));
        let found = block_on(all(&app, &format!("/collections/{TOWNS}/items?limit={limit}&offset={offset}{query}")));
        prop_assert_eq!(&found[..], &whole[offset.min(whole.len())..]);
    }
}

#[tokio::test]
async fn every_page_but_the_last_is_full() {
    let app = App::new();
    for (collection, count) in [(TOWNS, TOWN_COUNT), (PARISHES, 25), (TABLE, 7)] {
        for limit in [1, 7, 10, count - 1, count, count + 1] {
            let pages = app
                .pages(&format!("/collections/{collection}/items?limit={limit}"))
                .await;
            assert_eq!(pages.len(), count.div_ceil(limit));
            for page in &pages[..pages.len() - 1] {
                assert_eq!(ids(page).len(), limit);
            }
        }
    }
    // Beyond the end there is an empty page, and no next one.
    let beyond = app
        .json(&format!("/collections/{TOWNS}/items?offset=100000"))
        .await;
    assert!(ids(&beyond).is_empty() && link(&beyond, "next").is_none());
    assert_eq!(beyond["numberMatched"], TOWN_COUNT);
    let huge = app
        .json(&format!(
            "/collections/{TOWNS}/items?offset=18446744073709551615&prefecture=true"
        ))
        .await;
    assert!(ids(&huge).is_empty());
}

/// The towns of those numbers.
fn towns(numbers: impl IntoIterator<Item = usize>) -> guichet::catalog::Catalog {
    let features: Vec<_> = numbers.into_iter().map(town).collect();
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    );
    fixture::of(vec![fixture::towns_of(&text)])
}

#[tokio::test]
async fn a_download_goes_on_through_reloads() {
    for query in ["", "&prefecture=true", "&bbox=4,42,8,46"] {
        let app = App::with(towns(0..90), Settings::default());
        let mut next = Some(format!("/collections/{TOWNS}/items?limit=7{query}"));
        let mut found = Vec::new();
        let mut turn = 0;
        while let Some(target) = next {
            let page = app.json(&target).await;
            found.extend(ids(&page));
            next = link(&page, "next");
            // Between every two pages rows come and go: the first 60 stay.
            turn += 1;
            app.handle
                .swap(towns((0..60).chain(60 + turn * 5..90 + turn * 7)));
        }
        let staying = |id: &&String| (1000..1060).contains(&id.parse::<usize>().expect("a number"));
        let stayed: Vec<_> = found.iter().filter(staying).cloned().collect();
        let unique: BTreeSet<_> = stayed.iter().cloned().collect();
        assert_eq!(unique.len(), stayed.len(), "{query}: none twice");
        let all = all(
            &App::with(towns(0..60), Settings::default()),
            &format!("/collections/{TOWNS}/items?limit=1000{query}"),
        )
        .await;
        assert_eq!(unique, all.into_iter().collect(), "{query}: none missing");
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_query_alone() {
    let app = App::new();
    let page = app
        .json(&format!(
            "/collections/{TOWNS}/items?limit=5&prefecture=true"
        ))
        .await;
    let next = link(&page, "next").expect("a next page");
    let cursor = next
        .split("cursor=")
        .nth(1)
        .expect("a cursor")
        .split('&')
        .next()
        .expect("a value")
        .to_owned();
    // The number of items, the CRS and the form may change.
    for query in [
        "limit=9&prefecture=true",
        "prefecture=true&limit=5",
        "prefecture=true&f=html",
        "prefecture=true&lang=en",
        "prefecture=true&crs=http://www.opengis.net/def/crs/EPSG/0/3857",
    ] {
        app.get(&format!(
            "/collections/{TOWNS}/items?{query}&cursor={cursor}"
        ))
        .await
        .expect(200);
    }
    for query in [
        "",
        "prefecture=false&",
        "prefecture=true&nom=x&",
        "prefecture=true&bbox=1,2,3,4&",
        "prefecture=true&datetime=2020-01-01&",
    ] {
        app.get(&format!(
            "/collections/{TOWNS}/items?{query}cursor={cursor}"
        ))
        .await
        .faulty("cursor");
    }
    app.get(&format!("/collections/{PARISHES}/items?cursor={cursor}"))
        .await
        .faulty("cursor");
    // A cursor tells nothing in plain words, and no change of it passes.
    for i in (0..cursor.len()).step_by(5) {
        let mut changed = cursor.clone().into_bytes();
        changed[i] = if changed[i] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        app.get(&format!(
            "/collections/{TOWNS}/items?prefecture=true&cursor={changed}"
        ))
        .await
        .faulty("cursor");
    }
}

#[tokio::test]
async fn a_page_that_weighs_too_much_ends_early() {
    let mut settings = Settings::default();
    settings.items.weight = 5_000;
    let app = App::with(fixture::catalog(), settings);
    let target = format!("/collections/{TOWNS}/items?limit=1000");
    let pages = app.pages(&target).await;
    assert!(pages.len() > 3, "{}", pages.len());
    for page in &pages {
        assert!(page.to_string().len() < 9_000, "{}", page.to_string().len());
        assert_eq!(page["numberReturned"], ids(page).len());
        assert_eq!(page["numberMatched"], TOWN_COUNT);
    }
    let found: Vec<_> = pages.iter().flat_map(ids).collect();
    assert_eq!(found, all(&App::new(), &target).await);
    // One row is always there, however heavy.
    let mut settings = Settings::default();
    settings.items.weight = 0;
    let app = App::with(fixture::catalog(), settings);
    assert_eq!(
        all(&app, &format!("/collections/{PARISHES}/items"))
            .await
            .len(),
        25
    );
}

#[tokio::test]
async fn long_pages_come_in_many_pieces() {
    use std::io::Read as _;
    // Some 3 MB: a dozen helpings.
    let app = App::with(
        fixture::of(vec![fixture::towns(12_000)]),
        Settings::default(),
    );
    for query in [
        "limit=10000",
        "limit=10000&prefecture=false",
        "limit=10000&bbox=4,42,8,46",
    ] {
        let target = format!("/collections/{TOWNS}/items?{query}");
        let plain = app.get(&target).await.expect(200);
        assert!(plain.body.len() > 1_500_000, "{}", plain.body.len());
        let page = plain.json();
        assert_eq!(page["numberReturned"], ids(&page).len());
        let unique: BTreeSet<_> = ids(&page).into_iter().collect();
        assert_eq!(page["numberReturned"], unique.len());
        let packed = app
            .send(Method::GET, &target, &[("accept-encoding", "gzip")])
            .await
            .expect(200);
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(packed.body.as_slice())
            .read_to_end(&mut unpacked)
            .expect("gzip");
        assert_eq!(unpacked, plain.body);
        assert!(packed.body.len() * 3 < plain.body.len());
        // Only the headers, without writing all that.
        let head = app.send(Method::HEAD, &target, &[]).await.expect(200);
        assert_eq!(
            head.header("ogc-numberreturned"),
            plain.header("ogc-numberreturned")
        );
        assert_eq!(head.header("link"), plain.header("link"));
    }
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_work() {
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    let settings = Settings {
        workers: 1,
        queue: 4,
        piece_within: std::time::Duration::from_millis(200),
        ..Settings::default()
    };
    let app = App::with(fixture::of(vec![fixture::towns(12_000)]), settings);
    let ask = || {
        let request = axum::http::Request::get(format!("/collections/{TOWNS}/items?limit=10000"))
            .header("host", "a");
        app.router
            .clone()
            .oneshot(request.body(axum::body::Body::empty()).expect("a request"))
    };
    // Many that take one piece and wait, and as many that leave at once: none of them holds the one worker.
    let mut waiting = Vec::new();
    for _ in 0..20 {
        let mut body = ask().await.expect("never fails").into_body();
        assert!(body.frame().await.expect("a piece").is_ok());
        waiting.push(body);
        drop(ask().await.expect("never fails"));
    }
    app.get(&format!("/collections/{TOWNS}/items?limit=10"))
        .await
        .expect(200);
    // Those that wait too long are cut, and see that they were.
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    let cut = waiting.remove(0).collect().await;
    assert!(cut.is_err());
}
