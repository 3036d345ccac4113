//! Products and their categories.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use deskbell_domain::observation::{Catalogue, Category, CustomField, Observations};
use futures::{StreamExt, TryStreamExt, stream};

use super::AliyunApi;
use super::call::Call;
use super::observe::CATEGORY_FIELD;
use super::send::EMAIL_FIELD;
use super::shape::{self, Many, Product, ProductDirectory};
use crate::RemoteError;

impl AliyunApi {
    /// One question for the products and one for each of them.
    pub(super) async fn fetch_catalogue(&self) -> Result<Catalogue, RemoteError> {
        let directories: Many<ProductDirectory> = self.client.ask(&Call::list_products()).await?;
        let products: Vec<(String, Product)> = directories
            .data
            .into_iter()
            .flat_map(|directory| {
                let name = directory.directory_name.0;
                directory.product_list.into_iter().map(move |product| (name.clone(), product))
            })
            .collect();
        let asked = products.into_iter().map(|(directory, product)| async move {
            let found: Many<shape::Category> = self.client.ask(&Call::list_categories(product.product_id.as_str())).await?;
            let product = joined(&directory, product.product_name.as_str());
            let filed =
                |one: shape::Category| Category { id: one.category_id.0, name: one.category_name.0, product: product.clone() };
            Ok::<_, RemoteError>(found.data.into_iter().filter(|one| !one.category_id.as_str().is_empty()).map(filed).collect())
        });
        let side_by_side = self.client.http.limits().connections_max.max(1);
        let lists: Vec<Vec<Category>> = stream::iter(asked).buffered(side_by_side).try_collect().await?;
        let categories: Vec<Category> = lists.into_iter().flatten().collect();
        self.know_categories(&categories.iter().map(|one| (one.id.clone(), one.name.clone())).collect());
        let email = CustomField { name: EMAIL_FIELD.to_owned(), values: Vec::new() };
        Ok(Catalogue { categories, custom_fields: vec![email], ..Catalogue::default() })
    }

    pub(super) fn know_categories(&self, names: &BTreeMap<String, String>) {
        let mut known = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(names.iter().map(|(id, name)| (id.clone(), name.clone())));
    }

    /// Before the first pull, so that its tickets carry names. Without them they carry the categories' ids.
    pub(super) async fn learn_categories(&self) {
        if self.categories().is_empty()
            && let Err(error) = self.fetch_catalogue().await
        {
            tracing::warn!(code = error.code.as_str(), "The categories' names could not be fetched.");
        }
    }

    /// Keeps the names that the tickets carry, for after a restart.
    pub(super) fn keep_categories(&self, observations: &Observations, kept: &mut BTreeMap<String, String>) {
        let known = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let used = observations.tickets.iter().filter_map(|ticket| ticket.custom_fields.get(CATEGORY_FIELD));
        for (id, name) in used.filter_map(|id| known.get_key_value(id)) {
            kept.insert(id.clone(), name.clone());
        }
    }
}

fn joined(directory: &str, product: &str) -> String {
    match (directory, product) {
        ("", name) | (name, "") => name.to_owned(),
        (directory, product) if directory == product => product.to_owned(),
        (directory, product) => format!("{directory} / {product}"),
    }
}
