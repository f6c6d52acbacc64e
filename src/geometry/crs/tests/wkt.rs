//! Definitions as files carry them.

use crate::geometry::crs::{Crs, describe_wkt};

const GCS_RGF93: &str = r#"GEOGCS["GCS_RGF_1993",DATUM["D_RGF_1993",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;

/// What is expected: the system, never `None` by mistake.
#[allow(clippy::unnecessary_wraps)]
fn epsg(code: u32) -> Option<Crs> {
    Some(Crs::epsg(code).unwrap())
}

/// A projected definition without identifiers, in ESRI's dialect.
fn esri(name: &str, geographic: &str, [east, north, meridian]: [&str; 3], unit: &str) -> String {
    format!(
        r#"PROJCS["{name}",{geographic},PROJECTION["X"],PARAMETER["False_Easting",{east}],PARAMETER["False_Northing",{north}],PARAMETER["Central_Meridian",{meridian}],PARAMETER["Latitude_Of_Origin",46.5],UNIT["Meter",{unit}]]"#
    )
}

#[test]
fn the_root_s_own_identifier() {
    let wkt1 = r#"PROJCS["whatever",GEOGCS["RGF93",DATUM["D",SPHEROID["GRS 1980",6378137,298.257222101,AUTHORITY["EPSG","7019"]],AUTHORITY["EPSG","6171"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4171"]],PROJECTION["Lambert_Conformal_Conic_2SP"],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["X",EAST],AUTHORITY["EPSG","2154"]]"#;
    assert_eq!(Crs::from_wkt(wkt1), epsg(2154));
    let wkt2 = "PROJCRS[\"RGF93 v1 / CC44\",\n  BASEGEOGCRS[\"RGF93 v1\",DATUM[\"D\",ELLIPSOID[\"GRS 1980\",6378137,298.257222101]],ID[\"EPSG\",4171]],\n  CONVERSION[\"CC44\",METHOD[\"Lambert\",ID[\"EPSG\",9802]]],\n  CS[Cartesian,2],\n  AXIS[\"easting (X)\",east,ORDER[1],LENGTHUNIT[\"metre\",1,ID[\"EPSG\",9001]]],\n  USAGE[SCOPE[\"a \"\"quoted\"\" scope, with ] and (\"],BBOX[42.92,-1.79,45,7.71]],\n  ID[\"EPSG\",3944]]\n";
    assert_eq!(Crs::from_wkt(wkt2), epsg(3944));
    let ensemble = r#"GEOGCRS["WGS 84",ENSEMBLE["E",MEMBER["M",ID["EPSG",1166]],ELLIPSOID["WGS 84",6378137,298.257223563],ID["EPSG",6326]],CS[ellipsoidal,2],AXIS["Lat",north],ID["EPSG",4326]]"#;
    assert_eq!(Crs::from_wkt(ensemble), epsg(4326));
    let round = wkt1.replace('[', "(").replace(']', ")");
    assert_eq!(Crs::from_wkt(&round), epsg(2154));
    assert_eq!(Crs::from_wkt(&format!("\u{feff}{wkt1}\r\n\0")), epsg(2154));
}

#[test]
fn crs84_of_the_ogc() {
    let text = r#"GEOGCS["WGS 84 (CRS84)",DATUM["WGS_1984",AUTHORITY["EPSG","6326"]],AXIS["Longitude",EAST],AXIS["Latitude",NORTH],AUTHORITY["OGC","CRS84"]]"#;
    assert_eq!(Crs::from_wkt(text), Some(Crs::CRS84));
}

