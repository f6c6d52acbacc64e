use super::{Fault, FaultKind, Language, Place, Type};
use crate::filter::ast::Span;
use crate::filter::fault::{Expected, GeometryFault};

fn said(kind: FaultKind) -> [String; 2] {
    let fault = Fault::new(Span::new(0, 0), kind);
    [fault.describe(Language::Fr), fault.describe(Language::En)]
}

fn found(expected: Expected, found: &str) -> FaultKind {
    let found = found.to_owned();
    FaultKind::Expected { expected, found }
}

fn kinds(text: &str) -> Vec<FaultKind> {
    let quote = || text.to_owned();
    let mut kinds = vec![
        FaultKind::TooLong(65_536),
        FaultKind::TooLong(1000),
        FaultKind::TooDeep(64),
        FaultKind::TooManyNodes(10_000),
        FaultKind::TooManyVertices(10_000),
        FaultKind::TooCostly { cost: 9, most: 5 },
        FaultKind::Number(quote()),
        FaultKind::Date(quote()),
        FaultKind::Timestamp(quote()),
        FaultKind::IntervalOrder,
        FaultKind::BoxCount(3),
        FaultKind::BoxOrder(2),
        FaultKind::OutOfCrs(quote()),
        FaultKind::Json(quote()),
        FaultKind::RepeatedMember(quote()),
        FaultKind::Untyped(quote()),
        FaultKind::InstantNotInterval,
        FaultKind::NoTransform,
    ];
    for near in [None, Some(quote())] {
        kinds.extend([
            FaultKind::UnknownFunction {
                name: quote(),
                near: near.clone(),
            },
            FaultKind::UnknownMember {
                name: quote(),
                near: near.clone(),
            },
            FaultKind::UnknownProperty {
                name: quote(),
                near,
            },
        ]);
    }
    for (least, most, found) in [
        (0, 0, 2),
        (1, 1, 0),
        (2, 2, 3),
        (1, 3, 4),
        (2, usize::MAX, 1),
    ] {
        kinds.push(FaultKind::ArgumentCount {
            name: quote(),
            least,
            most,
            found,
        });
    }
    for sign in ['\'', '"', '(', '*'] {
        kinds.push(FaultKind::Unclosed(sign));
    }
    for expected in [
        Expected::Predicate,
        Expected::Value,
        Expected::Operator,
        Expected::Token(")"),
        Expected::End,
        Expected::Number,
        Expected::Text,
        Expected::Geometry,
        Expected::Bound,
        Expected::Member("args"),
        Expected::JsonExpression,
    ] {
        kinds.extend([found(expected, text), found(expected, "")]);
    }
    for fault in [
        GeometryFault::RingNotClosed,
        GeometryFault::RingTooShort,
        GeometryFault::LineTooShort,
        GeometryFault::MixedDimensions,
        GeometryFault::Position,
        GeometryFault::NotFinite,
        GeometryFault::Kind,
    ] {
        kinds.push(FaultKind::Geometry(fault));
    }
    let types = [
        Type::Bool,
        Type::Number,
        Type::Text,
        Type::Date,
        Type::Timestamp,
        Type::Interval,
        Type::Geometry,
        Type::Array,
    ];
    for a in types {
        for b in types {
            kinds.push(FaultKind::Incomparable(a, b));
            kinds.push(FaultKind::TypeMismatch {
                expected: vec![a, Type::Text, b],
                found: b,
            });
        }
    }
    kinds
}

#[test]
fn every_fault_has_its_sentence_in_both_languages() {
    for kind in kinds("etat") {
        let [fr, en] = said(kind.clone());
        assert_ne!(fr, en, "{kind:?}");
        for words in [&fr, &en] {
            assert!(words.ends_with(['.', '?']), "{words}");
            assert!(
                words.chars().next().is_some_and(|c| !c.is_uppercase()),
                "{words}"
            );
            assert!(
                !words.contains("  ") && !words.replace("'..'", "").contains(".."),
                "{words}"
            );
        }
        // French: thin typography is not ours, the apostrophe is; straight ones stand around texts only.
        assert!(
            !fr.contains("l'a") && !fr.contains("d'u") && !fr.contains("n'e"),
            "{fr}"
        );
    }
}

#[test]
fn a_filter_is_not_repeated_at_length() {
    let long = "é\n\"'".repeat(5000);
    for kind in kinds(&long) {
        for words in said(kind) {
            assert!(words.chars().count() < 450, "{words}");
            assert!(!words.contains('\n'), "{words}");
        }
    }
}

