//! Requests that no client should send, to every resource: each gets a problem document of its own fault, never a 5xx, never an answer
//! that looks like success.

use axum::http::Method;

use crate::app::App;

/// Queries that are wrong for every resource, with the status.
const QUERIES: &[&str] = &[
    "f=",
    "f=xml",
    "f=json&f=json",
    "f=JSON",
    "lang=",
    "lang=de",
    "lang=fr&lang=en",
    "x",
    "=",
    "=1",
    "a=%",
    "a=%g1",
    "a=%ff",
    "a=%00",
    "%c3%28=1",
    "f=%6a%73%6f%6e&%00",
    "a[]=1",
    "<script>=1",
    "a=1;b=2",
    "limit=1&limit=1",
    "..=..",
    "f=json%00",
    "%F0%9F%A6%80=1",
];

/// Queries that are wrong for items.
const ITEMS: &[&str] = &[
    "limit=",
    "limit=0",
    "limit=-5",
    "limit=0x10",
    "limit=1e3",
    "limit=1,2",
    "limit=%20",
    "limit=NaN",
    "limit=--1",
    "limit=+",
    "offset=",
    "offset=-1",
    "offset=1.0",
    "offset=a",
    "cursor=",
    "cursor=AAAA",
    "cursor=%00",
    "cursor=..%2F..",
    "cursor=AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "cursor=a&offset=1",
    "bbox=",
    "bbox=,",
    "bbox=,,,",
    "bbox=1",
    "bbox=1,2,3",
    "bbox=1,2,3,4,5",
    "bbox=1,2,3,4,5,6,7",
    "bbox=a,b,c,d",
    "bbox=1,2,3,NaN",
    "bbox=1,2,3,Infinity",
    "bbox=1,2,3,1e999",
    "bbox=1;2;3;4",
    "bbox=%5B1,2,3,4%5D",
    "bbox=0,10,1,9",
    "bbox=0,0,5,1,1,4",
    "bbox=0,-91,1,1",
    "bbox=0,0,1,91",
    "bbox=-181,0,1,1",
    "bbox=0,0,181,1",
    "bbox=0,0,1,1&bbox=0,0,1,1",
    "bbox=10,0,0,1&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/2154",
    "bbox=0,0,1,1&bbox-crs=",
    "bbox=0,0,1,1&bbox-crs=EPSG:4326",
    "bbox-crs=http://www.opengis.net/def/crs/EPSG/0/0",
    "crs=",
    "crs=4326",
    "crs=http://www.opengis.net/def/crs/EPSG/0/4326%20",
    "crs=http://www.opengis.net/def/crs/EPSG/0/99999999999999999999",
    "crs=file:///etc/passwd",
    "datetime=",
    "datetime=..",
    "datetime=../..",
    "datetime=/",
    "datetime=now",
    "datetime=2020",
    "datetime=2020-1-1",
    "datetime=2020-02-30",
    "datetime=2020-01-01T24:00:00Z",
    "datetime=2020-01-01T00:00:00",
    "datetime=2020-01-02/2020-01-01/..",
    "datetime=2020-01-02/2020-01-01",
    "datetime=99999-01-01T00:00:00Z",
    "datetime=2020-01-01T00:00:00%2B99:99",
    "population=1.5",
    "population=99999999999999999999",
    "population=",
    "prefecture=2",
    "prefecture=TRUE",
    "aire=NaN",
    "aire=1,5",
    "fondation=2020-00-01",
    "maj=2020",
    "extra=1",
    "nom=a&nom=a",
    "Nom=a",
    "q=a",
    "sortby=nom",
    "properties=nom",
    "_=1234567",
    "key=abc",
    "api_key=abc",
    "resulttype=hits",
];

const TARGETS: &[&str] = &[
    "/",
    "/conformance",
    "/api",
    "/api.html",
    "/collections",
    "/collections/villes",
    "/collections/villes/items",
    "/collections/villes/items/1000",
    "/health/live",
    "/health/ready",
];

