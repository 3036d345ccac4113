//! What tickets can be filed under, and by whom they are worked on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Catalogue {
    pub products: Vec<Product>,
    pub custom_fields: Vec<CatalogueField>,
    /// Names that a ticket can be assigned to.
    pub assignees: Vec<String>,
    pub customers: Vec<CatalogueCustomer>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Product {
    pub id: String,
    pub name: String,
    /// What the product belongs to.
    pub directory: String,
    pub categories: Vec<Category>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Category {
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CatalogueField {
    pub name: String,
    /// What it is, for people.
    pub label_zh: String,
    pub label_en: String,
    /// The values to choose from; empty for free text.
    pub values: Vec<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CatalogueCustomer {
    pub id: String,
    pub name: String,
}
