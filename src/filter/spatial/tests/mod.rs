use super::outline::Outline;
use super::relate::Reference;
use crate::filter::Shape;
use crate::geometry::source::GeometryKind;

#[test]
fn dump() {
    use std::io::BufRead;
    let Ok(file) = std::env::var("CASES") else {
        return;
    };
    let (mut n, mut bad, mut shown) = (0, 0, 0);
    let mut geosbug = 0;
    let mut kinds = std::collections::BTreeMap::new();
    let start = std::time::Instant::now();
    for l in std::io::BufReader::new(std::fs::File::open(file).unwrap()).lines() {
        let v: serde_json::Value = serde_json::from_str(&l.unwrap()).unwrap();
        let (a, b) = (shape(&v[0]), shape(&v[1]));
        n += 1;
        let a = Outline::new(&a.as_source(), &a.xy);
        let b = Outline::new(&b.as_source(), &b.xy);
        let m = Reference::new(b).matrix(&a);
        let m: String =
            m.0.as_flattened()
                .iter()
                .map(|d| {
                    if *d < 0 {
                        'F'
                    } else {
                        (b'0' + *d as u8) as char
                    }
                })
                .collect();
        let closed = |g: &serde_json::Value| {
            fn f(g: &serde_json::Value) -> bool {
                if let Some(gs) = g["geometries"].as_array() {
                    return gs.iter().any(f);
                }
                g["type"] == "MultiLineString" && {
                    let l = g["coordinates"].as_array().unwrap();
                    l.iter().any(|l| {
                        let l = l.as_array().unwrap();
                        l[0] == l[l.len() - 1]
                    }) && l.iter().any(|l| {
                        let l = l.as_array().unwrap();
                        l[0] != l[l.len() - 1]
                    })
                }
            }
            f(g)
        };
        if m != v[2].as_str().unwrap() {
            println!("MIS {}", serde_json::json!([v[0], v[1], v[2], m]));
            if closed(&v[0]) || closed(&v[1]) {
                geosbug += 1;
                continue;
            }
            bad += 1;
            *kinds
                .entry((v[0]["type"].to_string(), v[1]["type"].to_string()))
                .or_insert(0) += 1;
            if shown < 5 {
                shown += 1;
                println!("{} {} geos {} ours {m}", v[0], v[1], v[2]);
            }
        }
    }
    println!(
        "{n} geosbug {geosbug} bad {bad} {kinds:?} {:?}",
        start.elapsed()
    );
}

fn shape(v: &serde_json::Value) -> Shape {
    let mut s = Shape {
        kind: GeometryKind::Point,
        counts: vec![],
        xy: vec![],
        z: vec![],
    };
    s.kind = add(v, &mut s);
    s
}
fn add(v: &serde_json::Value, s: &mut Shape) -> GeometryKind {
    let c = &v["coordinates"];
    let kind = GeometryKind::ALL
        .into_iter()
        .find(|k| k.name() == v["type"].as_str().unwrap())
        .unwrap();
    match kind {
        GeometryKind::GeometryCollection => {
            let gs = v["geometries"].as_array().unwrap();
            s.counts.push(gs.len() as u32);
            for g in gs {
                let at = s.counts.len();
                s.counts.push(0);
                let k = add(g, s);
                s.counts[at] = k as u32;
            }
        }
        GeometryKind::Point => {
            s.counts.push(1);
            push(c, s);
        }
        _ => nest(c, s),
    }
    kind
}
fn push(c: &serde_json::Value, s: &mut Shape) {
    s.xy.push([c[0].as_f64().unwrap(), c[1].as_f64().unwrap()]);
}
fn nest(c: &serde_json::Value, s: &mut Shape) {
    let list = c.as_array().unwrap();
    s.counts.push(list.len() as u32);
    for i in list {
        if i[0].is_number() {
            push(i, s)
        } else {
            nest(i, s)
        }
    }
}
