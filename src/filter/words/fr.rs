//! French.

use super::{Expected, Fault, FaultKind, Hint, Type, bytes, cut};
use crate::filter::fault::GeometryFault;

pub(super) fn describe(fault: &Fault) -> String {
    match &fault.kind {
        FaultKind::Expected { expected, found } => token(*expected, found),
        FaultKind::Unclosed(sign) => unclosed(*sign),
        FaultKind::Number(text) => format!(
            "{} n’est pas un nombre qui tienne dans un double. Écrivez-le comme 12, -0.5 ou 1.5e3.",
            quoted(text)
        ),
        FaultKind::Date(text) => format!(
            "{} n’est pas un jour du calendrier. Écrivez-le AAAA-MM-JJ, comme 2024-02-29.",
            quoted(text)
        ),
        FaultKind::Timestamp(text) => format!(
            "{} n’est pas un instant. Écrivez-le en UTC, avec un Z à la fin, comme 2024-02-29T12:00:00Z.",
            quoted(text)
        ),
        FaultKind::IntervalOrder => {
            "cet intervalle finit avant de commencer. Échangez ses extrémités.".to_owned()
        }
        FaultKind::Geometry(fault) => geometry(*fault).to_owned(),
        FaultKind::BoxCount(count) => format!(
            "un rectangle a quatre nombres, ou six avec les altitudes ; celui-ci en a {count}. Écrivez son coin inférieur, puis son coin supérieur."
        ),
        FaultKind::BoxOrder(axis) => format!(
            "sur l’axe {axis}, le second coin du rectangle est au-dessous du premier. Écrivez d’abord le coin inférieur, les axes dans l’ordre du système de coordonnées."
        ),
        FaultKind::OutOfCrs(text) => format!(
            "{} sort des limites du système de coordonnées du filtre. Vérifiez l’ordre des axes et filter-crs.",
            quoted(text)
        ),
        FaultKind::Json(text) => format!(
            "{} n’est pas du JSON à cet endroit. Les textes et les noms de membres s’écrivent entre \"guillemets droits\" ; les mots sont true et false.",
            quoted(text)
        ),
        FaultKind::UnknownMember { name, near } => unknown(
            &format!("le membre {} n’a pas de sens dans cet objet", quoted(name)),
            near.as_deref(),
            "Retirez-le",
        ),
        FaultKind::RepeatedMember(name) => format!(
            "le membre {} est donné deux fois. N’en gardez qu’un.",
            quoted(name)
        ),
        FaultKind::UnknownFunction { name, near } => function(name, near.as_deref()),
        FaultKind::ArgumentCount {
            name,
            least,
            most,
            found,
        } => arguments(name, *least, *most, *found),
        FaultKind::UnknownProperty { name, near } => property(fault, name, near.as_deref()),
        FaultKind::Untyped(name) => format!(
            "les valeurs de {} ne sont pas d’un seul type. Seuls IS NULL et les fonctions A_EQUALS, A_CONTAINS, A_CONTAINEDBY et A_OVERLAPS peuvent les lire.",
            quoted(name)
        ),
        FaultKind::TypeMismatch { expected, found } => mismatch(expected, *found),
        FaultKind::Incomparable(a, b) => {
            let sentence = format!("on ne peut comparer {} et {}.", of(*a), of(*b));
            hinted(sentence, Hint::of_type(*a, *b).or(Hint::of_type(*b, *a)))
        }
        FaultKind::InstantNotInterval => "cette fonction compare des intervalles, et un instant n’en est pas un. Écrivez INTERVAL(début, fin), ou prenez T_AFTER, T_BEFORE, T_DISJOINT, T_EQUALS ou T_INTERSECTS.".to_owned(),
        FaultKind::NoTransform => "on ne peut rapprocher les géométries dans le système de coordonnées du filtre de celles de cette collection. Prenez un autre filter-crs : la collection donne la liste des siens.".to_owned(),
        FaultKind::TooLong(_)
        | FaultKind::TooDeep(_)
        | FaultKind::TooManyNodes(_)
        | FaultKind::TooManyVertices(_)
        | FaultKind::TooCostly { .. } => ceiling(&fault.kind),
    }
}

