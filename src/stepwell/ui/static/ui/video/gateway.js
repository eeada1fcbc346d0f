// Through the gateway beside Stepwell: one connection that sends, one that receives everybody else. Both have a name
// together, so that what belongs to an earlier pair is not heard.
import { Peer } from "./peer.js";

const FIRST = 20000; // milliseconds until what came to nothing is made anew
const BROKEN = 5000; // and what broke
const SILENT = "The program's video gateway does not answer. This page keeps trying; until then call your program.";
const STUCK = "Pictures and sound do not get through your network. This page keeps trying; another network may help.";

export class Gateway {
  constructor({ wire, media, ice, seen, lost, trouble }) {
    Object.assign(this, { wire, media, ice, seen, lost, trouble });
    this.streams = new Map();
    this.from = new Map();
    this.inside = new Set();
  }

  async open() {
    this.drop();
    this.name = crypto.randomUUID();
    this.answered = false;
    this.watch(FIRST);
    const peer = (this.sends = this.peer("sends"));
    for (const kind of ["audio", "video"]) {
      const track = this.media[kind];
      peer.pc.addTransceiver(track ?? kind, { direction: "sendonly" });
    }
    const jsep = await peer.offer();
    if (this.sends === peer) await this.wire.say("publish", null, { call: this.name, jsep });
  }

  // Made anew unless both connections stand by then; why is said in words.
  watch(patience) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const broken = [this.sends, this.receives].some((one) => one && one.pc.connectionState !== "connected");
      if (this.sends && !broken) return;
      this.trouble(this.answered ? STUCK : SILENT);
      this.anew();
    }, patience);
  }

  anew(later = 0) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open().catch(() => {}), later); // what fails is watched already
  }

  changed(of, peer, state) {
    if (this[of] !== peer) return;
    if (state === "failed") this.anew();
    else if (state === "disconnected") this.watch(BROKEN);
    else if (state === "connected" && this.sends?.pc.connectionState === "connected") this.trouble("");
  }

  peer(of) {
    const made = new Peer(this.ice, {
      candidate: (candidate) => this.wire.say("trickle", null, { call: this.name, of, candidate }).catch(() => {}),
      track: ({ transceiver }) => this.place(transceiver),
      state: (state) => this.changed(of, made, state),
    });
    return made;
  }

  people(list) {
    const there = (this.inside = new Set(list.filter((p) => !p.away).map((p) => p.id)));
    for (const id of [...this.streams.keys()]) {
      if (there.has(id)) continue;
      this.streams.delete(id);
      this.lost(id);
    }
    // Whose beat stopped for a while and whose picture never did is seen again.
    for (const one of this.receives?.pc.getTransceivers() ?? []) if (!this.streams.has(this.from.get(one.mid))) this.place(one);
  }

  async take({ kind, body }) {
    if (kind === "anew") return this.anew(body.later ? 2000 : 0);
    if (body.call !== this.name || !this.sends) return;
    this.answered = true;
    try {
      if (kind === "published" && this.sends.pc.signalingState === "have-local-offer") await this.sends.hear(body.jsep);
      else if (kind === "streams") await this.receive(body);
    } catch {
      if (body.call === this.name) this.anew(2000);
    }
  }

  async receive({ jsep, streams }) {
    if (!this.receives) {
      this.receives = this.peer("receives");
      this.watch(FIRST);
    }
    const peer = this.receives;
    this.from = new Map(streams.map((one) => [one.mid, one.from])); // each description names all of them
    await peer.hear(jsep);
    for (const one of peer.pc.getTransceivers()) this.place(one);
    const answer = await peer.answer();
    if (this.receives === peer) await this.wire.say("streams", null, { call: this.name, jsep: answer });
  }

  place({ mid, receiver, currentDirection }) {
    const id = this.from.get(mid);
    if (id === undefined || currentDirection === "stopped" || !this.inside.has(id)) return;
    let stream = this.streams.get(id);
    if (!stream) this.streams.set(id, (stream = new MediaStream()));
    for (const old of stream.getTracks()) if (old.kind === receiver.track.kind && old !== receiver.track) stream.removeTrack(old);
    if (!stream.getTracks().includes(receiver.track)) stream.addTrack(receiver.track);
    this.seen(id, stream);
  }

  async show(track) {
    const sender = this.sends?.pc.getTransceivers().find((one) => one.receiver.track.kind === "video")?.sender;
    if (sender) await this.sends.still(sender.replaceTrack(track)).catch(() => {});
  }

  drop() {
    clearTimeout(this.timer);
    this.sends?.close();
    this.receives?.close();
    this.sends = this.receives = null;
    this.from.clear();
    for (const id of [...this.streams.keys()]) this.lost(id);
    this.streams.clear();
  }

  close() {
    this.drop();
  }
}
