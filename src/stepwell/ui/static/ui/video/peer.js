// One connection of this page, to a browser or to the gateway. A description is sent with the addresses found within
// a second; later ones follow one by one.
const GATHER = 1000;

export class Peer {
  constructor(ice, { candidate, track, state }) {
    // `only`: no other person's browser learns this one's address.
    const iceTransportPolicy = ice.some((one) => one.only) ? "relay" : "all";
    this.pc = new RTCPeerConnection({ iceServers: ice, iceTransportPolicy, bundlePolicy: "max-bundle" });
    this.early = [];
    // What is asked of a connection that is closed meanwhile never settles: whoever waits for it is told.
    this.closed = new Promise((_, told) => (this.tell = told));
    this.closed.catch(() => {});
    this.sent = false;
    this.pc.onicecandidate = (event) => {
      if (event.candidate && this.sent) candidate(event.candidate.toJSON());
    };
    this.pc.ontrack = track;
    this.pc.onconnectionstatechange = () => state(this.pc.connectionState);
  }

  still(asked) {
    return Promise.race([asked, this.closed]);
  }

  gathered() {
    if (this.pc.iceGatheringState === "complete") return Promise.resolve();
    return new Promise((done) => {
      const look = () => this.pc.iceGatheringState === "complete" && done();
      this.pc.addEventListener("icegatheringstatechange", look);
      setTimeout(done, GATHER);
    });
  }

  async described() {
    await this.gathered();
    this.sent = true;
    const { type, sdp } = this.pc.localDescription;
    return { type, sdp };
  }

  async offer() {
    await this.still(this.pc.setLocalDescription(await this.still(this.pc.createOffer())));
    return this.described();
  }

  async answer() {
    await this.still(this.pc.setLocalDescription(await this.still(this.pc.createAnswer())));
    return this.described();
  }

  async hear(jsep) {
    await this.still(this.pc.setRemoteDescription(jsep));
    for (const one of this.early.splice(0)) this.pc.addIceCandidate(one).catch(() => {});
  }

  async candidate(one) {
    if (!this.pc.remoteDescription) this.early.push(one);
    else this.pc.addIceCandidate(one).catch(() => {});
  }

  close() {
    this.pc.onconnectionstatechange = this.pc.onicecandidate = this.pc.ontrack = null;
    this.pc.close();
    this.tell(new Error("closed"));
  }
}
