// <sw-offline src="…">: lets the browser keep the help page for when there is no network.
class SwOffline extends HTMLElement {
  connectedCallback() {
    const source = this.getAttribute("src");
    if (!source || !("serviceWorker" in navigator)) return;
    // A browser that refuses (private window, no secure connection) works as before, with the network.
    navigator.serviceWorker.register(source).catch(() => {});
  }
}

customElements.define("sw-offline", SwOffline);
