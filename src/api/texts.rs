//! The sentences of problem documents and the titles of links, in French and English.

use super::problem::{MemberFault, Problem};
use crate::catalog::Language;
use crate::features::{Fault, FaultKind};
use crate::model::DataType;
use crate::model::Words;

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
        Problem::Locked(_) => ("Collection réservée", "Reserved collection"),
        Problem::NoSuchItem(_) => ("Objet introuvable", "No such item"),
        Problem::NoSuchTile => ("Tuile introuvable", "No such tile"),
        Problem::TooManyLayers(_) => ("Trop de collections", "Too many collections"),
        Problem::TwoCredentials => ("Plusieurs identifiants", "Several credentials"),
        Problem::CredentialRequired => ("Identifiant requis", "Credential required"),
        Problem::InvalidCredential => ("Identifiant refusé", "Credential refused"),
        Problem::ExpiredCredential => ("Identifiant expiré", "Credential expired"),
        Problem::SignatureInvalid => ("Signature refusée", "Signature refused"),
        Problem::SignatureExpired => ("Signature expirée", "Signature expired"),
        Problem::OriginRefused => ("Origine refusée", "Origin refused"),
        Problem::NetworkRefused => ("Réseau refusé", "Network refused"),
        Problem::KeyRequired => ("Clé secrète requise", "Secret key required"),
        Problem::NotAllowed => ("Action non permise", "Not allowed"),
        Problem::CrossSite => ("Envoi depuis un autre site", "Sent from another site"),
        Problem::NoSuchTerms => ("Conditions introuvables", "No such terms"),
        Problem::NoSuchEntry => ("Entrée introuvable", "No such entry"),
        Problem::Member(..) => ("Membre invalide", "Invalid member"),
        Problem::ChangeRefused(_) => ("Changement refusé", "Change refused"),
        Problem::ReadOnly => ("Lecture seule", "Read-only"),
        Problem::Conflict | Problem::ReplacedAlready(_) => ("Conflit", "Conflict"),
        Problem::AskedAlready(_) => ("Déjà demandé", "Asked already"),
        Problem::SeenAlready => ("Déjà visible", "Seen already"),
        Problem::TooManyRequests(_) => ("Trop de requêtes", "Too many requests"),
        Problem::MalformedBody => ("Corps mal formé", "Malformed body"),
        Problem::BodyTooLarge => ("Corps trop volumineux", "Body too large"),
        Problem::UnsupportedMediaType => {
            ("Type de média non pris en charge", "Unsupported media type")
        }
        Problem::MethodNotAllowed => ("Méthode non permise", "Method not allowed"),
        Problem::NotAcceptable => (
            "Aucune représentation acceptable",
            "No acceptable representation",
        ),
        Problem::UrlTooLong => ("URL trop longue", "URL too long"),
        Problem::HeadersTooLarge => ("En-têtes trop volumineux", "Headers too large"),
        Problem::ChangedMeanwhile => ("Règles changées entre-temps", "Rules changed meanwhile"),
        Problem::Busy => ("Serveur occupé", "Server busy"),
        Problem::TimedOut => ("Délai dépassé", "Timed out"),
        Problem::RightsUnknown => (
            "Droits momentanément inconnus",
            "Rights unknown for the moment",
        ),
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
        Problem::Locked(lock) if lock.known => pick(
            language,
            "Vos droits n’ouvrent pas cette collection ; le lien request-access dit à qui en demander l’accès.",
            "Your rights do not open this collection; the link request-access says whom to ask.",
        )
        .to_owned(),
        Problem::Locked(_) => pick(
            language,
            "Cette collection demande une clé ; le lien request-access dit à qui en demander une.",
            "This collection asks for a key; the link request-access says whom to ask for one.",
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
        Problem::Member(name, fault) => member(name, fault, language),
        Problem::ChangeRefused(why) => {
            let (fr, en) = ("Les règles ne le permettent pas", "The rules do not allow it");
            let colon = pick(language, " : ", ": ");
            format!("{}{colon}{}.", pick(language, fr, en), explained(why, language))
        }
        Problem::ReplacedAlready(successor) => {
            if fr {
                format!("Cette clé est déjà remplacée, par la clé {successor} : c’est celle-là qui se remplace à son tour.")
            } else {
                format!("This key has been replaced already, by the key {successor}: it is that one that can be replaced in turn.")
            }
        }
        Problem::AskedAlready(request) => {
            let request = quotable(request);
            if fr {
                format!(
                    "Votre organisation a déjà demandé cette couche ; la demande « {request} » attend sa réponse (voir /me/requests)."
                )
            } else {
                format!(
                    "Your organisation has asked for this layer already; the request \"{request}\" waits for its answer (see /me/requests)."
                )
            }
        }
        Problem::TooManyRequests(seconds) => {
            if fr {
                format!("Plus de requêtes que le débit permis ; réessayez dans {seconds} s.")
            } else {
                format!("More requests than the rate allows; try again in {seconds} s.")
            }
        }
        other => match credential_detail(other) {
            Some((fr, en)) => pick(language, fr, en).to_owned(),
            None => fixed_detail(other, language).to_owned(),
        },
    }
}

/// Characters of an explanation: what it quotes may be as long as a body.
const EXPLAINED: usize = 600;

fn explained(why: &Words, language: Language) -> &str {
    let why = why.of(language);
    let end = why
        .char_indices()
        .nth(EXPLAINED)
        .map_or(why.len(), |(end, _)| end);
    &why[..end]
}

