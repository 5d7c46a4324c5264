// 问一问. A conversation lives in this browser: {id, at, turns: [{id, question, day, state, html, markdown, …}]}.
// A turn is stored before it is sent and sent again after a reload or a lost connection, under the same name;
// the server answers each name once, so nothing is lost and nothing is doubled.
"use strict";

const PREFIX = "chat:";
const KEPT = 50;
const PATIENCE = 45;  // attempts to reach the server again: about three minutes, more than a restart takes on a busy machine
let conversation = null;
let running = null;  // {turn, source, event, timer}

// --- keeping ------------------------------------------------------------------------------------------------
function stored(id) {
  try { return JSON.parse(kept.getItem(PREFIX + id)); } catch { return null; }
}

function conversations() {
  const names = kept.keys().filter((key) => key.startsWith(PREFIX));
  return names.map((key) => stored(key.slice(PREFIX.length))).filter((c) => c?.turns?.length).sort((a, b) => b.at - a.at);
}

/** Write one turn into what is stored, so that two tabs with the same conversation do not undo each other. */
function keep(turn) {
  const whole = stored(conversation.id) || { id: conversation.id, turns: [] };
  const place = whole.turns.findIndex((other) => other.id === turn.id);
  if (place < 0) whole.turns.push(turn); else whole.turns[place] = turn;
  whole.at = Date.now();
  for (;;) {
    try { kept.setItem(PREFIX + whole.id, JSON.stringify(whole)); break; } catch {
      const oldest = conversations().filter((c) => c.id !== whole.id).pop();
      if (!oldest) break;
      kept.removeItem(PREFIX + oldest.id);
    }
  }
  conversations().slice(KEPT).forEach((c) => kept.removeItem(PREFIX + c.id));
  listEarlier();
}

function open(id) {
  halt();
  conversation = stored(id) || { id: newName(), turns: [] };
  kept.tab.setItem("chat", conversation.id);
  one("#log").replaceChildren(...conversation.turns.map(turnBox));
  one("#welcome").hidden = conversation.turns.length > 0;
  showEarlier(false);
  listEarlier();
  const pending = conversation.turns.find((turn) => turn.state === "asking");
  if (pending) follow(pending);
}

/** On a phone the earlier conversations are a drawer; on a wide screen they always stand beside. */
function showEarlier(is) {
  document.body.classList.toggle("history-open", is);
  one("#show-history").setAttribute("aria-expanded", String(is));
}

function listEarlier() {
  const list = one("#earlier");
  const rows = conversations().map((c) => make("li", {},
    make("button", { type: "button", "aria-current": c.id === conversation?.id ? "true" : null, onclick: () => { open(c.id); toTop(conversation.turns.at(-1), "auto"); } },
      c.turns[0].question.slice(0, 40)),
    make("button", { type: "button", class: "icon-button", "aria-label": `${window.PAGE.delete}：${c.turns[0].question.slice(0, 20)}`,
      onclick: () => remove(c.id) }, drawing("close"))));
  list.replaceChildren(...(rows.length ? rows : [make("li", { class: "help" }, list.dataset.empty)]));
  all("[data-export]").forEach((button) => { button.disabled = !one("#log .turn"); });
}

function remove(id) {
  if (!confirm(SAID.delete_confirm)) return;
  kept.removeItem(PREFIX + id);
  call("forget", id).catch(() => toast(SAID.not_forgotten));
  if (id === conversation.id) open(); else listEarlier();
}

// --- showing ------------------------------------------------------------------------------------------------
function turnBox(turn) {
  const box = make("article", { class: "turn", "data-turn": turn.id },
    make("div", { class: "user message", tabindex: "-1" }, make("span", { class: "sr" }, `${SAID.you}：`), turn.question),
    make("span", { class: "sr" }, `${SAID.assistant}：`), make("div", { class: "bot message" }));
  fill(box, turn);
  return box;
}

function boxOf(turn) {
  return one(`[data-turn="${turn.id}"]`);
}

