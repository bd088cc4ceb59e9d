//! Pictures of goods: made small, named by what they show, refused when they are none.

use std::io::Cursor;

use axum::body::Body;
use axum::http::{Request, header};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use crate::harness::{Answer, TestApp};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";

pub(crate) fn photo() -> Vec<u8> {
    let pixels = RgbImage::from_fn(1600, 800, |x, _| Rgb([(x % 256) as u8, 40, 90]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(pixels)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

pub(crate) async fn put(shop: &TestApp, token: &str, id: i64, bytes: Vec<u8>) -> Answer {
    let request = Request::builder()
        .method("PUT")
        .uri(format!("/api/v1/products/{id}/picture"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "image/png")
        .body(Body::from(bytes))
        .unwrap();
    shop.send(request).await
}

on_both_dbs!(
    a_picture_is_kept_small_and_served_for_good,
    async |shop: &TestApp| {
        let id = shop.product(COLA, 300, 0).await;
        let product = put(shop, &shop.manager, id, photo()).await.expect(200);
        let name = product["picture"].as_str().unwrap().to_owned();
        for (query, size) in [("", (1200, 600)), ("?size=thumb", (240, 120))] {
            let path = format!("/api/v1/pictures/{name}{query}");
            let answer = shop.get(&shop.cashier, &path).await;
            let picture = image::load_from_memory(&answer.bytes).unwrap();
            assert_eq!((picture.width(), picture.height()), size);
            assert_eq!(answer.headers[header::CONTENT_TYPE], "image/jpeg");
            assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            let cache = answer.headers[header::CACHE_CONTROL].to_str().unwrap();
            assert!(cache.contains("immutable"), "{cache}");
        }
        let thumb = name.replace('.', "-thumb.");
        let path = format!("/api/v1/pictures/{thumb}");
        assert_eq!(shop.get(&shop.cashier, &path).await.status.as_u16(), 200);
        assert_eq!(shop.get("", &path).await.status.as_u16(), 401);

        let other = shop.product("6900000000014", 300, 0).await;
        let again = put(shop, &shop.manager, other, photo()).await.expect(200);
        assert_eq!(again["picture"], name.as_str());

        let path = format!("/api/v1/products/{id}/picture");
        shop.delete(&shop.manager, &path).await.expect(204);
        let path = format!("/api/v1/products/{id}");
        let product = shop.get(&shop.cashier, &path).await.expect(200);
        assert!(product["picture"].is_null());
    }
);

on_both_dbs!(what_is_no_picture_is_refused, async |shop: &TestApp| {
    let id = shop.product(COLA, 300, 0).await;
    let mut cut = photo();
    cut.truncate(100);
    for bytes in [Vec::new(), b"<svg onload='x'/>".to_vec(), cut] {
        let answer = put(shop, &shop.manager, id, bytes).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (422, "bad_picture")
        );
    }
    let large = put(shop, &shop.manager, id, vec![0; 9 * 1024 * 1024]).await;
    assert_eq!(
        (large.status.as_u16(), large.code()),
        (413, "body_too_large")
    );
    let middling = put(shop, &shop.manager, id, vec![0; 2 * 1024 * 1024]).await;
    assert_eq!(middling.code(), "bad_picture");
    assert_eq!(put(shop, &shop.cashier, id, photo()).await.code(), "denied");
    assert_eq!(
        put(shop, &shop.manager, 999, photo()).await.code(),
        "not_found"
    );
    for name in ["aisle.db", "..%2Faisle.db", "0123.jpg"] {
        let path = format!("/api/v1/pictures/{name}");
        assert_eq!(shop.get(&shop.cashier, &path).await.code(), "not_found");
    }
});
