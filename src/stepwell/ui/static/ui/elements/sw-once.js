// <sw-once> around a form: a second click on the way sends nothing more.
class SwOnce extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", this);
    this.addEventListener("htmx:afterRequest", this);
    window.addEventListener("pageshow", this);
  }

  disconnectedCallback() {
    window.removeEventListener("pageshow", this);
  }

  handleEvent(event) {
    if (event.type !== "submit") return this.free();
    if (this.hasAttribute("busy")) return event.preventDefault();
    // htmx prevents the browser's own sending and sends by itself; anyone else who prevents it means no.
    const form = event.target;
    const byHtmx = form.matches("[hx-post],[hx-get],[hx-put],[hx-patch],[hx-delete],[data-hx-post]");
    if (event.defaultPrevented && !byHtmx) return;
    this.setAttribute("busy", "");
    form.setAttribute("aria-busy", "true");
    // A page that answers with a download never leaves, so the form opens again by itself.
    this.timer = setTimeout(() => this.free(), 8000);
  }

  free() {
    clearTimeout(this.timer);
    this.removeAttribute("busy");
    for (const form of this.querySelectorAll("form")) form.removeAttribute("aria-busy");
  }
}

customElements.define("sw-once", SwOnce);
