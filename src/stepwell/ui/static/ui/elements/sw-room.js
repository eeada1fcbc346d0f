// <sw-room> around the session room: Enter in a field of [data-press], or another choice in a list of that kind,
// presses that button instead of the form's first one, and news from the server never replaces a part in which
// somebody is at work.
class SwRoom extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", this);
    this.addEventListener("change", this);
    document.addEventListener("htmx:oobBeforeSwap", this);
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:oobBeforeSwap", this);
  }

  handleEvent(event) {
    if (event.type === "keydown") return event.key === "Enter" && this.press(event);
    if (event.type === "change") return event.target.tagName === "SELECT" && this.press(event);
    const part = event.detail.target ?? event.target;
    if (part instanceof Element && part.hasAttribute("data-quiet") && this.atWork(part)) event.detail.shouldSwap = false;
  }

  press(event) {
    const button = document.getElementById(event.target.dataset?.press ?? "");
    if (!button) return;
    event.preventDefault();
    button.click();
  }

  atWork(part) {
    if (part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) return true;
    if (part.querySelector("details[open]")) return true;
    return [...part.querySelectorAll("input, select")].some((each) =>
      each.tagName === "SELECT" ? [...each.options].some((o) => o.selected !== o.defaultSelected) : each.value !== each.defaultValue,
    );
  }
}

customElements.define("sw-room", SwRoom);
