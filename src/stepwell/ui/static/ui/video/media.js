// Camera, microphone and screen of this page. Nothing is recorded; `stop` lets go of every device.
const CAMERA = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 20, max: 24 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export class Media {
  constructor() {
    this.stream = new MediaStream();
    this.screen = null;
    this.muted = false;
    this.cameraOff = false;
  }

  get audio() {
    return this.stream.getAudioTracks()[0] ?? null;
  }

  get camera() {
    return this.stream.getVideoTracks()[0] ?? null;
  }

  // The picture that is sent: the screen while it is shared, else the camera.
  get video() {
    return this.screen ?? this.camera;
  }

  // Both, else the sound alone, else nothing: somebody without a camera can be in the session too.
  async open() {
    if (!navigator.mediaDevices) return "This browser gives no camera on this address: it must begin with https.";
    for (const asked of [{ audio: SOUND, video: CAMERA }, { audio: SOUND }, { video: CAMERA }]) {
      try {
        this.stream = await navigator.mediaDevices.getUserMedia(asked);
        if (asked.audio && asked.video) return "";
        return asked.audio ? "No camera was found. The others hear you." : "No microphone was found. The others see you.";
      } catch {
        continue;
      }
    }
    return "Neither camera nor microphone may be used. You see and hear the others; allow both in your browser to be seen.";
  }

  mute(on) {
    this.muted = on;
    if (this.audio) this.audio.enabled = !on;
  }

  hideCamera(on) {
    this.cameraOff = on;
    if (this.camera) this.camera.enabled = !on;
  }

  async share(ended) {
    const shown = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 10 }, audio: false });
    this.screen = shown.getVideoTracks()[0];
    this.screen.contentHint = "detail";
    this.screen.onended = ended;
    return this.screen;
  }

  unshare() {
    this.screen?.stop();
    this.screen = null;
  }

  stop() {
    this.unshare();
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = new MediaStream();
  }
}
