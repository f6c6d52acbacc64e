//! Pages without any design: for tests, and where no other pages are built in.

use std::fmt::Write as _;

use super::language;
use super::model::{
    ApiPage, CollectionPage, CollectionRef, CollectionsPage, ConformancePage, Frame, FunctionsPage,
    ItemPage, ItemsForm, ItemsPage, LandingPage, LockedPage, MePage, ProblemPage, QueryablesPage,
    Session, SignInPage, Value,
};
use super::pages::{Asset, Pages};
use super::texts::pick;
use crate::catalog::Language;

/// See the module.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainPages;

/// Text for HTML, in content and in attributes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn link(href: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escaped(href), escaped(text))
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    let mut out = String::from("<ul>");
    for item in items {
        let _ = write!(out, "<li>{item}</li>");
    }
    out + "</ul>"
}

fn page(frame: &Frame, l: Language, title: &str, content: &str) -> String {
    let nav = [
        (&frame.home, frame.platform.as_str()),
        (&frame.collections, "Collections"),
        (&frame.api, "API"),
    ];
    let translations = frame
        .translations
        .iter()
        .map(|(to, href)| link(href, language::tag(*to)));
    let session = match &frame.session {
        Some(Session::Nobody { sign_in }) => Some(link(sign_in, "key")),
        Some(Session::Lapsed { sign_in, .. }) => {
            let sign_in = sign_in.as_ref().map(|href| link(href, "key"));
            let said = pick(l, "Votre clé ne vaut plus", "Your key no longer holds");
            Some(format!("{said} {}", sign_in.unwrap_or_default()))
        }
        Some(Session::Somebody { name, me, .. }) => Some(link(me, name)),
        None => None,
    };
    let alternates = frame.alternates.iter().map(|a| link(&a.href, &a.title));
    let nav: Vec<_> = nav
        .iter()
        .map(|(href, text)| link(href, text))
        .chain(translations)
        .chain(alternates)
        .chain(session)
        .collect();
    format!(
        "<!DOCTYPE html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{title} – {}</title></head>\
         <body><nav>{}</nav><main><h1>{title}</h1>{content}</main></body></html>",
        language::tag(l),
        escaped(&frame.platform),
        nav.join(" · "),
        title = escaped(title),
    )
}

/// Where a page belongs.
fn up(collection: &CollectionRef) -> String {
    let title = || escaped(&collection.title);
    let to = |href: &String| link(href, &collection.title);
    collection.href.as_ref().map_or_else(title, to)
}

fn filter_form(form: &ItemsForm) -> String {
    let faults = form.faults.iter().map(|f| {
        let mark = f.mark.as_ref().map_or_else(String::new, |m| {
            let [before, part, after] = [&m.before, &m.part, &m.after].map(|t| escaped(t));
            format!("<pre>{before}<mark>{part}</mark>{after}</pre>")
        });
        format!("{}: {}{mark}", escaped(&f.parameter), escaped(&f.sentence))
    });
    let hidden = form.kept.iter().map(|(name, value)| {
        let (name, value) = (escaped(name), escaped(value));
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
    });
    format!(
        "<form action=\"{}\">{}<textarea name=\"filter\">\n{}</textarea>{}<button>OK</button></form>",
        escaped(&form.action),
        list(faults),
        escaped(&form.filter.text),
        hidden.collect::<String>(),
    )
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Float(x) => x.to_string(),
        Value::Text(t) | Value::Time(t) | Value::Json(t) => escaped(t),
    }
}

impl Pages for PlainPages {
    fn asset(&self, _name: &str) -> Option<Asset> {
        None
    }

    fn headers(&self) -> &[(&'static str, &'static str)] {
        &[("content-security-policy", "default-src 'none'")]
    }

    fn landing(&self, p: &LandingPage, l: Language) -> String {
        let cards = p.shelves.iter().flat_map(|s| &s.collections);
        let content = list(cards.map(|c| link(&c.href, &c.metadata.title)));
        page(&p.frame, l, &p.frame.platform, &content)
    }

    fn conformance(&self, p: &ConformancePage, l: Language) -> String {
        page(
            &p.frame,
            l,
            "Conformance",
            &list(p.classes.iter().map(|c| escaped(c))),
        )
    }

