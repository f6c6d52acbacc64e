//! The parameter `filter` beside the others: faults and their places, links, pages, caches, forms, lengths.

use axum::http::Method;
use guichet::api::Settings;
use serde_json::{Value, json};

use crate::app::{Answer, App, CRS84, LAMBERT, WGS84, encoded, ids, link, links};
use crate::fixture::{self, PARISHES, PEAKS, SECRET, TABLE, TOWN_COUNT, TOWNS};

fn items(collection: &str, pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    format!("/collections/{collection}/items?{}", pairs.join("&"))
}

async fn count(app: &App, pairs: &[(&str, &str)]) -> u64 {
    let page = app.json(&items(TOWNS, pairs)).await;
    page["numberMatched"].as_u64().expect("a number")
}

async fn ask(app: &App, pairs: &[(&str, &str)]) -> Answer {
    app.get(&items(TOWNS, pairs)).await
}

#[tokio::test]
async fn faults_say_where_in_words_and_in_numbers() {
    let app = App::new();
    for (filter, offset, length) in [
        ("nom = 'Aix' AND popo > 5", 16, 4),
        ("é = 1", 0, 1),
        ("nom = 'é' ET prefecture", 10, 2),
        ("nom = ", 6, 0),
        ("", 0, 0),
        ("nom = 'x' AND\n(maj > 5", 22, 0),
        ("nom = 'Aix", 6, 4),
        ("population > 'beaucoup'", 13, 10),
        ("extra = 1", 0, 5),
    ] {
        let answer = ask(&app, &[("filter", filter)]).await;
        let problem = answer.problem(400);
        let at = json!({ "parameter": "filter", "offset": offset, "length": length });
        assert_eq!(problem["at"], at, "{filter}: {problem}");
        assert_eq!(problem["errors"][0]["at"], at);
        assert_eq!(problem["errors"][0]["parameter"], "filter");
        let detail = problem["detail"].as_str().expect("a sentence");
        let place = if filter.contains('\n') {
            ", ligne 2, caractère 9 :".to_owned()
        } else {
            format!(", caractère {} :", offset + 1)
        };
        assert!(
            detail.starts_with("« filter »") && detail.contains(&place),
            "{detail}"
        );
        let english = ask(&app, &[("filter", filter), ("lang", "en")]).await;
        let detail = english.problem(400)["detail"]
            .as_str()
            .expect("a sentence")
            .to_owned();
        assert!(detail.starts_with("\"filter\", "), "{detail}");
    }
    // JSON has places too.
    let json = r#"{"op":"=","args":[{"property":"popo"},5]}"#;
    let problem = ask(&app, &[("filter", json), ("filter-lang", "cql2-json")])
        .await
        .problem(400);
    let at = problem["at"]["offset"].as_u64().expect("a number") as usize;
    assert!(
        json[at..].starts_with("\"popo\"") || json[at..].starts_with("{\"property\""),
        "{problem}"
    );
}

#[tokio::test]
async fn every_parameter_of_filters_can_be_wrong() {
    let app = App::new();
    for language in [
        "",
        "CQL2-TEXT",
        "cql2",
        "cql2_text",
        "json-filter-expr",
        "ecql",
    ] {
        let answer = ask(&app, &[("filter", "TRUE"), ("filter-lang", language)]).await;
        answer.faulty("filter-lang");
        let detail = answer.problem(400)["detail"]
            .as_str()
            .expect("a sentence")
            .to_owned();
        assert!(
            detail.contains("cql2-text, cql2-json, cql-text"),
            "{detail}"
        );
    }
    for crs in [
        "",
        "4326",
        "EPSG:4326",
        "http://www.opengis.net/def/crs/EPSG/0/9999",
    ] {
        ask(&app, &[("filter", "TRUE"), ("filter-crs", crs)])
            .await
            .faulty("filter-crs");
        // Without a filter they are looked at, and have no effect.
        ask(&app, &[("filter-crs", crs)]).await.faulty("filter-crs");
    }
    ask(&app, &[("filter-lang", "sql")])
        .await
        .faulty("filter-lang");
    let idle = [("filter-lang", "cql2-json"), ("filter-crs", WGS84)];
    assert_eq!(count(&app, &idle).await, TOWN_COUNT as u64);
    for name in ["filter", "filter-lang", "filter-crs"] {
        let twice = [(name, "TRUE"), (name, "TRUE")];
        ask(&app, &twice).await.faulty(name);
    }
    // All at once.
    let all = [
        ("filter", "("),
        ("bbox", "1"),
        ("limit", "x"),
        ("rien", "1"),
    ];
    let problem = ask(&app, &all).await.problem(400);
    assert_eq!(problem["errors"].as_array().expect("errors").len(), 4);
    // An item has no filter, and neither have the others.
    for target in [
        "/collections/villes/items/1003",
        "/collections/villes",
        "/collections/villes/queryables",
        "/functions",
    ] {
        app.get(&format!("{target}?filter=TRUE"))
            .await
            .faulty("filter");
    }
}

