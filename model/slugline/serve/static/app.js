// What makes the page quicker; everything in it also works without. The server renders, this only asks it in the
// background and puts its answer in place of what was there.
"use strict";

(() => {
  const ONE_LETTER = "slugline.single-letter-keys";
  const WHO = "slugline.who";
  let leaving = false;

  const byId = (id) => document.getElementById(id);
  const form = () => byId("judging");

  function say(text) {
    const region = byId("live-region");
    region.textContent = "";
    // A text that is put back at once is not read out again.
    window.setTimeout(() => { region.textContent = text; }, 60);
  }

  function stored(key, value) {
    try {
      if (value !== undefined) window.localStorage.setItem(key, value);
      return window.localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  // Asking in the background: one after the other, for each answer is what the next question starts from

  let last = Promise.resolve();

  function ask(button) {
    const { id, value } = button;
    last = last.then(() => send((id && byId(id)) || sameButton(value) || button)).catch(() => {});
  }

  function sameButton(value) {
    return [...form().elements].find((one) => one.name === "do" && one.value === value);
  }

  async function send(button) {
    const sender = form();
    const sent = new FormData(sender, button);
    sender.setAttribute("aria-busy", "true");
    let made;
    try {
      const headers = { Accept: "text/html" };
      const answer = await fetch(sender.getAttribute("action"), { method: "POST", body: sent, headers });
      made = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!made.getElementById("judging")) throw new Error(made.getElementById("problem").textContent);
    } catch (error) {
      sender.removeAttribute("aria-busy");
      showTrouble(made ? error.message : "The server did not answer.");
      return;
    }
    place(made, sender, sent, button);
  }

  function showTrouble(what) {
    const text = `${what} Nothing is lost here; please try again.`;
    say(text);
    const note = byId("trouble") || document.createElement("p");
    note.id = "trouble";
    note.className = "note bad";
    note.textContent = text;
    form().prepend(note);
  }

  function place(made, sender, sent, button) {
    const next = made.querySelector("main");
    const changes = changedSince(sender, sent);
    const held = document.activeElement && document.activeElement.id;
    const open = [...document.querySelectorAll("details[open]")].map((one) => one.className);
    const scroll = window.scrollY;
    const shown = sent.get("shown");
    const wanted = made.querySelector("[autofocus]");
    // The browser itself heeds this in a page that is loaded, and complains in one that is changed.
    if (wanted) wanted.removeAttribute("autofocus");
    document.title = made.title;
    byId("main").replaceChildren(...next.childNodes);
    for (const name of open) {
      const details = document.querySelector(`details.${CSS.escape(name)}`);
      if (details) details.open = true;
    }
    for (const [name, value] of changes) setField(name, value);
    ready();
    const target = (wanted && byId(wanted.id)) || (held && byId(held)) || (button.id && byId(button.id));
    window.scrollTo({ top: scroll, behavior: "instant" });
    if (target) target.focus({ preventScroll: target.id === held });
    const note = byId("note");
    if (note) {
      say(note.textContent.trim());
      if (note.classList.contains("bad") && !wanted) note.focus();
    } else if (form().elements.shown.value !== shown || button.value.startsWith("show:")) showEvidence();
  }

  function showEvidence() {
    const box = byId("evidence");
    if (!box) return;
    say(box.querySelector("h2").textContent.trim() + " " + box.querySelector(".verdict").textContent.trim());
    byId("text").scrollTop = 0;
    const where = box.getBoundingClientRect();
    if (where.top >= 0 && where.top <= window.innerHeight * 0.6) return;
    box.scrollIntoView({ block: "start" });
    box.focus({ preventScroll: true });
  }

  // What was changed while the server was answering stays changed.
  function changedSince(sender, sent) {
    const now = new FormData(sender);
    const found = [];
    for (const control of sender.querySelectorAll("input[type=radio]:checked, input[type=text], select")) {
      const name = control.name;
      if (name && now.get(name) !== sent.get(name)) found.push([name, now.get(name)]);
    }
    return found;
  }

  function setField(name, value) {
    for (const control of form().querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (control.type === "radio") control.checked = control.value === value;
      else if (control.type !== "hidden" && control.type !== "submit") control.value = value;
    }
  }

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button && button.hasAttribute("data-stay")) {
      event.preventDefault();
      ask(button);
      return;
    }
    if (tooLarge(event.target)) {
      event.preventDefault();
      return;
    }
    leaving = true;
    event.target.setAttribute("aria-busy", "true");
    say("Working.");
  });

  // The server would refuse it without reading it, and the page with what was typed would be gone.
  function tooLarge(sender) {
    const most = Number(sender.dataset.most || Infinity);
    const file = byId("file");
    const chosen = file && file.files.length ? file.files[0] : null;
    const field = chosen ? file : byId("body");
    // Characters are bytes or more.
    const size = chosen ? chosen.size : field ? field.value.length : 0;
    if (size < most - 10_000) return false;
    const text = `${chosen ? chosen.name : "The text"} has ${(size / 1048576).toFixed(1)} MB, more than this server takes.`;
    const error = byId(`${field.id}-error`) || document.createElement("p");
    error.id = `${field.id}-error`;
    error.className = "field-error";
    error.textContent = text;
    field.before(error);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", `${error.id} ${field.id}-hint`);
    field.focus();
    say(text);
    return true;
  }

  // A page that comes back from the browser's memory is not busy any more.
  window.addEventListener("pageshow", () => {
    leaving = false;
    for (const one of document.querySelectorAll("form[aria-busy]")) one.removeAttribute("aria-busy");
  });

  window.addEventListener("beforeunload", (event) => {
    if (!leaving && form() && form().hasAttribute("data-dirty")) event.preventDefault();
  });

  document.addEventListener("change", (event) => {
    const sender = event.target.form;
    if (sender && sender === form() && sender.hasAttribute("data-judging") && event.target.name !== "who") {
      if (event.target.id !== "single-keys") sender.setAttribute("data-dirty", "");
    }
    if (event.target.id === "who") remember(event.target.value);
    if (event.target.id === "single-keys") stored(ONE_LETTER, event.target.checked ? "on" : "off");
  });

  function remember(name) {
    try { window.sessionStorage.setItem(WHO, name); } catch { /* then it is typed again */ }
  }

  // Keys

  function rows() { return [...document.querySelectorAll("[data-row]")]; }

  function rowOf(element) { return element && element.closest ? element.closest("[data-row]") : null; }

  function entry(row) { return row.querySelector("input:checked") || row.querySelector("button"); }

  function step(by) {
    const all = rows().filter((row) => row.offsetParent !== null);
    if (!all.length) return;
    const place = all.indexOf(rowOf(document.activeElement));
    const next = all[place < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, place + by))];
    entry(next).focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function judge(value) {
    const row = rowOf(document.activeElement);
    const radio = row && row.querySelector(`input[value="${value}"]`);
    if (!radio) return;
    radio.click();
    radio.focus();
  }

  function press(selector) {
    const button = document.querySelector(selector);
    if (button && !button.disabled) button.click();
  }

  function why() {
    const row = rowOf(document.activeElement);
    const button = row && row.querySelector(".why");
    if (button) button.click();
  }

  function help() {
    const keys = byId("keys");
    if (!keys) return;
    keys.open = true;
    keys.querySelector("summary").focus();
  }

  const letters = {
    j: () => step(1),
    k: () => step(-1),
    a: () => judge("accept"),
    r: () => judge("reject"),
    u: () => judge("skip"),
    w: why,
    t: () => { if (byId("tag")) byId("tag").focus(); },
    n: () => press("#next"),
    p: () => press("#previous"),
    "?": help,
  };

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const button = document.querySelector("form button.primary");
      if (button) { event.preventDefault(); button.click(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    // Enter on a choice would press the form's first button.
    if (event.key === "Enter" && target.type === "radio") { event.preventDefault(); return; }
    const typing = target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=file])");
    if (typing || !form() || stored(ONE_LETTER) === "off") return;
    const action = letters[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (action) { event.preventDefault(); action(); }
  });

  // The field for another tag: an ARIA combobox over what the server knows

  function combobox(field) {
    const address = field.closest("[data-complete]").dataset.complete;
    const list = document.createElement("ul");
    list.className = "options";
    list.id = "tag-options";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Tags");
    field.after(list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"],
      ["aria-controls", list.id]]) field.setAttribute(name, value);
    let chosen = -1;
    let waiting = 0;
    let latest = 0;

    function close() {
      latest += 1;
      window.clearTimeout(waiting);
      list.hidden = true;
      chosen = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    }

    function choose(number) {
      const options = [...list.children];
      chosen = (number + options.length) % options.length;
      options.forEach((one, at) => one.setAttribute("aria-selected", String(at === chosen)));
      options[chosen].scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", options[chosen].id);
    }

    function take(option) {
      field.value = option.textContent;
      close();
      field.focus();
    }

    async function refresh() {
      const mine = latest += 1;
      const typed = field.value;
      if (!typed.trim()) { close(); return; }
      let tags;
      try {
        const answer = await fetch(`${address}?limit=8&q=${encodeURIComponent(typed.trim().slice(0, 200))}`);
        tags = (await answer.json()).tags.map((entry) => entry.tag);
      } catch {
        return;
      }
      if (mine !== latest || document.activeElement !== field) return;
      list.replaceChildren(...tags.map((tag, number) => {
        const option = document.createElement("li");
        option.id = `tag-option-${number}`;
        option.textContent = tag;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        return option;
      }));
      chosen = -1;
      field.removeAttribute("aria-activedescendant");
      list.hidden = !tags.length;
      field.setAttribute("aria-expanded", String(!list.hidden));
      say(tags.length ? `${tags.length} tags match.` : "No tag matches.");
    }

    field.addEventListener("input", () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(refresh, 120);
    });
    field.addEventListener("blur", () => window.setTimeout(close, 150));
    list.addEventListener("mousedown", (event) => {
      const option = event.target.closest("li");
      event.preventDefault();
      if (option) take(option);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) refresh();
        else choose(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? -1 : chosen - 1);
      } else if (event.key === "Enter" && !list.hidden && chosen >= 0) {
        event.preventDefault();
        take(list.children[chosen]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
  }

  function ready() {
    const field = byId("tag");
    if (field) combobox(field);
    const who = byId("who");
    if (who && !who.value) {
      try { who.value = window.sessionStorage.getItem(WHO) || ""; } catch { /* it stays empty */ }
    }
    const keys = document.querySelector("[data-keys-switch]");
    if (keys) {
      keys.hidden = false;
      byId("single-keys").checked = stored(ONE_LETTER) !== "off";
    }
  }

  ready();
  const note = document.querySelector("#note.bad");
  if (note && !document.querySelector("[autofocus]")) note.focus();
})();
