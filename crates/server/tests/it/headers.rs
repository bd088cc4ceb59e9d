//! What answers tell browsers: asked of every documented call, and of pages and their files.

use std::path::Path;

use axum::http::HeaderMap;
use serde_json::json;

use crate::catalog::pictures;
use crate::harness::{TestApp, request};
use crate::identity::matrix::calls;
use crate::on_both_dbs;

const TOLD: [&str; 8] = [
    "cache-control",
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
];

fn told(headers: &HeaderMap) -> String {
    let line = |name: &&str| {
        let value = headers.get(*name).map(|value| value.to_str().unwrap());
        format!("{name}: {}", value.unwrap_or("–"))
    };
    TOLD.iter().map(line).collect::<Vec<_>>().join("\n")
}

async fn of(shop: &TestApp, token: &str, path: &str) -> String {
    told(&shop.headers_of(request("GET", token, path, None)).await)
}

on_both_dbs!(
    every_documented_call_tells_browsers_the_same_whoever_asks,
    async |shop: &TestApp| {
        let wanted = of(shop, &shop.admin, "/api/v1/stores").await;
        insta::assert_snapshot!(wanted, @r"
        cache-control: no-store
        content-security-policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        cross-origin-opener-policy: same-origin
        cross-origin-resource-policy: same-origin
        permissions-policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()
        referrer-policy: same-origin
        x-content-type-options: nosniff
        x-frame-options: DENY
        ");
        let id = aisle_server::clock::new_uuid().to_string();
        let mut asked = 0;
        for call in calls() {
            // An event stream is not kept, but may be asked for again.
            if call.name() == "GET /api/v1/events" {
                let wanted = wanted.replace("no-store", "no-cache");
                assert_eq!(of(shop, &shop.admin, "/api/v1/events").await, wanted);
                continue;
            }
            let ends_the_session = call.name() == "DELETE /api/v1/sessions/current";
            let person = if ends_the_session {
                &shop.cashier
            } else {
                &shop.admin
            };
            for token in ["", &shop.till, person] {
                let body = (!call.method.is_safe()).then(|| json!({}));
                let asking = request(call.method.as_str(), token, &call.with(&id), body);
                let seen = told(&shop.headers_of(asking).await);
                assert_eq!(seen, wanted, "{}", call.name());
                asked += 1;
            }
        }
        assert!(asked > 200, "only {asked} answers were looked at");
        for path in ["/api/v1/nothing", "/api/openapi.json", "/livez", "/metrics"] {
            assert_eq!(of(shop, "", path).await, wanted, "{path}");
        }
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_and_their_files_run_no_script_but_their_own() {
    let shop = TestApp::on(aisle_db::Engine::Sqlite).await;
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    assert!(dist.join("admin.html").exists(), "build web/ first");
    let page = of(&shop, "", "/admin/").await;
    insta::assert_snapshot!(page, @r"
    cache-control: no-cache
    content-security-policy: default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'
    cross-origin-opener-policy: same-origin
    cross-origin-resource-policy: same-origin
    permissions-policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()
    referrer-policy: same-origin
    x-content-type-options: nosniff
    x-frame-options: DENY
    ");
    let pages = ["/admin/products", "/pos/", "/sw.js", "/till.webmanifest"];
    for path in pages {
        assert_eq!(of(&shop, "", path).await, page, "{path}");
    }
    let asset = page.replace("no-cache", "public, max-age=31536000, immutable");
    let assets = std::fs::read_dir(dist.join("assets")).unwrap();
    let mut seen = 0;
    for file in assets {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert_eq!(of(&shop, "", &format!("/assets/{name}")).await, asset);
        seen += 1;
    }
    assert!(seen > 20, "only {seen} files");
    let once = page.replace("no-cache", "no-store");
    for path in ["/", "/pos", "/api/docs", "/nothing/here"] {
        assert_eq!(of(&shop, "", path).await, once, "{path}");
    }
    for name in ["admin.html", "pos.html"] {
        let html = std::fs::read_to_string(dist.join(name)).unwrap();
        let inline = html.split("<script").skip(1).filter(|tag| {
            let (attributes, rest) = tag.split_once('>').unwrap();
            !attributes.contains("src=") || !rest.starts_with("</script>")
        });
        assert_eq!(inline.count(), 0, "{name} has a script of its own");
    }
    shop.finish().await;
}

on_both_dbs!(
    a_picture_may_be_kept_and_nothing_else_of_it_differs,
    async |shop: &TestApp| {
        let id = shop.product("6901234567892", 300, 1).await;
        let put = pictures::put(shop, &shop.manager, id, pictures::photo()).await;
        let product = put.expect(200);
        let path = format!("/api/v1/pictures/{}", product["picture"].as_str().unwrap());
        let picture = of(shop, &shop.till, &path).await;
        let data = of(shop, &shop.till, "/api/v1/stores").await;
        let kept = "private, max-age=31536000, immutable";
        assert_eq!(picture, data.replace("no-store", kept));
    }
);