#[tokio::test]
async fn all_parameters_are_joined_by_and() {
    let app = App::new();
    let filter = ("filter", "population >= 70000000000000 OR maj IS NULL");
    let others = [
        ("bbox", "5,43,6,44"),
        ("datetime", "2005-01-01/.."),
        ("prefecture", "true"),
    ];
    let set = async |pairs: &[(&str, &str)]| {
        let target = items(TOWNS, &[pairs, &[("limit", "1000")]].concat());
        app.ids(&target).await
    };
    let mut expected = set(&[filter]).await;
    for other in others {
        let found = set(&[other]).await;
        assert!(found.len() < TOWN_COUNT);
        expected.retain(|id| found.contains(id));
        let both = set(&[filter, other]).await;
        assert_eq!(
            both,
            set(&[filter])
                .await
                .into_iter()
                .filter(|id| found.contains(id))
                .collect::<Vec<_>>()
        );
    }
    let all = [&[filter][..], &others[..]].concat();
    assert_eq!(set(&all).await, expected);
    assert!(!expected.is_empty());
    assert_eq!(count(&app, &all).await, expected.len() as u64);
}

#[tokio::test]
async fn links_keep_the_filter() {
    let app = App::new();
    let filter = "nom LIKE 'Ville 1%' AND population > 0 AND \"limit\" < 4";
    let pairs = [
        ("filter", filter),
        ("filter-lang", "cql2-text"),
        ("filter-crs", WGS84),
        ("limit", "5"),
        ("f", "json"),
        ("lang", "en"),
    ];
    let whole = app
        .ids(&items(TOWNS, &[("filter", filter), ("limit", "1000")]))
        .await;
    assert!(whole.len() > 20);
    let pages = app.pages(&items(TOWNS, &pairs)).await;
    let found: Vec<_> = pages.iter().flat_map(ids).collect();
    assert_eq!(found, whole);
    assert_eq!(pages.len(), whole.len().div_ceil(5));
    for page in &pages {
        assert_eq!(page["numberMatched"], whole.len());
        for rel in ["self", "alternate", "next"] {
            for l in links(page, rel) {
                let href = l["href"].as_str().expect("an address");
                for (name, value) in [
                    ("filter", filter),
                    ("filter-crs", WGS84),
                    ("filter-lang", "cql2-text"),
                ] {
                    let plain = percent_encoding::percent_decode_str(href)
                        .decode_utf8()
                        .expect("UTF-8");
                    assert!(plain.contains(&format!("{name}={value}")), "{rel} {href}");
                }
            }
        }
    }
    // The same from offset to offset.
    let at_seven = [&pairs[..], &[("offset", "7")]].concat();
    let rest: Vec<_> = app
        .pages(&items(TOWNS, &at_seven))
        .await
        .iter()
        .flat_map(ids)
        .collect();
    assert_eq!(rest, whole[7..]);
}

