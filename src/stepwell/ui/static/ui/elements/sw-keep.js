// <sw-keep data-name data-key data-hours data-revision data-from> around a form that htmx saves while somebody types:
// what the server does not have yet stays in this browser, sealed (sealed.js), until it has it. The key comes with the
// page, and only to the person who typed. On return the text is put back, or shown beside a draft that changed
// meanwhile. `data-unsaved`: the page holds typed text that was refused. Without a form (the note is signed) what was
// kept is shown. Fields in `.own-button` are recorded by a button of their own, not by the draft.
import { Sealed } from "./sealed.js";

const OFFLINE = "Not saved yet; it will be when the network is back.";
const OUT = "You were logged out. Log in again in another tab or here; your text is kept.";
const OTHER = "Somebody else is logged in here now. Your text is kept for you; log in again to get it back.";
const HEARD = ["input", "change", "htmx:beforeSend", "htmx:afterRequest", "htmx:oobAfterSwap", "htmx:afterSwap"];
const clock = (at) => new Date(at).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
const same = (a, b) => JSON.stringify(a ?? []) === JSON.stringify(b ?? []);

class SwKeep extends HTMLElement {
  async connectedCallback() {
    Sealed.forgetOlder("sw-keep:", Number(this.dataset.hours));
    this.form = this.querySelector("form");
    this.base = this.form && !this.hasAttribute("data-unsaved") ? this.read(this.form) : {};
    this.sent = new WeakMap();
    this.state = "";
    for (const name of HEARD) document.addEventListener(name, this);
    for (const name of ["online", "offline", "focus"]) window.addEventListener(name, this);
    this.sealed = await Sealed.open(this.dataset.name, this.dataset.key);
    if (this.sealed) await this.restore();
    this.setAttribute("ready", "");
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    for (const name of HEARD) document.removeEventListener(name, this);
    for (const name of ["online", "offline", "focus"]) window.removeEventListener(name, this);
  }

  handleEvent(event) {
    if (!this.form) return;
    if (event.type === "online" || (event.type === "focus" && this.state)) this.again();
    else if (event.type === "offline") this.pending().length && this.say(OFFLINE, "offline");
    else if (event.type === "htmx:beforeSend") this.sent.set(event.detail.xhr, this.read(this.form));
    else if (event.type === "htmx:afterRequest") this.contains(event.detail.elt) && this.answered(event.detail.xhr);
    else if (event.type.endsWith("Swap")) this.took(event.target);
    else if (this.form.contains(event.target)) this.keep();
  }

  // Field name -> its values, of the named fields in a part of the form.
  read(within) {
    const data = new FormData(this.form);
    const named = [...within.querySelectorAll("[name]"), ...(within.matches("[name]") ? [within] : [])];
    const names = named.map((each) => each.name).filter((name) => !/^(csrfmiddlewaretoken|revision|page|of|absent|)$/.test(name ?? ""));
    return Object.fromEntries(names.map((name) => [name, data.getAll(name).map(String)]));
  }

  pending() {
    return Object.entries(this.read(this.form)).filter(([name, values]) => !same(values, this.base[name]));
  }

  // Fields that a draft does not hold: a button beside them records them.
  apart(name) {
    return Boolean(this.fields(name)[0]?.closest(".own-button"));
  }

