// <sw-idle seconds href>: when nobody has touched the page for so long it is opened anew, and what was begun is gone.
class SwIdle extends HTMLElement {
  connectedCallback() {
    for (const kind of ["input", "pointerdown", "keydown"]) document.addEventListener(kind, this);
    window.addEventListener("pageshow", this);
    this.wait();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    for (const kind of ["input", "pointerdown", "keydown"]) document.removeEventListener(kind, this);
    window.removeEventListener("pageshow", this);
  }

  handleEvent(event) {
    // Back to this page: the browser may have kept what was typed.
    if (event.type === "pageshow") for (const form of document.forms) form.reset();
    this.wait();
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => location.replace(this.getAttribute("href")), Number(this.getAttribute("seconds")) * 1000);
  }
}

customElements.define("sw-idle", SwIdle);
