// <sw-fill for="id"> around buttons: pressing one writes its words into that field, pressing it again empties the field.
class SwFill extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    this.field?.addEventListener("input", this);
    this.show();
  }

  get field() {
    return document.getElementById(this.getAttribute("for"));
  }

  handleEvent(event) {
    const button = event.target.closest("sw-fill button");
    if (event.type === "click" && button && this.field) {
      this.field.value = this.field.value === button.textContent ? "" : button.textContent;
      this.field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.show();
  }

  show() {
    for (const button of this.querySelectorAll("button"))
      button.setAttribute("aria-pressed", String(button.textContent === this.field?.value));
  }
}

customElements.define("sw-fill", SwFill);