function fill(box, turn) {
  const said = one(".bot", box);
  said.setAttribute("aria-busy", String(turn.state === "asking"));
  if (turn.html) said.innerHTML = turn.html;  // made by the server, in which all text is escaped
  else said.replaceChildren();
  if (turn.state === "asking") {
    said.append(make("p", { class: "progress" }, make("span", { class: "dots", "aria-hidden": "true" }), make("span", {}, turn.trouble || SAID.thinking)));
  } else {
    if (turn.day) said.append(make("p", { class: "help" }, SAID.as_of.replace("{day}", dayWords(turn.day))));
    if (turn.state === "stopped") said.append(again(turn, SAID.stopped, SAID.answer_again));
    if (turn.state === "failed") said.append(again(turn, SAID.failed, SAID.retry));
    if (turn.state === "done") {
      said.append(actions(turn));
      // An answer to the assistant's own question is picked right below it; what to ask next comes last.
      if (turn.choices.length && one(".words", said)) one(".words", said).after(offers(turn)); else said.append(offers(turn));
    }
  }
}

function again(turn, words, label) {
  return make("div", { class: "again" }, make("span", {}, words),
    make("button", { type: "button", class: "quiet", onclick: () => { if (!running) { turn.state = "asking"; keep(turn); follow(turn); } } }, label));
}

function actions(turn) {
  const opinion = (good) => make("button", {
    type: "button", class: "icon-button", "aria-label": good ? SAID.good : SAID.bad, title: good ? SAID.good : SAID.bad,
    "aria-pressed": String(turn.rated === good), onclick: (event) => rate(turn, good, event.currentTarget.closest(".turn")),
  }, drawing(good ? "up" : "down"));
  return make("div", { class: "actions" },
    make("button", { type: "button", class: "icon-button", "aria-label": SAID.copy, title: SAID.copy, onclick: () => copy(turn.markdown) }, drawing("copy")),
    opinion(true), opinion(false));
}

function offers(turn) {
  const asks = turn.choices.length > 0;
  const buttons = (asks ? turn.choices : turn.suggestions.map((text) => [text, text])).map(([label, reply]) =>
    make("button", { type: "button", class: asks ? "option-button" : "suggestion", "data-say": reply }, label));
  return make("div", { class: "offers", role: "group", "aria-label": asks ? SAID.choose : SAID.next }, ...buttons);
}

/** An opinion counts at once; a word on it may follow. */
async function rate(turn, good, box) {
  if (!await sendOpinion(turn, good, "")) return;
  turn.rated = good;
  keep(turn);
  fill(box, turn);
  const word = make("input", { type: "text", maxlength: 200 });
  const form = make("form", { class: "why", onsubmit: async (event) => {
    event.preventDefault();
    if (await sendOpinion(turn, good, word.value)) { form.remove(); one(`.actions [aria-pressed="true"]`, box)?.focus(); }
  } }, make("label", {}, make("span", {}, good ? SAID.why_good : SAID.why_bad, make("small", { class: "help" }, SAID.why_help)), word),
  make("button", { type: "submit", class: "quiet" }, SAID.send_why));
  one(".actions", box).after(form);
  word.focus();
}

async function sendOpinion(turn, good, word) {
  const sent = await call("rate", conversation.id, turn.id, good, word).catch(() => false);
  toast(sent ? SAID.thanks : SAID.not_sent);
  return sent;
}

/** Say beforehand when periods are over on the day that counts. */
function tellEnded() {
  const on = day() || isoToday();
  const ended = window.PAGE.ends.filter((end) => end && end < on).length;
  one("#ended").hidden = !ended;
  one("#ended").textContent = SAID.ended.replace("{day}", dayWords(on)).replace("{count}", ended).replace("{all}", window.PAGE.ends.length);
}

// --- asking -------------------------------------------------------------------------------------------------
function ask(question) {
  question = question.trim();
  if (!question || running) return false;
  const turn = { id: newName(), question, day: day(), state: "asking", html: "", markdown: "", choices: [], suggestions: [] };
  conversation.turns.push(turn);
  keep(turn);
  one("#welcome").hidden = true;
  one("#log").append(turnBox(turn));
  // Who picked a choice, which now is gone, goes on from the question; who writes goes on writing.
  if (document.activeElement !== one("#question")) one(".user", boxOf(turn)).focus({ preventScroll: true });
  toTop(turn);
  follow(turn);
  return true;
}

/** Bring the question to the top, so that its answer is read from the beginning. */
function toTop(turn, behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth") {
  boxOf(turn)?.scrollIntoView({ block: "start", behavior });
}

