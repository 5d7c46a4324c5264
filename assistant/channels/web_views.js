// 算一算, 政策体检, 看政策: reading forms, asking the server for results, opening clauses.
"use strict";

// --- forms ----------------------------------------------------------------------------------------------------
/** The facts of a form: fields left empty are not among them. */
function factsOf(form) {
  const facts = fieldsOf(form, (field) => !field.closest("[data-row]"));
  for (const list of all("[data-list]", form)) {
    const rows = all("[data-row]", list).map((row) => fieldsOf(row, () => true));
    if (rows.some((row) => Object.keys(row).length)) facts[list.dataset.list] = rows;
  }
  return facts;
}

function fieldsOf(box, counts) {
  const facts = {};
  for (const field of all("[data-fact]", box).filter(counts)) {
    const value = valueOf(field);
    if (value !== undefined) facts[field.dataset.fact] = value;
  }
  return facts;
}

function valueOf(field) {
  const { kind } = field.dataset;
  if (kind === "many") {
    const chosen = all("input:checked", field).map((box) => box.value);
    return chosen.length ? chosen.filter(Boolean) : undefined;
  }
  const box = one("input:checked", field) || one("select, input:not([type=radio])", field);
  const text = (box?.value || "").trim();
  if (box?.validity?.badInput) return "?";
  if (!text) return undefined;
  if (kind === "truth") return text === "true";
  // A number is handed on as it was written: money must not pass through a floating point number.
  return kind === "whole" && Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

/** Groups of people alike: another one, one less. */
function groupButtons(event) {
  const list = event.target.closest("[data-list]");
  if (!list || !event.target.closest("[data-add], [data-drop]")) return false;
  const rows = one(".group-rows", list);
  if (event.target.closest("[data-add]")) {
    const number = Number(list.dataset.next || rows.children.length) + 1;
    list.dataset.next = number;
    const blank = one(":scope > template", list);
    const holder = make("div");
    holder.innerHTML = blank.innerHTML.replaceAll("NUMBER", String(number));
    rows.append(holder.firstElementChild);
    rows.lastElementChild.querySelector("input, select")?.focus();
  } else {
    event.target.closest("[data-row]").remove();
    one("[data-add]", list).focus();
  }
  all("[data-row] > legend", rows).forEach((legend, i) => { legend.textContent = window.PAGE.calc.group.replace("{number}", i + 1); });
  return true;
}

/** Of the boxes for several things, 没有 excludes the others. */
function oneNone(event) {
  const field = event.target.closest('[data-kind="many"]');
  if (!field || !event.target.checked) return;
  all("input", field).forEach((box) => { if (box !== event.target && (!box.value || !event.target.value)) box.checked = false; });
}

// --- 算一算 ----------------------------------------------------------------------------------------------------
const askForm = latest((tool, scenarios) => call("form", tool, JSON.stringify(scenarios)));
const askResult = latest((tool, scenarios) => call("calculate", tool, JSON.stringify(scenarios), day()));
const open_ = { tool: "" };

function scenarios() {
  return all("#tool-form form").map(factsOf);
}

async function showTool(tool, given) {
  const box = one("#tool-form");
  open_.tool = tool;
  one("#tool-list").hidden = Boolean(tool);
  box.hidden = !tool;
  if (!tool) return;
  const form = await askForm(tool, given).catch(() => null);
  if (form === undefined) return;
  if (!form?.html) { go("?view=calc", true); return; }
  box.innerHTML = form.html;
  await calculate();
}

async function calculate() {
  if (!open_.tool || !one("#tool-form form")) return;
  const { tool } = open_;
  let found;
  try { found = await askResult(tool, scenarios()); } catch { toast(SAID.cannot_calculate); return; }
  if (!found || tool !== open_.tool) return;
  all("#tool-form .result").forEach((box, i) => {
    const opened = all("details", box).map((part) => part.open);
    box.innerHTML = found.results[i];
    if (opened.length === all("details", box).length) all("details", box).forEach((part, n) => { part.open = opened[n]; });
  });
  const names = found.brief.length > 1 ? window.PAGE.calc.scenarios : [""];
  all("#tool-form .peek").forEach((link, i) => { link.textContent = [found.brief[i] && names[i], found.brief[i]].filter(Boolean).join(" "); });
  one("#difference").replaceChildren(...(names.length > 1
    ? [...names.map((name, i) => make("span", {}, name, make("b", {}, found.brief[i] || SAID.not_known))), make("strong", {}, found.difference)] : []));
  markDifferences();
  all("#tool-form form").forEach((form, i) => {
    all(".wanted", form).forEach((field) => field.classList.remove("wanted"));
    for (const path of found.missing[i] || []) fieldAt(form, path)?.classList.add("wanted");
  });
  remember();
}

/** Of two situations, the facts that are not the same in both. */
function markDifferences() {
  const [first, second] = all("#tool-form form").map((form) => all("[data-fact]", form));
  const alike = second && first.length === second.length;
  for (const [i, field] of (second || []).entries())
    field.classList.toggle("differs", Boolean(alike) && String(valueOf(field)) !== String(valueOf(first[i])));
}

function fieldAt(form, path) {
  const [list, row, name] = path.split(".");
  if (!name) return all(`[data-fact="${list}"]`, form).find((field) => !field.closest("[data-row]"));
  const group = all(`[data-list="${list}"] [data-row]`, form)[Number(row)];
  return group && one(`[data-fact="${name}"]`, group);
}

function shareAddress() {
  const [first, second] = scenarios();
  const address = new URL(location.href);
  address.search = new URLSearchParams({ view: "calc", tool: open_.tool, facts: JSON.stringify(first),
    ...(second ? { second: JSON.stringify(second) } : {}), ...(day() ? { date: day() } : {}) });
  address.hash = "";
  return address;
}

/** What is filled in stands in the address: a reload or a step back finds it. */
function remember() {
  if (document.body.dataset.view === "calc") history.replaceState({}, "", shareAddress());
}

function startCalc() {
  const soon = later(calculate);
  const box = one("#tool-form");
  box.addEventListener("input", (event) => { oneNone(event); soon(); });
  box.addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("click", (event) => {
    const peek = event.target.closest(".peek");
    if (groupButtons(event)) soon();
    else if (peek) { event.preventDefault(); one(peek.hash).scrollIntoView(); }
    else if (event.target.closest("#share")) copy(shareAddress().href, SAID.link_copied);
    else if (event.target.closest("#reset")) go(`?view=calc&tool=${open_.tool}`);
    else if (event.target.closest("#compare")) {
      const [first, second] = scenarios();
      showTool(open_.tool, second ? [first] : [first, first]).then(() => one("#compare")?.focus());
    }
  });
  dayChanged.push(calculate);
  shown.calc = async (asked, moved) => {
    const read = (name) => { try { return JSON.parse(asked.get(name)); } catch { return "?"; } };
    const given = ["facts", "second"].filter((name) => asked.get(name)).map(read);
    await showTool(asked.get("tool") || "", given);
    if (moved && open_.tool) one("#tool-form h2")?.focus({ preventScroll: true });
  };
}

// --- 政策体检 ----------------------------------------------------------------------------------------------------
const askCheck = latest((facts, subject) => call("check", JSON.stringify(facts), subject, day()));

function startCheck() {
  const view = one("#view-check"), result = one("#check-result");
  const form = () => all("form", view).find((other) => !other.hidden);
  const run = async (moved) => {
    const html = await askCheck(factsOf(form()), form().dataset.subject).catch(() => null);
    if (html === undefined) return;
    if (html === null) { toast(SAID.cannot_calculate); return; }
    result.innerHTML = html;
    if (moved) { result.scrollIntoView({ block: "start" }); result.focus({ preventScroll: true }); }
  };
  view.addEventListener("submit", (event) => { event.preventDefault(); run(true); });
  view.addEventListener("click", (event) => {
    groupButtons(event);
    const step = event.target.closest("[data-onward]")?.closest("details");
    if (!step) return;
    step.open = false;
    step.nextElementSibling.open = true;
    one("summary", step.nextElementSibling).focus({ preventScroll: true });
    step.scrollIntoView({ block: "start" });
  });
  view.addEventListener("input", (event) => {
    oneNone(event);
    if (event.target.name !== "subject") return;
    all("form", view).forEach((other) => { other.hidden = other.dataset.subject !== event.target.value; });
    result.replaceChildren();
  });
  dayChanged.push(() => { if (result.children.length) run(false); });
  shown.check = (asked) => {
    const box = all("[name=subject]", view).find((other) => other.value === asked.get("subject"));
    if (box && !box.checked) box.click();
  };
}

// --- 看政策 ----------------------------------------------------------------------------------------------------
const askClauses = latest((question) => call("search", question));

function startClauses() {
  const box = one("#clause-search"), found = one("#clause-found");
  const search = later(async () => {
    const html = box.value.trim() ? await askClauses(box.value).catch(() => "") : "";
    if (html !== undefined) found.innerHTML = box.value.trim() ? html : "";
  });
  box.addEventListener("input", search);
  one(".toc").open = matchMedia("(min-width: 64rem)").matches;
  one("#view-clauses form").addEventListener("submit", (event) => { event.preventDefault(); one("a", found)?.focus(); });
  shown.clauses = async (asked, moved) => {
    const number = asked.get("clause"), quotes = asked.getAll("quote");
    const card = /^\d+$/.test(number || "") && document.getElementById(`clause-${number}`);
    all(".clause-card.here").forEach((other) => other.classList.remove("here"));
    if (!card) return;
    if (quotes.length) {
      const text = one(".clause-text", card);
      const html = await call("clause", Number(number), JSON.stringify(quotes)).catch(() => "");
      const quoted = make("div");
      quoted.innerHTML = html;
      if (one(".clause-text", quoted)) text.replaceWith(one(".clause-text", quoted));
    }
    card.classList.add("here");
    card.scrollIntoView({ block: "start" });
    if (moved) card.focus({ preventScroll: true });
  };
}

// --- the clause a citation opens ------------------------------------------------------------------------------------
function startDialog() {
  const dialog = one("#dialog");
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-clause]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const address = new URL(link.href);
    const quotes = address.searchParams.getAll("quote");
    let html;
    try { html = await call("clause", Number(link.dataset.clause), JSON.stringify(quotes)); } catch { go(link.getAttribute("href")); return; }
    one("#dialog-body").innerHTML = html;
    one("#dialog-open").setAttribute("href", link.getAttribute("href"));
    one(".dialog-head .help").hidden = !one("mark", dialog);
    dialog.showModal();
    one("#dialog-body").parentElement.scrollTop = 0;
    one("mark", dialog)?.scrollIntoView({ block: "nearest" });
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
}
