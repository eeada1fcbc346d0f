// Each browser to each other. Of two, the one with the smaller number offers; a call has a name of its own, so that
// what belongs to an earlier one is not heard.
import { Peer } from "./peer.js";

const FIRST = 15000; // milliseconds until a call that comes to nothing is made anew
const BROKEN = 5000; // and one whose line broke
const STUCK = "The picture of somebody does not get through. This page keeps trying; another network may help.";

export class Mesh {
  constructor({ wire, media, ice, me, seen, lost, trouble }) {
    Object.assign(this, { wire, media, ice, me, seen, lost, trouble });
    this.calls = new Map();
    this.failed = new Set();
  }

  async open() {}

  people(list) {
    const there = new Map(list.filter((p) => p.id !== this.me && !p.away).map((p) => [p.id, p.epoch]));
    for (const [id, call] of this.calls) if (there.get(id) !== call.epoch) this.end(id);
    for (const [id, epoch] of there) if (!this.calls.has(id) && this.me < id) this.call(id, epoch);
    this.epochs = there;
    for (const id of this.failed) if (!there.has(id)) this.came(id);
  }

  came(id) {
    if (this.failed.delete(id) && !this.failed.size) this.trouble("");
  }

  begin(id, epoch, name) {
    this.end(id);
    const stream = new MediaStream();
    const call = { epoch, name, stream };
    call.peer = new Peer(this.ice, {
      candidate: (candidate) => this.wire.say("candidate", id, { call: name, candidate }).catch(() => {}),
      track: (event) => {
        stream.addTrack(event.track);
        this.seen(id, stream);
      },
      state: (state) => this.changed(id, call, state),
    });
    this.calls.set(id, call);
    return call;
  }

  async call(id, epoch) {
    const call = this.begin(id, epoch, crypto.randomUUID());
    for (const kind of ["audio", "video"]) {
      const track = this.media[kind];
      call.peer.pc.addTransceiver(track ?? kind, { direction: "sendrecv", streams: [this.media.stream] });
    }
    this.watch(id, call, FIRST);
    try {
      const jsep = await call.peer.offer();
      if (this.calls.get(id) === call) await this.wire.say("offer", id, { call: call.name, jsep });
    } catch {
      this.again(id, call);
    }
  }

  async take({ from, kind, body }) {
    const call = this.calls.get(from);
    if (kind === "offer") {
      const taken = this.begin(from, this.epochs?.get(from) ?? 0, body.call);
      await taken.peer.hear(body.jsep);
      for (const one of taken.peer.pc.getTransceivers()) {
        one.direction = "sendrecv";
        await taken.peer.still(one.sender.replaceTrack(this.media[one.receiver.track.kind]));
      }
      const jsep = await taken.peer.answer();
      if (this.calls.get(from) === taken) await this.wire.say("answer", from, { call: taken.name, jsep });
    } else if (kind === "again" && this.me < from && this.epochs?.has(from)) {
      await this.call(from, this.epochs.get(from));
    } else if (call && call.name === body.call) {
      if (kind === "answer") await call.peer.hear(body.jsep);
      else if (kind === "candidate") await call.peer.candidate(body.candidate);
    }
  }

  // A call that comes to nothing, or breaks, is made anew; who did not call asks the caller.
  changed(id, call, state) {
    if (this.calls.get(id) !== call) return;
    clearTimeout(call.timer);
    if (state === "connected") this.came(id);
    else if (state === "failed") this.again(id, call);
    else if (state === "disconnected") this.watch(id, call, BROKEN);
  }

  watch(id, call, patience) {
    clearTimeout(call.timer);
    call.timer = setTimeout(() => call.peer.pc.connectionState !== "connected" && this.again(id, call), patience);
  }

  again(id, call) {
    if (this.calls.get(id) !== call) return;
    const epoch = this.epochs?.get(id);
    this.end(id);
    if (epoch === undefined) return;
    if (this.failed.has(id)) this.trouble(STUCK);
    this.failed.add(id);
    if (this.me < id) setTimeout(() => this.epochs?.get(id) === epoch && !this.calls.has(id) && this.call(id, epoch), 500);
    else this.wire.say("again", id, {}).catch(() => {});
  }

  async show(track) {
    for (const { peer } of this.calls.values()) {
      const sender = peer.pc.getTransceivers().find((one) => one.receiver.track.kind === "video")?.sender;
      if (sender) await peer.still(sender.replaceTrack(track)).catch(() => {});
    }
  }

  end(id) {
    const call = this.calls.get(id);
    if (!call) return;
    clearTimeout(call.timer);
    call.peer.close();
    this.calls.delete(id);
    this.lost(id);
  }

  close() {
    this.epochs = new Map();
    for (const id of [...this.calls.keys()]) this.end(id);
  }
}
