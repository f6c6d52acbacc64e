//! Texts, the trees that they say and the texts that those print.

use super::*;

/// Text, tree, and how it is printed.
type Row = (&'static str, Expr, &'static str);

#[track_caller]
fn check(rows: Vec<Row>) {
    for (text, tree, printed) in rows {
        let read = parse(text);
        assert_eq!(read, tree, "{text}");
        assert_eq!(to_text(&read), printed, "{text}");
        assert_eq!(parse(printed), tree, "{printed}");
    }
}

fn x() -> Expr {
    cmp(p("x"), "=", i(1))
}

fn y() -> Expr {
    cmp(p("y"), "=", i(2))
}

fn z() -> Expr {
    cmp(p("z"), "=", i(3))
}

#[test]
#[rustfmt::skip]
fn connectives() {
    check(vec![
        ("x=1", x(), "x = 1"),
        ("TRUE", b(true), "TRUE"),
        ("x=1 and y=2 AND z=3", and([x(), y(), z()]), "x = 1 AND y = 2 AND z = 3"),
        ("x=1 AND (y=2 AND z=3)", and([x(), y(), z()]), "x = 1 AND y = 2 AND z = 3"),
        ("((x=1) AND y=2) AND (z=3)", and([x(), y(), z()]), "x = 1 AND y = 2 AND z = 3"),
        ("x=1 OR y=2 AND z=3", or([x(), and([y(), z()])]), "x = 1 OR y = 2 AND z = 3"),
        ("(x=1 OR y=2) AND z=3", and([or([x(), y()]), z()]), "(x = 1 OR y = 2) AND z = 3"),
        ("x=1 OR (y=2 OR z=3)", or([x(), y(), z()]), "x = 1 OR y = 2 OR z = 3"),
        ("NOT x=1 AND y=2", and([not(x()), y()]), "NOT x = 1 AND y = 2"),
        ("NOT (x=1 AND y=2)", not(and([x(), y()])), "NOT (x = 1 AND y = 2)"),
        ("NOT NOT x=1", not(not(x())), "NOT (NOT x = 1)"),
        ("(NOT (x=1))", not(x()), "NOT x = 1"),
        ("flag AND NOT other", and([p("flag"), not(p("other"))]), "flag AND NOT other"),
        ("Foo(geometry) AND x=1", and([call("Foo", [p("geometry")]), x()]), "Foo(geometry) AND x = 1"),
        ("x=1 AND\u{a0}y=2\u{2003}AND\u{3000}z=3\u{85}", and([x(), y(), z()]), "x = 1 AND y = 2 AND z = 3"),
    ]);
}