/// What is said of a member of a body.
fn member(name: &str, fault: &MemberFault, language: Language) -> String {
    let name = match (quotable(name), language) {
        (name, _) if name.is_empty() => pick(language, "Le corps", "The body").to_owned(),
        (name, Language::Fr) => format!("« {name} »"),
        (name, Language::En) => format!("\"{name}\""),
    };
    match fault {
        MemberFault::Missing => {
            let (fr, en) = (
                "doit être dit, au besoin par null : rien ne se déduit d’une absence.",
                "must be said, if only as null: nothing is implied by absence.",
            );
            format!("{name} {}", pick(language, fr, en))
        }
        MemberFault::Unknown => {
            let (fr, en) = (
                "n’est pas un membre que cette ressource prend.",
                "is no member that this resource takes.",
            );
            format!("{name} {}", pick(language, fr, en))
        }
        MemberFault::Wrong(why) => {
            let why = explained(why, language);
            format!("{name}{}{why}.", pick(language, " : ", ": "))
        }
    }
}

/// What is said of credentials and of what they allow.
fn credential_detail(problem: &Problem) -> Option<(&'static str, &'static str)> {
    Some(match problem {
        Problem::TwoCredentials => (
            "La requête porte plusieurs identifiants différents ; n’en envoyez qu’un.",
            "The request shows several credentials that differ; send one.",
        ),
        Problem::CredentialRequired => (
            "Présentez une clé ou un jeton : en-tête Authorization ou X-API-Key, ou paramètre key.",
            "Show a key or a token: in the header Authorization or X-API-Key, or in the parameter key.",
        ),
        Problem::InvalidCredential => (
            "Cet identifiant n’est pas accepté : il est mal recopié, inconnu, révoqué ou suspendu. Sans identifiant, les données ouvertes restent accessibles.",
            "This credential is not accepted: it is mistyped, unknown, revoked or suspended. Without one, open data can still be read.",
        ),
        Problem::ExpiredCredential => (
            "Cet identifiant n’est plus valable ; demandez-en un nouveau à l’organisation qui l’a donné.",
            "This credential no longer holds; ask the organisation that gave it for another one.",
        ),
        Problem::SignatureInvalid => (
            "La signature ne correspond pas à cette adresse, ou n’y donne plus droit ; redemandez le TileJSON.",
            "The signature does not belong to this address, or no longer opens it; ask for the TileJSON again.",
        ),
        Problem::SignatureExpired => (
            "La signature de cette adresse a expiré ; redemandez le TileJSON.",
            "The signature of this address has expired; ask for the TileJSON again.",
        ),
        Problem::OriginRefused => (
            "Cette clé n’est pas prévue pour la page qui l’envoie.",
            "This key is not meant for the page that sends it.",
        ),
        Problem::NetworkRefused => (
            "Cette clé n’est pas prévue pour le réseau d’où elle vient.",
            "This key is not meant for the network that it comes from.",
        ),
        Problem::KeyRequired => (
            "Cette opération se fait avec la clé secrète qu’elle concerne.",
            "This is done with the secret key that it concerns.",
        ),
        Problem::NotAllowed => (
            "Votre rôle ne permet pas cette opération.",
            "Your role does not allow this.",
        ),
        Problem::CrossSite => (
            "Cette opération doit partir d’une page de ce serveur.",
            "This has to be sent from a page of this server.",
        ),
        Problem::NoSuchTerms => (
            "Aucune condition de ce nom ne vous est demandée ; la liste est sous /me.",
            "No terms of this name are asked of you; the list is at /me.",
        ),
        Problem::NoSuchEntry => (
            "Rien de ce nom ne vous revient : ce n’existe pas, ou c’est à d’autres.",
            "Nothing of this name is yours: there is none, or it belongs to others.",
        ),
        Problem::ReadOnly => (
            "Ceci est écrit dans le fichier de configuration du serveur : c’est là que cela se change.",
            "This stands in the server’s configuration file, and is changed there.",
        ),
        Problem::Conflict => (
            "Il en est déjà ainsi, ou l’identifiant est pris (ou le fut : aucun ne sert deux fois) ; relisez ce qu’il en est, ou prenez un autre identifiant.",
            "It is so already, or the id is taken (or was: none is used twice); read again how it stands, or take another id.",
        ),
        Problem::SeenAlready => (
            "Vous voyez déjà toute cette couche : il n’y a rien à demander.",
            "You see all of this layer already: there is nothing to ask for.",
        ),
        Problem::MalformedBody => (
            "Le corps de la requête n’est pas celui que cette ressource attend.",
            "The body of the request is not what this resource takes.",
        ),
        Problem::BodyTooLarge => (
            "Le corps de la requête dépasse la taille que cette ressource accepte.",
            "The body of the request exceeds the size that this resource accepts.",
        ),
        Problem::UnsupportedMediaType => (
            "Le corps de la requête n’est pas d’un type de média que cette ressource accepte.",
            "The body of the request is not of a media type that this resource accepts.",
        ),
        _ => return None,
    })
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
            "Cette ressource connaît les méthodes que l’en-tête Allow énumère.",
            "This resource knows the methods that the header Allow lists.",
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
        Problem::ChangedMeanwhile => (
            "D’autres changent les règles d’accès en ce moment ; ici rien n’a été changé. Réessayez dans un instant.",
            "Others are changing the rules of access at the moment; nothing was changed here. Try again in a moment.",
        ),
        Problem::Busy => (
            "Trop de requêtes à la fois ; réessayez dans un instant.",
            "Too many requests at a time; try again in a moment.",
        ),
        Problem::RightsUnknown => (
            "Le serveur ne peut pas vérifier en ce moment qui a le droit de voir quoi. Les couches ouvertes restent accessibles ; réessayez dans un instant.",
            "The server cannot check at the moment who may see what. Open layers are still served; try again shortly.",
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
