//! The service's shapes, as far as they are read. Numbers come as numbers or as text, and `"null"` means nothing.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A text that may come as a number; null, `"null"` and anything else are empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Text(pub(super) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::String(text) if text != "null" => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            _ => String::new(),
        }))
    }
}

impl Text {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Milliseconds; zero for what is no number.
    pub(super) fn ms(&self) -> i64 {
        self.0.trim().parse().unwrap_or(0)
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Text::deserialize(deserializer).map(|text| text.0)
}

/// A missing list is an empty one.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Option::<Vec<T>>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Null is as good as absent.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match Text::deserialize(deserializer)?.0.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    })
}

/// Around every answer. The whole of it stands in `data` for those who read beside `Data`.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) success: Option<bool>,
    pub(super) code: String,
    pub(super) request_id: String,
    pub(super) data: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Head {
    #[serde(default, deserialize_with = "truth")]
    success: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    code: String,
    #[serde(default, deserialize_with = "text")]
    request_id: String,
}

impl<'de> Deserialize<'de> for Envelope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = Value::deserialize(deserializer)?;
        if !data.is_object() {
            return Err(serde::de::Error::custom("an answer is an object"));
        }
        let head = Head::deserialize(&data).map_err(serde::de::Error::custom)?;
        Ok(Self { success: head.success, code: head.code, request_id: head.request_id, data })
    }
}

/// An error of the gateway or the service.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Refusal {
    #[serde(deserialize_with = "text")]
    pub(super) code: String,
    #[serde(deserialize_with = "text")]
    pub(super) request_id: String,
}

/// Answers that hold nothing but success.
#[derive(Debug, Deserialize)]
pub(super) struct Done {}

/// Answers whose Data is an id.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Id {
    #[serde(default)]
    pub(super) data: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TicketPage {
    #[serde(default)]
    pub(super) total_count: Text,
    #[serde(default, deserialize_with = "list")]
    pub(super) data: Vec<TicketRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TicketRow {
    #[serde(deserialize_with = "text")]
    pub(super) ticket_id: String,
    #[serde(default)]
    pub(super) title: Text,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) status: Labelled,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Labelled {
    pub(super) label: Text,
    pub(super) value: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct One<T> {
    pub(super) data: T,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Many<T> {
    #[serde(default = "Vec::new", deserialize_with = "list", bound(deserialize = "T: Deserialize<'de>"))]
    pub(super) data: Vec<T>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Ticket {
    pub(super) ticket_id: Text,
    pub(super) title: Text,
    pub(super) description: Text,
    pub(super) create_time: Text,
    pub(super) creator_id: Text,
    pub(super) creator_name: Text,
    pub(super) category_id: Text,
    #[serde(deserialize_with = "or_default")]
    pub(super) status: Labelled,
    #[serde(deserialize_with = "or_default")]
    pub(super) severity: Labelled,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Note {
    pub(super) dialog_id: Text,
    pub(super) create_time: Text,
    pub(super) tip: Text,
    #[serde(deserialize_with = "or_default")]
    pub(super) dialog: Dialog,
    #[serde(deserialize_with = "or_default")]
    pub(super) user: User,
    #[serde(deserialize_with = "list")]
    pub(super) attachments: Vec<Attachment>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Dialog {
    pub(super) content: Text,
    pub(super) schema: Schema,
}

/// A card: JSON as a text, or as it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Schema(pub(super) Value);

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = Value::deserialize(deserializer)?;
        Ok(Self(match found {
            Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            other => other,
        }))
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct User {
    pub(super) name: Text,
    pub(super) role: Text,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Attachment {
    pub(super) name: Text,
    pub(super) url: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ProductDirectory {
    #[serde(default)]
    pub(super) directory_name: Text,
    #[serde(default, deserialize_with = "list")]
    pub(super) product_list: Vec<Product>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Product {
    pub(super) product_id: Text,
    #[serde(default)]
    pub(super) product_name: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Category {
    pub(super) category_id: Text,
    #[serde(default)]
    pub(super) category_name: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UploadPlace {
    pub(super) object_key: Text,
    pub(super) put_signed_url: Text,
}
