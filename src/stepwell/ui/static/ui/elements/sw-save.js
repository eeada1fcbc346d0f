// <sw-save> around a form: each answer is sent as soon as it is given, so that nothing is lost on the way.
// The button sends everything once more; without JavaScript it is the button alone.
class SwSave extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", this);
  }

  disconnectedCallback() {
    this.removeEventListener("change", this);
  }

  async handleEvent(event) {
    const form = event.target.closest("form");
    if (!form) return;
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.say(this.dataset.saving);
    let kept = false;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { "X-Keep": "1" },
        redirect: "error",
      });
      kept = answer.ok;
    } catch {
      kept = false; // no network: the button saves it later
    }
    if (turn === this.turn) this.say(kept ? this.dataset.saved : this.dataset.failed);
  }

  say(words) {
    const line = this.querySelector(".save-line");
    if (line) line.textContent = words;
  }
}

customElements.define("sw-save", SwSave);