#[test]
#[rustfmt::skip]
fn comparisons() {
    let a = || p("a");
    check(vec![
        ("a<>1", cmp(a(), "<>", i(1)), "a <> 1"),
        ("a < > 1", cmp(a(), "<>", i(1)), "a <> 1"),
        ("a<=1", cmp(a(), "<=", i(1)), "a <= 1"),
        ("a> =1", cmp(a(), ">=", i(1)), "a >= 1"),
        ("1>a", cmp(i(1), ">", a()), "1 > a"),
        ("FALSE <> Bar(g, 100, 'a', FALSE)", cmp(b(false), "<>", call("Bar", [p("g"), i(100), t("a"), b(false)])), "FALSE <> Bar(g, 100, 'a', FALSE)"),
        ("(a=1) = TRUE", cmp(cmp(a(), "=", i(1)), "=", b(true)), "(a = 1) = TRUE"),
        ("a LIKE 'x%'", like(a(), t("x%")), "a LIKE 'x%'"),
        ("NOT a LIKE 'x%'", not(like(a(), t("x%"))), "a NOT LIKE 'x%'"),
        ("a not like Casei(ACCENTI('É'))", not(like(a(), casei(accenti(t("É"))))), "a NOT LIKE CASEI(ACCENTI('É'))"),
        ("CASEI(a) LIKE casei('b')", like(casei(a()), casei(t("b"))), "CASEI(a) LIKE CASEI('b')"),
        ("a IN (1, 'b', c)", one_of(a(), [i(1), t("b"), p("c")]), "a IN (1, 'b', c)"),
        ("NOT (a IN (TRUE))", not(one_of(a(), [b(true)])), "a NOT IN (TRUE)"),
        ("a NOT IN ((1), (x = 1))", not(one_of(a(), [i(1), x()])), "a NOT IN (1, (x = 1))"),
        ("a IN ()", one_of(a(), []), "a IN ()"),
        ("a BETWEEN 1 AND b+2 AND x=1", and([between(a(), i(1), math(p("b"), "+", i(2))), x()]), "a BETWEEN 1 AND b + 2 AND x = 1"),
        ("a NOT BETWEEN 1 AND 2", not(between(a(), i(1), i(2))), "a NOT BETWEEN 1 AND 2"),
        ("a BETWEEN 'm' AND 'p'", and([cmp(a(), ">=", t("m")), cmp(a(), "<=", t("p"))]), "a >= 'm' AND a <= 'p'"),
        ("x=1 AND a BETWEEN b AND DATE('2024-02-29')", and([x(), cmp(a(), ">=", p("b")), cmp(a(), "<=", day("2024-02-29"))]), "x = 1 AND a >= b AND a <= DATE('2024-02-29')"),
        ("a NOT BETWEEN 'm' AND 'p'", not(and([cmp(a(), ">=", t("m")), cmp(a(), "<=", t("p"))])), "NOT (a >= 'm' AND a <= 'p')"),
        ("a IS NULL", null(a()), "a IS NULL"),
        ("a is not null", not(null(a())), "a IS NOT NULL"),
        ("NOT a IS NULL", not(null(a())), "a IS NOT NULL"),
        ("NOT a IS NOT NULL", not(not(null(a()))), "NOT a IS NOT NULL"),
        ("a = 1 IS NULL", null(cmp(a(), "=", i(1))), "(a = 1) IS NULL"),
        ("(x=1 OR y=2) IS NULL", null(or([x(), y()])), "(x = 1 OR y = 2) IS NULL"),
        ("a IS NULL IS NULL", null(null(a())), "(a IS NULL) IS NULL"),
        ("(NOT a) = TRUE", cmp(not(a()), "=", b(true)), "(NOT a) = TRUE"),
        ("POINT(1 2) IS NULL", null(point(1.0, 2.0)), "POINT(1 2) IS NULL"),
    ]);
}

#[test]
#[rustfmt::skip]
fn arithmetic() {
    let v = |value: Expr| cmp(p("v"), "=", value);
    let a = || p("a");
    let minus = |value: Expr| math(i(-1), "*", value);
    check(vec![
        ("v=a-1-2", v(math(math(a(), "-", i(1)), "-", i(2))), "v = a - 1 - 2"),
        ("v=a-(1-2)", v(math(a(), "-", math(i(1), "-", i(2)))), "v = a - (1 - 2)"),
        ("v=a + 2*3", v(math(a(), "+", math(i(2), "*", i(3)))), "v = a + 2 * 3"),
        ("v=(a+2)*3", v(math(math(a(), "+", i(2)), "*", i(3))), "v = (a + 2) * 3"),
        ("v=a DIV 2 % 3 / 4", v(math(math(math(a(), "div", i(2)), "%", i(3)), "/", i(4))), "v = a div 2 % 3 / 4"),
        ("v=a*(2/3)", v(math(a(), "*", math(i(2), "/", i(3)))), "v = a * (2 / 3)"),
        ("v=2*a^2", v(math(i(2), "*", math(a(), "^", i(2)))), "v = 2 * a ^ 2"),
        ("v=(2^3)^4", v(math(math(i(2), "^", i(3)), "^", i(4))), "v = (2 ^ 3) ^ 4"),
        ("v=2^(3^4)", v(math(i(2), "^", math(i(3), "^", i(4)))), "v = 2 ^ (3 ^ 4)"),
        ("v=-2^2", v(math(i(-2), "^", i(2))), "v = -2 ^ 2"),
        ("v=-a^-2", v(math(minus(a()), "^", i(-2))), "v = (-1 * a) ^ -2"),
        ("v=- a * 2.0", v(math(minus(a()), "*", f(2.0))), "v = -1 * a * 2.0"),
        ("v=( - (a))", v(minus(a())), "v = -1 * a"),
        ("v=-(3)", v(minus(i(3))), "v = -1 * 3"),
        ("v=- -3", v(minus(i(-3))), "v = -1 * -3"),
        ("v=--a", v(minus(minus(a()))), "v = -1 * (-1 * a)"),
        ("v=a-1", v(math(a(), "-", i(1))), "v = a - 1"),
        ("v=a - -1", v(math(a(), "-", i(-1))), "v = a - -1"),
        ("v=a+ +1", v(math(a(), "+", i(1))), "v = a + 1"),
        ("1+2=v", cmp(math(i(1), "+", i(2)), "=", p("v")), "1 + 2 = v"),
    ]);
}