  fields(name) {
    return [...this.form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  }

  // What the server put into the page is what it has.
  took(part) {
    if (part instanceof Element && this.form.contains(part)) Object.assign(this.base, this.read(part));
  }

  async answered(xhr) {
    clearTimeout(this.timer);
    const revision = xhr.getResponseHeader("X-Saved-Revision");
    if (revision !== null) {
      this.dataset.revision = this.form.elements.revision.value = revision;
      this.dataset.from = this.form.elements.page.value;
      for (const [name, values] of Object.entries(this.sent.get(xhr) ?? {})) {
        if (!this.apart(name)) this.base[name] = values;
      }
    }
    if (xhr.status === 401 || xhr.status === 403) this.say(OUT, "out");
    else if (xhr.status === 0 || xhr.status >= 500) this.say(OFFLINE, "offline");
    else this.state = "";
    // Also once more when something was typed on the way, or an older answer came last.
    const unsent = this.pending().some(([name]) => !this.apart(name));
    if (this.state || (revision !== null && unsent)) this.timer = setTimeout(() => this.again(), this.state === "out" ? 20000 : 4000);
    await this.keep();
  }

  // Logged in again, in another tab: the page takes the new token over, but only for the same person.
  async again() {
    if (this.state === "out") {
      const answer = await fetch(location.pathname).catch(() => null);
      const page = new DOMParser().parseFromString((await answer?.text()) ?? "", "text/html");
      const there = page.querySelector("sw-keep");
      if (there && there.dataset.name !== this.dataset.name) return this.say(OTHER, "out");
      const token = there && page.querySelector("[name=csrfmiddlewaretoken]")?.value;
      if (!token) return;
      for (const each of document.querySelectorAll("[name=csrfmiddlewaretoken]")) each.value = token;
      document.body.setAttribute("hx-headers", JSON.stringify({ "x-csrftoken": token }));
    }
    if (this.pending().length) htmx.trigger(this.form, "keep-send");
    else if (this.state) this.say("", "");
  }

  async keep() {
    const fields = Object.fromEntries(this.pending());
    if (!Object.keys(fields).length) return this.sealed?.drop();
    await this.sealed?.put({ fields, revision: this.dataset.revision, page: this.form.elements.page.value });
  }

  async restore() {
    const entry = await this.sealed.take();
    if (!entry) return;
    const { fields, revision, page } = entry.value;
    const differing = Object.entries(fields).filter(([name, values]) => !this.stands(name, values));
    if (!differing.length) return this.form && this.hasAttribute("data-unsaved") ? undefined : this.sealed.drop();
    const own = this.form && (revision === this.dataset.revision || page === this.dataset.from);
    const beside = own ? differing.filter(([name, values]) => !this.put(name, values)) : differing;
    if (beside.length) this.showBeside(beside, entry.at);
    if (beside.length === differing.length) return;
    await this.keep();
    this.say(`What you typed at ${clock(entry.at)} is back.`, "");
    htmx.trigger(this.form, "keep-send");
  }

  // Whether the page says it already; of a signed note only whole sentences are looked for.
  stands(name, values) {
    if (this.form) return same(this.read(this.form)[name], values);
    const plain = (text) => text.replace(/\s+/g, " ").trim();
    return values.every((text) => !plain(text).includes(" ") || plain(document.body.textContent).includes(plain(text)));
  }

  put(name, values) {
    const fields = this.fields(name);
    fields.forEach((each, number) => {
      if (each.type === "radio" || each.type === "checkbox") each.checked = values.includes(each.value);
      else each.value = values[number] ?? "";
    });
    return fields.length > 0;
  }

  showBeside(differing, at) {
    const box = this.querySelector("[data-beside]");
    for (const [name, values] of differing) {
      const line = box.querySelector("template").content.firstElementChild.cloneNode(true);
      const field = this.form && this.fields(name)[0];
      const who = field?.closest("section[aria-label]")?.getAttribute("aria-label");
      const what = (field?.type === "radio" ? field.closest("fieldset")?.querySelector("legend") : field?.labels?.[0])?.textContent;
      line.querySelector("strong").textContent = [who, what?.trim()].filter(Boolean).join(": ");
      line.querySelector("span").textContent = values.join(", ");
      line.querySelector("button").hidden = !field;
      line.querySelector("button").addEventListener("click", () => {
        this.put(name, values);
        line.remove();
        this.keep().then(() => htmx.trigger(this.form, "keep-send"));
      });
      box.querySelector("ul").append(line);
    }
    box.querySelector("[data-when]").textContent = clock(at);
    box.querySelector("[data-drop]").addEventListener("click", () => (box.remove(), this.sealed.drop()));
    box.hidden = false;
  }

  say(words, state) {
    this.state = state;
    const line = document.getElementById("saved");
    if (!line) return;
    line.className = state ? "status warn" : "";
    line.replaceChildren(words);
    if (state !== "out") return;
    const link = document.createElement("a");
    link.href = `/accounts/login/?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = "Log in";
    line.append(" ", link);
  }
}

customElements.define("sw-keep", SwKeep);