#[test]
fn sentences_help() {
    let property = |name: &str, near: Option<&str>, length: usize| {
        let (name, near) = (name.to_owned(), near.map(str::to_owned));
        let kind = FaultKind::UnknownProperty { name, near };
        Fault::new(Span::new(5, 5 + length), kind).describe(Language::En)
    };
    assert_eq!(
        property("commune", Some("communes"), 7),
        "“commune” is no property of this collection; did you mean “communes”?"
    );
    assert_eq!(
        property("Aix", None, 5),
        "“Aix” is no property of this collection. Double quotes are for names: a text is written 'Aix', in single quotes."
    );
    assert!(property("Aix", None, 3).contains("If a text is meant, write 'Aix'"));
    assert!(!property("Aix", None, 18).contains("single quotes"));
    let cases = [
        (
            found(Expected::Token(")"), "AND"),
            "on attend ici « ) », pas « AND ».",
            "“)” is expected here, not “AND”.",
        ),
        (
            found(Expected::Token(", ]"), "1"),
            "on attend ici « , » ou « ] », pas « 1 ».",
            "“,” or “]” is expected here, not “1”.",
        ),
        (
            found(Expected::Predicate, ""),
            "le filtre s’arrête là où l’on attend une condition (par exemple une comparaison). Une condition compare quelque chose : nom = 'Aix', etages > 5, nom IS NULL.",
            "the filter ends where a condition (such as a comparison) is expected. A condition compares something: name = 'Aix', floors > 5, name IS NULL.",
        ),
        (
            FaultKind::TypeMismatch {
                expected: vec![Type::Number],
                found: Type::Text,
            },
            "on attend ici un nombre, pas un texte. Un nombre s’écrit sans apostrophes.",
            "a number is expected here, not a text. A number is written without quotes.",
        ),
        (
            FaultKind::Incomparable(Type::Text, Type::Date),
            "on ne peut comparer un texte et une date. Une date s’écrit DATE('2024-02-29'), un instant TIMESTAMP('2024-02-29T12:00:00Z').",
            "a text and a date cannot be compared. A date is written DATE('2024-02-29'), an instant TIMESTAMP('2024-02-29T12:00:00Z').",
        ),
        (
            FaultKind::ArgumentCount {
                name: "and".to_owned(),
                least: 2,
                most: usize::MAX,
                found: 1,
            },
            "« and » prend 2 arguments ou plus ; il y en a 1 ici.",
            "“and” takes 2 arguments or more, and here it has 1.",
        ),
        (
            FaultKind::TooLong(65_536),
            "le filtre dépasse 64 Kio. Raccourcissez ses listes, ou simplifiez ses géométries.",
            "the filter is longer than 64 KiB. Shorten its lists, or simplify its geometries.",
        ),
        (
            FaultKind::UnknownFunction {
                name: "uper".to_owned(),
                near: Some("upper".to_owned()),
            },
            "il n’y a pas de fonction « uper » ; vouliez-vous dire « upper » ?",
            "there is no function “uper”; did you mean “upper”?",
        ),
    ];
    for (kind, fr, en) in cases {
        assert_eq!(said(kind), [fr, en]);
    }
    for (token, hint) in [
        ("==", "Equality is written ="),
        ("!=", "Equality is written ="),
        ("&&", "AND, OR and NOT"),
        ("null", "IS NULL"),
        ("’", "'in single quotes'"),
    ] {
        let [_, en] = said(found(Expected::Value, token));
        assert!(en.contains(hint), "{en}");
    }
}

#[test]
fn places_are_counted_in_characters() {
    let filter = "état = 1\nAND été = 'x' AND\r\n🦀";
    let place = |part: &str| {
        let start = filter.find(part).unwrap();
        let span = Span::new(start, start + part.len());
        let fault = Fault::new(span, FaultKind::IntervalOrder);
        assert_eq!(&filter[fault.range(filter)], part);
        fault.place(filter)
    };
    let at = |character, line, column, part: &str| Place {
        character,
        line,
        column,
        part: part.to_owned(),
    };
    assert_eq!(place("état"), at(1, 1, 1, "état"));
    assert_eq!(place("1"), at(8, 1, 8, "1"));
    assert_eq!(place("été"), at(14, 2, 5, "été"));
    assert_eq!(place("🦀"), at(29, 3, 1, "🦀"));
    let end = Fault::new(
        Span::new(filter.len(), filter.len()),
        FaultKind::IntervalOrder,
    );
    assert_eq!(end.place(filter), at(30, 3, 2, ""));
}

#[test]
fn places_hold_in_any_text() {
    // A fault shown with another text than its own, or with a span inside of a character, must not break the page.
    for filter in ["", "é", "🦀🦀", "abc"] {
        for start in 0..12 {
            for end in 0..12 {
                let fault = Fault::new(Span::new(start, end), FaultKind::IntervalOrder);
                let place = fault.place(filter);
                assert!(place.character <= filter.chars().count() + 1);
            }
        }
    }
    let long = Fault::new(Span::new(0, 1000), FaultKind::IntervalOrder).place(&"x\n".repeat(500));
    assert_eq!(long.part.chars().count(), 61);
    assert!(long.part.ends_with("x …"));
}