#[tokio::test]
async fn a_cursor_belongs_to_what_a_filter_means() {
    let app = App::new();
    let page = app
        .json(&items(
            TOWNS,
            &[
                ("filter", "population > 0 AND prefecture = TRUE"),
                ("limit", "3"),
            ],
        ))
        .await;
    let next = link(&page, "next").expect("a next page");
    let cursor = next
        .split("cursor=")
        .nth(1)
        .expect("a cursor")
        .split('&')
        .next()
        .expect("a value");
    let second = app.ids(&next).await;
    let json = r#"{"op":"and","args":[{"op":"=","args":[{"property":"prefecture"},true]},{"op":">","args":[{"property":"population"},0]}]}"#;
    for same in [
        &[("filter", "(prefecture=true) and 0 < population")][..],
        &[
            ("filter", "population > 0 AND prefecture = TRUE"),
            ("filter-crs", CRS84),
        ],
        &[("filter", json), ("filter-lang", "cql2-json")],
        &[
            ("filter", "population > 0 AND prefecture = TRUE"),
            ("filter-lang", "cql-text"),
        ],
    ] {
        let pairs = [same, &[("cursor", cursor), ("limit", "3")]].concat();
        assert_eq!(app.ids(&items(TOWNS, &pairs)).await, second, "{same:?}");
    }
    for other in [
        &[("filter", "population > 1 AND prefecture = TRUE")][..],
        &[("filter", "population > 0 AND prefecture = FALSE")],
        &[("prefecture", "true")],
        &[
            ("filter", "population > 0 AND prefecture = TRUE"),
            ("prefecture", "true"),
        ],
        &[],
    ] {
        let pairs = [other, &[("cursor", cursor)]].concat();
        ask(&app, &pairs).await.faulty("cursor");
    }
}

#[tokio::test]
async fn nobody_learns_by_a_filter_that_a_collection_exists() {
    let app = App::new();
    for query in [
        "filter=TRUE",
        "filter=(",
        "filter=rien%20=%201",
        "filter-lang=x",
        "filter=",
        "limit=0&filter=x",
    ] {
        let of = async |id: &str, f: &str| {
            app.get(&format!("/collections/{id}/items?{query}{f}"))
                .await
        };
        for f in ["", "&f=html"] {
            let (hidden, absent) = (of(SECRET, f).await, of("absent", f).await);
            assert_eq!(
                (hidden.status.as_u16(), absent.status.as_u16()),
                (404, 404),
                "{query}"
            );
            assert_eq!(
                hidden.text().replace(SECRET, "x"),
                absent.text().replace("absent", "x")
            );
        }
    }
    for path in ["queryables", "queryables?f=html", "queryables?x=1"] {
        let hidden = app
            .get(&format!("/collections/{SECRET}/{path}"))
            .await
            .expect(404);
        let absent = app
            .get(&format!("/collections/absent/{path}"))
            .await
            .expect(404);
        assert_eq!(
            hidden.text().replace(SECRET, "x"),
            absent.text().replace("absent", "x")
        );
    }
}

#[tokio::test]
async fn pages_of_filters_are_cached_by_what_was_asked() {
    let app = App::new();
    let target = items(TOWNS, &[("filter", "prefecture = TRUE")]);
    let first = app.get(&target).await.expect(200);
    let tag = first.header("etag").to_owned();
    assert!(tag.len() > 10);
    for method in [Method::GET, Method::HEAD] {
        let again = app
            .send(method, &target, &[("if-none-match", &tag)])
            .await
            .expect(304);
        assert!(again.body.is_empty());
    }
    let other = items(TOWNS, &[("filter", "prefecture = FALSE")]);
    let other = app
        .send(Method::GET, &other, &[("if-none-match", &tag)])
        .await
        .expect(200);
    assert_ne!(other.header("etag"), tag);
    let head = app.send(Method::HEAD, &target, &[]).await.expect(200);
    assert!(head.body.is_empty());
    for name in [
        "etag",
        "content-type",
        "content-crs",
        "ogc-numbermatched",
        "link",
    ] {
        assert_eq!(head.header(name), first.header(name), "{name}");
    }
    assert_eq!(head.header("ogc-numbermatched"), "46");
    // A refusal is never kept, nor taken for something that the client has.
    let wrong = items(TOWNS, &[("filter", "(")]);
    for f in ["", "&f=html"] {
        let refused = app
            .send(
                Method::GET,
                &format!("{wrong}{f}"),
                &[("if-none-match", "*")],
            )
            .await
            .expect(400);
        assert_eq!(
            (refused.header("cache-control"), refused.header("etag")),
            ("no-store", "")
        );
        let head = app
            .send(Method::HEAD, &format!("{wrong}{f}"), &[])
            .await
            .expect(400);
        assert!(head.body.is_empty());
    }
}