fn ceiling(kind: &FaultKind) -> String {
    match kind {
        FaultKind::TooLong(most) => {
            let (size, kib) = bytes(*most);
            let unit = if kib { "Kio" } else { "octets" };
            format!(
                "le filtre dépasse {size} {unit}. Raccourcissez ses listes, ou simplifiez ses géométries."
            )
        }
        FaultKind::TooDeep(most) => format!(
            "plus de {most} niveaux de parenthèses, d’opérateurs ou de fonctions s’emboîtent ici. Écrivez-le plus à plat, par exemple avec IN."
        ),
        FaultKind::TooManyNodes(most) => format!(
            "le filtre a plus de {most} parties. Raccourcissez ses listes, ou faites plusieurs requêtes."
        ),
        FaultKind::TooManyVertices(most) => {
            format!("les géométries du filtre ont plus de {most} sommets ensemble. Simplifiez-les.")
        }
        FaultKind::TooCostly { cost, most } => format!(
            "le filtre coûte trop cher sur chaque objet (estimation {cost}, au plus {most}). Réduisez le nombre de conditions et de fonctions, raccourcissez les listes et les textes, simplifiez les géométries."
        ),
        // `describe` sends only ceilings here.
        _ => String::new(),
    }
}

fn token(expected: Expected, found: &str) -> String {
    let wanted = match expected {
        Expected::Predicate => "une condition (par exemple une comparaison)".to_owned(),
        Expected::Value => "une valeur (une propriété, un littéral, une fonction)".to_owned(),
        Expected::Operator => "une comparaison (=, <>, <, >, <=, >=), LIKE, IN, BETWEEN ou IS NULL".to_owned(),
        Expected::Token(signs) => format!("« {} »", signs.replace(' ', " » ou « ")),
        Expected::End => "la fin du filtre".to_owned(),
        Expected::Number => "un nombre".to_owned(),
        Expected::Text => "un texte".to_owned(),
        Expected::Geometry => "une géométrie".to_owned(),
        Expected::Bound => "une date, un instant, une propriété, une fonction ou '..'".to_owned(),
        Expected::Member(name) => return format!("il faut à cet objet un membre « {name} »."),
        Expected::JsonExpression => "un objet (avec \"op\" et \"args\", ou avec \"property\", \"date\", \"timestamp\", \"interval\" ou \"bbox\", ou une géométrie)".to_owned(),
    };
    let sentence = if found.is_empty() {
        format!("le filtre s’arrête là où l’on attend {wanted}.")
    } else {
        format!("on attend ici {wanted}, pas {}.", quoted(found))
    };
    hinted(sentence, Hint::of_token(expected, found))
}

fn unclosed(sign: char) -> String {
    match sign {
        '\'' => "ce texte n’est pas fermé par une apostrophe '. Dans un texte, une apostrophe s’écrit deux fois : 'l''Isle'.".to_owned(),
        '"' => "des guillemets s’ouvrent ici et ne se ferment pas. Écrivez \" à la fin.".to_owned(),
        '(' => "cette parenthèse n’est pas fermée. Écrivez ) à la fin de ce qu’elle contient.".to_owned(),
        other => format!("{} ouvre ici quelque chose qui n’a pas de fin.", quoted(&other.to_string())),
    }
}

fn geometry(fault: GeometryFault) -> &'static str {
    match fault {
        GeometryFault::RingNotClosed => {
            "cet anneau n’est pas fermé. Répétez son premier sommet à la fin."
        }
        GeometryFault::RingTooShort => {
            "un anneau a quatre sommets au moins, le dernier égal au premier."
        }
        GeometryFault::LineTooShort => "une ligne a deux sommets au moins.",
        GeometryFault::MixedDimensions => {
            "des sommets ont une altitude et d’autres n’en ont pas. Donnez-en une à tous, ou à aucun."
        }
        GeometryFault::Position => "une position a deux nombres, ou trois avec une altitude.",
        GeometryFault::NotFinite => "une coordonnée n’est pas un nombre fini.",
        GeometryFault::Kind => {
            "ce n’est pas un genre de géométrie. Il y a Point, LineString, Polygon, MultiPoint, MultiLineString, MultiPolygon et GeometryCollection."
        }
    }
}

