"""WeChat Pay's side of each call: recomputes what our client signed and signs what it answers."""

import base64
import gzip
import hashlib
import hmac
import json
import re
import time
import xml.etree.ElementTree as ElementTree

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MCHID = "1900000001"
APPID = "wx0000000000000001"
APIV3_KEY = "0123456789abcdef0123456789abcdef"
V2_KEY = "fedcba9876543210fedcba9876543210"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000000012026010100000000000001"
BILL = "\ufeff交易时间,公众账号ID,商户号\r\n`2026-01-01 10:00:00,`wx1,`1900000001\r\n"
AUTHORIZATION = re.compile(r'(\w+)="([^"]*)"')


class Refused(Exception):
    """The client did something a gateway would not take."""


def expect(is_so: bool, what: str) -> None:
    if not is_so:
        raise Refused(what)


def seal(plain: str, associated: str) -> dict:
    nonce = "0a1b2c3d4e5f"
    sealed = AESGCM(APIV3_KEY.encode()).encrypt(nonce.encode(), plain.encode(), associated.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": nonce,
        "associated_data": associated,
        "ciphertext": base64.b64encode(sealed).decode(),
    }


class Wechat:
    def __init__(self, merchant, platform, signer) -> None:
        self.merchant, self.platform, self.signer = merchant, platform, signer
        self.nonces: set[str] = set()

    # --- JSON ----------------------------------------------------------------------------------

    def sealed(self, body: bytes, key_id: str) -> dict:
        stamp, nonce = str(int(time.time())), "nonce0123"
        message = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
        signature = self.signer.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return {
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": base64.b64encode(signature).decode(),
            "Wechatpay-Serial": key_id,
            "Request-ID": "08D0",
            "Content-Type": "application/json",
        }

    def v3(self, method: str, target: str, headers, body: str):
        """Status, headers, body."""
        try:
            self.check_v3(method, target, headers, body)
        except Refused as refused:
            return 401, {}, json.dumps({"code": "SIGN_ERROR", "message": str(refused)}).encode()
        if target.startswith("/v3/billdownload/file?"):
            return 200, {}, gzip.compress(BILL.encode())
        key_id = PUBLIC_KEY_ID if headers["Wechatpay-Serial"] else self.platform.serial
        answer = self.v3_answer(target.split("?")[0], headers["Host"], json.loads(body or "{}"))
        # Blanks and escapes: whoever reads and writes it again has another text.
        text = b"" if answer is None else json.dumps(answer, indent=1).encode()
        return (204 if answer is None else 200), self.sealed(text, key_id), text

    def check_v3(self, method: str, target: str, headers, body: str) -> None:
        scheme, _, rest = (headers["Authorization"] or "").partition(" ")
        given = dict(AUTHORIZATION.findall(rest))
        expect(scheme == "WECHATPAY2-SHA256-RSA2048", "scheme")
        names = {"mchid", "nonce_str", "timestamp", "serial_no", "signature"}
        expect(set(given) == names, "five values")
        expect(given["mchid"] == MCHID and given["serial_no"] == self.merchant.serial, "who")
        expect(abs(time.time() - int(given["timestamp"])) <= 300, "when")
        expect(given["nonce_str"] not in self.nonces, "nonce used before")
        self.nonces.add(given["nonce_str"])
        expect(bool(headers["User-Agent"]) and headers["Accept"] == "application/json", "headers")
        message = f"{method}\n{target}\n{given['timestamp']}\n{given['nonce_str']}\n{body}\n"
        try:
            self.merchant.key.public_key().verify(
                base64.b64decode(given["signature"]), message.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature as wrong:
            raise Refused("signature") from wrong

    def v3_answer(self, path: str, host: str, body: dict):
        if path == "/v3/certificates":
            sealed = seal(self.platform.certificate_pem, "certificate")
            return {"data": [{"serial_no": self.platform.serial, "encrypt_certificate": sealed}]}
        if path == "/v3/bill/tradebill":
            url = f"http://{host}/v3/billdownload/file?token=a%2Fb%3D"
            sha1 = hashlib.sha1(BILL.encode()).hexdigest()
            return {"hash_type": "SHA1", "hash_value": sha1, "download_url": url}
        if path.startswith("/v3/refund/"):
            return refund(path, body)
        if path.endswith("/close"):
            expect(body == {"mchid": MCHID}, "close names the merchant")
            return None
        if path.endswith("/reverse"):
            expect(body == {"appid": APPID, "mchid": MCHID}, "reverse names both")
            return {}
        if path.startswith("/v3/pay/transactions/out-trade-no/"):
            return transaction(path.rsplit("/", 1)[1], 1230)
        return order(path.rsplit("/", 1)[1], body)

    def notice(self) -> dict:
        resource = seal(json.dumps(transaction("A0000000000001", 1230)), "transaction")
        body = {"id": "EV-1", "event_type": "TRANSACTION.SUCCESS", "resource": resource}
        text = json.dumps(body)
        return {"headers": self.sealed(text.encode(), PUBLIC_KEY_ID), "body": text}

    # --- XML -----------------------------------------------------------------------------------

    def v2(self, path: str, body: str):
        root = ElementTree.fromstring(body)
        fields = {field.tag: field.text or "" for field in root}
        sign = fields.pop("sign", "")
        kind = fields.get("sign_type", "MD5")
        if root.tag != "xml" or len(fields) + 1 != len(root) or v2_sign(fields, kind) != sign:
            return xml({"return_code": "FAIL", "return_msg": "签名错误"})
        expect(fields["appid"] == APPID and fields["mch_id"] == MCHID, "who")
        if path == "/pay/orderquery":
            answer = {"result_code": "FAIL", "err_code": "ORDERNOTEXIST"}
        elif path == "/pay/micropay":
            expect(re.fullmatch(r"1[0-5]\d{16}", fields["auth_code"]) is not None, "code")
            expect(fields["total_fee"] == "1230" and fields["body"] != "", "what")
            answer = {
                "result_code": "SUCCESS",
                "out_trade_no": fields["out_trade_no"],
                "transaction_id": "42001",
                "total_fee": "1230",
                "openid": "oAAA",
                "time_end": "20260101100000",
                "attach": "<a & b>",
            }
        else:
            expect(path == "/secapi/pay/reverse", path)
            answer = {"result_code": "SUCCESS", "recall": "N"}
        answer |= {"return_code": "SUCCESS", "appid": APPID, "mch_id": MCHID, "nonce_str": "abc"}
        return xml(answer | {"sign": v2_sign(answer, kind)})


def v2_sign(fields: dict, kind: str) -> str:
    pairs = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if fields[name])
    text = f"{pairs}&key={V2_KEY}".encode()
    if kind == "MD5":
        return hashlib.md5(text).hexdigest().upper()
    return hmac.new(V2_KEY.encode(), text, hashlib.sha256).hexdigest().upper()


