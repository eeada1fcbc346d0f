// <sw-follow> around a form that saves itself: what a save wrote into a field (hx-swap-oob with data-was) replaces the
// field only where it still holds what was sent, and never where somebody is typing.
class SwFollow extends HTMLElement {
  connectedCallback() {
    document.body.addEventListener("htmx:oobBeforeSwap", this);
  }

  disconnectedCallback() {
    document.body.removeEventListener("htmx:oobBeforeSwap", this);
  }

  handleEvent(event) {
    const field = event.detail.target;
    const coming = event.detail.fragment?.querySelector?.("[data-was]");
    if (!coming || !this.contains(field) || field.id !== coming.id) return;
    const typed = field.value.trim() !== (coming.dataset.was ?? "").trim();
    if (typed || field === document.activeElement) event.detail.shouldSwap = false;
  }
}

customElements.define("sw-follow", SwFollow);
