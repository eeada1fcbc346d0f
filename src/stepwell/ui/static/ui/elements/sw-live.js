// <sw-live src="/live" token="SIGNED" topics="attendance:812 notes">: listens to the live stream. For news on
// attendance:812 it fires `live:attendance:812` and `live:attendance` on the body, for
// hx-trigger="live:attendance from:body". The message carries no data: what changed is fetched again, through
// the page's own rights. On the event `refetch` (something may have been missed) it fires all its topics.
class SwLive extends HTMLElement {
  connectedCallback() {
    this.wait = 1000;
    document.addEventListener("visibilitychange", this);
    window.addEventListener("pagehide", this);
    this.listen();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this);
    window.removeEventListener("pagehide", this);
    this.rest();
  }

  get topics() {
    return (this.getAttribute("topics") ?? "").split(/[\s,]+/).filter(Boolean);
  }

  handleEvent() {
    // A hidden page holds no connection; on return it asks once for everything it may have missed.
    if (document.hidden) return this.rest();
    this.listen();
    this.tellAll();
  }

  listen() {
    if (this.stream || document.hidden || !this.getAttribute("src")) return;
    const address = new URL(this.getAttribute("src"), location.href);
    address.searchParams.set("topics", this.getAttribute("token") ?? "");
    // The stream has a port of its own, so the session cookie must be sent on purpose.
    const stream = (this.stream = new EventSource(address, { withCredentials: true }));
    stream.onopen = () => (this.wait = 1000);
    stream.onmessage = (event) => this.tell(this.topicOf(event.data));
    stream.addEventListener("refetch", () => this.tellAll());
    stream.onerror = () => {
      if (stream.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      this.rest();
      this.timer = setTimeout(() => this.listen(), this.wait);
      this.wait = Math.min(this.wait * 2, 60000);
    };
  }

  rest() {
    clearTimeout(this.timer);
    this.stream?.close();
    this.stream = null;
  }

  topicOf(data) {
    try {
      return JSON.parse(data).topic;
    } catch {
      return null;
    }
  }

  tellAll() {
    for (const topic of this.topics) this.tell(topic);
  }

  tell(topic) {
    if (!topic) return;
    const family = topic.split(":")[0];
    for (const name of new Set([topic, family])) document.body.dispatchEvent(new CustomEvent(`live:${name}`));
  }
}

// What is fetched for news is nobody's touch: the idle lock counts only people (accounts.middleware.IdleLock).
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.triggeringEvent?.type.startsWith("live:")) detail.headers["X-News"] = "yes";
});

customElements.define("sw-live", SwLive);
