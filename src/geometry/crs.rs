//! TEMPORARY: replaced by the branch `crs` at merge.
#![allow(missing_docs)]
use proj4rs::Proj;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Crs(u32);

impl Crs {
    pub const CRS84: Crs = Crs(84);
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.ends_with("CRS84") {
            return Ok(Crs(84));
        }
        if text.ends_with("CRS84h") {
            return Ok(Crs(85));
        }
        let code = text.rsplit(['/', ':']).next().unwrap_or("");
        let code: u16 = code.parse().map_err(|_| text.to_owned())?;
        match code {
            4326 | 4258 | 4171 | 3857 | 2154 | 3942..=3950 | 32601..=32660 => {
                Ok(Crs(u32::from(code)))
            }
            _ => Err(text.to_owned()),
        }
    }
    pub fn uri(self) -> String {
        match self.0 {
            84 => "http://www.opengis.net/def/crs/OGC/1.3/CRS84".into(),
            85 => "http://www.opengis.net/def/crs/OGC/0/CRS84h".into(),
            c => format!("http://www.opengis.net/def/crs/EPSG/0/{c}"),
        }
    }
    pub fn name(self) -> String {
        match self.0 {
            84 => "CRS84".into(),
            85 => "CRS84h".into(),
            c => format!("EPSG:{c}"),
        }
    }
    pub fn is_geographic(self) -> bool {
        matches!(self.0, 84 | 85 | 4326 | 4258 | 4171)
    }
    pub fn to_authority(self, p: [f64; 2]) -> [f64; 2] {
        if matches!(self.0, 4326 | 4258 | 4171) {
            [p[1], p[0]]
        } else {
            p
        }
    }
    pub fn from_authority(self, p: [f64; 2]) -> [f64; 2] {
        self.to_authority(p)
    }
    fn proj(self) -> Proj {
        let s = match self.0 {
            84 | 85 | 4326 | 4258 | 4171 => "+proj=longlat +datum=WGS84 +no_defs".to_owned(),
            c => crs_definitions::from_code(c as u16)
                .expect("known code")
                .proj4
                .to_owned(),
        };
        Proj::from_proj_string(&s).expect("known definition")
    }
}

pub struct Transform {
    pair: Option<(Proj, Proj, bool, bool)>,
}

impl Transform {
    pub fn between(from: Crs, to: Crs) -> Result<Self, String> {
        if from == to || (from.is_geographic() && to.is_geographic()) {
            return Ok(Self { pair: None });
        }
        Ok(Self {
            pair: Some((
                from.proj(),
                to.proj(),
                from.is_geographic(),
                to.is_geographic(),
            )),
        })
    }
    pub fn is_identity(&self) -> bool {
        self.pair.is_none()
    }
    pub fn convert(&self, points: &mut [[f64; 2]]) {
        let Some((from, to, fg, tg)) = &self.pair else {
            return;
        };
        for p in points {
            let mut q = if *fg {
                (p[0].to_radians(), p[1].to_radians(), 0.0)
            } else {
                (p[0], p[1], 0.0)
            };
            *p = match proj4rs::transform::transform(from, to, &mut q) {
                Ok(()) if *tg => [q.0.to_degrees(), q.1.to_degrees()],
                Ok(()) => [q.0, q.1],
                Err(_) => [f64::NAN; 2],
            };
        }
    }
}
impl std::fmt::Debug for Transform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Transform")
    }
}
