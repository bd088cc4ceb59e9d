// wechatpay-axios-plugin and alipay-sdk as merchants; started by run.py.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { AlipaySdk } from "alipay-sdk";

const { Wechatpay, Rsa, Aes, Formatter } = createRequire(import.meta.url)("wechatpay-axios-plugin");
const url = process.env.SIM_URL;
const file = (name) => readFileSync(join(process.env.SIM_DIR, name), "utf8");
const settings = (channel) => JSON.parse(file(`${channel}/settings.json`));
const publicKey = (pem) => Rsa.from(pem, Rsa.KEY_TYPE_PUBLIC);

const told = [];
const receiver = createServer((request, answer) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    told.push({ headers: request.headers, body: Buffer.concat(parts).toString("utf8") });
    answer.end("success");
  });
});
receiver.listen(0, "127.0.0.1");
await once(receiver, "listening");
const notify_url = `http://127.0.0.1:${receiver.address().port}/told`;

async function tell(path, body) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`${url}/sim/${path}`, options);
  assert.equal(answer.status, 200, path);
  return answer.json();
}

// The clock's answer comes when what was due has been sent.
async function nextNotice() {
  await tell("clock", { advance_s: 0 });
  const notice = told.shift();
  assert.ok(notice, "no notification came");
  return notice;
}

async function nextMorning() {
  const { now } = await tell("clock", { advance_s: 0 });
  await tell("clock", { advance_s: 34 * 3600 });
  return new Date(new Date(now).getTime() + 8 * 3600e3).toISOString().slice(0, 10);
}

async function wechat() {
  const { mchid, appid, serial_no, apiv3_key, v2_key, public_key_id, platform_serial } = settings("wechat");
  const make = (privateKey, platform) =>
    new Wechatpay({
      mchid,
      serial: serial_no,
      privateKey,
      certs: { [public_key_id]: platform, [platform_serial]: publicKey(file("wechat/platform_cert.pem")) },
      secret: v2_key,
      baseURL: `${url}/`,
    });
  const own = Rsa.from(file("wechat/mch_key.pem"), Rsa.KEY_TYPE_PRIVATE);
  const platform = publicKey(file("wechat/platform_pub.pem"));
  const wx = make(own, platform);
  const byKey = { headers: { "Wechatpay-Serial": public_key_id } };
  const trades = wx.v3.pay.transactions;
  const query = (no) => trades.outTradeNo._out_trade_no_.get({ params: { mchid }, out_trade_no: no });

  const code = { appid, mchid, description: "牛奶 A&B", amount: { total: 100 } };
  const pay = (no, auth_code, options) => trades.codepay.post({ ...code, out_trade_no: no, payer: { auth_code } }, options);
  assert.equal((await pay("JS000001", "130061098828000101", byKey)).data.trade_state, "SUCCESS");
  await tell("scenario", { match: { auth_code: "130061098828000102" }, scenario: "user_paying_forever" });
  assert.equal((await pay("JS000002", "130061098828000102")).data.code, "USERPAYING");
  await tell("clock", { advance_s: 15 });
  await trades.outTradeNo._out_trade_no_.reverse.post({ appid, mchid }, { out_trade_no: "JS000002" });
  assert.equal((await query("JS000002")).data.trade_state, "REVOKED");

  const picture = (no) => trades.native.post({ ...code, out_trade_no: no, notify_url }, byKey);
  assert.match((await picture("JS000003")).data.code_url, /^weixin:/);
  await tell("phone/JS000003/pay", {});
  assert.equal((await query("JS000003")).data.trade_state, "SUCCESS");
  await picture("JS000004");
  const closed = await trades.outTradeNo._out_trade_no_.close.post({ mchid }, { out_trade_no: "JS000004" });
  assert.equal(closed.status, 204);

  const notice = await nextNotice();
  const header = (name) => notice.headers[`wechatpay-${name}`];
  const holds = (body) => {
    const message = Formatter.response(header("timestamp"), header("nonce"), body);
    return Rsa.verify(message, header("signature"), platform);
  };
  assert.equal(header("serial"), public_key_id);
  assert.ok(holds(notice.body));
  assert.ok(!holds(notice.body.replace("SUCCESS", "SUCCESs")));
  const { ciphertext, nonce, associated_data } = JSON.parse(notice.body).resource;
  const opened = JSON.parse(Aes.AesGcm.decrypt(ciphertext, apiv3_key, nonce, associated_data));
  assert.equal(opened.out_trade_no, "JS000003");

  const amount = { refund: 40, total: 100, currency: "CNY" };
  await wx.v3.refund.domestic.refunds.post({ out_trade_no: "JS000003", out_refund_no: "JSR1", amount });
  const back = await wx.v3.refund.domestic.refunds._out_refund_no_.get({ out_refund_no: "JSR1" });
  assert.equal(back.data.status, "SUCCESS");
  await older(wx, { appid, mch_id: mchid });

  const bill_date = await nextMorning();
  const params = { bill_date, bill_type: "ALL", tar_type: "GZIP" };
  const said = (await wx.v3.bill.tradebill.get({ params })).data;
  const token = new URL(said.download_url).searchParams.get("token");
  const packed = await wx.v3.billdownload.file.get({ params: { token }, responseType: "arraybuffer" });
  const text = gunzipSync(packed.data);
  assert.equal(createHash("sha1").update(text).digest("hex"), said.hash_value);
  assert.match(text.toString("utf8"), /JS000001/);

  const stranger = make(Rsa.from(file("alipay/app_key.pem"), Rsa.KEY_TYPE_PRIVATE), platform);
  const ask = (client, options) =>
    client.v3.pay.transactions.outTradeNo._out_trade_no_.get({ params: { mchid }, out_trade_no: "JS000001", ...options });
  await assert.rejects(ask(stranger, byKey), (error) => error.response.status === 401);
  await assert.rejects(ask(make(own, publicKey(file("alipay/alipay_pub.pem"))), byKey), /verify|signature|EV3_RES/i);
}

