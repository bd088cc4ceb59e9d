//! The OpenAPI document: what the handlers say of themselves, and what is true of every call.
//!
//! Promises: every call says how it fails and by which token it knows who asks; a call that asks nobody
//! says so in its own attributes.

use utoipa::OpenApi as _;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, OpenApi, Ref, ResponseBuilder};

/// The response that stands for every unhappy end.
const PROBLEM: &str = "Problem";

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "Aisle",
    description = "Runs a supermarket.",
    license(name = "Apache-2.0")
))]
struct Document;

/// The document without any call.
pub(crate) fn base() -> OpenApi {
    Document::openapi()
}

/// Adds what is true of every call.
pub(crate) fn completed(mut document: OpenApi) -> OpenApi {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let problem = Ref::from_response_name(PROBLEM).into();
        operation
            .responses
            .responses
            .insert("default".to_owned(), problem);
    }
    let components = document.components.get_or_insert_with(Components::new);
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(PROBLEM)))
        .build();
    let problem = ResponseBuilder::new()
        .description("Why the call was refused or failed.")
        .content("application/problem+json", content)
        .build();
    components
        .responses
        .insert(PROBLEM.to_owned(), problem.into());
    let tokens = tokens();
    let either = tokens
        .iter()
        .map(|(name, _)| SecurityRequirement::new(*name, Vec::<String>::new()));
    document.security = Some(either.collect());
    components.add_security_schemes_from_iter(tokens);
    document
}

/// What carries a token; one of them is enough, and a device beside a person is both.
fn tokens() -> [(&'static str, SecurityScheme); 4] {
    let cookie = |name: &str, said: &str| {
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(name, said)))
    };
    [
        (
            "bearer",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .description(Some("The token of a session or of a device."))
                    .build(),
            ),
        ),
        (
            "device",
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
                "X-Aisle-Terminal",
                "The token of a device, alone or beside the session of the person at it.",
            ))),
        ),
        ("cookie", cookie("__Host-aisle", "A browser's session.")),
        (
            "plain_cookie",
            cookie(
                "aisle",
                "The same in a shop's own network without a certificate.",
            ),
        ),
    ]
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    fn calls() -> Vec<(String, Value)> {
        let document = serde_json::to_value(crate::router::openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap().clone();
        let of = |(path, methods): (String, Value)| {
            let methods = methods.as_object().unwrap().clone();
            methods
                .into_iter()
                .map(move |(method, call)| (format!("{method} {path}"), call))
                .collect::<Vec<_>>()
        };
        paths.into_iter().flat_map(of).collect()
    }

    #[test]
    fn every_call_says_how_it_fails() {
        let calls = calls();
        assert!(calls.len() > 60, "the document is not read any more");
        for (name, call) in calls {
            let expected = json!({ "$ref": "#/components/responses/Problem" });
            assert_eq!(call["responses"]["default"], expected, "{name}");
        }
    }

    #[test]
    fn only_signing_in_becoming_a_till_reports_and_receipts_ask_nobody() {
        let open: Vec<String> = calls()
            .into_iter()
            .filter(|(_, call)| call["security"] == json!([{}]))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(
            open,
            [
                "post /api/v1/enrolments",
                "post /api/v1/payment-notices/{place}",
                "get /api/v1/receipts/{token}",
                "post /api/v1/sessions",
                "post /api/v1/sessions/pin",
                "get /api/v1/sign-in-hints",
                "post /api/v1/terminals/challenges",
                "post /api/v1/terminals/token"
            ]
        );
    }
}