#[tokio::test]
async fn the_crs_of_a_filter_is_not_that_of_the_answer() {
    let app = App::new();
    // A parish by a point in its middle, in four systems.
    let [x, y] = fixture::parish_corner(7);
    let metres = format!("S_INTERSECTS(geometry,POINT({} {}))", x + 50.0, y + 50.0);
    let pairs = [("filter", metres.as_str()), ("filter-crs", LAMBERT)];
    let answer = app.get(&items(PARISHES, &pairs)).await.expect(200);
    assert_eq!(answer.header("content-crs"), format!("<{CRS84}>"));
    let page = answer.json();
    assert_eq!(ids(&page), ["13/007 é"]);
    let position = &page["features"][0]["geometry"]["coordinates"][0][0];
    let (lon, lat) = (
        position[0].as_f64().expect("a number"),
        position[1].as_f64().expect("a number"),
    );
    assert!((4.0..7.0).contains(&lon) && (42.0..45.0).contains(&lat));
    // Latitude first where the authority says so.
    let inside = [lon + 0.001, lat + 0.001];
    let degrees = format!("S_INTERSECTS(geometry,POINT({} {}))", inside[1], inside[0]);
    let pairs = [
        ("filter", degrees.as_str()),
        ("filter-crs", WGS84),
        ("crs", LAMBERT),
    ];
    let answer = app.get(&items(PARISHES, &pairs)).await.expect(200);
    assert_eq!(answer.header("content-crs"), format!("<{LAMBERT}>"));
    assert_eq!(ids(&answer.json()), ["13/007 é"]);
    let swapped = [("filter", degrees.as_str())];
    assert!(app.ids(&items(PARISHES, &swapped)).await.is_empty());
    // The box of `bbox` keeps its own.
    let [lon, lat] = inside;
    let bbox = format!(
        "{},{},{},{}",
        lon - 1e-4,
        lat - 1e-4,
        lon + 1e-4,
        lat + 1e-4
    );
    let pairs = [
        ("filter", metres.as_str()),
        ("filter-crs", LAMBERT),
        ("bbox", &bbox),
    ];
    assert_eq!(app.ids(&items(PARISHES, &pairs)).await.len(), 1);
}

#[tokio::test]
async fn what_gdal_writes_under_the_name_of_the_draft() {
    let app = App::new();
    let draft =
        async |filter: &str| count(&app, &[("filter", filter), ("filter-lang", "cql-text")]).await;
    let standard = async |filter: &str| count(&app, &[("filter", filter)]).await;
    for (written, meant) in [
        ("nom = 'Ville 7'", "nom = 'Ville 7'"),
        (
            "(prefecture = 1) AND (population > 5)",
            "prefecture = TRUE AND population > 5",
        ),
        ("nom ILIKE 'VILLE 7'", "CASEI(nom) LIKE CASEI('ville 7')"),
        (
            "maj > '2010-01-01T'",
            "maj > TIMESTAMP('2010-01-01T00:00:00Z')",
        ),
        (
            "(maj >= '2010-01-01T00:00:00Z') AND (maj < '2012-06-01T12:00Z')",
            "maj >= TIMESTAMP('2010-01-01T00:00:00Z') AND maj < TIMESTAMP('2012-06-01T12:00:00Z')",
        ),
        (
            "fondation <= '1350-03-01T'",
            "fondation <= DATE('1350-03-01')",
        ),
        ("NOT ((maj IS NULL))", "maj IS NOT NULL"),
        ("limit = 2", "\"limit\" = 2"),
    ] {
        let found = draft(written).await;
        assert!(found > 0, "{written}");
        assert_eq!(found, standard(meant).await, "{written}");
    }
    let problem = ask(
        &app,
        &[
            ("filter", "(nom = 'x') AND (limitt > 2)"),
            ("filter-lang", "cql-text"),
        ],
    )
    .await
    .problem(400);
    assert_eq!(
        problem["at"],
        json!({ "parameter": "filter", "offset": 17, "length": 6 })
    );
}

