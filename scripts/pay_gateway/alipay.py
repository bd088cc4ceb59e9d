"""Alipay's side of each call: recomputes what our client signed and signs what it answers."""

import base64
import io
import json
import re
import urllib.parse
import zipfile

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from wechat import Refused, expect

APP_ID = "2021000000000001"
SELLER_ID = "2088000000000001"
DETAIL = "#支付宝业务明细查询\r\n#账号：[20880000000000010156]\r\n支付宝交易号,商户订单号\r\n"


class Alipay:
    def __init__(self, merchant, gateway, signer) -> None:
        self.merchant, self.gateway, self.signer = merchant, gateway, signer

    def call(self, host: str, query: str, body: str):
        form = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        form |= dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
        try:
            self.check(form)
        except Refused as refused:
            node = {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature"}
            return 200, {}, json.dumps({"error_response": node | {"sub_msg": str(refused)}}).encode()
        node = {"code": "10000", "msg": "Success"} | self.answer(host, form)
        return 200, {}, self.signed(form, node)

    def check(self, form: dict) -> None:
        sign = base64.b64decode(form.pop("sign", ""))
        text = "&".join(f"{name}={form[name]}" for name in sorted(form) if form[name])
        try:
            self.merchant.key.public_key().verify(sign, text.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature as wrong:
            raise Refused("signature") from wrong
        common = {"app_id": APP_ID, "format": "JSON", "charset": "utf-8", "sign_type": "RSA2", "version": "1.0"}
        expect(all(form[name] == value for name, value in common.items()), "common parameters")
        expect(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", form["timestamp"]) is not None, "timestamp")
        if "app_cert_sn" in form:
            expect(form["app_cert_sn"] == self.merchant.alipay_sn, "app_cert_sn")
            expect(form["alipay_root_cert_sn"] == self.gateway.alipay_sn, "alipay_root_cert_sn")

    def signed(self, form: dict, node: dict) -> bytes:
        # Blanks and escapes: whoever reads and writes it again has another text.
        text = json.dumps(node, separators=(" , ", " : ")).replace("/", "\\/")
        sign = self.sign(text)
        name = form["method"].replace(".", "_") + "_response"
        serial = f',"alipay_cert_sn":"{self.gateway.alipay_sn}"' if "app_cert_sn" in form else ""
        return f'{{"{name}": {text}{serial},"sign":"{sign}"}}'.encode()

    def sign(self, text: str) -> str:
        signature = self.signer.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return base64.b64encode(signature).decode()

    def answer(self, host: str, form: dict) -> dict:
        content = json.loads(form["biz_content"])
        method = form["method"]
        if method == "alipay.data.dataservice.bill.downloadurl.query":
            expect(content == {"bill_type": "trade", "bill_date": "2026-01-01"}, "bill")
            return {"bill_download_url": f"http://{host}/bill?fileType=csv.zip"}
        number = {"out_trade_no": content["out_trade_no"], "trade_no": "2026010122001"}
        paid = number | {"total_amount": "12.30", "buyer_logon_id": "a***@b.com"}
        if method == "alipay.trade.pay":
            expect(content["scene"] == "bar_code" and content["total_amount"] == "12.30", "what")
            expect(re.fullmatch(r"(2[5-9]|30)\d{14,22}", content["auth_code"]) is not None, "code")
            expect(re.fullmatch(r"\d+m", content["timeout_express"]) is not None, "time")
            return paid | {"gmt_payment": "2026-01-01 10:00:00"}
        if method == "alipay.trade.precreate":
            expect(content["subject"] != "" and content["total_amount"] == "12.30", "what")
            return {"out_trade_no": content["out_trade_no"], "qr_code": "https://qr.alipay.com/bax"}
        if method == "alipay.trade.query":
            return paid | {"trade_status": "TRADE_SUCCESS", "send_pay_date": "2026-01-01 10:00:00"}
        if method == "alipay.trade.cancel":
            return number | {"retry_flag": "N", "action": "refund"}
        if method == "alipay.trade.close":
            return number
        if method == "alipay.trade.refund":
            expect(content["refund_amount"] == "0.30", "amount")
            return number | {"fund_change": "Y", "refund_fee": "0.30"}
        expect(method == "alipay.trade.fastpay.refund.query", method)
        return number | {"out_request_no": content["out_request_no"], "refund_status": "REFUND_SUCCESS"}

    def notice(self) -> dict:
        form = {
            "notify_id": "N1",
            "app_id": APP_ID,
            "seller_id": SELLER_ID,
            "out_trade_no": "A0000000000001",
            "trade_no": "2026010122001",
            "trade_status": "TRADE_SUCCESS",
            "total_amount": "12.30",
            "subject": "牛奶 & 面包=1+1",
            "fund_bill_list": '[{"amount":"12.30","fundChannel":"ALIPAYACCOUNT"}]',
            "gmt_payment": "2026-01-01 10:00:00",
            "passback": "",
        }
        text = "&".join(f"{name}={form[name]}" for name in sorted(form) if form[name])
        body = urllib.parse.urlencode(form | {"sign_type": "RSA2", "sign": self.sign(text)})
        return {"headers": {}, "body": body}


def bill() -> bytes:
    """Names in GBK without the flag that says UTF-8; Python writes such names only behind its back."""
    names = {"000000000000": "汇总汇总.csv", "111111111111": "业务明细.csv"}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("000000000000", "#支付宝业务汇总查询\r\n".encode("gbk"))
        archive.writestr("111111111111", DETAIL.encode("gbk"))
    data = packed.getvalue()
    for placeholder, name in names.items():
        data = data.replace(placeholder.encode(), name.encode("gbk"))
    return data