#[test]
#[rustfmt::skip]
fn numbers() {
    let v = |value: Expr| cmp(p("v"), "=", value);
    check(vec![
        ("v=007", v(i(7)), "v = 7"),
        ("v=-0", v(i(0)), "v = 0"),
        ("v=9223372036854775807", v(i(i64::MAX)), "v = 9223372036854775807"),
        ("v=-9223372036854775808", v(i(i64::MIN)), "v = -9223372036854775808"),
        ("v=9223372036854775808", v(f(9_223_372_036_854_775_808.0)), "v = 9.223372036854776e18"),
        ("v=1.", v(f(1.0)), "v = 1.0"),
        ("v=.5", v(f(0.5)), "v = 0.5"),
        ("v=1e3", v(f(1000.0)), "v = 1000.0"),
        ("v=1.5E-7", v(f(1.5e-7)), "v = 1.5e-7"),
        ("v=-1.E+300", v(f(-1e300)), "v = -1e300"),
        ("v=0.1", v(f(0.1)), "v = 0.1"),
    ]);
}

#[test]
#[rustfmt::skip]
fn texts() {
    let v = |value: &str| cmp(p("v"), "=", t(value));
    check(vec![
        ("v=''", v(""), "v = ''"),
        ("v='Via dell''Avvento'", v("Via dell'Avvento"), "v = 'Via dell''Avvento'"),
        (r"v='Via dell\'Avvento'", v("Via dell'Avvento"), "v = 'Via dell''Avvento'"),
        (r"v='C:\\data\\'", v(r"C:\data\"), r"v = 'C:\\data\\'"),
        (r"v='100\%'", v(r"100\%"), r"v = '100\%'"),
        (r"v='100\\%'", v(r"100\%"), r"v = '100\%'"),
        (r"v='\_\\\_'", v(r"\_\\_"), r"v = '\_\\\_'"),
        (r"v='\d'", v(r"\d"), r"v = '\\d'"),
        (r"v='\a\b\t\n\v\f\r'", v("\u{7}\u{8}\t\n\u{b}\u{c}\r"), r"v = '\a\b\t\n\v\f\r'"),
        ("v='a\nb'", v("a\nb"), r"v = 'a\nb'"),
        (r"v='\\n'", v(r"\n"), r"v = '\\n'"),
        ("v='Οδος \u{0} 🦀'", v("Οδος \u{0} 🦀"), "v = 'Οδος \u{0} 🦀'"),
        ("v='-- \" AND'", v("-- \" AND"), "v = '-- \" AND'"),
    ]);
}

#[test]
#[rustfmt::skip]
fn names() {
    let n = |name: &str| cmp(p(name), "=", i(1));
    check(vec![
        ("eo:cloud_cover=1", n("eo:cloud_cover"), "eo:cloud_cover = 1"),
        ("a.b_2=1", n("a.b_2"), "a.b_2 = 1"),
        ("été=1", n("été"), "été = 1"),
        ("Ж\u{300}=1", n("Ж\u{300}"), "Ж\u{300} = 1"),
        ("\"été\"=1", n("été"), "été = 1"),
        ("\"a b\"=1", n("a b"), "\"a b\" = 1"),
        ("\"a\"\"b\"=1", n("a\"b"), "\"a\"\"b\" = 1"),
        ("\"\"=1", n(""), "\"\" = 1"),
        ("\"2d\"=1", n("2d"), "\"2d\" = 1"),
        ("\"a\\b\"=1", n("a\\b"), "\"a\\b\" = 1"),
        ("\"and\"=1", n("and"), "\"and\" = 1"),
        ("date=1", n("date"), "\"date\" = 1"),
        ("Point=1", n("Point"), "\"Point\" = 1"),
        ("z=1", n("z"), "z = 1"),
        ("s_within=1", n("s_within"), "\"s_within\" = 1"),
        ("avg (a) = 1", cmp(call("avg", [p("a")]), "=", i(1)), "avg(a) = 1"),
        ("now()=1", cmp(call("now", []), "=", i(1)), "now() = 1"),
        ("\"date\"(a)", call("date", [p("a")]), "\"date\"(a)"),
        ("\"à b\"()", call("à b", []), "\"à b\"()"),
        ("f(a = 1 OR b, -a, 'x')", call("f", [or([cmp(p("a"), "=", i(1)), p("b")]), math(i(-1), "*", p("a")), t("x")]), "f(a = 1 OR b, -1 * a, 'x')"),
    ]);
}

#[test]
#[rustfmt::skip]
fn times() {
    use TemporalOp::{After, During, Intersects};
    let a = || p("a");
    check(vec![
        ("a=date('2024-02-29')", cmp(a(), "=", day("2024-02-29")), "a = DATE('2024-02-29')"),
        ("a=TIMESTAMP('2024-02-29T12:00:00.000Z')", cmp(a(), "=", instant("2024-02-29T12:00:00Z")), "a = TIMESTAMP('2024-02-29T12:00:00Z')"),
        ("a=TIMESTAMP('2012-08-10T05:30:00.120000Z')", cmp(a(), "=", instant("2012-08-10T05:30:00.12Z")), "a = TIMESTAMP('2012-08-10T05:30:00.12Z')"),
        ("a=TIMESTAMP('2012-08-10t05:30:00.1234567890123+02:00')", cmp(a(), "=", instant("2012-08-10T03:30:00.123456Z")), "a = TIMESTAMP('2012-08-10T03:30:00.123456Z')"),
        ("a=TIMESTAMP('0000-01-01T00:00:00Z')", cmp(a(), "=", instant("0000-01-01T00:00:00Z")), "a = TIMESTAMP('0000-01-01T00:00:00Z')"),
        ("t_after(a, DATE('2024-02-29'))", time(After, a(), day("2024-02-29")), "T_AFTER(a, DATE('2024-02-29'))"),
        ("T_DURING(INTERVAL(a, b), INTERVAL('2017-06-10', '..'))", time(During, interval(Some(a()), Some(p("b"))), interval(Some(day("2017-06-10")), None)), "T_DURING(INTERVAL(a, b), INTERVAL('2017-06-10', '..'))"),
        ("T_INTERSECTS(a,INTERVAL('..','2017-06-10T00:00:00Z'))", time(Intersects, a(), interval(None, Some(instant("2017-06-10T00:00:00Z")))), "T_INTERSECTS(a, INTERVAL('..', '2017-06-10T00:00:00Z'))"),
        ("T_AFTER(a, INTERVAL(DATE('2017-06-10'), f(\"b c\")))", time(After, a(), interval(Some(day("2017-06-10")), Some(call("f", [p("b c")])))), "T_AFTER(a, INTERVAL('2017-06-10', f(\"b c\")))"),
    ]);
}

#[test]
#[rustfmt::skip]
fn lists() {
    use ArrayOp::{Contains, Equals};
    let a = || p("a");
    check(vec![
        ("A_CONTAINS(a, ('x', 1, TRUE))", arrays(Contains, a(), list([t("x"), i(1), b(true)])), "A_CONTAINS(a, ('x', 1, TRUE))"),
        ("a_contains(a, ())", arrays(Contains, a(), list([])), "A_CONTAINS(a, ())"),
        ("A_CONTAINS(a, ('x'))", arrays(Contains, a(), list([t("x")])), "A_CONTAINS(a, ('x'))"),
        ("A_CONTAINS(a, (b))", arrays(Contains, a(), list([p("b")])), "A_CONTAINS(a, (b))"),
        ("A_CONTAINS(a, (b + 1))", arrays(Contains, a(), list([math(p("b"), "+", i(1))])), "A_CONTAINS(a, (b + 1))"),
        ("A_CONTAINS((b + 1) * 2, a)", arrays(Contains, math(math(p("b"), "+", i(1)), "*", i(2)), a()), "A_CONTAINS((b + 1) * 2, a)"),
        ("A_EQUALS((('x'), ('y', 1)), a)", arrays(Equals, list([list([t("x")]), list([t("y"), i(1)])]), a()), "A_EQUALS((('x'), ('y', 1)), a)"),
        ("A_EQUALS(((1,), 2), a)", arrays(Equals, list([list([i(1)]), i(2)]), a()), "A_EQUALS(((1,), 2), a)"),
        ("A_EQUALS(((1), 2), a)", arrays(Equals, list([i(1), i(2)]), a()), "A_EQUALS((1, 2), a)"),
        ("A_EQUALS(a, ((('x'))))", arrays(Equals, a(), list([list([list([t("x")])])])), "A_EQUALS(a, ((('x'))))"),
        ("f((1), ('x'), ('x', 'y'), ())", call("f", [i(1), list([t("x")]), list([t("x"), t("y")]), list([])]), "f(1, ('x'), ('x', 'y'), ())"),
        ("f((1,))", call("f", [list([i(1)])]), "f((1,))"),
        ("f((x = 1) = TRUE, (a) + 1)", call("f", [cmp(x(), "=", b(true)), math(a(), "+", i(1))]), "f((x = 1) = TRUE, a + 1)"),
        ("a = (1, 2)", cmp(a(), "=", list([i(1), i(2)])), "a = (1, 2)"),
        ("(('x')) = a", cmp(t("x"), "=", a()), "'x' = a"),
        ("('x',) = a", cmp(list([t("x")]), "=", a()), "('x',) = a"),
        ("a IN (('x'), ('x',), (1, 2))", one_of(a(), [t("x"), list([t("x")]), list([i(1), i(2)])]), "a IN ('x', ('x',), (1, 2))"),
        ("A_EQUALS((a = 1 OR b, x LIKE 'y'), c)", arrays(Equals, list([or([cmp(a(), "=", i(1)), p("b")]), like(p("x"), t("y"))]), p("c")), "A_EQUALS((a = 1 OR b, x LIKE 'y'), c)"),
    ]);
}

#[test]
#[rustfmt::skip]
fn geometries() {
    use GeometryKind::*;
    let g = |geometry: Expr| space(SpatialOp::Intersects, p("g"), geometry);
    let line = [[0.0, 1.0], [2.0, 3.5]];
    let ring = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]];
    let rings: Vec<_> = ring.iter().chain(&ring).copied().collect();
    check(vec![
        ("S_INTERSECTS(g,POINT(36.319836 -32))", g(point(36.319_836, -32.0)), "S_INTERSECTS(g, POINT(36.319836 -32))"),
        ("s_intersects(g,point z (1 2 +3.0))", g(shape(Point, &[1], &[[1.0, 2.0]], &[3.0])), "S_INTERSECTS(g, POINT Z (1 2 3))"),
        ("S_INTERSECTS(g,POINTZ(1 2 3))", g(shape(Point, &[1], &[[1.0, 2.0]], &[3.0])), "S_INTERSECTS(g, POINT Z (1 2 3))"),
        ("S_INTERSECTS(g,POINT(1 2 3))", g(shape(Point, &[1], &[[1.0, 2.0]], &[3.0])), "S_INTERSECTS(g, POINT Z (1 2 3))"),
        ("S_INTERSECTS(g,POINT EMPTY)", g(shape(Point, &[0], &[], &[])), "S_INTERSECTS(g, POINT EMPTY)"),
        ("S_INTERSECTS(g,Point Z Empty)", g(shape(Point, &[0], &[], &[])), "S_INTERSECTS(g, POINT EMPTY)"),
        ("S_INTERSECTS(g,LineString(0 1,2 3.5))", g(shape(LineString, &[2], &line, &[])), "S_INTERSECTS(g, LINESTRING(0 1,2 3.5))"),
        ("S_INTERSECTS(g,LINESTRING EMPTY)", g(shape(LineString, &[0], &[], &[])), "S_INTERSECTS(g, LINESTRING EMPTY)"),
        ("S_INTERSECTS(g,POLYGON((0 0,1 0,1 1,0 0),(0 0,1 0,1 1,0 0)))", g(shape(Polygon, &[2, 4, 4], &rings, &[])), "S_INTERSECTS(g, POLYGON((0 0,1 0,1 1,0 0),(0 0,1 0,1 1,0 0)))"),
        ("S_INTERSECTS(g,POLYGON(EMPTY))", g(shape(Polygon, &[0], &[], &[])), "S_INTERSECTS(g, POLYGON EMPTY)"),
        ("S_INTERSECTS(g,MULTIPOINT((0 1),(2 3.5)))", g(shape(MultiPoint, &[2], &line, &[])), "S_INTERSECTS(g, MULTIPOINT((0 1),(2 3.5)))"),
        ("S_INTERSECTS(g,MULTIPOINT(0 1,EMPTY,2 3.5))", g(shape(MultiPoint, &[2], &line, &[])), "S_INTERSECTS(g, MULTIPOINT((0 1),(2 3.5)))"),
        ("S_INTERSECTS(g,MULTILINESTRING((0 1,2 3.5),EMPTY))", g(shape(MultiLineString, &[1, 2], &line, &[])), "S_INTERSECTS(g, MULTILINESTRING((0 1,2 3.5)))"),
        ("S_INTERSECTS(g,MULTIPOLYGON(((0 0,1 0,1 1,0 0)),(EMPTY),EMPTY,((0 0,1 0,1 1,0 0))))", g(shape(MultiPolygon, &[2, 1, 4, 1, 4], &rings, &[])), "S_INTERSECTS(g, MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((0 0,1 0,1 1,0 0))))"),
        ("S_INTERSECTS(g,GEOMETRYCOLLECTION(POINT(0 1),GEOMETRYCOLLECTION(POINT Z (2 3.5 9),POINT EMPTY),GEOMETRYCOLLECTION EMPTY))", g(shape(GeometryCollection, &[3, 1, 1, 7, 2, 1, 1, 1, 0, 7, 0], &line, &[f64::NAN, 9.0])), "S_INTERSECTS(g, GEOMETRYCOLLECTION(POINT(0 1),GEOMETRYCOLLECTION(POINT Z (2 3.5 9),POINT EMPTY),GEOMETRYCOLLECTION EMPTY))"),
        ("S_WITHIN(g,BBOX(-118,33.80,-117.9,34))", space(SpatialOp::Within, p("g"), bbox([-118.0, 33.8], [-117.9, 34.0], None)), "S_WITHIN(g, BBOX(-118,33.8,-117.9,34))"),
        ("S_INTERSECTS(g,bbox(1,2,-3,4,5,6e20))", g(bbox([1.0, 2.0], [4.0, 5.0], Some([-3.0, 6e20]))), "S_INTERSECTS(g, BBOX(1,2,-3,4,5,6e20))"),
        ("S_CROSSES(\"g\"\t,f(g))", space(SpatialOp::Crosses, p("g"), call("f", [p("g")])), "S_CROSSES(g, f(g))"),
    ]);
}