#[tokio::test]
async fn rows_without_a_value_are_not_selected() {
    let app = App::new();
    let all = TOWN_COUNT as u64;
    let null = count(&app, &[("filter", "maj IS NULL")]).await;
    assert!(null > 0);
    let year = "maj > TIMESTAMP('2010-01-01T00:00:00Z')";
    let (yes, no) = (
        count(&app, &[("filter", year)]).await,
        count(&app, &[("filter", &format!("NOT ({year})"))]).await,
    );
    assert_eq!(yes + no + null, all);
    // `datetime` keeps them, a filter does not; joined, the filter wins.
    let both = [("filter", year), ("datetime", "2010-01-02/..")];
    assert!(count(&app, &both).await < count(&app, &both[1..]).await);
    // Without a place: in every box, in no geometry.
    let everywhere = "S_INTERSECTS(geometry,BBOX(-180,-90,180,90))";
    let placed = count(&app, &[("filter", everywhere)]).await;
    assert_eq!(placed, all - fixture::UNPLACED as u64);
    let apart = count(&app, &[("filter", "S_DISJOINT(geometry,BBOX(0,0,1,1))")]).await;
    assert_eq!(apart, placed);
    assert_eq!(
        count(&app, &[("bbox", "0,0,1,1")]).await,
        fixture::UNPLACED as u64
    );
}

#[tokio::test]
async fn a_table_and_heights() {
    let app = App::new();
    let of = async |collection: &str, filter: &str| {
        app.get(&items(collection, &[("filter", filter)])).await
    };
    assert_eq!(
        ids(&of(TABLE, "montant > 3 AND code <> 'c5'")
            .await
            .expect(200)
            .json())
        .len(),
        3
    );
    of(TABLE, "S_INTERSECTS(geometry,POINT(1 2))")
        .await
        .faulty("filter");
    let [x, y] = fixture::place(3);
    let found = of(PEAKS, &format!("S_INTERSECTS(geometry,POINT({x} {y}))"))
        .await
        .expect(200);
    assert_eq!(ids(&found.json()), ["pic-3"]);
}

/// The text between two others.
fn between<'a>(html: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = html
        .split_once(start)
        .unwrap_or_else(|| panic!("no {start}"));
    rest.split_once(end).unwrap_or_else(|| panic!("no {end}")).0
}

#[tokio::test]
async fn the_form_comes_back_with_the_fault_marked() {
    let app = App::new();
    let pairs = [
        ("filter", "nom = '<b>' AND popo > 5"),
        ("bbox", "1,2,3"),
        ("prefecture", "true"),
        ("rien", "1"),
        ("f", "html"),
        ("lang", "en"),
        ("limit", ""),
        ("datetime", ""),
    ];
    let answer = ask(&app, &pairs).await.expect(400);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert_eq!(answer.header("content-language"), "en");
    assert_eq!(answer.header("content-crs"), "");
    let html = answer.text();
    assert_eq!(between(&html, "<mark>", "</mark>"), "popo");
    assert!(
        html.contains("nom = &#39;&lt;b&gt;&#39; AND popo &gt; 5</textarea>"),
        "{html}"
    );
    assert!(html.contains("filter: character 17: "), "{html}");
    assert!(html.contains("<li>bbox: ") && html.contains("<li>rien: "));
    // What was right stays, what was wrong is not sent again.
    assert!(html.contains("name=\"prefecture\" value=\"true\""));
    assert!(!html.contains("name=\"rien\"") && !html.contains("<td>"));
    // A form that is sent empty is no filter.
    let all = ask(&app, &[("filter", ""), ("f", "html")])
        .await
        .expect(200);
    assert!(all.text().contains("<td>"));
    // A cursor of another query is a fault of the same kind.
    ask(&app, &[("cursor", "AAAA"), ("f", "html")])
        .await
        .expect(400);
    let good = ask(&app, &[("filter", "nom = 'Ville 7'"), ("f", "html")])
        .await
        .expect(200);
    assert!(
        good.text().contains("Ville 7</td>")
            && good.text().contains("nom = &#39;Ville 7&#39;</textarea>")
    );
}

