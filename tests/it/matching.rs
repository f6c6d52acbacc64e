//! Which rows match: boxes against an independent judge, every type of property, times.

use std::sync::OnceLock;

use geo::{Intersects as _, LineString, Polygon, Rect, coord};
use proptest::prelude::*;

use crate::app::{App, CRS84, LAMBERT, MERCATOR, encoded};
use crate::fixture::{
    self, DATELINE, PARISHES, PEAKS, TOWN_COUNT, TOWNS, UNPLACED, parish_corner, place,
    town_is_placed,
};

async fn count(app: &App, target: &str) -> u64 {
    app.json(target).await["numberMatched"]
        .as_u64()
        .expect("a count")
}

#[tokio::test]
async fn properties_by_type() {
    let app = App::new();
    for (query, expected) in [
        ("population=7000000000000", 1),
        ("population=-0", 1),
        ("prefecture=true", 46),
        ("prefecture=false", 91),
        ("prefecture=1", 46),
        ("fondation=1007-03-01", 1),
        ("aire=0.25", 1),
        ("aire=2.5e-1", 1),
        ("nom=Ville%207", 4),
        ("nom=Ville+7", 4),
        ("nom=Aix%2BGardanne%20100%25", 1),
        ("nom=L'%C3%89tang-de-%22Berre%22%20%26%20%3Cfils%3E%5C", 1),
        ("nom=", 0),
        ("nom=ville%207", 0),
        ("nom=Ville%207&prefecture=true", 1),
        ("maj=2000-01-15T08:30:00Z", 2),
        ("maj=2000-01-15T10:30:00%2B02:00", 2),
    ] {
        assert_eq!(
            count(&app, &format!("/collections/{TOWNS}/items?{query}")).await,
            expected,
            "{query}"
        );
    }
    // A property that is named like a parameter is not shadowed by it, it is no parameter.
    assert_eq!(
        app.ids(&format!("/collections/{TOWNS}/items?limit=4"))
            .await
            .len(),
        4
    );
    assert_eq!(
        count(
            &app,
            &format!(
                "/collections/{PARISHES}/items?insee={}",
                encoded("13/007 é")
            )
        )
        .await,
        1
    );
}

#[tokio::test]
async fn boxes_are_matched_by_geometry_not_by_its_box() {
    let app = App::new();
    let [x, y] = parish_corner(0);
    let boxed = async |a: f64, b: f64, c: f64, d: f64| {
        let text = format!("{},{},{},{}", x + a, y + b, x + c, y + d);
        app.ids(&format!(
            "/collections/{PARISHES}/items?bbox={text}&bbox-crs={LAMBERT}"
        ))
        .await
    };
    assert!(
        boxed(400.0, 400.0, 500.0, 500.0).await.is_empty(),
        "in the hole"
    );
    assert_eq!(boxed(100.0, 100.0, 200.0, 200.0).await.len(), 1, "inside");
    assert_eq!(
        boxed(290.0, 400.0, 310.0, 500.0).await.len(),
        1,
        "on the rim of the hole"
    );
    assert_eq!(boxed(900.0, 0.0, 950.0, 10.0).await.len(), 1, "touching");
    assert!(
        boxed(901.0, 0.0, 999.0, 899.0).await.is_empty(),
        "between two"
    );
    assert_eq!(
        boxed(-1.0, -1.0, 4901.0, 4901.0).await.len(),
        25,
        "around all"
    );
}

#[tokio::test]
async fn the_antimeridian_in_every_spelling() {
    let app = App::new();
    let found = async |query: &str| {
        let mut ids = app
            .ids(&format!("/collections/{DATELINE}/items?{query}"))
            .await;
        ids.sort();
        ids.join(" ")
    };
    assert_eq!(
        found("bbox=177,-19,-177,-15").await,
        "continu coupe est ouest"
    );
    assert_eq!(found("bbox=179.9,-19,-179.9,-15").await, "continu coupe");
    assert_eq!(
        found("bbox=179.4,-17.5,179.6,-16.5").await,
        "continu coupe est"
    );
    assert_eq!(
        found("bbox=-179.6,-17.5,-179.4,-16.5").await,
        "continu coupe ouest"
    );
    assert_eq!(
        found("bbox=-178.5,-17.5,-178.1,-16.5").await,
        "continu coupe"
    );
    assert_eq!(found("bbox=-177.9,-17.5,-177.0,-16.5").await, "");
    assert_eq!(found("bbox=4,-18,6,-16").await, "loin");
    assert_eq!(found("bbox=6,-18,4,-16").await, "continu coupe est ouest");
    assert_eq!(
        found("bbox=-180,-90,180,90").await,
        "continu coupe est loin ouest pole"
    );
    assert_eq!(found("bbox=-180,-90,180,-89.9").await, "pole");
    assert_eq!(found("bbox=10,-86,11,-85.9").await, "pole");
    // West of the world's edge in metres; one world has 40,075,016.69 of them.
    let metres = |lon: f64| lon * 20_037_508.342_789_244 / 180.0;
    let text = format!("{},-2000000,{},-1800000", metres(-179.6), metres(-179.4));
    assert_eq!(
        found(&format!("bbox={text}&bbox-crs={MERCATOR}")).await,
        "continu coupe ouest"
    );
    let text = format!("{},-2000000,{},-1800000", metres(179.4), metres(180.6));
    assert_eq!(
        found(&format!("bbox={text}&bbox-crs={MERCATOR}")).await,
        "continu coupe est ouest"
    );
}

