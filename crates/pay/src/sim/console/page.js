// The page itself. Whatever comes from a merchant is put in as text, never as markup.
"use strict";

const $ = (id) => document.getElementById(id);
const LOOK_EVERY_MS = 1000;
const UNPAID = ["unscanned", "waiting", "user_paying"];
const GIVEN_UP = ["closed", "reversed", "failed"];
const STEPS = [["seconds", 15, 15], ["seconds", 45, 45], ["minutes", 5, 300], ["hours", 2, 7200], ["days", 1, 86400], ["days", 7, 604800]];

let language = localStorage.getItem("language") === "en" ? "en" : "zh";
let seen = { trades: [], scenarios: [], ledger: { movements: [], totals: {} }, now: "", advance_s: 0 };
let chosen = "";

const word = (name, values = {}) =>
  Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), WORDS[language][name]);
const yuan = (fen) => `${fen < 0 ? "-" : ""}¥${Math.floor(Math.abs(fen) / 100)}.${String(Math.abs(fen) % 100).padStart(2, "0")}`;
const HERE = { timeZone: "Asia/Shanghai", hour12: false };
const clock = (at) => new Date(at).toLocaleString(WORDS[language].lang, HERE);
const short = (at) => new Date(at).toLocaleString(WORDS[language].lang, { ...HERE, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function table(heads, rows) {
  const head = element("tr");
  head.append(...heads.map((name) => element("th", word(name), name === "amount" ? "number" : "")));
  const made = element("table");
  const thead = element("thead");
  const body = element("tbody");
  thead.append(head);
  body.append(...rows);
  made.append(thead, body);
  return made;
}

function say(text) {
  $("notice").textContent = text;
}

async function ask(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, options);
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}

async function act(path, body, done = "") {
  try {
    const said = await ask(path, body);
    say(typeof done === "function" ? done(said) : done);
  } catch (error) {
    say(word("failed", { why: error.message }));
  }
  await look();
}

let lost = false;
async function look() {
  try {
    seen = await ask("/sim/state");
    if (lost) say("");
    lost = false;
  } catch {
    lost = true;
    say(word("lost"));
    return;
  }
  draw();
}

function draw() {
  drawOrders();
  drawLedger();
  drawPhone();
  $("now").textContent = clock(seen.now);
  $("ahead").textContent = seen.advance_s > 0 ? `(${word("ahead", { s: duration(seen.advance_s) })})` : "";
}

function duration(seconds) {
  if (seconds >= 86400) return word("days", { n: (seconds / 86400).toFixed(1) });
  if (seconds >= 3600) return word("hours", { n: (seconds / 3600).toFixed(1) });
  return seconds >= 60 ? word("minutes", { n: Math.round(seconds / 60) }) : word("seconds", { n: seconds });
}

function drawOrders() {
  if (seen.trades.length === 0) {
    $("orders").replaceChildren(element("p", word("no_orders")));
    return;
  }
  const held = document.activeElement?.dataset?.number;
  const rows = seen.trades.map((trade) => {
    const row = element("tr", undefined, `order${trade.out_trade_no === chosen ? " chosen" : ""}`);
    const number = element("td", undefined, "code");
    const button = element("button", trade.out_trade_no);
    button.type = "button";
    button.dataset.number = trade.out_trade_no;
    number.append(button);
    const state = element("td", word("states")[trade.state], `plain ${trade.state}`);
    if (trade.refunded_fen > 0) state.append(element("div", word("refunded", { yuan: yuan(trade.refunded_fen) })));
    const told = element("td", undefined, "plain");
    told.append(...trade.notices.map((notice) => element("div", standing(notice))));
    row.append(
      element("td", short(trade.created_at), "plain"),
      element("td", `${word("channels")[trade.channel]} · ${word("products")[trade.product]}`, "plain"),
      number,
      element("td", trade.subject),
      element("td", yuan(trade.amount_fen), "number"),
      state,
      told,
    );
    row.addEventListener("click", () => choose(trade.out_trade_no));
    return row;
  });
  const drawn = table(["time", "channel", "number", "subject", "amount", "state", "told"], rows);
  $("orders").replaceChildren(drawn);
  if (held) [...drawn.querySelectorAll("button")].find((button) => button.dataset.number === held)?.focus();
}

function standing(notice) {
  const name = typeof notice.standing === "string" ? notice.standing : Object.keys(notice.standing)[0];
  return `${word("standings")[name]}${notice.tries > 0 ? ` (${word("tries", { n: notice.tries })})` : ""}`;
}

function drawLedger() {
  const { totals, movements } = seen.ledger;
  const sums = [["paid", totals.paid_fen], ["back", totals.refunded_fen], ["net", totals.net_fen]].map(([name, fen]) => {
    const pair = element("div");
    pair.append(element("dt", word(name)), element("dd", yuan(fen ?? 0)));
    return pair;
  });
  $("totals").replaceChildren(...sums);
  if (movements.length === 0) {
    $("movements").replaceChildren(element("p", word("no_moves")));
    return;
  }
  const rows = [...movements].reverse().map((movement) => {
    const row = element("tr");
    row.append(
      element("td", short(movement.at), "plain"),
      element("td", word("channels")[movement.channel], "plain"),
      element("td", movement.out_trade_no, "code"),
      element("td", word("kinds")[movement.kind], "plain"),
      element("td", yuan(movement.amount_fen), "number"),
    );
    return row;
  });
  $("movements").replaceChildren(table(["time", "channel", "number", "kind", "amount"], rows));
}

function trade() {
  return seen.trades.find((one) => one.out_trade_no === chosen);
}

function drawPhone() {
  const one = trade();
  $("pay").disabled = !one || !UNPAID.includes(one.state);
  $("refuse").disabled = one?.state !== "user_paying";
  $("late").disabled = !one || one.paid_at !== null || !GIVEN_UP.includes(one.state);
  if (!one) {
    $("screen").replaceChildren(element("p", word("choose")));
    return;
  }
  $("screen").replaceChildren(
    element("p", word("channels")[one.channel]),
    element("div", yuan(one.amount_fen), "yuan"),
    element("p", one.subject),
    element("p", word("states")[one.state], one.state),
    element("p", one.out_trade_no),
  );
}

function choose(number) {
  chosen = number;
  const one = trade();
  say("");
  if (one?.state === "unscanned") act(`/sim/phone/${encodeURIComponent(number)}/scan`, {});
  else draw();
}

// Payment codes are made up; the end of one says what is to happen.
function code(channel) {
  const digits = [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => byte % 10).join("");
  const place = $("code-scenario").value;
  const end = place === "" ? "100000" : `9900${place.padStart(2, "0")}`;
  return `${channel === "wechat" ? "13" : "28"}${digits}${end}`;
}

function drawCodes() {
  const rows = ["wechat", "alipay"].map((channel) => {
    const made = code(channel);
    const row = element("div");
    const copy = element("button", word("copy"));
    copy.type = "button";
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(made);
      say(word("copied"));
    });
    row.append(element("span", word("channels")[channel]), element("output", made), copy);
    return row;
  });
  $("codes").replaceChildren(...rows);
}

