// <sw-sign> around a hidden field: a place to draw one's signature with a finger, a pen or the mouse.
// The strokes go into the field as lists of points on 600 by 200. Without JavaScript a typed signature does the same.
const WIDE = 600;
const HIGH = 200;

class SwSign extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input");
    if (!this.field || this.canvas) return;
    this.strokes = [];
    const head = document.createElement("div");
    head.className = "sign-head";
    const label = document.createElement("span");
    label.id = `${this.field.id}-label`;
    label.textContent = this.dataset.label;
    const clear = document.createElement("button");
    clear.type = "button";
    clear.className = "button small";
    clear.textContent = this.dataset.clear;
    clear.addEventListener("click", () => this.empty());
    head.append(label, clear);
    this.canvas = document.createElement("canvas");
    this.canvas.width = WIDE * 2;
    this.canvas.height = HIGH * 2;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-labelledby", label.id);
    for (const name of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
      this.canvas.addEventListener(name, this);
    }
    this.append(head, this.canvas);
    this.setAttribute("ready", "");
  }

  handleEvent(event) {
    if (event.type === "pointerdown") {
      event.preventDefault();
      this.canvas.setPointerCapture(event.pointerId);
      this.line = [this.at(event)];
      this.strokes.push(this.line);
    } else if (event.type === "pointermove" && this.line) {
      const [x, y] = this.at(event);
      const [fromX, fromY] = this.line.at(-1);
      if (Math.abs(x - fromX) + Math.abs(y - fromY) < 3) return;
      this.line.push([x, y]);
      this.draw([fromX, fromY], [x, y]);
    } else if (event.type === "pointerup" || event.type === "pointercancel") {
      this.line = null;
      this.field.value = JSON.stringify(this.strokes);
    }
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * WIDE;
    const y = ((event.clientY - box.top) / box.height) * HIGH;
    return [Math.round(Math.min(Math.max(x, 0), WIDE)), Math.round(Math.min(Math.max(y, 0), HIGH))];
  }

  draw(from, to) {
    const pen = this.canvas.getContext("2d");
    pen.strokeStyle = getComputedStyle(this.canvas).color;
    pen.lineWidth = 5;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(from[0] * 2, from[1] * 2);
    pen.lineTo(to[0] * 2, to[1] * 2);
    pen.stroke();
  }

  empty() {
    this.strokes = [];
    this.field.value = "";
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
  }
}

customElements.define("sw-sign", SwSign);
