//! What tickets can be filed under: embedded data, and the people of the demo.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use crate::error::HubError;
use crate::problem::Problem;
use crate::server::Shared;
use crate::store::read;
use crate::wire::{Catalogue, CatalogueCustomer, CatalogueField, Product};

const CATALOGUE: &str = include_str!("../data/catalogue.json");

/// What does not change while the server runs.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Known {
    pub(crate) products: Vec<Product>,
    pub(crate) custom_fields: Vec<CatalogueField>,
    #[serde(default)]
    pub(crate) assignees: Vec<String>,
}

impl Known {
    /// The embedded catalogue; `display_name` works here too.
    pub(crate) fn read(display_name: &str) -> Result<Self, HubError> {
        let mut known: Self = serde_json::from_str(CATALOGUE)?;
        known.assignees = crate::demo::agents()?;
        if !known.assignees.iter().any(|name| name == display_name) {
            known.assignees.push(display_name.to_owned());
        }
        Ok(known)
    }

    pub(crate) fn product_of(&self, category: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.categories.iter().any(|known| known.id == category))
    }
}

/// What new tickets can be filed under, the custom fields, who takes tickets, and whom they can be opened for.
#[utoipa::path(get, path = "/catalogue", responses((status = 200, body = Catalogue)))]
pub(crate) async fn catalogue(State(shared): State<Shared>) -> Result<Json<Catalogue>, Problem> {
    let customers = shared.store.run(|tx| Ok::<_, Problem>(read::customers(tx)?)).await?;
    let known = &shared.catalogue;
    Ok(Json(Catalogue {
        products: known.products.clone(),
        custom_fields: known.custom_fields.clone(),
        assignees: known.assignees.clone(),
        customers: customers.into_iter().map(|customer| CatalogueCustomer { id: customer.id, name: customer.name }).collect(),
    }))
}
