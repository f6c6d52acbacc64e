//! The sentences of problem documents and the titles of links, in French and English.

use super::problem::Problem;
use crate::catalog::Language;
use crate::features::{Fault, FaultKind};
use crate::model::DataType;

/// Characters of a request that are repeated to its sender at most.
const QUOTED: usize = 100;

/// What a request said, cut to a bearable length.
pub fn quotable(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The French or the English one of two.
pub fn pick<T>(language: Language, fr: T, en: T) -> T {
    match language {
        Language::Fr => fr,
        Language::En => en,
    }
}

/// The kind of a problem in words.
pub fn problem_title(problem: &Problem, language: Language) -> &'static str {
    let (fr, en) = match problem {
        Problem::MalformedUrl => ("URL mal formée", "Malformed URL"),
        Problem::BadHost => ("Hôte absent ou invalide", "Missing or invalid host"),
        Problem::Parameters(_) => ("Paramètre invalide", "Invalid parameter"),
        Problem::NoSuchPath => ("Ressource introuvable", "No such resource"),
        Problem::NoSuchCollection(_) => ("Collection introuvable", "No such collection"),
        Problem::NoSuchItem(_) => ("Objet introuvable", "No such item"),
        Problem::NoSuchTile => ("Tuile introuvable", "No such tile"),
        Problem::TooManyLayers(_) => ("Trop de collections", "Too many collections"),
        Problem::MethodNotAllowed => ("Méthode non permise", "Method not allowed"),
        Problem::NotAcceptable => (
            "Aucune représentation acceptable",
            "No acceptable representation",
        ),
        Problem::UrlTooLong => ("URL trop longue", "URL too long"),
        Problem::HeadersTooLarge => ("En-têtes trop volumineux", "Headers too large"),
        Problem::Busy => ("Serveur occupé", "Server busy"),
        Problem::TimedOut => ("Délai dépassé", "Timed out"),
        Problem::Internal(_) => ("Erreur interne", "Internal error"),
    };
    pick(language, fr, en)
}

/// What is wrong in this case.
pub fn problem_detail(problem: &Problem, language: Language) -> String {
    let fr = language == Language::Fr;
    match problem {
        Problem::Parameters(faults) => {
            let sentences: Vec<_> = faults.iter().map(|f| fault(f, language)).collect();
            sentences.join(" ")
        }
        Problem::NoSuchCollection(id) => {
            let id = quotable(id);
            if fr {
                format!("Il n’y a pas de collection « {id} » ; la liste est sous /collections.")
            } else {
                format!("There is no collection \"{id}\"; the list is at /collections.")
            }
        }
        Problem::NoSuchTile => pick(
            language,
            "Cette tuile est hors du quadrillage WebMercatorQuad, ou au-delà du dernier zoom de la collection (voir son TileJSON).",
            "This tile is outside of WebMercatorQuad, or beyond the last zoom of the collection (see its TileJSON).",
        )
        .to_owned(),
        Problem::TooManyLayers(most) => {
            if fr {
                format!("Une tuile réunit {most} collections au plus, chacune une seule fois.")
            } else {
                format!("A tile joins {most} collections at most, each of them once.")
            }
        }
        Problem::NoSuchItem(id) => {
            let id = quotable(id);
            if fr {
                format!("La collection n’a pas d’objet « {id} ».")
            } else {
                format!("The collection has no item \"{id}\".")
            }
        }
        other => fixed_detail(other, language).to_owned(),
    }
}