#[tokio::test]
async fn the_page_of_queryables_gives_filters_that_work() {
    let app = App::new();
    for collection in app.collections().await {
        let target = format!("/collections/{collection}/queryables?f=html");
        let html = app.get(&target).await.expect(200).text();
        let mut examples = 0;
        for part in html.split("href=\"/collections/").skip(1) {
            let href = part
                .split('"')
                .next()
                .expect("an end")
                .replace("&amp;", "&");
            if href.contains("?filter=") {
                examples += 1;
                app.get(&format!("/collections/{href}")).await.expect(200);
            }
        }
        assert!(examples > 0, "{collection}");
    }
    let page = app
        .get("/functions?f=html&lang=en")
        .await
        .expect(200)
        .text();
    assert!(page.contains("<code>"));
}

/// A ring of that many vertices around a point.
fn ring(vertices: usize) -> String {
    let point = |i: usize| {
        let angle = std::f64::consts::TAU * i as f64 / vertices as f64;
        let angle = if i == vertices { 0.0 } else { angle };
        format!("{:.13} {:.13}", 5.5 + angle.cos(), 43.5 + angle.sin())
    };
    let points: Vec<_> = (0..=vertices).map(point).collect();
    format!("S_INTERSECTS(geometry,POLYGON(({})))", points.join(","))
}

#[tokio::test]
async fn the_outline_of_a_commune_fits_into_a_url() {
    let app = App::new();
    let filter = ring(1000);
    let target = items(TOWNS, &[("filter", &filter), ("limit", "10")]);
    assert!((40_000..57_000).contains(&target.len()), "{}", target.len());
    let answer = app.get(&target).await.expect(200);
    // Proxies and clients bear a few kilobytes of headers.
    let headers: usize = answer
        .headers
        .iter()
        .map(|(n, v)| n.as_str().len() + v.len() + 4)
        .sum();
    assert!(headers < 6_000, "{headers}");
    let rels: Vec<_> = answer
        .headers
        .get_all("link")
        .iter()
        .map(|l| l.to_str().expect("ASCII"))
        .collect();
    assert!(
        rels.iter().any(|l| l.contains("1.0/queryables"))
            && !rels.iter().any(|l| l.contains("rel=\"self\""))
    );
    // The way onward is in the body, and can be gone.
    let page = answer.json();
    let found: Vec<Value> = app.pages(&target).await;
    let count: usize = found.iter().map(|p| ids(p).len()).sum();
    assert_eq!(page["numberMatched"], count);
    assert!((20..120).contains(&count), "{count}");
    for page in &found {
        let l = link(page, "self").expect("itself");
        assert!(l.len() > 25_000);
    }
    app.get(&format!("{target}&f=html")).await.expect(200);
    // Short queries have all of their links in the headers, as before.
    let short = ask(&app, &[("filter", "TRUE"), ("limit", "3")])
        .await
        .expect(200);
    let all = short.headers.get_all("link").iter().count();
    assert_eq!(all, short.json()["links"].as_array().expect("links").len());
}

#[tokio::test]
async fn ceilings_are_told() {
    let mut settings = Settings::default();
    settings.items.filter.length_bytes = 300;
    settings.items.filter.depth = 10;
    settings.items.filter.nodes = 20;
    settings.items.filter.vertices = 8;
    let app = App::with(fixture::catalog(), settings);
    let long = format!("nom = '{}'", "x".repeat(300));
    let deep = format!("{}TRUE{}", "(".repeat(11), ")".repeat(11));
    let wide = format!("population IN ({}1)", "1,".repeat(30));
    for filter in [&long, &deep, &wide, &ring(8)] {
        for language in ["cql2-text", "cql-text"] {
            let pairs = [("filter", filter.as_str()), ("filter-lang", language)];
            ask(&app, &pairs).await.faulty("filter");
        }
    }
    ask(&app, &[("filter", &ring(4)), ("limit", "1")])
        .await
        .expect(200);
}

#[tokio::test]
async fn a_blank_box_on_the_page_is_an_empty_one() {
    let app = App::new();
    for blank in ["", " ", "\r\n"] {
        let page = ask(&app, &[("filter", blank), ("f", "html")]).await;
        assert_eq!(page.status, 200, "{blank:?}");
        // A program that sends a blank has made a mistake.
        ask(&app, &[("filter", blank), ("f", "json")])
            .await
            .problem(400);
    }
}
