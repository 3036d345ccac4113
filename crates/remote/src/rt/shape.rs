//! RT's JSON as it really comes: ids as text or number, absent things as empty text.

use std::fmt;

use deskbell_domain::UtcMs;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Text that RT may also send as number, null, or an object with an `id`, a `filename` or a `name`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Text(pub(super) String);

impl Text {
    pub(super) fn number(&self) -> Option<u64> {
        self.0.parse().ok()
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("text, a number or nothing")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> Result<Text, E> {
                Ok(Text(text))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }

            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Text, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Text, A::Error> {
                let mut found = Text::default();
                while let Some(name) = fields.next_key::<String>()? {
                    match name.as_str() {
                        "id" | "filename" | "name" => found = fields.next_value()?,
                        _ => drop(fields.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(found)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// A list that RT sends as empty text when there is nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Many<T>(pub(super) Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            List(Vec<T>),
            Nothing(IgnoredAny),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::List(list) => Self(list),
            Either::Nothing(_) => Self::default(),
        })
    }
}

/// A user or a queue with the sub-fields that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Entity {
    pub(super) id: Text,
    #[serde(rename = "Name")]
    pub(super) name: Text,
    #[serde(rename = "RealName")]
    pub(super) real_name: Text,
    #[serde(rename = "EmailAddress")]
    pub(super) email: Text,
}

impl Entity {
    /// RT's unique name; a user's `id` is that name too.
    pub(super) fn key(&self) -> &str {
        first_of([&self.name, &self.id])
    }

    pub(super) fn display_name(&self) -> &str {
        first_of([&self.real_name, &self.name, &self.id])
    }
}

fn first_of<const N: usize>(texts: [&Text; N]) -> &str {
    texts.into_iter().map(|text| text.0.trim()).find(|text| !text.is_empty()).unwrap_or_default()
}

/// An [`Entity`] that RT sends as empty text when we may not see it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Maybe(pub(super) Entity);

impl<'de> Deserialize<'de> for Maybe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Either {
            Known(Entity),
            Bare(Text),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Known(entity) => Self(entity),
            Either::Bare(id) => Self(Entity { id, ..Entity::default() }),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct CustomFieldRow {
    pub(super) id: Text,
    pub(super) name: Text,
    pub(super) values: Many<Text>,
}

impl CustomFieldRow {
    /// What is set: RT sends a value that was emptied as null.
    pub(super) fn set_values(&self) -> Vec<&str> {
        self.values.0.iter().map(|value| value.0.as_str()).filter(|value| !value.is_empty()).collect()
    }
}

/// A ticket of a search, or a record with the same names.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct TicketRow {
    #[serde(rename = "id")]
    pub(super) id: Text,
    pub(super) subject: Text,
    pub(super) status: Text,
    pub(super) priority: Text,
    pub(super) queue: Maybe,
    pub(super) owner: Maybe,
    pub(super) requestor: Many<Entity>,
    #[serde(rename = "SLA")]
    pub(super) sla: Text,
    pub(super) due: Text,
    pub(super) created: Text,
    pub(super) last_updated: Text,
    pub(super) custom_fields: Many<CustomFieldRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct TransactionRow {
    #[serde(rename = "id")]
    pub(super) id: Text,
    #[serde(rename = "Type")]
    pub(super) kind: Text,
    pub(super) object_id: Text,
    pub(super) creator: Maybe,
    pub(super) created: Text,
    pub(super) field: Text,
    pub(super) old_value: Text,
    pub(super) new_value: Text,
    pub(super) data: Text,
    pub(super) custom_fields: Many<CustomFieldRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct AttachmentRow {
    #[serde(rename = "id")]
    pub(super) id: Text,
    pub(super) transaction_id: Text,
    pub(super) subject: Text,
    pub(super) content_type: Text,
    pub(super) filename: Text,
    pub(super) content: Text,
    pub(super) content_length: Text,
}

/// A queue as its own record tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct QueueRow {
    #[serde(rename = "id")]
    pub(super) id: Text,
    pub(super) name: Text,
    pub(super) disabled: Text,
    pub(super) ticket_custom_fields: Many<CustomFieldRow>,
    pub(super) ticket_transaction_custom_fields: Many<CustomFieldRow>,
    #[serde(rename = "_hyperlinks")]
    pub(super) links: Many<Link>,
}

impl QueueRow {
    /// RT links to what we may do.
    pub(super) fn may_create(&self) -> bool {
        self.disabled.0 != "1" && self.links.0.iter().any(|link| link.kind.0 == "create")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Link {
    #[serde(rename = "ref")]
    pub(super) kind: Text,
}

/// What a custom field takes, where we may look at it.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct FieldRow {
    #[serde(rename = "Type")]
    pub(super) kind: Text,
    /// 0 is any number.
    pub(super) max_values: Text,
    /// Plain text, or objects with a name, by the version.
    pub(super) values: Many<Text>,
}

/// One page of any collection. `total` is null for people who may not see all.
#[derive(Debug, Clone, serde::Deserialize)]
pub(super) struct Collection<T> {
    #[serde(default)]
    pub(super) total: Option<u64>,
    pub(super) items: Vec<T>,
}

/// RT writes unset dates as the start of 1970.
pub(super) fn instant(text: &Text) -> Option<UtcMs> {
    UtcMs::parse_rfc3339(&text.0).ok().filter(|at| at.0 > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_rt_writes_them() {
        let json = r#"{"id":7,"Subject":"宕机","Status":"open","Priority":"20","Queue":"","Owner":{"id":"Nobody","type":"user","Name":"Nobody"},
            "Requestor":"","SLA":null,"Due":"1970-01-01T00:00:00Z","Created":"2026-04-05T06:55:12Z",
            "CustomFields":[{"id":"2","name":"Severity","values":["High",3]},{"name":"Shot","values":[{"content_type":"image/png","filename":"a.png"}]}]}"#;
        let row: TicketRow = serde_json::from_str(json).unwrap();
        assert_eq!((row.id.number(), row.priority.0.as_str(), row.owner.0.key()), (Some(7), "20", "Nobody"));
        assert_eq!((row.requestor.0.len(), row.queue.0.key()), (0, ""));
        assert_eq!((instant(&row.due), instant(&row.created)), (None, Some(UtcMs(1_775_372_112_000))));
        let values: Vec<&str> =
            row.custom_fields.0.iter().flat_map(|field| &field.values.0).map(|text| text.0.as_str()).collect();
        assert_eq!(values, ["High", "3", "a.png"]);
        let page: Collection<TicketRow> = serde_json::from_str(r#"{"total":null,"pages":0.0,"items":[{"id":"9"}]}"#).unwrap();
        assert_eq!((page.total, page.items[0].id.number()), (None, Some(9)));
    }
}