#[tokio::test]
async fn six_numbers_judge_heights() {
    let app = App::new();
    let around =
        |low: f64, high: f64| format!("/collections/{PEAKS}/items?bbox=4,42,{low},8,46,{high}");
    assert_eq!(count(&app, &around(0.0, 10_000.0)).await, 12);
    assert_eq!(count(&app, &around(300.25, 500.25)).await, 3);
    assert_eq!(count(&app, &around(300.26, 500.24)).await, 1);
    assert_eq!(count(&app, &around(-100.0, 0.0)).await, 0);
    // What has no height has none to compare.
    assert_eq!(
        count(
            &app,
            &format!("/collections/{TOWNS}/items?bbox=-180,-90,5000,180,90,6000")
        )
        .await,
        TOWN_COUNT as u64
    );
}

fn app() -> &'static App {
    static APP: OnceLock<App> = OnceLock::new();
    APP.get_or_init(App::new)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn boxes_of_points_as_counted_by_hand(x in 4.0..7.6, y in 42.8..45.1, w in 0.0..2.0, h in 0.0..2.0) {
        let target = format!("/collections/{TOWNS}/items?bbox={x},{y},{},{}&bbox-crs={CRS84}", x + w, y + h);
        let found = block_on(count(app(), &target));
        let inside = |i: &usize| {
            let [a, b] = place(*i);
            town_is_placed(*i) && x <= a && a <= x + w && y <= b && b <= y + h
        };
        prop_assert_eq!(found, ((0..TOWN_COUNT).filter(inside).count() + UNPLACED) as u64);
    }

    #[test]
    fn boxes_of_areas_as_judged_by_another_library(x in -200.0..5200.0, y in -200.0..5200.0, w in 0.0..1500.0, h in 0.0..1500.0) {
        let [x0, y0] = [880_000.0 + x, 6_240_000.0 + y];
        let rect = Rect::new(coord! { x: x0, y: y0 }, coord! { x: x0 + w, y: y0 + h });
        let target = format!("/collections/{PARISHES}/items?bbox={x0},{y0},{},{}&bbox-crs={LAMBERT}", x0 + w, y0 + h);
        let mut found = block_on(app().ids(&target));
        found.sort();
        let expected: Vec<_> =
            (0..25).filter(|i| parish(*i).intersects(&rect)).map(|i| format!("13/{i:03} é")).collect();
        prop_assert_eq!(found, expected);
    }
}

fn parish(i: usize) -> Polygon {
    let [x, y] = parish_corner(i);
    let ring = |a: f64, b: f64| {
        LineString::from(vec![
            (x + a, y + a),
            (x + b, y + a),
            (x + b, y + b),
            (x + a, y + b),
            (x + a, y + a),
        ])
    };
    Polygon::new(ring(0.0, 900.0), vec![ring(300.0, 600.0)])
}

/// Shapes of every kind, random, in a random corner of the world.
fn shape() -> impl Strategy<Value = (String, geo::Geometry)> {
    let point = || (0.0..10.0f64, 0.0..10.0f64);
    let points = prop::collection::vec(point(), 3..9);
    (points, 0..3u8).prop_map(|(p, kind)| {
        let text: Vec<_> = p.iter().map(|(x, y)| format!("[{x},{y}]")).collect();
        let line = LineString::from(p.clone());
        match kind {
            0 => (
                format!(
                    r#"{{"type":"LineString","coordinates":[{}]}}"#,
                    text.join(",")
                ),
                line.into(),
            ),
            1 => {
                let points: geo::MultiPoint = p.into();
                (
                    format!(
                        r#"{{"type":"MultiPoint","coordinates":[{}]}}"#,
                        text.join(",")
                    ),
                    points.into(),
                )
            }
            _ => {
                let text = format!(
                    r#"{{"type":"Polygon","coordinates":[[{},{}]]}}"#,
                    text.join(","),
                    text[0]
                );
                // Rings may cross themselves: both judges take the even-odd rule then.
                (text, Polygon::new(line, vec![]).into())
            }
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn random_shapes_and_boxes(shapes in prop::collection::vec(shape(), 1..12), boxes in prop::collection::vec((0.0..10.0f64, 0.0..10.0f64, 0.0..4.0f64, 0.0..4.0f64), 12)) {
        let features: Vec<_> = shapes.iter().enumerate()
            .map(|(i, (g, _))| format!(r#"{{"type":"Feature","id":{i},"properties":{{}},"geometry":{g}}}"#)).collect();
        let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
        let layer = fixture::layer(fixture::Spec::new("formes", &text));
        let app = App::with(fixture::of(vec![layer]), guichet::api::Settings::default());
        for (x, y, w, h) in boxes {
            let rect = Rect::new(coord! { x: x, y: y }, coord! { x: x + w, y: y + h });
            let mut found = block_on(app.ids(&format!("/collections/formes/items?bbox={x},{y},{},{}", x + w, y + h)));
            found.sort_by_key(|id| id.parse::<usize>().expect("a number"));
            let judged = |g: &geo::Geometry| match g {
                geo::Geometry::Polygon(p) => area_meets(p, &rect),
                other => other.intersects(&rect),
            };
            let expected: Vec<_> = shapes.iter().enumerate()
                .filter(|(_, (_, g))| judged(g)).map(|(i, _)| i.to_string()).collect();
            prop_assert_eq!(found, expected, "{:?}", rect);
        }
    }
}

/// By the even-odd rule, also for rings that cross themselves: an edge meets the rectangle, or its corner is inside.
fn area_meets(area: &Polygon, rect: &Rect) -> bool {
    let ring = area.exterior();
    let c = rect.min();
    let crossings = ring.lines().filter(|l| {
        let (a, b) = (l.start, l.end);
        (a.y > c.y) != (b.y > c.y) && c.x < a.x + (c.y - a.y) / (b.y - a.y) * (b.x - a.x)
    });
    ring.intersects(rect) || crossings.count() % 2 == 1
}