/// What QGIS writes.
#[test]
#[rustfmt::skip]
fn qgis() {
    let g = |geometry: Expr| space(SpatialOp::Intersects, p("geom"), geometry);
    check(vec![
        ("(a = 'l''eau \\\\ ici')", cmp(p("a"), "=", t("l'eau \\ ici")), "a = 'l''eau \\\\ ici'"),
        ("((a = 1) AND (NOT (\"b c\" <> 2)))", and([cmp(p("a"), "=", i(1)), not(cmp(p("b c"), "<>", i(2)))]), "a = 1 AND NOT \"b c\" <> 2"),
        ("(( - (x)) < 5)", cmp(math(i(-1), "*", p("x")), "<", i(5)), "-1 * x < 5"),
        ("(t >= TIMESTAMP('2024-01-01T00:00:00.000Z'))", cmp(p("t"), ">=", instant("2024-01-01T00:00:00Z")), "t >= TIMESTAMP('2024-01-01T00:00:00Z')"),
        ("(CASEI(a) LIKE CASEI('%x\\\\_y%'))", like(casei(p("a")), casei(t("%x\\_y%"))), "CASEI(a) LIKE CASEI('%x\\_y%')"),
        ("(a IS NOT NULL)", not(null(p("a"))), "a IS NOT NULL"),
        ("S_INTERSECTS(geom,BBOX(1.5,2,3,4)) AND (((x % 2) = 0) OR (x ^ 2 > 1e-05))", and([g(bbox([1.5, 2.0], [3.0, 4.0], None)), or([cmp(math(p("x"), "%", i(2)), "=", i(0)), cmp(math(p("x"), "^", i(2)), ">", f(1e-5))])]), "S_INTERSECTS(geom, BBOX(1.5,2,3,4)) AND (x % 2 = 0 OR x ^ 2 > 0.00001)"),
        ("(S_INTERSECTS(geom,POINT(1 2))) AND ((a = TRUE))", and([g(point(1.0, 2.0)), cmp(p("a"), "=", b(true))]), "S_INTERSECTS(geom, POINT(1 2)) AND a = TRUE"),
    ]);
}
