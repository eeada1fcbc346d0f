// <sw-theme>: light, dark, or as the device has it. The choice is a cookie, so that the server sends the
// next page in the right colours at once. data-label ("Colors: {choice}"), data-auto, data-light and data-dark
// say it in another language.
const NEXT = { auto: "light", light: "dark", dark: "auto" };
const WORDS = { auto: "As the device", light: "Light", dark: "Dark" };

class SwTheme extends HTMLElement {
  connectedCallback() {
    if (this.button) return;
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "theme-button";
    this.button.addEventListener("click", () => this.choose(NEXT[this.current]));
    this.append(this.button);
    this.show();
  }

  get current() {
    return document.documentElement.dataset.theme ?? "auto";
  }

  choose(theme) {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    const secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = `theme=${theme};path=/;max-age=${theme === "auto" ? 0 : 31536000};samesite=lax${secure}`;
    for (const each of document.querySelectorAll("sw-theme")) each.show?.();
  }

  show() {
    if (!this.button) return;
    const choice = this.dataset[this.current] ?? WORDS[this.current].toLowerCase();
    this.button.textContent = (this.dataset.label ?? "Colors: {choice}").replace("{choice}", choice);
  }
}

customElements.define("sw-theme", SwTheme);
