//! What tills do besides selling.

use aisle_server::clock::new_uuid;
use serde_json::json;
use tokio::io::AsyncReadExt;

use crate::harness::{TestApp, cash_sale};
use crate::on_both_dbs;

const COLA: &str = "6901234567892";

on_both_dbs!(
    a_held_basket_is_recalled_by_one_till_only,
    async |shop: &TestApp| {
        let cola = shop.product(COLA, 300, 10).await;
        let id = new_uuid();
        let body = json!({ "id": id, "note": "红衣服", "total_fen": 300, "lines": [{ "product_id": cola, "qty_milli": 1000 }] });
        shop.post(&shop.till, "/api/v1/held-baskets", body.clone())
            .await
            .expect(201);
        shop.post(&shop.till, "/api/v1/held-baskets", body)
            .await
            .expect(201);
        let list = shop
            .get(&shop.till, "/api/v1/held-baskets")
            .await
            .expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        let path = format!("/api/v1/held-baskets/{id}/recall");
        let recalls =
            futures_util::future::join_all((0..5).map(|_| shop.post(&shop.till, &path, json!({}))))
                .await;
        assert_eq!(
            recalls.iter().filter(|answer| answer.status == 200).count(),
            1
        );
        assert_eq!(
            recalls.iter().filter(|answer| answer.status == 404).count(),
            4
        );
    }
);

on_both_dbs!(
    a_receipt_is_printed_and_a_second_one_is_marked,
    async |shop: &TestApp| {
        shop.product(COLA, 300, 10).await;
        let printer = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = printer.local_addr().unwrap().to_string();
        let terminals = shop
            .get(&shop.manager, "/api/v1/terminals")
            .await
            .expect(200);
        let till = terminals["items"][0]["id"].as_i64().unwrap();
        let change = json!({ "printer": { "address": address, "width": 58 } });
        shop.patch(&shop.manager, &format!("/api/v1/terminals/{till}"), change)
            .await
            .expect(200);
        let id = new_uuid();
        shop.post(&shop.till, "/api/v1/orders", cash_sale(id, "pos", &[COLA]))
            .await
            .expect(201);
        let mut slips = Vec::new();
        for prints in 1..=2 {
            let path = format!("/api/v1/orders/{id}/print");
            let print = shop.post(&shop.till, &path, json!({ "open_drawer": prints == 1 }));
            let paper = async {
                let (mut socket, _) = printer.accept().await.unwrap();
                let mut bytes = Vec::new();
                socket.read_to_end(&mut bytes).await.unwrap();
                bytes
            };
            let (answer, bytes) = tokio::join!(print, paper);
            assert_eq!(answer.expect(200)["prints"], prints);
            slips.push(bytes);
        }
        let (kick, reprint) = (b"\x1bp\x00", "重打".as_bytes());
        let gbk = |text: &[u8]| {
            encoding_rs::GB18030
                .encode(std::str::from_utf8(text).unwrap())
                .0
                .into_owned()
        };
        let has = |slip: &[u8], part: &[u8]| slip.windows(part.len()).any(|window| window == part);
        assert!(has(&slips[0], kick) && !has(&slips[1], kick));
        assert!(!has(&slips[0], &gbk(reprint)) && has(&slips[1], &gbk(reprint)));
    }
);

on_both_dbs!(
    what_a_till_does_besides_selling_is_kept_once,
    async |shop: &TestApp| {
        let event = json!({ "id": new_uuid(), "kind": "void_line", "at": "2026-11-22T02:00:00Z", "detail": "可乐 x1" });
        for _ in 0..2 {
            let answer = shop
                .post(
                    &shop.till,
                    "/api/v1/till-events",
                    json!({ "items": [event] }),
                )
                .await;
            assert_eq!(answer.status, 202);
        }
        let kept = aisle_db::Sql::new("SELECT COUNT(*) FROM till_events")
            .number(shop.app.db.read_fresh())
            .await
            .unwrap();
        assert_eq!(kept, 1);
    }
);

on_both_dbs!(
    a_till_says_no_more_than_a_kind_has_room_for,
    async |shop: &TestApp| {
        let report = async |kind: &str, at: &str, detail: &str| {
            let event = json!({ "id": new_uuid(), "kind": kind, "at": at, "detail": detail });
            let body = json!({ "items": [event] });
            shop.at_till("POST", "/api/v1/till-events", body, None)
                .await
        };
        let now = "2026-11-22T02:00:00Z";
        for (kind, detail) in [
            ("drawer_open", "王店长 (manager)"),
            ("void_basket", "不是金额"),
            ("payment_attempt", "12.30 王店长"),
            ("reprint", "last"),
            ("lock", "午饭"),
            ("void_line", &"可".repeat(150)),
        ] {
            let refused = report(kind, now, detail).await;
            assert_eq!(
                (refused.status.as_u16(), refused.code()),
                (422, "invalid_request"),
                "{kind} {detail}"
            );
        }
        report("drawer_open", now, "").await.expect(202);
        report(
            "payment_attempt",
            "2031-01-01T00:00:00Z",
            "12.30 price_changed",
        )
        .await
        .expect(202);
        let list = shop
            .get(&shop.manager, "/api/v1/till-events")
            .await
            .expect(200);
        let items = list["items"].as_array().unwrap();
        let said: Vec<_> = items.iter().map(|row| &row["detail"]).collect();
        assert_eq!(said, ["12.30 price_changed", ""]);
        assert!(
            items
                .iter()
                .all(|row| row["at"] == "2026-11-22T02:00:00.000Z"),
            "what a till did lies behind: {items:?}"
        );
    }
);
