// The line to Stepwell: five addresses, JSON both ways. The ticket is renewed at each beat and kept nowhere else.
export class Refusal extends Error {
  constructor(status, answer) {
    super(answer.sentence ?? (status === 404 ? "This session is not open to you any more." : "Stepwell does not answer."));
    this.status = status;
    this.wrong = answer.wrong ?? {};
  }
}

export class Wire {
  constructor(base, token) {
    this.base = base;
    this.token = token;
    this.ticket = "";
    this.after = 0;
  }

  async post(path, body = {}, keepalive = false) {
    const headers = { "content-type": "application/json", "x-csrftoken": this.token };
    if (this.ticket) headers["x-video-ticket"] = this.ticket;
    const answer = await fetch(`${this.base}${path}/`, {
      method: "POST", headers, keepalive, body: JSON.stringify(body), cache: "no-store", redirect: "error",
    });
    if (answer.status === 204) return {};
    const read = (answer.headers.get("content-type") ?? "").includes("json") ? await answer.json() : {};
    if (!answer.ok) throw new Refusal(answer.status, read);
    return read;
  }

  async enter(said) {
    const found = await this.post("entrance", said);
    if (found.ticket) {
      this.ticket = found.ticket;
      this.after = 0;
    }
    return found;
  }

  // What waits for this page; what it fetched last time is forgotten by the server.
  async line(told) {
    const found = await this.post("line", { ...told, after: this.after });
    this.ticket = found.ticket;
    for (const signal of found.signals) this.after = Math.max(this.after, signal.n);
    return found;
  }

  say(kind, to, body) {
    return this.post("words", { kind, to, body });
  }

  door(what, who = null) {
    return this.post("door", { do: what, who });
  }

  // Tells the page that there is news; the news itself is fetched. Without it the beat alone brings it.
  listen(found, heard) {
    const address = new URL(found.live, location.href);
    address.searchParams.set("topics", found.topics);
    this.stream?.close();
    this.stream = new EventSource(address, { withCredentials: true });
    this.stream.onmessage = heard;
    this.stream.addEventListener("refetch", heard);
    this.stream.addEventListener("listening", heard);
  }

  exit(away) {
    if (!this.ticket) return Promise.resolve({});
    const gone = this.post("exit", { away }, true).catch(() => ({}));
    if (!away) this.forget();
    return gone;
  }

  forget() {
    this.stream?.close();
    this.stream = null;
    this.ticket = "";
  }
}