def xml(fields: dict):
    root = ElementTree.Element("xml")
    for name, value in fields.items():
        ElementTree.SubElement(root, name).text = value
    return 200, {"Content-Type": "text/xml"}, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def transaction(number: str, fen: int) -> dict:
    return {
        "appid": APPID,
        "mchid": MCHID,
        "out_trade_no": number,
        "transaction_id": "42001",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "success_time": "2026-01-01T10:00:00+08:00",
        "payer": {"openid": "oAAA"},
        "amount": {"total": fen, "payer_total": fen, "currency": "CNY", "payer_currency": "CNY"},
    }


def order(kind: str, body: dict) -> dict:
    expect(body["appid"] == APPID and body["mchid"] == MCHID, "who")
    expect(body["amount"] == {"total": 1230, "currency": "CNY"}, "amount")
    expect(max(map(len, (letter.encode() for letter in body["description"]))) <= 3, "letters")
    if kind == "codepay":
        expect(re.fullmatch(r"1[0-5]\d{16}", body["payer"]["auth_code"]) is not None, "code")
        return transaction(body["out_trade_no"], 1230)
    expect(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", body["time_expire"]) is not None, "time")
    expect("?" not in body["notify_url"], "notify_url")
    if kind == "jsapi":
        expect(body["payer"] == {"openid": "oAAA"}, "payer")
        return {"prepay_id": "wx201410272009395522657a690389285100"}
    expect(kind == "native", kind)
    return {"code_url": "weixin://wxpay/bizpayurl?pr=abc"}


def refund(path: str, body: dict) -> dict:
    number = body.get("out_refund_no") or path.rsplit("/", 1)[1]
    if body:
        expect(body["amount"] == {"refund": 30, "total": 1230, "currency": "CNY"}, "amount")
    return {
        "refund_id": "50001",
        "out_refund_no": number,
        "out_trade_no": "A0000000000001",
        "status": "PROCESSING" if body else "SUCCESS",
        "amount": {"refund": 30, "total": 1230, "currency": "CNY"},
    }