/** Ask the server for this turn until it is answered, stopped, or the server stays away too long. */
async function follow(turn) {
  const mine = running = { turn, began: Date.now() };
  busy(true);
  mine.timer = setInterval(() => waitingWords(mine), 1000);
  for (let attempt = 0; running === mine && turn.state === "asking"; attempt++) {
    if (attempt) {
      turn.trouble = SAID.reconnecting;
      fill(boxOf(turn), turn);
      await new Promise((done) => setTimeout(done, Math.min(500 * 2 ** (attempt - 1), 4000)));
      if (running !== mine) break;
    }
    if (attempt > PATIENCE) turn.state = "failed";
    else await listen(mine).catch(() => {});
  }
  clearInterval(mine.timer);
  delete turn.trouble;
  if (turn.state !== "asking") keep(turn);
  if (boxOf(turn)) fill(boxOf(turn), turn);
  if (running === mine) { running = null; busy(false); }
}

function waitingWords({ turn, began }) {
  const seconds = Math.round((Date.now() - began) / 1000);
  const words = boxOf(turn) && one(".progress span:last-child", boxOf(turn));
  if (words && seconds >= 2) words.textContent = `${turn.trouble || SAID.thinking}${SAID.seconds.replace("{n}", seconds)}`;
}

/** One attempt: put the turn into Gradio's queue and read what comes. Rejects when the connection is lost. */
async function listen(mine) {
  const { turn } = mine;
  const reply = await fetch("gradio_api/call/ask", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ data: [conversation.id, turn.id, turn.question, turn.day] }),
  });
  if (!reply.ok) throw new Error(String(reply.status));
  mine.event = (await reply.json()).event_id;
  if (running !== mine) return;
  await new Promise((done, lost) => {
    const source = mine.source = new EventSource(`gradio_api/call/ask/${mine.event}`);
    mine.end = done;
    const update = (event) => {
      const [piece] = JSON.parse(event.data) || [];
      if (!piece || running !== mine) return;
      delete turn.trouble;
      turn.html = piece.html;
      if (piece.done) {
        const { markdown, choices, suggestions, status } = piece;
        Object.assign(turn, { markdown, choices, suggestions, status, state: "done" });
        source.close();
        done();
      } else fill(boxOf(turn), turn);
    };
    source.addEventListener("generating", update);
    source.addEventListener("complete", (event) => { update(event); source.close(); done(); });
    source.addEventListener("error", () => { source.close(); lost(new Error("lost")); });
  });
}

/** Leave the turn that is being answered; it goes on being answered by the server, and is found there later. */
function halt() {
  if (!running) return;
  const { source, end, timer } = running;
  running = null;
  clearInterval(timer);
  source?.close();
  end?.();
  busy(false);
}

function stop() {
  if (!running) return;
  const { turn, event } = running;
  turn.state = "stopped";
  keep(turn);
  halt();
  fill(boxOf(turn), turn);
  const index = window.gradio_config?.dependencies?.find((d) => d.api_name === "ask")?.id;
  if (event) fetch("gradio_api/cancel", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ session_hash: event, fn_index: index ?? 0, event_id: event }),
  }).catch(() => {});
  one("#question").focus();
}

function busy(is) {
  one("#send").hidden = is;
  one("#stop").hidden = !is;
}

// --- export ---------------------------------------------------------------------------------------------------
function exported(kind) {
  const title = `${window.PAGE.title} ${new Date().toLocaleString("zh-CN")}`;
  const name = `${SAID.file} ${isoToday()}`;
  if (kind === "print") { showEarlier(false); return print(); }
  if (kind === "markdown") {
    const parts = conversation.turns.map((turn) => [`## ${SAID.you}：${asText(turn.question)}`,
      // Nothing an answer quotes becomes an element where the file is read.
      turn.markdown.replaceAll("<", "&lt;") || SAID.stopped, turn.day && SAID.as_of.replace("{day}", dayWords(turn.day))].filter(Boolean).join("\n\n"));
    return download(`${name}.md`, "text/markdown;charset=utf-8", `# ${title}\n\n${parts.join("\n\n")}\n\n---\n${SAID.exported}\n`);
  }
  const page = document.implementation.createHTMLDocument(title);
  page.documentElement.lang = "zh-CN";
  page.head.append(make("meta", { charset: "utf-8" }), make("style", {}, EXPORT_STYLE));
  page.body.append(make("h1", {}, title));
  for (const turn of conversation.turns) {
    const box = turnBox({ ...turn, choices: [], suggestions: [] });
    all("a", box).forEach((link) => link.replaceWith(...link.childNodes));
    all(".actions, .offers, .card-foot, .icon, .again", box).forEach((part) => part.remove());
    all("details", box).forEach((part) => { part.open = !part.matches(".row"); });  // a long list stays a list
    page.body.append(box);
  }
  page.body.append(make("footer", {}, SAID.exported));
  return download(`${name}.html`, "text/html;charset=utf-8", `<!doctype html>\n${page.documentElement.outerHTML}`);
}

