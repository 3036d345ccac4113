//! The routes, declared once: the router and the OpenAPI document come from the same list.

mod checks;
mod files;
mod guard;
mod lifecycle;
mod reads;
mod slots;
mod visits;
mod writes;

use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::Shared;
use crate::{catalogue, directory};

pub use checks::{COMMENT_CHARS_MAX, FIELD_CHARS_MAX, SUBJECT_CHARS_MAX, TAG_CHARS_MAX, TAGS_MAX};
pub use files::FILE_NAME_CHARS_MAX;
pub use guard::RateLimit;
pub use reads::{CHANGE_PAGE_DEFAULT, TICKET_PAGE_DEFAULT};
pub use slots::{HOLD_TTL_MS, HOLDS_MAX};
pub use visits::VISIT_PAGE_MAX;
pub use writes::KEY_CHARS_MAX;

pub(crate) use files::file_body;
pub(crate) use guard::RateWindow;

/// Longest request body in bytes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Deskbell hub",
        version = "1.0.0",
        description = "The reference support API: tickets, conversations, a change feed without gaps, and writes that can be \
                       repeated safely. Instants are UTC milliseconds. Errors are RFC 9457 problem documents with a stable code."
    ),
    security(("bearer" = [])),
    modifiers(&Bearer)
)]
struct Api;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut Document) {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        document.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}

fn routes() -> OpenApiRouter<Shared> {
    let versioned = OpenApiRouter::new()
        .routes(routes!(reads::me))
        .routes(routes!(reads::tickets, writes::create_ticket))
        .routes(routes!(reads::ticket, writes::patch_ticket))
        .routes(routes!(reads::notes, writes::add_note))
        .routes(routes!(reads::events))
        .routes(routes!(reads::changes))
        .routes(routes!(reads::operation))
        .routes(routes!(lifecycle::close))
        .routes(routes!(lifecycle::reopen))
        .routes(routes!(lifecycle::evaluate))
        .routes(routes!(files::begin_upload))
        .routes(routes!(files::upload, files::continue_upload))
        .routes(routes!(files::attachment))
        .routes(routes!(catalogue::catalogue))
        .routes(routes!(reads::customers))
        .routes(routes!(directory::directory))
        .routes(routes!(directory::centres))
        .routes(routes!(slots::slots))
        .routes(routes!(slots::hold))
        .routes(routes!(slots::release))
        .routes(routes!(visits::visits_page, visits::create_visit))
        .routes(routes!(visits::visit, visits::patch_visit));
    OpenApiRouter::with_openapi(Api::openapi()).nest("/api/v1", versioned)
}

/// The OpenAPI 3.1 document of this server.
#[must_use]
pub fn openapi() -> Document {
    routes().split_for_parts().1
}

pub(crate) fn router(shared: Shared) -> Router {
    let (router, document) = routes().split_for_parts();
    router
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(shared.clone(), guard::guard))
        .route("/openapi.json", get(move || std::future::ready(Json(document.clone()))))
        .with_state(shared)
}