// The XML interface, with both kinds of signature.
async function older(wx, names) {
  const code = { ...names, body: "牛奶 <A&B>", total_fee: 100, spbill_create_ip: "127.0.0.1" };
  for (const [index, sign_type] of ["MD5", "HMAC-SHA256"].entries()) {
    const out_trade_no = `JSV2000${index}`;
    const paid = await wx.v2.pay.micropay.post({ ...code, out_trade_no, auth_code: `13006109882800020${index}`, sign_type });
    assert.equal(paid.data.result_code, "SUCCESS");
    const asked = await wx.v2.pay.orderquery.post({ ...names, out_trade_no, sign_type });
    assert.equal(asked.data.trade_state, "SUCCESS");
    await tell("clock", { advance_s: 15 });
    const reversed = await wx.v2.secapi.pay.reverse.post({ ...names, out_trade_no, sign_type });
    assert.equal(reversed.data.recall, "N");
  }
}

async function alipay() {
  const { app_id: appId } = settings("alipay");
  const make = (privateKey, alipayPublicKey) =>
    new AlipaySdk({ appId, privateKey, keyType: "PKCS8", alipayPublicKey, gateway: `${url}/gateway.do`, endpoint: url });
  const [own, platform] = [file("alipay/app_key.pem"), file("alipay/alipay_pub.pem")];
  const sdk = make(own, platform);
  const on = (client) => (method, bizContent) =>
    client.exec(`alipay.${method}`, { notify_url, bizContent }, { validateSign: true });
  const call = on(sdk);
  const good = async (method, content, wanted = "10000") => {
    const said = await call(method, content);
    assert.equal(said.code, wanted, JSON.stringify(said));
    return said;
  };
  const bar = { scene: "bar_code", subject: "商品&=+/ 测试", total_amount: "1.00" };
  await good("trade.pay", { ...bar, out_trade_no: "JSALI01", auth_code: "281234567890123501" });
  const form = Object.fromEntries(new URLSearchParams((await nextNotice()).body));
  assert.ok(sdk.checkNotifySignV2({ ...form }));
  assert.ok(!sdk.checkNotifySignV2({ ...form, total_amount: "2.00" }));

  await tell("scenario", { match: { out_trade_no: "JSALI02" }, scenario: "user_paying_forever" });
  await good("trade.pay", { ...bar, out_trade_no: "JSALI02", auth_code: "281234567890123502" }, "10003");
  assert.equal((await good("trade.cancel", { out_trade_no: "JSALI02" })).action, "close");

  for (const out_trade_no of ["JSALI03", "JSALI04"]) {
    const made = await good("trade.precreate", { out_trade_no, subject: "商品", total_amount: "1.00" });
    assert.match(made.qrCode, /^https:\/\/qr\.alipay\.com\//);
  }
  await tell("phone/JSALI03/pay", {});
  assert.equal((await good("trade.query", { out_trade_no: "JSALI03" })).tradeStatus, "TRADE_SUCCESS");
  await tell("phone/JSALI04/scan", {});
  await good("trade.close", { out_trade_no: "JSALI04" });
  const content = { out_trade_no: "JSALI03", out_request_no: "R1" };
  assert.equal((await good("trade.refund", { ...content, refund_amount: "0.40" })).fundChange, "Y");
  assert.equal((await good("trade.fastpay.refund.query", content)).refundStatus, "REFUND_SUCCESS");

  const bill_date = await nextMorning();
  const said = await good("data.dataservice.bill.downloadurl.query", { bill_type: "trade", bill_date });
  const answer = await fetch(said.billDownloadUrl);
  assert.equal(Buffer.from(await answer.arrayBuffer()).subarray(0, 2).toString(), "PK");

  const stranger = on(make(file("wechat/mch_key.pem"), platform));
  const refused = await stranger("trade.query", { out_trade_no: "JSALI01" });
  assert.equal(refused.subCode ?? refused.sub_code, "isv.invalid-signature");
  const deceived = on(make(own, file("wechat/platform_pub.pem")));
  await assert.rejects(deceived("trade.query", { out_trade_no: "JSALI01" }), /验签失败/);
}

await wechat();
told.length = 0;
await alipay();
receiver.close();
receiver.closeAllConnections();
