"""wechatpayv3 as merchant: every call, both ways to know the platform's key, notifications, and wrong keys."""

import gzip
import hashlib
import json

from wechatpayv3 import WeChatPay, WeChatPayType, core

from gateway import Gateway


def bare(pem: str) -> str:
    return "".join(line for line in pem.splitlines() if "-----" not in line)


def merchant(gateway: Gateway, key: str, platform: str | None) -> WeChatPay:
    """A merchant who verifies by public key, or by certificate when `platform` is None."""
    settings = gateway.settings("wechat")
    wanted = core.Core._init_certificates
    # The certificates are fetched while the client is made: it must know where by then.
    core.Core._init_certificates = lambda self: (setattr(self, "_gate_way", gateway.url), wanted(self))
    try:
        client = WeChatPay(
            wechatpay_type=WeChatPayType.NATIVE,
            mchid=settings["mchid"],
            private_key=bare(key),
            cert_serial_no=settings["serial_no"],
            apiv3_key=settings["apiv3_key"],
            appid=settings["appid"],
            notify_url=gateway.notify_url,
            public_key=platform,
            public_key_id=settings["public_key_id"] if platform else None,
            timeout=(5, 5),
        )
    finally:
        core.Core._init_certificates = wanted
    client._core._gate_way = gateway.url
    return client


def ok(answer: tuple, status: int = 200) -> dict:
    code, text = answer
    assert code == status, (code, text)
    return json.loads(text) if text else {}


def pay_code(client: WeChatPay, number: str, code: str, fen: int = 100) -> tuple:
    return client.pay(
        description="牛奶 A&B",
        out_trade_no=number,
        amount={"total": fen},
        payer={"auth_code": code},
        scene_info={"store_info": {"out_id": "S1"}},
        pay_type=WeChatPayType.CODEPAY,
    )


def refund(client: WeChatPay, number: str, refund_number: str, fen: int) -> dict:
    amount = {"refund": fen, "total": 100, "currency": "CNY"}
    return ok(client.refund(out_refund_no=refund_number, out_trade_no=number, amount=amount, notify_url=client._notify_url))


def drive(gateway: Gateway) -> None:
    own, platform = gateway.file("wechat/mch_key.pem"), gateway.file("wechat/platform_pub.pem")
    for index, client in enumerate([merchant(gateway, own, platform), merchant(gateway, own, None)]):
        calls(gateway, client, f"PY{index}")
    wrong_keys(gateway, own)


def calls(gateway: Gateway, client: WeChatPay, prefix: str) -> None:
    by_code, waiting, picture, closed = (f"{prefix}0000{n}" for n in range(4))
    paid = ok(pay_code(client, by_code, f"13006109882800{prefix[2]}001"))
    assert paid["trade_state"] == "SUCCESS" and paid["amount"]["total"] == 100, paid
    assert ok(client.query(transaction_id=paid["transaction_id"]))["out_trade_no"] == by_code

    gateway.tell("scenario", {"match": {"out_trade_no": waiting}, "scenario": "user_paying_forever"})
    code, text = pay_code(client, waiting, f"13006109882800{prefix[2]}002")
    assert json.loads(text)["code"] == "USERPAYING", (code, text)
    gateway.tell("clock", {"advance_s": 15})
    ok(client.codepay_reverse(out_trade_no=waiting))
    assert ok(client.query(out_trade_no=waiting))["trade_state"] == "REVOKED"

    assert ok(client.pay(description="测试", out_trade_no=picture, amount={"total": 100}))["code_url"]
    gateway.pay(picture)
    assert ok(client.query(out_trade_no=picture))["trade_state"] == "SUCCESS"
    ok(client.pay(description="测试", out_trade_no=closed, amount={"total": 100}))
    ok(client.close(out_trade_no=closed), 204)

    headers, body = gateway.next_notice()
    event = client.callback(headers, body)
    assert event["event_type"] == "TRANSACTION.SUCCESS" and event["resource"]["out_trade_no"] == picture, event
    assert client.callback(headers, body.replace("TRANSACTION.SUCCESS", "TRANSACTION.SUCCESs")) is None

    number = f"{prefix}R1"
    assert refund(client, picture, number, 40)["status"] == "SUCCESS"
    assert ok(client.query_refund(out_refund_no=number))["amount"]["refund"] == 40
    event = client.callback(*gateway.next_notice())
    assert event["event_type"] == "REFUND.SUCCESS" and event["resource"]["out_refund_no"] == number, event

    day = gateway.to_next_morning()
    for fetch in (client.trade_bill, client.fundflow_bill):
        said = ok(fetch(bill_date=day))
        code, packed = client.download_bill(said["download_url"])
        text = gzip.decompress(packed)
        assert code == 200 and hashlib.sha1(text).hexdigest() == said["hash_value"]
        assert by_code in text.decode("utf-8-sig")


def wrong_keys(gateway: Gateway, own: str) -> None:
    """What proves that the calls above would have failed."""
    platform = gateway.file("wechat/platform_pub.pem")
    stranger = merchant(gateway, gateway.file("alipay/app_key.pem"), platform)
    code, text = stranger.query(out_trade_no="PY000000")
    assert code == 401 and json.loads(text)["code"] == "SIGN_ERROR", (code, text)
    deceived = merchant(gateway, own, gateway.file("alipay/alipay_pub.pem"))
    try:
        deceived.query(out_trade_no="PY000000")
    except Exception as error:
        assert "signature" in str(error), error
    else:
        raise AssertionError("an answer with the wrong key was believed")