/// Paths without a resource. The status is 404 unless the path itself cannot be read.
const PATHS: &[&str] = &[
    "//",
    "/collections/",
    "/collections//items",
    "/collections/villes/",
    "/collections/villes/items/",
    "/collections/villes/items/1000/",
    "/collections/villes/items/1000/more",
    "/collections/villes/tems",
    "/collections/VILLES",
    "/collections/villes%20",
    "/collections/%2e%2e/items",
    "/collections/..%2f..%2fetc%2fpasswd",
    "/collections/villes%2fitems",
    "/collections/villes/items/%2e%2e",
    "/collections/villes/items/1000%20",
    "/collections/villes/items/+1000",
    "/collections/villes/items/1_000",
    "/collections/villes/items/'%20OR%201=1--",
    "/collections/secret",
    "/collections/secret/items",
    "/collections/secret/items/1000",
    "/.env",
    "/index.php",
    "/api/",
    "/health",
    "/assets/",
    "/assets/../Cargo.toml",
    "/assets/%2e%2e%2fCargo.toml",
    "/*",
    "/{collection}",
    "/collections/{collection}",
    "/collections/%E2%80%AE",
];

#[tokio::test]
async fn wrong_queries_everywhere() {
    let app = App::new();
    let general = TARGETS
        .iter()
        .flat_map(|t| QUERIES.iter().map(move |q| format!("{t}?{q}")));
    let of_items = ITEMS
        .iter()
        .map(|q| format!("/collections/villes/items?{q}"));
    for target in general.chain(of_items) {
        let answer = app
            .get(&target.replace('<', "%3C").replace('>', "%3E"))
            .await;
        let problem = answer.problem(400);
        assert!(
            !problem["detail"]
                .as_str()
                .expect("a sentence")
                .contains("panick"),
            "{target}"
        );
        // The same in the other form.
        // A form sends the fields that were left empty too: a page reads them as absent.
        let left_empty = target.ends_with('=') && !target.contains("crs");
        if !target.contains("f=") && !left_empty {
            app.get(&format!(
                "{}&f=html",
                target.replace('<', "%3C").replace('>', "%3E")
            ))
            .await
            .expect(400);
        }
    }
}

#[tokio::test]
async fn paths_that_lead_nowhere() {
    let app = App::new();
    for path in PATHS {
        let answer = app.get(path).await;
        answer.problem(404);
    }
    for path in [
        "/%",
        "/%zz",
        "/collections/%ff",
        "/collections/%c3",
        "/collections/villes/items/%00",
        "/collections/a%0",
    ] {
        app.get(path).await.problem(400);
    }
}

#[tokio::test]
async fn headers_out_of_their_minds() {
    let app = App::new();
    for target in TARGETS {
        for (name, value) in [
            ("accept", ";;;"),
            ("accept", "text/html;q=9"),
            ("accept", "*/json"),
            ("accept", &"a/b,".repeat(1000)),
            ("accept-language", "xx;q=,,,;q=1"),
            ("accept-encoding", "gzip;q=abc"),
            ("if-none-match", "not a tag"),
            ("if-none-match", "\"unclosed"),
            ("if-none-match", ",,,"),
            ("range", "bytes=0-1"),
            ("if-modified-since", "yesterday"),
            ("forwarded", "host=\"a\\\"b\";;proto=ftp"),
            ("x-forwarded-host", "a b"),
            ("origin", "null"),
            ("content-length", "0"),
        ] {
            let answer = app.send(Method::GET, target, &[(name, value)]).await;
            let status = answer.status.as_u16();
            assert!(
                status == 200 || status == 406,
                "{target} {name}: {value} → {status}"
            );
        }
    }
}

#[tokio::test]
async fn faults_quote_the_request_alone_and_shortly() {
    let app = App::new();
    let long = "z".repeat(30_000);
    let problem = app
        .get(&format!("/collections/villes/items?limit={long}&{long}=1"))
        .await;
    let text = problem.text();
    problem.problem(414);
    let problem = app
        .get(&format!(
            "/collections/villes/items?limit={}",
            &long[..3000]
        ))
        .await;
    assert!(problem.text().len() < 1500, "{}", problem.text());
    problem.problem(400);
    assert!(!text.contains("zzz"));
    let absent = app.get(&format!("/collections/{}", &long[..3000])).await;
    assert!(absent.text().len() < 800, "{}", absent.text());
    absent.problem(404);
}
