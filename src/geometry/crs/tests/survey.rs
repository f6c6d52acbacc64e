//! The questions that `tests/tools/make_crs_codes.py` asks of every code of the EPSG table.

use crate::geometry::crs::{Crs, Id, Transform};
use std::fmt::Write as _;

#[test]
#[ignore = "answers tests/tools/make_crs_codes.py, which names its files in the environment"]
fn answer() {
    let asked = std::fs::read_to_string(std::env::var("CRS_SURVEY_ASKED").unwrap()).unwrap();
    let mut answered = String::new();
    for line in asked.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let code: u16 = fields[0].parse().unwrap();
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
    std::fs::write(std::env::var("CRS_SURVEY_ANSWERED").unwrap(), answered).unwrap();
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
