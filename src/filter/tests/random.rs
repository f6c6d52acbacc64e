//! Random well-typed filters over the table of [`memory`](super::memory).

use super::memory::WORDS;

/// Numbers that follow from a seed (splitmix64).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn pick<'a>(&mut self, options: &[&'a str]) -> &'a str {
        options[self.below(options.len())]
    }

    pub(super) fn filter(&mut self, depth: usize) -> String {
        match if depth == 0 { 3 } else { self.below(6) } {
            0 => format!(
                "({} AND {})",
                self.filter(depth - 1),
                self.filter(depth - 1)
            ),
            1 => format!("({} OR {})", self.filter(depth - 1), self.filter(depth - 1)),
            2 => format!("NOT ({})", self.filter(depth - 1)),
            _ => self.predicate(depth),
        }
    }

    fn predicate(&mut self, depth: usize) -> String {
        let op = self.pick(&["=", "<>", "<", ">", "<=", ">="]);
        match self.below(14) {
            0 => format!("{} {op} {}", self.number(depth), self.number(depth)),
            1 => format!("{} {op} {}", self.pick(&["i", "big", "f"]), self.constant()),
            2 => format!("{} {op} {}", self.constant(), self.pick(&["i", "big", "f"])),
            3 => format!("{} {op} {}", self.text(depth), self.text(depth)),
            4 => format!("{} {op} {}", self.pick(&["s", "w"]), self.word()),
            5 => format!(
                "{} {}LIKE {}",
                self.text(1),
                self.pick(&["", "NOT "]),
                self.pattern()
            ),
            6 => format!("{} IN ({}, {})", self.text(1), self.word(), self.text(0)),
            7 => format!(
                "{} BETWEEN {} AND {}",
                self.number(1),
                self.number(0),
                self.number(0)
            ),
            8 => {
                let what = self.pick(&[
                    "b", "i", "f", "s", "w", "d", "t", "j", "geom", "i + f", "b = TRUE",
                ]);
                format!("{what} IS {}NULL", self.pick(&["", "NOT "]))
            }
            9 => self
                .pick(&["b", "TRUE", "FALSE", "b = TRUE", "b <> FALSE", "FALSE < b"])
                .to_owned(),
            10 => format!("{} {op} {}", self.moment(), self.moment()),
            11 => {
                let op = self.pick(&[
                    "T_AFTER",
                    "T_BEFORE",
                    "T_DISJOINT",
                    "T_EQUALS",
                    "T_INTERSECTS",
                ]);
                format!("{op}({}, {})", self.moment(), self.moment())
            }
            12 => {
                let op = self.pick(&["A_CONTAINS", "A_CONTAINEDBY", "A_EQUALS", "A_OVERLAPS"]);
                let array = self.pick(&["()", "(1, 2)", "('a', 'b')", "('a')", "(i, 1)"]);
                format!("{op}(j, {array})")
            }
            _ => self.spatial(),
        }
    }

    pub(super) fn spatial(&mut self) -> String {
        let op = self.pick(&[
            "S_INTERSECTS",
            "S_DISJOINT",
            "S_EQUALS",
            "S_TOUCHES",
            "S_WITHIN",
            "S_OVERLAPS",
            "S_CROSSES",
            "S_CONTAINS",
        ]);
        let (x, y) = (self.below(5), self.below(5));
        let literal = match self.below(4) {
            0 => format!("POINT({x} {y})"),
            1 => format!("BBOX({x},{y},{},{})", x + self.below(3), y + self.below(3)),
            2 => format!("LINESTRING({x} {y}, {} {})", x + 2, y + 1),
            _ => format!(
                "POLYGON(({x} {y}, {} {y}, {} {}, {x} {}, {x} {y}))",
                x + 2,
                x + 2,
                y + 2,
                y + 2
            ),
        };
        if self.below(4) == 0 {
            format!("{op}({literal}, geometry)")
        } else {
            format!("{op}(geom, {literal})")
        }
    }

    fn constant(&mut self) -> &'static str {
        self.pick(&[
            "0",
            "1",
            "-1",
            "2.5",
            "-0.5",
            "9007199254740993",
            "9007199254740992.0",
            "1e300",
            "-1e300",
            "9223372036854775807",
            "-9223372036854775808",
        ])
    }

    fn number(&mut self, depth: usize) -> String {
        match if depth == 0 {
            self.below(2)
        } else {
            self.below(3)
        } {
            0 => self.pick(&["i", "big", "f"]).to_owned(),
            1 => self.constant().to_owned(),
            _ => {
                let op = self.pick(&["+", "-", "*", "/", "%", "div", "^"]);
                format!(
                    "({} {op} {})",
                    self.number(depth - 1),
                    self.number(depth - 1)
                )
            }
        }
    }

    fn word(&mut self) -> String {
        format!("'{}'", WORDS[self.below(WORDS.len())])
    }

    fn text(&mut self, depth: usize) -> String {
        match if depth == 0 {
            self.below(3)
        } else {
            self.below(5)
        } {
            0 => "s".to_owned(),
            1 => "w".to_owned(),
            2 => self.word(),
            3 => format!("CASEI({})", self.text(depth - 1)),
            _ => format!("ACCENTI({})", self.text(depth - 1)),
        }
    }

    fn pattern(&mut self) -> &'static str {
        self.pick(&[
            "'a%'",
            "'%a%'",
            "'_'",
            "'%'",
            "''",
            "'ab_'",
            "CASEI('A%')",
            "ACCENTI('é')",
            "'zz\\%'",
            "CASEI(ACCENTI('STRASS_'))",
        ])
    }

    fn moment(&mut self) -> &'static str {
        self.pick(&[
            "d",
            "t",
            "DATE('2019-12-31')",
            "DATE('2020-01-02')",
            "TIMESTAMP('2020-01-01T00:00:00Z')",
            "TIMESTAMP('2020-01-01T16:40:00Z')",
        ])
    }
}