fn fixed_detail(problem: &Problem, language: Language) -> &'static str {
    let (fr, en) = match problem {
        Problem::MalformedUrl => (
            "Un « % » de l’URL doit être suivi de deux chiffres hexadécimaux, et le tout doit être de l’UTF-8 sans caractère de contrôle.",
            "Each \"%\" of the URL must be followed by two hexadecimal digits, and the whole must be UTF-8 without control characters.",
        ),
        Problem::BadHost => (
            "L’en-tête Host doit nommer un hôte.",
            "The Host header must name a host.",
        ),
        Problem::NoSuchPath => (
            "Rien ne se trouve à cette adresse ; commencez par la page d’accueil.",
            "There is nothing at this address; start from the landing page.",
        ),
        Problem::MethodNotAllowed => (
            "Cette ressource se lit : GET, HEAD, OPTIONS.",
            "This resource is read: GET, HEAD, OPTIONS.",
        ),
        Problem::NotAcceptable => (
            "La ressource n’existe ni dans un type de média ni dans une langue que la requête accepte ; voir les paramètres f et lang.",
            "The resource has no media type, or no language, that the request accepts; see the parameters f and lang.",
        ),
        Problem::UrlTooLong => (
            "L’URL dépasse la longueur que ce serveur accepte.",
            "The URL exceeds the length that this server accepts.",
        ),
        Problem::HeadersTooLarge => (
            "Les en-têtes dépassent la taille que ce serveur accepte.",
            "The headers exceed the size that this server accepts.",
        ),
        Problem::Busy => (
            "Trop de requêtes à la fois ; réessayez dans un instant.",
            "Too many requests at a time; try again in a moment.",
        ),
        Problem::TimedOut => (
            "La réponse a demandé trop de temps ; réessayez, ou réduisez la sélection.",
            "The answer took too long; try again, or narrow the selection.",
        ),
        _ => (
            "Une erreur s’est produite de notre côté ; citez le numéro de la requête pour demander de l’aide.",
            "Something went wrong on our side; quote the request id when asking for help.",
        ),
    };
    pick(language, fr, en)
}

/// What is wrong with a parameter, and where in it.
pub fn fault(fault: &Fault, language: Language) -> String {
    let name = quotable(&fault.parameter);
    let place = place(fault, language).map_or_else(String::new, |p| format!(", {p}"));
    match language {
        Language::Fr => format!("« {name} »{place} : {}", fault_fr(&fault.kind)),
        Language::En => format!("\"{name}\"{place}: {}", fault_en(&fault.kind)),
    }
}

/// The same beside the field of a form, which needs no name.
pub fn fault_of_field(fault: &Fault, language: Language) -> String {
    let place = place(fault, language);
    let (sentence, colon) = match language {
        Language::Fr => (fault_fr(&fault.kind), " : "),
        Language::En => (fault_en(&fault.kind), ": "),
    };
    place.map_or_else(|| sentence.clone(), |p| format!("{p}{colon}{sentence}"))
}

fn place(fault: &Fault, language: Language) -> Option<String> {
    let FaultKind::Cql2 { fault, text } = &fault.kind else {
        return None;
    };
    let place = fault.place(text);
    let (character, line, column) = (place.character, place.line, place.column);
    Some(match (text.contains('\n'), language) {
        (false, Language::Fr) => format!("caractère {character}"),
        (false, Language::En) => format!("character {character}"),
        (true, Language::Fr) => format!("ligne {line}, caractère {column}"),
        (true, Language::En) => format!("line {line}, character {column}"),
    })
}

fn fault_fr(kind: &FaultKind) -> String {
    let q = |text: &str| format!("« {} »", quotable(text));
    match kind {
        FaultKind::Unknown => "cette ressource n’a pas ce paramètre.".to_owned(),
        FaultKind::Repeated => "donné plus d’une fois.".to_owned(),
        FaultKind::NotInteger(given) => format!("{} n’est pas un nombre entier.", q(given)),
        FaultKind::TooSmall { given, least } => {
            format!("{} est inférieur au minimum, {least}.", q(given))
        }
        FaultKind::BoxCount(n) => {
            format!("il faut quatre ou six nombres séparés par des virgules, pas {n}.")
        }
        FaultKind::BoxNumber(part) => format!("{} n’est pas un nombre fini.", q(part)),
        FaultKind::BoxOrder(axis) => {
            format!("sur l’axe {axis}, le premier coin doit être inférieur ou égal au second.")
        }
        FaultKind::BoxRange(given) => {
            format!(
                "{} sort des limites du système de coordonnées (dans l’ordre de ses axes).",
                q(given)
            )
        }
        FaultKind::Time(given) => format!(
            "{} n’est ni un instant RFC 3339 (2024-01-31T12:00:00Z), ni un jour (2024-01-31), ni un intervalle de ceux-ci (début/fin, une extrémité ouverte s’écrit ..).",
            q(given)
        ),
        FaultKind::TimeOrder(given) => {
            format!("l’intervalle {} finit avant de commencer.", q(given))
        }
        FaultKind::CrsNotOffered(given) => {
            format!("{} n’est pas dans la liste crs de la collection.", q(given))
        }
        FaultKind::NotOfType { given, expected } => {
            format!("{} n’est pas {}.", q(given), type_fr(*expected))
        }
        FaultKind::Cursor => {
            "ce curseur n’est pas de ce serveur, ou pas pour cette requête ; recommencez sans lui."
                .to_owned()
        }
        FaultKind::Cql2 { fault, .. } => fault.describe(Language::Fr),
        FaultKind::JsonUnannounced => {
            "ce filtre a l’air d’être en JSON ; ajoutez filter-lang=cql2-json.".to_owned()
        }
        FaultKind::ExcludedBy(other) => format!("ne peut être donné avec « {other} »."),
        FaultKind::NotOneOf { given, allowed } => {
            format!(
                "{} n’est pas une des valeurs possibles : {}.",
                q(given),
                allowed.join(", ")
            )
        }
    }
}

