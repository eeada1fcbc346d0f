// Through the gateway beside Stepwell: one connection that sends, one that receives everybody else.
import { Peer } from "./peer.js";

export class Gateway {
  constructor({ wire, media, ice, seen, lost }) {
    Object.assign(this, { wire, media, ice, seen, lost });
    this.streams = new Map();
    this.from = new Map();
  }

  async open() {
    this.drop();
    const peer = (this.sends = this.peer("sends"));
    for (const kind of ["audio", "video"]) {
      const track = this.media[kind];
      peer.pc.addTransceiver(track ?? kind, { direction: "sendonly" });
    }
    const jsep = await peer.offer();
    if (this.sends === peer) await this.wire.say("publish", null, { jsep });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sends?.pc.connectionState !== "connected" && this.open(), 10000);
  }

  peer(of) {
    const made = new Peer(this.ice, {
      candidate: (candidate) => this.wire.say("trickle", null, { of, candidate }).catch(() => {}),
      track: (event) => this.came(event),
      state: (state) => {
        if (state === "failed" && this[of] === made) this.open();
      },
    });
    return made;
  }

  people(list) {
    const there = new Set(list.filter((p) => !p.away).map((p) => p.id));
    for (const id of [...this.streams.keys()]) {
      if (there.has(id)) continue;
      this.streams.delete(id);
      this.lost(id);
    }
  }

  async take({ kind, body }) {
    if (kind === "published" && this.sends?.pc.signalingState === "have-local-offer") await this.sends.hear(body.jsep);
    else if (kind === "streams") await this.receive(body);
    else if (kind === "anew") {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.open(), body.later ? 2000 : 0);
    }
  }

  async receive({ jsep, streams }) {
    this.receives ??= this.peer("receives");
    const peer = this.receives;
    for (const one of streams) this.from.set(one.mid, one.from);
    await peer.hear(jsep);
    for (const one of peer.pc.getTransceivers()) this.place(one);
    const answer = await peer.answer();
    if (this.receives === peer) await this.wire.say("streams", null, { jsep: answer });
  }

  came({ transceiver }) {
    this.place(transceiver);
  }

  place({ mid, receiver, currentDirection }) {
    const id = this.from.get(mid);
    if (id === undefined || currentDirection === "stopped") return;
    let stream = this.streams.get(id);
    if (!stream) this.streams.set(id, (stream = new MediaStream()));
    for (const old of stream.getTracks()) if (old.kind === receiver.track.kind && old !== receiver.track) stream.removeTrack(old);
    if (!stream.getTracks().includes(receiver.track)) stream.addTrack(receiver.track);
    this.seen(id, stream);
  }

  async show(track) {
    const sender = this.sends?.pc.getTransceivers().find((one) => one.receiver.track.kind === "video")?.sender;
    await sender?.replaceTrack(track).catch(() => {});
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