#[test]
fn an_identifier_of_a_part_is_not_believed() {
    // Only the base system is identified, and the name is nobody's.
    let custom = r#"PROJCS["my grid",GEOGCS["RGF93",UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4171"]],PROJECTION["Transverse_Mercator"],UNIT["metre",1,AUTHORITY["EPSG","9001"]]]"#;
    assert_eq!(Crs::from_wkt(custom), None);
    // The identifier of a geographic system on a projected one, and the other way round.
    assert_eq!(
        Crs::from_wkt(r#"PROJCS["x",AUTHORITY["EPSG","4326"]]"#),
        None
    );
    assert_eq!(
        Crs::from_wkt(r#"GEOGCS["x",AUTHORITY["EPSG","2154"]]"#),
        None
    );
    // Codes that are not ours are not replaced by what the name says.
    assert_eq!(
        Crs::from_wkt(r#"GEOGCS["WGS 84",AUTHORITY["EPSG","99999"]]"#),
        None
    );
    assert_eq!(
        Crs::from_wkt(r#"GEOGCS["NTF (Paris)",AUTHORITY["EPSG","4807"]]"#),
        None
    );
    for other in [
        r#"LOCAL_CS["plan"]"#,
        r#"VERT_CS["NGF",AUTHORITY["EPSG","5720"]]"#,
        r#"GEOCCS["x",AUTHORITY["EPSG","4978"]]"#,
    ] {
        assert_eq!(Crs::from_wkt(other), None, "{other}");
    }
}

#[test]
fn compound_and_bound_systems() {
    let compound = r#"COMPD_CS["L93 + NGF",PROJCS["RGF93 v1 / Lambert-93",AUTHORITY["EPSG","2154"]],VERT_CS["NGF-IGN69 height",AUTHORITY["EPSG","5720"]],AUTHORITY["EPSG","5698"]]"#;
    assert_eq!(Crs::from_wkt(compound), epsg(2154));
    let compound =
        r#"COMPOUNDCRS["c",GEOGCRS["WGS 84",ID["EPSG",4326]],VERTCRS["h",ID["EPSG",5773]]]"#;
    assert_eq!(Crs::from_wkt(compound), epsg(4326));
    let bound = r#"BOUNDCRS[SOURCECRS[PROJCRS["x",ID["EPSG",27572]]],TARGETCRS[GEOGCRS["WGS 84",ID["EPSG",4326]]],ABRIDGEDTRANSFORMATION["t",ID["EPSG",1193]]]"#;
    assert_eq!(Crs::from_wkt(bound), epsg(27572));
    // Nothing is said of the members, something of the whole.
    let whole = r#"COMPOUNDCRS["c",PROJCRS["p"],VERTCRS["v"],ID["EPSG",5698]]"#;
    assert_eq!(Crs::from_wkt(whole), epsg(5698));
    let beside = format!("{GCS_RGF93},VERTCS[\"NGF_IGN69\",VDATUM[\"NGF\"]]");
    assert_eq!(Crs::from_wkt(&beside), epsg(4171));
    assert_eq!(
        Crs::from_wkt(r#"COMPD_CS["only heights",VERT_CS["h",AUTHORITY["EPSG","5720"]]]"#),
        None
    );
}

#[test]
fn names_with_the_right_parameters() {
    let l93 = ["700000.0", "6600000.0", "3.0"];
    for name in [
        "RGF_1993_Lambert_93",
        "RGF93_Lambert_93",
        "RGF93 v1 / Lambert-93",
        "RGF93 / Lambert-93",
        "Lambert_93",
    ] {
        assert_eq!(
            Crs::from_wkt(&esri(name, GCS_RGF93, l93, "1.0")),
            epsg(2154),
            "{name}"
        );
    }
    for (name, parameters, code) in [
        ("RGF_1993_CC44", ["1700000", "3200000", "3"], 3944),
        ("RGF93 v1 / CC50", ["1700000", "9200000", "3"], 3950),
        ("WGS_1984_UTM_Zone_31N", ["500000", "0", "3"], 32631),
        ("WGS_1984_UTM_Zone_40S", ["500000", "10000000", "57"], 32740),
        ("WGS 84 / UTM zone 1N", ["500000", "0", "-177"], 32601),
        ("ETRS_1989_UTM_Zone_32N", ["500000", "0", "9"], 25832),
        (
            "WGS_1984_Web_Mercator_Auxiliary_Sphere",
            ["0", "0", "0"],
            3857,
        ),
        (
            "NTF_Paris_Lambert_Zone_II",
            ["600000", "2200000", "0"],
            27572,
        ),
        ("RGR_1992_UTM_40S", ["500000", "10000000", "57"], 2975),
        (
            "OSGB 1936 / British National Grid",
            ["400000", "-100000", "-2"],
            27700,
        ),
        (
            "Amersfoort_RD_New",
            ["155000", "463000", "5.38763888888889"],
            28992,
        ),
        (
            "CH1903+_LV95",
            ["2600000", "1200000", "7.43958333333333"],
            2056,
        ),
        ("ETRS_1989_LAEA", ["4321000", "3210000", "10"], 3035),
    ] {
        assert_eq!(
            Crs::from_wkt(&esri(name, GCS_RGF93, parameters, "1")),
            epsg(code),
            "{name}"
        );
    }
    assert_eq!(Crs::from_wkt(GCS_RGF93), epsg(4171));
    let wgs84 = GCS_RGF93
        .replace("GCS_RGF_1993", "GCS_WGS_1984")
        .replace("298.257222101", "298.257223563");
    assert_eq!(Crs::from_wkt(&wgs84), epsg(4326));
    // An authority that says nothing here leaves the name.
    let arcgis = esri(
        "WGS_1984_Web_Mercator_Auxiliary_Sphere",
        &wgs84,
        ["0", "0", "0"],
        "1",
    )
    .replace(
        r#"UNIT["Meter",1]]"#,
        r#"UNIT["Meter",1],AUTHORITY["ESRI","102100"]]"#,
    );
    assert_eq!(Crs::from_wkt(&arcgis), epsg(3857));
}

#[test]
fn names_without_their_parameters_are_not_believed() {
    let l93 = ["700000", "6600000", "3"];
    let good = esri("RGF93_Lambert_93", GCS_RGF93, l93, "1");
    assert_eq!(Crs::from_wkt(&good), epsg(2154));
    for (from, to) in [
        ("700000", "600000"),
        ("6600000", "2200000"),
        ("Central_Meridian\",3", "Central_Meridian\",0"),
        ("UNIT[\"Meter\",1]", "UNIT[\"Foot_US\",0.3048006096012192]"),
        ("PARAMETER[\"Central_Meridian\",3],", ""),
        (",UNIT[\"Meter\",1]", ""),
        ("RGF93_Lambert_93", "RGF93_Lambert_94"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        assert_eq!(Crs::from_wkt(&bad), None, "{bad}");
    }
    for (from, to) in [
        ("298.257222101", "298.25"),
        ("6378137.0", "6378388"),
        ("\"Greenwich\",0.0", "\"Paris\",2.33722917"),
        ("0.0174532925199433", "0.01570796326794897"),
        ("GCS_RGF_1993", "GCS_WGS_1984"),
    ] {
        let bad = GCS_RGF93.replacen(from, to, 1);
        assert_ne!(bad, GCS_RGF93);
        assert_eq!(Crs::from_wkt(&bad), None, "{bad}");
    }
    for name in [
        "WGS_1984_UTM_Zone_61N",
        "WGS_1984_UTM_Zone_0N",
        "WGS_1984_UTM_Zone_31",
        "ETRS_1989_UTM_Zone_31S",
        "RGF93_CC41",
        "RGF93_CC",
    ] {
        assert_eq!(
            Crs::from_wkt(&esri(name, GCS_RGF93, ["500000", "0", "3"], "1")),
            None,
            "{name}"
        );
    }
}

#[test]
fn projjson() {
    let text = r#"{"$schema":"https://proj.org/schemas/v0.7/projjson.schema.json","type":"ProjectedCRS","name":"RGF93 v1 / Lambert-93","base_crs":{"id":{"authority":"EPSG","code":4171}},"id":{"authority":"EPSG","code":2154}}"#;
    assert_eq!(Crs::from_wkt(text), epsg(2154));
    assert_eq!(
        describe_wkt(text).as_deref(),
        Some("RGF93 v1 / Lambert-93 (EPSG:2154)")
    );
    let ogc = r#"{"type":"GeographicCRS","name":"WGS 84 (CRS84)","id":{"authority":"OGC","code":"CRS84"}}"#;
    assert_eq!(Crs::from_wkt(ogc), Some(Crs::CRS84));
    let compound = r#"{"type":"CompoundCRS","name":"c","components":[{"type":"ProjectedCRS","name":"p","ids":[{"authority":"EPSG","code":"32631"}]},{"type":"VerticalCRS","name":"v"}]}"#;
    assert_eq!(Crs::from_wkt(compound), epsg(32631));
    let whole = r#"{"type":"CompoundCRS","name":"c","components":[{"type":"ProjectedCRS","name":"p"}],"id":{"authority":"EPSG","code":5698}}"#;
    assert_eq!(Crs::from_wkt(whole), epsg(5698));
    for bad in [
        "{}",
        "{",
        r#"{"type":"ProjectedCRS","name":"RGF93 v1 / Lambert-93","base_crs":{"id":{"authority":"EPSG","code":4171}}}"#,
        r#"{"type":"GeographicCRS","name":"x","id":{"authority":"EPSG","code":2154}}"#,
        r#"{"type":"CompoundCRS","components":[]}"#,
        r#"{"type":"CompoundCRS","components":[{"type":"VerticalCRS","id":{"authority":"EPSG","code":5720}}]}"#,
    ] {
        assert_eq!(Crs::from_wkt(bad), None, "{bad}");
    }
}

#[test]
fn unknown_systems_are_described() {
    let text = r#"PROJCRS["RGF93 v2b / Lambert-93",BASEGEOGCRS["RGF93 v2b",ID["EPSG",9782]],ID["EPSG",9794]]"#;
    assert_eq!(Crs::from_wkt(text), None);
    assert_eq!(
        describe_wkt(text).as_deref(),
        Some("RGF93 v2b / Lambert-93 (EPSG:9794)")
    );
    assert_eq!(
        describe_wkt(r#"LOCAL_CS["the ""old"" plan"]"#).as_deref(),
        Some(r#"the "old" plan"#)
    );
    assert_eq!(describe_wkt("undefined"), None);
}

#[test]
fn texts_that_are_no_definition() {
    let deep = "A[".repeat(100_000);
    let closed = format!("{}1{}", "A[".repeat(40), "]".repeat(40));
    let long = format!(
        r#"GEOGCS["{}",AUTHORITY["EPSG","4326"]]"#,
        "x".repeat(100_000)
    );
    for text in [
        "",
        " ",
        "undefined",
        "Undefined",
        "EPSG:2154",
        "[",
        "]",
        "\"",
        "GEOGCS",
        "GEOGCS[",
        "GEOGCS[]",
        "GEOGCS[,]",
        r#"GEOGCS["WGS 84""#,
        r#"GEOGCS["WGS 84",AUTHORITY["EPSG","4326"]"#,
        r#"GEOGCS["WGS 84",AUTHORITY["EPSG","4326"]]]"#,
        r#"GEOGCS["WGS 84",AUTHORITY["EPSG","4326")]"#,
        r#"GEOGCS["WGS 84",AUTHORITY["EPSG","4326"]] GEOGCS["x"]"#,
        r#"GEOGCS["WGS 84",AUTHORITY["EPSG"]]"#,
        r#"GEOGCS["WGS 84",AUTHORITY[EPSG["a"],"4326"]]"#,
        "GEOGCS[\"é\u{1F30D}\"é]",
        &deep,
        &closed,
        &long,
    ] {
        assert_eq!(Crs::from_wkt(text), None, "{}", &text[..text.len().min(60)]);
    }
}
