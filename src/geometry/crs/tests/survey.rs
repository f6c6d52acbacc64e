//! The questions that `tests/tools/make_crs_codes.py` asks of every code of the EPSG table.

use crate::geometry::crs::{Crs, Id, Transform};
use std::fmt::Write as _;

/// The script names its files in the environment; without it a line of its making is asked, so that the answer stays as it expects it.
#[test]
fn answer() {
    let Ok(asked) = std::env::var("CRS_SURVEY_ASKED") else {
        let answered = answers("2154 centre 3 46.5\n99999 centre 0 0\n");
        assert!(answered.starts_with("2154 centre 7"), "{answered}");
        assert_eq!(answered.lines().count(), 1);
        return;
    };
    let asked = std::fs::read_to_string(asked).unwrap();
    std::fs::write(
        std::env::var("CRS_SURVEY_ANSWERED").unwrap(),
        answers(&asked),
    )
    .unwrap();
}

fn answers(asked: &str) -> String {
    let mut answered = String::new();
    for line in asked.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let Ok(code) = fields[0].parse::<u16>() else {
            continue;
        };
        if crs_definitions::from_code(code).is_none() {
            continue;
        }
        let point = [fields[2].parse().unwrap(), fields[3].parse().unwrap()];
        let [there, back] = convert(Crs(Id::Epsg(code)), point).unwrap_or([[f64::NAN; 2]; 2]);
        writeln!(
            answered,
            "{code} {} {} {} {} {}",
            fields[1], there[0], there[1], back[0], back[1]
        )
        .unwrap();
    }
    answered
}

/// The point in the system, and back again. A panic of the projection library counts as a refusal.
fn convert(crs: Crs, point: [f64; 2]) -> Option<[[f64; 2]; 2]> {
    std::panic::catch_unwind(|| {
        let there = Transform::between(Crs::CRS84, crs)
            .ok()?
            .convert_point(point)?;
        let back = Transform::between(crs, Crs::CRS84)
            .ok()?
            .convert_point(there)?;
        Some([there, back])
    })
    .ok()?
}