    fn api(&self, p: &ApiPage, l: Language) -> String {
        let operations = p.groups.iter().flat_map(|g| &g.operations);
        let content = list(
            operations
                .map(|o| format!("<code>{}</code> {}", escaped(&o.path), escaped(&o.summary))),
        );
        page(&p.frame, l, "API", &content)
    }

    fn collections(&self, p: &CollectionsPage, l: Language) -> String {
        let content = list(
            p.collections
                .iter()
                .map(|c| link(&c.href, &c.metadata.title)),
        );
        page(&p.frame, l, "Collections", &content)
    }

    fn functions(&self, p: &FunctionsPage, l: Language) -> String {
        let rows = p.functions.iter().map(|f| {
            let (call, description) = (escaped(&f.call), escaped(&f.description));
            format!(
                "<code>{call}</code> → {}: {description}",
                escaped(&f.returns)
            )
        });
        page(&p.frame, l, "Functions", &list(rows))
    }

    fn queryables(&self, p: &QueryablesPage, l: Language) -> String {
        let geometry = p.geometry.iter().map(|(name, _)| escaped(name));
        let names = geometry.chain(p.fields.iter().map(|f| escaped(&f.name)));
        let examples = p.examples.iter().map(|e| link(&e.href, &e.filter));
        let content = list(names)
            + &list(examples)
            + &link(&p.schema, "JSON Schema")
            + &link(&p.functions, "functions");
        page(&p.frame, l, &p.collection.title, &content)
    }

    fn collection(&self, p: &CollectionPage, l: Language) -> String {
        let description = p.metadata.description.as_deref().unwrap_or_default();
        let fields = list(p.fields.iter().map(|f| escaped(f.label())));
        let content = format!(
            "<p>{}</p>{}{fields}",
            escaped(description),
            p.items
                .as_ref()
                .map_or_else(String::new, |items| link(&items.table, "items"))
        );
        page(&p.frame, l, &p.metadata.title, &content)
    }

    fn items(&self, p: &ItemsPage, l: Language) -> String {
        let mut table = filter_form(&p.form);
        table.push_str("<table><tr><th>id</th>");
        for field in &p.fields {
            let _ = write!(table, "<th>{}</th>", escaped(field.label()));
        }
        for row in &p.rows {
            let _ = write!(table, "</tr><tr><td>{}</td>", link(&row.href, &row.id));
            for value in &row.values {
                let _ = write!(table, "<td>{}</td>", shown(value));
            }
        }
        table.push_str("</tr></table>");
        if let Some(next) = &p.next {
            table.push_str(&link(next, "next"));
        }
        page(&p.frame, l, &p.collection.title, &table)
    }

    fn item(&self, p: &ItemPage, l: Language) -> String {
        let row = |(field, value): &(crate::model::Field, Value)| {
            format!("{}: {}", escaped(field.label()), shown(value))
        };
        let content = list(p.properties.iter().map(row)) + &up(&p.collection);
        page(&p.frame, l, p.title.as_deref().unwrap_or(&p.id), &content)
    }

    fn locked(&self, p: &LockedPage, l: Language) -> String {
        let description = p.metadata.description.as_deref().unwrap_or_default();
        let contact = p.metadata.contact.as_deref().unwrap_or_default();
        let content = format!(
            "<p>{}</p><p>{}</p><p>{}</p>",
            escaped(description),
            escaped(contact),
            link(&p.sign_in, "key")
        );
        page(&p.frame, l, &p.metadata.title, &content)
    }

    fn sign_in(&self, p: &SignInPage, l: Language) -> String {
        let content = format!(
            "<p>{}</p><form action=\"{}\" method=\"post\"><input type=\"hidden\" name=\"to\" value=\"{}\">\
             <input type=\"password\" name=\"key\"><button>OK</button></form>",
            escaped(p.fault.as_deref().unwrap_or_default()),
            escaped(&p.action),
            escaped(&p.to),
        );
        page(&p.frame, l, "Key", &content)
    }

    fn me(&self, p: &MePage, l: Language) -> String {
        let layers = list(p.layers.iter().map(|layer| link(&layer.href, &layer.id)));
        page(&p.frame, l, &p.name, &layers)
    }

    fn problem(&self, p: &ProblemPage, l: Language) -> String {
        let detail = p.detail.as_deref().unwrap_or_default();
        page(
            &p.frame,
            l,
            &format!("{} {}", p.status, p.title),
            &format!("<p>{}</p>", escaped(detail)),
        )
    }
}
