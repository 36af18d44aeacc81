//! What the API's document says of the API as a whole.

use super::{
    super::{problem::ApiProblem, rest::described::faults},
    refusals,
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        RefOr, Schema,
        schema::ArrayItems,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

/// The document without the routes.
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Takes the format from the integers of lists in queries, for which Swagger UI has no field.
pub fn simplify(document: &mut utoipa::openapi::OpenApi) {
    let operations = document.paths.paths.values_mut().flat_map(|item| item.get.iter_mut());
    let parameters = operations.flat_map(|operation| operation.parameters.iter_mut().flatten());
    for parameter in parameters {
        let RefOr::T(parameter) = parameter else { continue };
        if let Some(RefOr::T(Schema::Array(list))) = &mut parameter.schema
            && let ArrayItems::RefOrSchema(items) = &mut list.items
            && let RefOr::T(Schema::Object(item)) = &mut **items
            && item.enum_values.is_none()
        {
            item.format = None;
        }
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Offhook", description = include_str!("about.md")),
    tags(
        (name = "events", description = "Telling Offhook what happened, and looking it up"),
        (name = "deliveries", description = "What came of it: the log"),
        (name = "replays", description = "Jobs that make deliveries anew"),
        (name = "queues", description = "Where events come from"),
        (name = "hooks", description = "What is run when, and how"),
        (name = "flows", description = "What flows have beside their steps"),
        (name = "destinations", description = "The servers that flows call, and what is set for them"),
        (name = "lists", description = "Lists of numbers, which flows ask and fill"),
        (name = "calendars", description = "When it is working time"),
        (name = "cache", description = "What flows keep for later runs"),
        (name = "variables", description = "What all flows share"),
        (name = "secrets", description = "What flows send and nobody sees again"),
        (name = "mail profiles", description = "The servers by which flows send mail"),
        (name = "overview", description = "How the installation fares"),
        (name = "catalog", description = "What can happen in which queue"),
        (name = "call center queues", description = "Managing queues, in Webitel's shapes"),
        (name = "queue hooks", description = "Managing a queue's hooks, in Webitel's shapes"),
        (name = "routing schemas", description = "Managing flows, in Webitel's shapes"),
        (name = "health", description = "For whoever watches the process"),
    ),
    security(("token" = [])),
    components(schemas(ApiProblem)),
    modifiers(&Common),
)]
struct Document;

/// What routes share: how a caller shows its token, and the errors.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token from the panel's page Tokens, or from `offhook token add`."))
            .build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let header = ApiKeyValue::with_description(
            "X-Webitel-Access",
            "The same token, bare: as tools made for Webitel send it.",
        );
        components.add_security_scheme("webitel", SecurityScheme::ApiKey(ApiKey::Header(header)));
        for (name, response) in refusals::all().chain(faults::all()) {
            components.responses.insert(name.into(), response.into());
        }
    }
}