/** What somebody typed, as one line of Markdown that means only itself. */
function asText(text) {
  return text.replace(/\s*\n\s*/g, " ").replace(/([\\`*_{}[\]<>#|$])/g, "\\$1");
}

/** On paper nothing can be opened: what belongs to an answer stands open while it is printed. */
function startPrinting() {
  const opened = [];
  addEventListener("beforeprint", () => {
    const closed = all("#log details:not([open]):not(.row):not(.row details)");
    closed.forEach((part) => { part.open = true; });
    opened.push(...closed);
  });
  addEventListener("afterprint", () => { opened.splice(0).forEach((part) => { part.open = false; }); });
}

const EXPORT_STYLE = `body{font:16px/1.75 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1c2826}
h1{font-size:1.2rem}.turn{border-top:1px solid #ccc;padding:1rem 0;break-inside:avoid-page}.user{font-weight:600}.card,.sources{border:1px solid #bbb;border-radius:8px;padding:.75rem 1rem;margin:.75rem 0;break-inside:avoid}
.amount strong{font-size:1.6rem;margin-left:.5rem}.pill{border:1px solid #999;border-radius:9px;padding:0 .5rem;margin-right:.4rem;font-size:.85rem}.have,.help,.card-label,footer{color:#555;font-size:.9rem}
ul.conditions,ul.lines{list-style:none;padding-left:1rem}.mark{display:inline-block;width:1.4em}.sr{position:absolute;left:-99em}q{quotes:"“" "”"}@media print{body{margin:0}}`;

// --- the box to write in ------------------------------------------------------------------------------------------
function startChat() {
  const box = one("#question");
  const submit = () => { if (ask(box.value)) { box.value = ""; fit(box); } };
  one("#composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  box.addEventListener("keydown", (event) => {
    // Enter that picks a word of an input method is not Enter.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) { event.preventDefault(); submit(); }
  });
  box.addEventListener("input", () => fit(box));
  one("#stop").addEventListener("click", stop);
  for (const name of ["#new", "#new-here"]) one(name).addEventListener("click", () => { open(); box.focus(); });
  startDrawer();
  all("[data-export]").forEach((button) => button.addEventListener("click", () => exported(button.dataset.export)));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-say]");
    if (button) { ask(button.dataset.say); return; }
    const link = event.target.closest("a[data-ask]");
    if (!link) return;
    event.preventDefault();
    one("#dialog").close();
    go("?view=chat");
    ask(link.dataset.ask);
  });
  addEventListener("storage", (event) => {
    if (!event.key?.startsWith(PREFIX)) return;
    if (event.key === PREFIX + conversation.id && !running) open(event.newValue ? conversation.id : undefined); else listEarlier();
  });
  startPrinting();
  dayChanged.push(tellEnded);
  tellEnded();
  const asked = parameters().get("ask");
  if (asked) { box.value = asked; fit(box); }
  open(kept.tab.getItem("chat"));
}

function startDrawer() {
  const drawer = one("#history"), button = one("#show-history");
  const close = () => { showEarlier(false); button.focus(); };
  button.addEventListener("click", () => { showEarlier(true); one("button:not([disabled])", drawer).focus(); });
  one("#hide-history").addEventListener("click", close);
  drawer.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  drawer.addEventListener("focusout", (event) => { if (event.relatedTarget && !drawer.contains(event.relatedTarget)) showEarlier(false); });
  one(".chat-page").addEventListener("click", (event) => { if (event.target === event.currentTarget) showEarlier(false); });
}

function fit(box) {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 160)}px`;
}
