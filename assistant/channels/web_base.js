// What all views share: calling the functions behind the page, moving between views, the date, dark and light.
"use strict";

const SAID = window.PAGE.script;
const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/** An element with text; attributes by name, handlers as on…; nothing is ever read as HTML. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** What the browser keeps for us, or, where it may keep nothing, what this page remembers until it is closed. */
const kept = storage("localStorage");
kept.tab = storage("sessionStorage");

function storage(name) {
  let own;
  try { own = window[name]; own.getItem(""); } catch { own = null; }
  const memory = new Map();
  return own ? {
    getItem: (key) => own.getItem(key), setItem: (key, value) => own.setItem(key, value),
    removeItem: (key) => own.removeItem(key), keys: () => Object.keys(own),
  } : {
    getItem: (key) => memory.get(key) ?? null, setItem: (key, value) => memory.set(key, value),
    removeItem: (key) => memory.delete(key), keys: () => [...memory.keys()],
  };
}

function drawing(name) {
  const box = make("span", { class: "icon-box" });
  box.innerHTML = `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="${window.PAGE.icons[name]}"/></svg>`;
  return box.firstChild;
}

/** Call one of the page's functions on the server and get its result. */
async function call(name, ...data) {
  const reply = await fetch(`gradio_api/run/${name}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ data }),
  });
  if (!reply.ok) throw new Error(`${name}: ${reply.status}`);
  return (await reply.json()).data[0];
}

/** Only the last of several calls counts: a result that has been overtaken is dropped. */
function latest(work) {
  let turn = 0;
  return async (...data) => {
    const mine = ++turn;
    const result = await work(...data);
    return mine === turn ? result : undefined;
  };
}

function later(work, delay = 200) {
  let timer = 0;
  return (...data) => { clearTimeout(timer); timer = setTimeout(() => work(...data), delay); };
}

function toast(text) {
  const box = one("#toast");
  box.textContent = text;
  box.classList.add("shown");
  setTimeout(() => box.classList.remove("shown"), 2400);
}

async function copy(text, done = SAID.copied) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {  // a page that is not served securely has no clipboard of its own
    const area = make("textarea", { class: "sr" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toast(done);
}

function download(name, type, text) {
  const link = make("a", { download: name, href: URL.createObjectURL(new Blob([text], { type })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const newName = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

// --- the day ------------------------------------------------------------------------------------------------
const day = () => one("#day").value;
const dayChanged = [];

function isoToday() {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
}

/** 2025年9月1日, as it is written here; a browser shows a date in the language of its own menus. */
function dayWords(iso) {
  const [year, month, date] = iso.split("-").map(Number);
  return `${year}年${month}月${date}日`;
}

function startDay() {
  const box = one("#day");
  box.value = parameters().get("date") ?? kept.tab.getItem("day") ?? "";
  const chosen = () => {
    kept.tab.setItem("day", box.value);
    one("#day-words").textContent = box.value ? dayWords(box.value) : SAID.today;
  };
  chosen();
  box.addEventListener("click", () => { try { box.showPicker(); } catch { /* typed instead */ } });
  box.addEventListener("change", () => {
    chosen();
    dayChanged.forEach((work) => work());
  });
}

// --- light and dark -------------------------------------------------------------------------------------------
const LOOKS = ["auto", "light", "dark"];
const system = matchMedia("(prefers-color-scheme: dark)");

function applyLook() {
  const look = kept.getItem("look") || "auto";
  const dark = look === "dark" || (look === "auto" && system.matches);
  document.body.classList.toggle("dark", dark);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  const button = one("#theme");
  button.setAttribute("aria-label", window.PAGE.theme[look]);
  button.title = window.PAGE.theme[look];
}

function startLook() {
  one("#theme").addEventListener("click", () => {
    const look = kept.getItem("look") || "auto";
    kept.setItem("look", LOOKS[(LOOKS.indexOf(look) + 1) % LOOKS.length]);
    applyLook();
    toast(one("#theme").title);
  });
  system.addEventListener("change", () => setTimeout(applyLook));
  addEventListener("storage", (event) => event.key === "look" && applyLook());
  applyLook();
}

// --- views --------------------------------------------------------------------------------------------------
const shown = {};  // view → what to do when it is shown, with the address's parameters

function parameters() {
  return new URLSearchParams(location.search);
}

function go(address, replace = false) {
  const target = new URL(address, location.href);
  history[replace ? "replaceState" : "pushState"]({}, "", target);
  show(true);
}

function show(moved) {
  const asked = parameters();
  const view = window.PAGE.views[asked.get("view")] ? asked.get("view") : "chat";
  all(".view").forEach((section) => { section.hidden = section.id !== `view-${view}`; });
  all("nav [data-view]").forEach((link) => {
    if (link.dataset.view === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  document.body.dataset.view = view;
  document.title = view === "chat" ? window.PAGE.title : `${window.PAGE.views[view]} · ${window.PAGE.title}`;
  if (moved) {
    scrollTo(0, 0);
    one(`#view-${view} h2`)?.focus({ preventScroll: true });
  }
  shown[view]?.(asked, moved);
}

function startViews() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-nav]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    one("#dialog").close();
    go(link.getAttribute("href"));
  });
  addEventListener("popstate", () => show(true));
  one(".skip").addEventListener("click", (event) => { event.preventDefault(); one("#main").focus(); });
}

/** Gradio calls this when the page stands. */
function startPage() {
  startLook();
  startDay();
  startViews();
  startDialog();
  startClauses();
  startCalc();
  startCheck();
  startChat();
  show(false);
  document.body.dataset.ready = "true";
}
