// What a page does beyond being read: shows one kind of thing, steps from one to the next, keeps a theme.
"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  root.classList.add("js");

  // The theme: what the system says, until the reader says otherwise.
  const system = matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => { try { return localStorage.getItem("verify-theme"); } catch { return null; } };
  const dark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const switchTheme = () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("verify-theme", root.dataset.theme); } catch { /* not kept, then */ }
  };
  if (["light", "dark"].includes(remembered())) root.dataset.theme = remembered();
  one("[data-theme-switch]").addEventListener("click", switchTheme);

  const filters = all("[data-show]");
  if (!filters.length) return;

  const kinds = {
    all: ".finding.error, .finding.warning",
    finding: ".finding.error, .finding.warning",
    false: ".mark.false",
    undecided: ".mark.undecided",
    holds: ".mark.holds",
  };
  let shown = "all";
  let steps = all(kinds.all);
  let at = -1;

  // A heading stays where something below it does.
  const hideRest = (guide) => {
    let open = 0;
    for (const part of [...guide.children].reverse()) {
      const level = /^H[1-6]$/.test(part.tagName) ? Number(part.tagName[1]) : 0;
      const has = shown === "all" || part.matches(kinds[shown]) || part.querySelector(kinds[shown]);
      part.hidden = !has && !(level && level < open);
      if (!part.hidden) open = level || 7;
    }
  };

  const tell = () => {
    one(".at").textContent = steps.length ? `${at < 0 ? "–" : at + 1} of ${steps.length}` : "none";
    for (const button of all("[data-step]")) button.disabled = !steps.length;
  };

  const show = (kind) => {
    shown = kind;
    for (const button of filters) button.setAttribute("aria-pressed", button.dataset.show === kind);
    all(".guide").forEach(hideRest);
    root.dataset.shown = kind;
    steps = all(kinds[kind]);
    at = -1;
    one(".none").hidden = steps.length > 0 || kind === "all";
    tell();
  };

  const step = (by) => {
    if (!steps.length) return;
    const from = at < 0 && by < 0 ? 0 : at;
    at = (from + by + steps.length) % steps.length;
    steps[at].focus({ preventScroll: true });
    steps[at].scrollIntoView({ block: "center", inline: "nearest" });
    tell();
  };

  const dialog = one("dialog");
  const help = () => (dialog.open ? dialog.close() : dialog.showModal());

  for (const button of filters) button.addEventListener("click", () => show(button.dataset.show));
  for (const button of all("[data-step]")) button.addEventListener("click", () => step(Number(button.dataset.step)));
  one("[data-help]").addEventListener("click", help);
  // Where the reader goes by hand, stepping goes on from there.
  document.addEventListener("focusin", (event) => {
    const here = steps.indexOf(event.target);
    if (here >= 0) { at = here; tell(); }
  });

  const keys = { n: () => step(1), j: () => step(1), p: () => step(-1), k: () => step(-1), t: switchTheme, "?": help };
  filters.forEach((button, index) => { keys[index + 1] = () => show(button.dataset.show); });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (dialog.open && event.key !== "?")) return;
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  tell();
})();
