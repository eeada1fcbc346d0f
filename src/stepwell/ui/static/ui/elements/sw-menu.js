// <sw-menu> around the staff frame: opens and closes the rail on phones. Without it the links to #rail do.
class SwMenu extends HTMLElement {
  connectedCallback() {
    this.opener = this.querySelector(".menu-open");
    this.opener?.setAttribute("aria-expanded", "false");
    this.opener?.addEventListener("click", (event) => this.turn(event, true));
    this.querySelector(".menu-close")?.addEventListener("click", (event) => this.turn(event, false));
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.hasAttribute("open")) this.turn(event, false);
      if (event.key === " " && event.target === this.opener) this.turn(event, true);
    });
  }

  turn(event, open) {
    event.preventDefault();
    this.toggleAttribute("open", open);
    this.opener?.setAttribute("aria-expanded", String(open));
    const rail = this.querySelector(".rail");
    (open ? rail?.querySelector("nav a") : this.opener)?.focus();
  }
}

customElements.define("sw-menu", SwMenu);
