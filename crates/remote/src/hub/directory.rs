//! Phone lines and centres as the hub writes them: under `id`, the rest as the domain has it.

use deskbell_domain::directory::{PhoneLine, ServiceCentre};
use serde::Deserialize;
use serde_json::Value;

use super::visits::known;

#[derive(Deserialize)]
pub(super) struct Directory {
    phone_lines: Vec<Value>,
    service_centres: Vec<Value>,
}

#[derive(Deserialize)]
pub(super) struct CentreList {
    centres: Vec<Value>,
}

impl Directory {
    pub(super) fn read(self) -> (Vec<PhoneLine>, Vec<ServiceCentre>) {
        let lines = self.phone_lines.into_iter().map(named).collect();
        (known(lines, "phone line"), centres(self.service_centres))
    }
}

impl CentreList {
    pub(super) fn read(self) -> Vec<ServiceCentre> {
        centres(self.centres)
    }
}

fn centres(values: Vec<Value>) -> Vec<ServiceCentre> {
    known(values.into_iter().map(named).collect(), "service centre")
}

/// The server's `id` is our `remote_id`.
fn named(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut()
        && let Some(id) = fields.remove("id")
    {
        fields.insert("remote_id".to_owned(), id);
    }
    value
}
