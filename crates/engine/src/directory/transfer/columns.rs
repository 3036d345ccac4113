//! The columns of the two tables, in their order. `docs/guide/directory.md` describes them to people.

use deskbell_domain::directory::{PhoneLine, ServiceCentre};

use super::cell::Shape;

/// A column and the field that it holds.
pub(super) struct Column {
    pub(super) name: &'static str,
    /// `rules/capacity` lies in the object `rules`.
    pub(super) field: &'static str,
    pub(super) shape: Shape,
}

const fn column(name: &'static str, field: &'static str, shape: Shape) -> Column {
    Column { name, field, shape }
}

const fn text(name: &'static str) -> Column {
    column(name, name, Shape::Text)
}

/// Where the key stands in the desk that a file comes from.
pub(super) const KEY: &str = "key";
/// The hours, beside the columns of the table: zone, seven days, and the rest of the calendar as JSON.
pub(super) const TIME_ZONE: &str = "time_zone";
pub(super) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
pub(super) const CALENDAR_REST: &str = "calendar_rest";

/// A directory that is a table.
pub(super) trait Table {
    const COLUMNS: &'static [Column];
    /// One of these tells which entry a row is.
    const NAMING: &'static [&'static str];
    /// What two rows must not have both.
    const LIKENESS_COLUMN: &'static str;
    const KIND_NAME: &'static str;

    /// An entry in which nothing is said yet.
    fn empty() -> Self;

    /// The column that holds a field.
    #[must_use]
    fn column_of(field: &str) -> String {
        let found = Self::COLUMNS.iter().find(|column| column.field == field);
        found.map_or_else(|| field.to_owned(), |column| column.name.to_owned())
    }
}

impl Table for PhoneLine {
    const COLUMNS: &'static [Column] = &[
        column("id", "remote_id", Shape::Text),
        column("tier", "tier", Shape::Whole),
        text("name_zh"),
        text("name_en"),
        text("number"),
        text("purpose_zh"),
        text("purpose_en"),
        text("vendor"),
        column("languages", "languages", Shape::List),
        column("dialects", "dialects", Shape::List),
        text("contract"),
        column("for_outage", "for_outage", Shape::YesNo),
        text("hours"),
        text("ivr_zh"),
        text("ivr_en"),
        column("ivr_path", "ivr_path", Shape::Lines(&[("key", false), ("label_zh", false), ("label_en", false)])),
        column("checklist", "checklist", Shape::Lines(&[("text_zh", false), ("text_en", false)])),
        text("source"),
        text("verified_on"),
    ];
    const NAMING: &'static [&'static str] = &["key", "id", "number"];
    const LIKENESS_COLUMN: &'static str = "number";
    const KIND_NAME: &'static str = "line";

    fn empty() -> Self {
        Self { tier: 1, ..Self::default() }
    }
}

impl Table for ServiceCentre {
    const COLUMNS: &'static [Column] = &[
        column("id", "remote_id", Shape::Text),
        text("city_zh"),
        text("city_en"),
        text("country"),
        text("address"),
        column("latitude", "latitude", Shape::Decimal),
        column("longitude", "longitude", Shape::Decimal),
        column("services", "services", Shape::List),
        text("hours"),
        column("contacts", "contacts", Shape::Lines(&[("name", false), ("role", false), ("phone", false), ("email", false)])),
        column("engineers", "engineers", Shape::Lines(&[("id", false), ("name", false), ("skills", true), ("languages", true)])),
        column("slot_minutes", "rules/slot_minutes", Shape::Whole),
        column("capacity", "rules/capacity", Shape::Whole),
        column("buffer_before_min", "rules/buffer_before_min", Shape::Whole),
        column("buffer_after_min", "rules/buffer_after_min", Shape::Whole),
        column("notice_min", "rules/notice_min", Shape::Whole),
        column("horizon_days", "rules/horizon_days", Shape::Whole),
        column("travel_radius_km", "rules/travel_radius_km", Shape::Whole),
        column("cancel_cutoff_min", "rules/cancel_cutoff_min", Shape::Whole),
        text("source"),
        text("verified_on"),
    ];
    const NAMING: &'static [&'static str] = &["key", "id", "city_zh", "city_en"];
    const LIKENESS_COLUMN: &'static str = "city_zh";
    const KIND_NAME: &'static str = "centre";

    fn empty() -> Self {
        Self::default()
    }
}