// Whether a scenario can happen to a payment by code as it begins: not those of later calls and bills.
const ofPayment = (name) => !/^(bill_|success$)/.test(name);

function drawScenarios() {
  const usual = element("option", word("usual"));
  usual.value = "";
  const options = seen.scenarios.map((name, place) => [name, place]).filter(([name]) => ofPayment(name));
  const kept = $("code-scenario").value;
  $("code-scenario").replaceChildren(
    usual,
    ...options.map(([name, place]) => Object.assign(element("option", name), { value: String(place) })),
  );
  $("code-scenario").value = kept;
  $("scenarios").replaceChildren(...seen.scenarios.map((name) => Object.assign(element("option"), { value: name })));
}

function drawWords() {
  document.documentElement.lang = WORDS[language].lang;
  document.title = word("title");
  for (const one of document.querySelectorAll("[data-word]")) one.textContent = word(one.dataset.word);
  const steps = STEPS.map(([unit, n, seconds]) => step(word(unit, { n }), () => seconds));
  $("steps").replaceChildren(...steps, step(word("morning"), untilMorning));
}

function step(text, seconds) {
  const button = element("button", text);
  button.type = "button";
  button.addEventListener("click", () => act("/sim/clock", { advance_s: seconds() }));
  return button;
}

// Beijing is eight hours ahead, the whole year.
function untilMorning() {
  const here = new Date(seen.now).getTime() + 8 * 3600e3;
  const midnight = (Math.floor(here / 86400e3) + 1) * 86400e3;
  return Math.ceil((midnight + 10 * 3600e3 - here) / 1000) + 60;
}

$("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
  drawWords();
  drawScenarios();
  drawCodes();
  draw();
});
$("scan").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("scanned").value.trim();
  const found = seen.trades.find((one) => one.qr === text || one.out_trade_no === text);
  if (found) choose(found.out_trade_no);
  else say(word("not_found"));
});
$("newest").addEventListener("click", () => {
  const found = seen.trades.find((one) => one.qr !== null && UNPAID.includes(one.state));
  if (found) choose(found.out_trade_no);
  else say(word("not_found"));
});
const phone = (action) => act(`/sim/phone/${encodeURIComponent(chosen)}/${action}`, {});
$("pay").addEventListener("click", () => phone("pay"));
$("refuse").addEventListener("click", () => phone("refuse"));
$("late").addEventListener("click", () => phone("pay?late=true"));
$("refresh").addEventListener("click", drawCodes);
$("code-scenario").addEventListener("change", drawCodes);
$("next").addEventListener("submit", (event) => {
  event.preventDefault();
  const body = { match: { next: true }, scenario: $("scenario").value.trim() };
  act("/sim/scenario", body, (said) => word("set_done", { n: said.waiting }));
});

drawWords();
drawCodes();
look().then(drawScenarios);
setInterval(look, LOOK_EVERY_MS);
