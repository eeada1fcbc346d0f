// <sw-leave> around a link: leaves at once for a neutral page, and "back" does not return here.
// Esc pressed twice within a second does the same. Without JavaScript the link inside still leads away.
// data-kept-as: this page answers what somebody sent. The history keeps that address instead, so that the browser
// holds no answers, and neither "back" nor loading again sends them once more.
class SwLeave extends HTMLElement {
  connectedCallback() {
    if (this.dataset.keptAs) history.replaceState(null, "", this.dataset.keptAs);
    this.addEventListener("click", this);
    document.addEventListener("keydown", this);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this);
  }

  handleEvent(event) {
    if (event.type === "keydown") {
      if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
      const now = event.timeStamp;
      if (!this.pressed || now - this.pressed > 1000) {
        this.pressed = now;
        return;
      }
    }
    event.preventDefault();
    this.leave();
  }

  leave() {
    const address = this.querySelector("a")?.href ?? "https://www.weather.gov/";
    // Nothing stays on the screen while the other page loads, nor in the list of recent pages.
    document.title = "Weather";
    document.body.hidden = true;
    try {
      history.replaceState(null, "", "/");
    } finally {
      location.replace(address);
    }
  }
}

customElements.define("sw-leave", SwLeave);
