"""python-alipay-sdk as merchant: every call, notifications, and wrong keys."""

import io
import urllib.request
import zipfile
from urllib.parse import parse_qsl

from alipay import AliPay
from alipay.exceptions import AliPayValidationError
from alipay.utils import AliPayConfig

from gateway import Gateway


def merchant(gateway: Gateway, key: str, platform: str) -> AliPay:
    client = AliPay(
        appid=gateway.settings("alipay")["app_id"],
        app_notify_url=gateway.notify_url,
        app_private_key_string=key,
        alipay_public_key_string=platform,
        sign_type="RSA2",
        config=AliPayConfig(timeout=5),
    )
    client._gateway = f"{gateway.url}/gateway.do"
    return client


def ok(answer: dict, code: str = "10000") -> dict:
    assert answer["code"] == code, answer
    return answer


def pay_code(client: AliPay, number: str, code: str) -> dict:
    return client.api_alipay_trade_pay(
        out_trade_no=number, scene="bar_code", auth_code=code, subject="商品&=+/ 测试", total_amount="1.00"
    )


def notice(gateway: Gateway) -> tuple[dict[str, str], str]:
    form = dict(parse_qsl(gateway.next_notice()[1], keep_blank_values=True))
    return form, form.pop("sign")


def drive(gateway: Gateway) -> None:
    own, platform = gateway.file("alipay/app_key.pem"), gateway.file("alipay/alipay_pub.pem")
    client = merchant(gateway, own, platform)
    assert ok(pay_code(client, "PYALI01", "281234567890123401"))["total_amount"] == "1.00"
    form, sign = notice(gateway)
    assert form["trade_status"] == "TRADE_SUCCESS" and client.verify(dict(form), sign), form
    assert not client.verify({**form, "total_amount": "2.00"}, sign)

    gateway.tell("scenario", {"match": {"next": True}, "scenario": "user_paying_forever,reverse_recall:1"})
    ok(pay_code(client, "PYALI02", "281234567890123402"), "10003")
    assert ok(client.api_alipay_trade_cancel(out_trade_no="PYALI02"))["retry_flag"] == "Y"
    assert ok(client.api_alipay_trade_cancel(out_trade_no="PYALI02"))["action"] == "close"

    ok(client.api_alipay_trade_precreate(out_trade_no="PYALI03", subject="商品", total_amount="1.00"))
    absent = client.api_alipay_trade_query(out_trade_no="PYALI03")
    assert absent["sub_code"] == "ACQ.TRADE_NOT_EXIST", absent
    gateway.pay("PYALI03")
    assert ok(client.api_alipay_trade_query(out_trade_no="PYALI03"))["trade_status"] == "TRADE_SUCCESS"
    notice(gateway)

    back = client.api_alipay_trade_refund(out_trade_no="PYALI03", refund_amount="0.40", out_request_no="R1")
    assert ok(back)["fund_change"] == "Y", back
    form, sign = notice(gateway)
    assert form["refund_fee"] == "0.40" and client.verify(form, sign), form
    asked = client.api_alipay_trade_fastpay_refund_query("R1", out_trade_no="PYALI03")
    assert ok(asked)["refund_status"] == "REFUND_SUCCESS", asked
    bill(gateway, client)
    wrong_keys(gateway, own, platform)


def bill(gateway: Gateway, client: AliPay) -> None:
    day = gateway.to_next_morning()
    method = "alipay.data.dataservice.bill.downloadurl.query"
    said = ok(client.server_api(method, {"bill_type": "trade", "bill_date": day}))
    with urllib.request.urlopen(said["bill_download_url"], timeout=5) as answer:
        archive = zipfile.ZipFile(io.BytesIO(answer.read()))
    assert archive.testzip() is None
    # Without the mark for UTF-8 names are read as code page 437.
    names = {info.filename.encode("cp437").decode("gbk"): info for info in archive.infolist()}
    detail = next(info for name, info in names.items() if name.endswith("业务明细.csv"))
    text = archive.read(detail).decode("gbk")
    assert "PYALI01\t" in text and "#退款合计：1笔，商家实收退款共-0.40元" in text, text


def wrong_keys(gateway: Gateway, own: str, platform: str) -> None:
    stranger = merchant(gateway, gateway.file("wechat/mch_key.pem"), platform)
    refused = stranger.api_alipay_trade_query(out_trade_no="PYALI01")
    assert refused["sub_code"] == "isv.invalid-signature", refused
    deceived = merchant(gateway, own, gateway.file("wechat/platform_pub.pem"))
    try:
        deceived.api_alipay_trade_query(out_trade_no="PYALI01")
    except AliPayValidationError:
        return
    raise AssertionError("an answer with the wrong key was believed")