fn arguments(name: &str, least: usize, most: usize, found: usize) -> String {
    let wanted = match (least, most) {
        (0, 0) => "ne prend pas d’argument".to_owned(),
        (1, 1) => "prend un argument".to_owned(),
        (n, usize::MAX) => format!("prend {n} arguments ou plus"),
        (n, m) if n == m => format!("prend {n} arguments"),
        (n, m) => format!("prend de {n} à {m} arguments"),
    };
    let found = match found {
        0 => "il n’y en a aucun ici".to_owned(),
        n => format!("il y en a {n} ici"),
    };
    format!("{} {wanted} ; {found}.", quoted(name))
}

fn function(name: &str, near: Option<&str>) -> String {
    let sentence = format!("il n’y a pas de fonction {}", quoted(name));
    match Hint::of_sign(name) {
        None => unknown(
            &sentence,
            near,
            "La documentation de ce service donne la liste des fonctions",
        ),
        hint => hinted(format!("{sentence}."), hint),
    }
}

fn property(fault: &Fault, name: &str, near: Option<&str>) -> String {
    let sentence = format!(
        "{} n’est pas une propriété de cette collection",
        quoted(name)
    );
    match near {
        Some(_) => unknown(&sentence, near, ""),
        None if fault.is_quoted_name(name) => format!(
            "{sentence}. Les guillemets doubles entourent les noms : un texte s’écrit '{}', entre apostrophes.",
            cut(name)
        ),
        None if fault.is_bare_name(name) => format!(
            "{sentence}. Si c’est un texte, écrivez '{}', entre apostrophes ; la liste des propriétés est sous queryables.",
            cut(name)
        ),
        None => format!("{sentence}. La liste de ses propriétés est sous queryables."),
    }
}

/// « … ; vouliez-vous dire … ? », ou l’autre conseil.
fn unknown(sentence: &str, near: Option<&str>, advice: &str) -> String {
    match near {
        Some(near) => format!("{sentence} ; vouliez-vous dire {} ?", quoted(near)),
        None => format!("{sentence}. {advice}."),
    }
}

fn mismatch(expected: &[Type], found: Type) -> String {
    let names: Vec<&str> = expected.iter().map(|t| of(*t)).collect();
    let names = match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} ou {last}", rest.join(", ")),
        None => "une autre valeur".to_owned(),
    };
    let sentence = format!("on attend ici {names}, pas {}.", of(found));
    let hint = expected.iter().find_map(|t| Hint::of_type(*t, found));
    hinted(sentence, hint)
}

fn of(value: Type) -> &'static str {
    match value {
        Type::Bool => "un booléen",
        Type::Number => "un nombre",
        Type::Text => "un texte",
        Type::Date => "une date",
        Type::Timestamp => "un instant",
        Type::Interval => "un intervalle",
        Type::Geometry => "une géométrie",
        Type::Array => "un tableau",
    }
}

fn hinted(sentence: String, hint: Option<Hint>) -> String {
    let hint = match hint {
        None => return sentence,
        Some(Hint::Text) => {
            "Un texte s’écrit 'entre apostrophes droites' (en JSON, \"entre guillemets droits\")."
        }
        Some(Hint::Number) => "Un nombre s’écrit sans apostrophes.",
        Some(Hint::Time) => {
            "Une date s’écrit DATE('2024-02-29'), un instant TIMESTAMP('2024-02-29T12:00:00Z')."
        }
        Some(Hint::Interval) => {
            "Un intervalle s’écrit INTERVAL('2024-01-01', '2024-12-31') ; '..' laisse une extrémité ouverte."
        }
        Some(Hint::Geometry) => {
            "Une géométrie est le nom de la propriété géométrique, ou s’écrit comme POINT(5.4 43.5) (en JSON, en GeoJSON)."
        }
        Some(Hint::Array) => "Un tableau s’écrit ('a', 'b') (en JSON, [\"a\", \"b\"]).",
        Some(Hint::Condition) => {
            "Une condition compare quelque chose : nom = 'Aix', etages > 5, nom IS NULL."
        }
        Some(Hint::Equality) => "L’égalité s’écrit =, son contraire <>.",
        Some(Hint::Words) => "Les conditions se joignent par AND, OR et NOT.",
        Some(Hint::Null) => "L’absence de valeur se demande par IS NULL (en JSON, \"isNull\").",
    };
    format!("{sentence} {hint}")
}

fn quoted(text: &str) -> String {
    format!("« {} »", cut(text))
}