fn fault_en(kind: &FaultKind) -> String {
    let q = |text: &str| format!("\"{}\"", quotable(text));
    match kind {
        FaultKind::Unknown => "this resource has no such parameter.".to_owned(),
        FaultKind::Repeated => "given more than once.".to_owned(),
        FaultKind::NotInteger(given) => format!("{} is not a whole number.", q(given)),
        FaultKind::TooSmall { given, least } => {
            format!("{} is below the minimum, {least}.", q(given))
        }
        FaultKind::BoxCount(n) => {
            format!("four or six numbers separated by commas are needed, not {n}.")
        }
        FaultKind::BoxNumber(part) => format!("{} is not a finite number.", q(part)),
        FaultKind::BoxOrder(axis) => {
            format!("on axis {axis} the first corner must not exceed the second one.")
        }
        FaultKind::BoxRange(given) => {
            format!(
                "{} lies outside of the coordinate reference system (in the order of its axes).",
                q(given)
            )
        }
        FaultKind::Time(given) => format!(
            "{} is neither an RFC 3339 instant (2024-01-31T12:00:00Z), nor a day (2024-01-31), nor an interval of these (start/end, an open end is written ..).",
            q(given)
        ),
        FaultKind::TimeOrder(given) => format!("the interval {} ends before it starts.", q(given)),
        FaultKind::CrsNotOffered(given) => {
            format!("{} is not in the collection's list crs.", q(given))
        }
        FaultKind::NotOfType { given, expected } => {
            format!("{} is not {}.", q(given), type_en(*expected))
        }
        FaultKind::Cursor => {
            "this cursor is not from this server, or not for this query; start again without it."
                .to_owned()
        }
        FaultKind::Cql2 { fault, .. } => fault.describe(Language::En),
        FaultKind::JsonUnannounced => {
            "this filter looks like JSON; add filter-lang=cql2-json.".to_owned()
        }
        FaultKind::ExcludedBy(other) => format!("cannot be given together with \"{other}\"."),
        FaultKind::NotOneOf { given, allowed } => {
            format!(
                "{} is not one of the possible values: {}.",
                q(given),
                allowed.join(", ")
            )
        }
    }
}

fn type_fr(data_type: DataType) -> &'static str {
    match data_type {
        DataType::Boolean => "un booléen (true ou false)",
        DataType::Integer => "un nombre entier",
        DataType::Number => "un nombre fini",
        DataType::String => "un texte",
        DataType::Date => "un jour (2024-01-31)",
        DataType::DateTime => "un instant (2024-01-31T12:00:00Z)",
        DataType::Json => "une valeur JSON",
    }
}

fn type_en(data_type: DataType) -> &'static str {
    match data_type {
        DataType::Boolean => "a boolean (true or false)",
        DataType::Integer => "a whole number",
        DataType::Number => "a finite number",
        DataType::String => "a text",
        DataType::Date => "a day (2024-01-31)",
        DataType::DateTime => "an instant (2024-01-31T12:00:00Z)",
        DataType::Json => "a JSON value",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_quotes_are_cut_between_characters() {
        assert_eq!(quotable("é"), "é");
        let long = "é".repeat(500);
        assert_eq!(quotable(&long), format!("{}…", "é".repeat(QUOTED)));
    }
}
