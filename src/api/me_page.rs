//! What a caller is told of themselves, as a page. It is made of the very document that programs get: it cannot say more.

use serde_json::Value;

use super::context::Context;
use super::frame;
use super::model::{MeAction, MeKey, MeLayer, MePage, MeQuota, MeRequest, MeTerms};
use super::routes::{Route, pattern};

/// The page of a document of `GET /me`.
pub(super) fn of(context: &Context, document: &Value) -> MePage {
    MePage {
        frame: frame::of(context, Route::Me),
        name: text(&document["name"]).unwrap_or_default(),
        organisation: text(&document["organisation"]["title"]),
        role: text(&document["role"]),
        key: document["key"]
            .is_object()
            .then(|| key(context, &document["key"])),
        quota: quota(&document["quota"]),
        layers: list(&document["layers"])
            .map(|l| layer(context, l))
            .collect(),
        terms: list(&document["terms"]).map(terms).collect(),
        requests: list(&document["requests"]).map(request).collect(),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn key(context: &Context, key: &Value) -> MeKey {
    let for_browsers = key["kind"] == "browser";
    let replaced_by = text(&key["replacedBy"]);
    let rotate = (!for_browsers && replaced_by.is_none()).then(|| {
        let service = context.base.service();
        format!("{}{}", service.trim_end_matches('/'), pattern::ROTATE)
    });
    MeKey {
        id: text(&key["id"]).unwrap_or_default(),
        label: text(&key["label"]).unwrap_or_default(),
        for_browsers,
        until: text(&key["until"]),
        replaced_by,
        rotate,
    }
}

fn quota(quota: &Value) -> Option<MeQuota> {
    Some(MeQuota {
        requests: quota["requests"].as_u64()?,
        left: quota["left"].as_u64()?,
        per_second: quota["perSecond"].as_f64()?,
    })
}

fn layer(context: &Context, layer: &Value) -> MeLayer {
    let id = text(&layer["id"]).unwrap_or_default();
    let actions = ["discover", "tiles", "items", "export"].into_iter();
    let actions = actions.filter_map(|name| Some((name, layer["actions"].get(name)?)));
    MeLayer {
        href: context.base.path(Route::Collection(&id), &[]),
        actions: actions
            .map(|(name, action)| MeAction {
                name: name.to_owned(),
                shows: text(&action["shows"]).unwrap_or_default(),
                until: text(&action["until"]),
            })
            .collect(),
        id,
    }
}

fn terms(terms: &Value) -> MeTerms {
    MeTerms {
        name: format!(
            "{}@{}",
            terms["id"].as_str().unwrap_or_default(),
            terms["version"]
        ),
        title: text(&terms["title"]),
        href: text(&terms["href"]),
        accepted: terms["accepted"] == true,
        accept: text(&terms["accept"]),
        layers: list(&terms["layers"]).filter_map(text).collect(),
    }
}

fn request(request: &Value) -> MeRequest {
    MeRequest {
        layer: text(&request["layer"]).unwrap_or_default(),
        purpose: text(&request["purpose"]).unwrap_or_default(),
        until: text(&request["until"]).unwrap_or_default(),
        state: text(&request["state"]).unwrap_or_default(),
        reason: text(&request["reason"]),
    }
}
