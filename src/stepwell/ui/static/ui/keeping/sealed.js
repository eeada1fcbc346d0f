// Texts in localStorage that only who holds the key can read: AES-GCM, a fresh nonce each time. Used by <sw-keep>.
// Each entry is {at, iv, data}; `at` is when it was last changed, in milliseconds.
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const base64 = (buffer) => btoa(Array.from(new Uint8Array(buffer), (b) => String.fromCharCode(b)).join(""));

export class Sealed {
  // null where the browser has no WebCrypto (no secure connection): then nothing is kept, rather than kept open.
  static async open(name, key) {
    if (!globalThis.crypto?.subtle) return null;
    const usable = await crypto.subtle.importKey("raw", bytes(key), "AES-GCM", false, ["encrypt", "decrypt"]);
    return Object.assign(new Sealed(), { name, usable, turn: 0 });
  }

  static forgetOlder(prefix, hours) {
    const oldest = Date.now() - hours * 3600000;
    for (const name of Object.keys(localStorage).filter((one) => one.startsWith(prefix))) {
      if (!(read(name)?.at > oldest)) localStorage.removeItem(name);
    }
  }

  async put(value) {
    const turn = ++this.turn;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(value));
    const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.usable, plain);
    // A later change, or a drop, came in between: it holds.
    if (turn !== this.turn) return;
    localStorage.setItem(this.name, JSON.stringify({ at: Date.now(), iv: base64(iv), data: base64(data) }));
  }

  // {at, value}, or null. What was sealed with another key nobody can read any more: it goes.
  async take() {
    const entry = read(this.name);
    if (!entry) return null;
    try {
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(entry.iv) }, this.usable, bytes(entry.data));
      return { at: entry.at, value: JSON.parse(new TextDecoder().decode(plain)) };
    } catch {
      this.drop();
      return null;
    }
  }

  drop() {
    this.turn += 1;
    localStorage.removeItem(this.name);
  }
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}
