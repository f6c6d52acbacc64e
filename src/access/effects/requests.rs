//! Requests for access, and what becomes of them.

use std::collections::BTreeSet;

use super::{Done, Rules, faulty};
use crate::access::change::{Decision, Name, Record};
use crate::access::entry::Entry;
use crate::access::policy::{Grant, Subject};
use crate::access::request::{AccessRequest, RequestState};
use crate::access::store::{ChangeRefusal, StoreError};

/// Open requests of one organisation: more are noise for whoever decides.
const OPEN_REQUESTS_MAX: usize = 50;

impl Rules<'_> {
    pub(super) fn request(&mut self, mut request: AccessRequest) -> Done {
        if request.id.is_empty() {
            request.id = (self.fresh)("r");
        }
        let organisation = Name::Organisation(request.organisation.clone());
        self.needs(&organisation)?;
        self.needs_layer(&request.layer)?;
        request.asked_us = self.author.at_us;
        if request.state != RequestState::Open
            || request.decided_by.is_some()
            || request.grant.is_some()
            || request.reason.is_some()
        {
            return faulty("une demande nouvelle est ouverte", "a new request is open");
        }
        let others = self.look.referring(&organisation)?;
        let open = others.iter().filter_map(|entry| match entry {
            Entry::Request(request) => (request.state == RequestState::Open).then_some(request),
            _ => None,
        });
        let open: Vec<&AccessRequest> = open.collect();
        if let Some(same) = open.iter().find(|r| r.layer == request.layer) {
            return Err(ChangeRefusal::AskedAlready(same.id.clone()).into());
        }
        if open.len() >= OPEN_REQUESTS_MAX {
            return faulty(
                format!("{OPEN_REQUESTS_MAX} demandes attendent déjà une réponse"),
                format!("{OPEN_REQUESTS_MAX} requests wait for an answer already"),
            );
        }
        self.first(Entry::Request(request))
    }

    pub(super) fn closed(&self, request: &AccessRequest, state: RequestState) -> AccessRequest {
        AccessRequest {
            state,
            decided_by: Some(self.author.name.to_owned()),
            ..request.clone()
        }
    }

    pub(super) fn decide(&mut self, id: &str, decision: &Decision) -> Done {
        let name = Name::Request(id.to_owned());
        let before = self.live(&name)?;
        let Entry::Request(request) = &before else {
            return Err(StoreError::Unknown(name));
        };
        if request.state != RequestState::Open {
            return Err(StoreError::Already(format!("{name} is {}", request.state)));
        }
        let after = match decision {
            Decision::Approve(grant) => AccessRequest {
                grant: Some(self.approve(request, grant)?),
                ..self.closed(request, RequestState::Approved)
            },
            Decision::Refuse { reason } => AccessRequest {
                reason: Some(reason.clone()),
                ..self.closed(request, RequestState::Refused)
            },
            Decision::Withdraw => self.closed(request, RequestState::Withdrawn),
        };
        let after = Entry::Request(after);
        after.check()?;
        self.effect(name, Some(before), Some(after));
        Ok(())
    }

    /// Makes the grant that answers a request; gives its id.
    pub(super) fn approve(
        &mut self,
        request: &AccessRequest,
        grant: &Grant,
    ) -> Result<String, StoreError> {
        let asked = Subject::Organisation(request.organisation.clone());
        if grant.subject != asked || grant.layers != BTreeSet::from([request.layer.clone()]) {
            return faulty(
                "on répond à une demande par une autorisation pour qui demande, sur la couche demandée",
                "a request is answered with a grant for who asked, on the layer that was asked for",
            );
        }
        if grant.until_us.is_none_or(|until| until > request.until_us) {
            let asked = jiff::Timestamp::from_microsecond(request.until_us);
            let asked = asked.map_or_else(|_| String::new(), |at| format!("{at:.0}"));
            return faulty(
                format!(
                    "l’accès est demandé jusqu’au {asked} : l’autorisation qui y répond finit, et pas après"
                ),
                format!(
                    "access is asked for until {asked}: the grant that answers it ends, and no later"
                ),
            );
        }
        let mut grant = grant.clone();
        if grant.id.is_empty() {
            grant.id = (self.fresh)("g");
        }
        let id = grant.id.clone();
        self.create(Record::Grant(grant))?;
        Ok(id)
    }
}
