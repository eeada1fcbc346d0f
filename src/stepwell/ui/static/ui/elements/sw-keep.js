// <sw-keep data-name data-key data-hours data-revision data-from> around a form that htmx saves while somebody types:
// what the server does not have yet stays in this browser, sealed (keeping/sealed.js), until it has it. The key comes with the
// page, and only to the person who typed. On return the text is put back, or shown beside a draft that changed
// meanwhile. `data-unsaved`: the page holds typed text that was refused. Without a form (the note is signed) what was
// kept is shown. Fields in `.own-button` are recorded by a button of their own, not by the draft.
import { fieldsOf, labelOf, put, read } from "../keeping/fields.js";
import { showBeside, takeOverLogin } from "../keeping/kept.js";
import { Sealed } from "../keeping/sealed.js";

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
    this.base = this.form && !this.hasAttribute("data-unsaved") ? read(this.form, this.form) : {};
    this.sent = new WeakMap();
    this.state = "";
    this.aside = {};
    for (const name of HEARD) document.addEventListener(name, this);
    for (const name of ["online", "offline", "focus"]) window.addEventListener(name, this);
    this.sealed = await Sealed.open(this.dataset.name, this.dataset.key);
    // htmx listens to the form only once the page is there.
    if (document.readyState !== "complete") await new Promise((done) => window.addEventListener("load", done, { once: true }));
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
    else if (event.type === "htmx:beforeSend") this.sent.set(event.detail.xhr, read(this.form, this.form));
    else if (event.type === "htmx:afterRequest") this.contains(event.detail.elt) && this.answered(event.detail.xhr);
    else if (event.type.endsWith("Swap")) this.took(event.target);
    else if (this.form.contains(event.target)) this.keep();
  }

  pending() {
    return Object.entries(read(this.form, this.form)).filter(([name, values]) => !same(values, this.base[name]));
  }

  // Fields that a draft does not hold: a button beside them records them.
  apart(name) {
    return Boolean(fieldsOf(this.form, name)[0]?.closest(".own-button"));
  }

  // What the server put into the page is what it has.
  took(part) {
    if (part instanceof Element && this.form.contains(part)) Object.assign(this.base, read(this.form, part));
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

  async again() {
    if (this.state === "out") {
      const login = await takeOverLogin(this.dataset.name);
      if (login === "other") return this.say(OTHER, "out");
      if (login === "out") return;
    }
    if (this.pending().length) htmx.trigger(this.form, "keep-send");
    else if (this.state) this.say("", "");
  }

  async keep() {
    const fields = this.form ? Object.fromEntries(this.pending()) : {};
    if (!Object.keys({ ...fields, ...this.aside }).length) return this.sealed?.drop();
    const page = this.form?.elements.page.value;
    await this.sealed?.put({ fields, aside: this.aside, revision: this.dataset.revision, page });
  }

  async restore() {
    const entry = await this.sealed.take();
    if (!entry) return;
    const { fields, aside, revision, page } = entry.value;
    const differing = Object.entries(fields).filter(([name, values]) => !this.stands(name, values));
    const own = this.form && (revision === this.dataset.revision || page === this.dataset.from);
    const beside = own ? differing.filter(([name, values]) => !put(this.form, name, values)) : differing;
    this.aside = Object.fromEntries([...Object.entries(aside), ...beside].filter((one) => !this.stands(...one)));
    const lines = Object.entries(this.aside).map(([name, values]) => this.beside(name, values));
    if (lines.length) showBeside(this.querySelector("[data-beside]"), lines, clock(entry.at), () => this.settle());
    await this.keep();
    if (!own || beside.length === differing.length) return;
    this.say(`What you typed at ${clock(entry.at)} is back.`, "");
    htmx.trigger(this.form, "keep-send");
  }

  // One text that stood beside, or all, needs to be kept no longer.
  settle(name) {
    this.aside = name ? Object.fromEntries(Object.entries(this.aside).filter(([one]) => one !== name)) : {};
    return this.keep();
  }

  // Whether the page says it already; of a signed note only whole sentences are looked for.
  stands(name, values) {
    if (this.form) return same(read(this.form, this.form)[name], values);
    const plain = (text) => text.replace(/\s+/g, " ").trim();
    return values.every((text) => !plain(text).includes(" ") || plain(document.body.textContent).includes(plain(text)));
  }

  beside(name, values) {
    const take = () => (put(this.form, name, values), this.settle(name).then(() => htmx.trigger(this.form, "keep-send")));
    const there = fieldsOf(this.form, name).length > 0;
    return { label: labelOf(this.form, name), text: values.join(", "), take: there ? take : null };
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
