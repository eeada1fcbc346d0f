// <sw-board> around #board-parts: lifts a session off the week and puts it down elsewhere, by pointer or by keys.
// While it hangs, the server is asked what would break (data-check); putting it down posts to data-move. Without this
// element a card is a link to the page on which the same is done in two steps.
const STEP = 15;
const HOLD = 300, NEAR = 5; // milliseconds until a finger lifts a card; pixels that a mouse may tremble
const WIDE = ["pointermove", "pointerup", "pointercancel", "keydown"];
const TURNS = { ArrowUp: [0, -STEP], ArrowDown: [0, STEP], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

class SwBoard extends HTMLElement {
  connectedCallback() {
    for (const type of ["pointerdown", "keydown", "dragstart", "htmx:afterSwap"]) this.addEventListener(type, this);
    this.addEventListener("click", this, true);
    for (const type of WIDE) document.addEventListener(type, this);
    document.addEventListener("touchmove", this, { passive: false });
  }

  disconnectedCallback() { for (const type of [...WIDE, "touchmove"]) document.removeEventListener(type, this); }

  handleEvent(event) {
    const type = event.type;
    if (type === "dragstart") event.preventDefault();
    else if (type === "touchmove") this.held && event.preventDefault();
    else if (type === "click") this.dragged && event.preventDefault();
    else if (type === "htmx:afterSwap") this.tell(this.parts.dataset.said);
    else if (type === "keydown") event.currentTarget === this ? this.key(event) : this.shortcut(event);
    else this[type](event);
  }

  get parts() { return this.querySelector("#board-parts"); }
  get columns() { return [...this.querySelectorAll(".board-day")]; }

  cardOf(target) {
    const card = target.closest(".board-place")?.querySelector("a[data-free]");
    // As a list, on a phone, times have no place of their own: the card is a link there.
    return card && getComputedStyle(card.closest(".board-grid")).display === "grid" ? card : null;
  }

  pointerdown(event) {
    this.dragged = false;
    const card = event.button || event.target.closest("button") ? null : this.cardOf(event.target);
    if (!card || this.held) return;
    const top = card.closest(".board-place").getBoundingClientRect().top;
    const timer = event.pointerType === "mouse" ? 0 : setTimeout(() => this.lift(card), HOLD);
    this.grip = { card, timer, x: event.clientX, y: event.clientY, inside: event.clientY - top };
  }

  pointermove(event) {
    const grip = this.grip;
    const far = grip && Math.hypot(event.clientX - grip.x, event.clientY - grip.y) > NEAR;
    if (!this.held && far && grip.timer) return this.letGo(); // a finger that scrolls
    if (!this.held && far) this.lift(grip.card);
    if (!this.held || !grip) return;
    this.dragged = true;
    const columns = this.columns, under = columns.findIndex((each) => event.clientX < each.getBoundingClientRect().right);
    const column = under < 0 ? columns.length - 1 : under, { first, last } = this.parts.dataset;
    const grid = columns[column].querySelector(".board-grid").getBoundingClientRect();
    const minute = Number(first) + ((event.clientY - grip.inside - grid.top) / grid.height) * (last - first);
    this.hang(column, Math.round(minute / STEP) * STEP);
  }

  pointerup() { if (this.grip) this.letGo() ?? (this.held && this.drop()); }
  pointercancel() { if (this.grip) this.letGo() ?? this.putBack(); }
  letGo() { clearTimeout(this.grip?.timer); this.grip = null; }

  key(event) {
    const card = event.target.matches("a[data-session]") ? this.cardOf(event.target) : null, held = this.held;
    if (!card || event.ctrlKey || event.metaKey) return;
    const [column, minute] = TURNS[event.key] ?? [];
    if (held && TURNS[event.key]) this.hang(held.column + column, held.minute + minute);
    else if (event.key === "Enter") held ? this.drop() : this.lift(card);
    else if (event.key === "Escape" && held) this.putBack();
    else if (event.key === " " && !held) location.assign(card.href);
    else return;
    event.preventDefault();
  }

  shortcut(event) {
    if (!(event.ctrlKey || event.metaKey) || event.target.closest("input:not([type=hidden]), textarea, select")) return;
    const key = event.key.toLowerCase(), again = key === "y" || (key === "z" && event.shiftKey);
    const button = (again || key === "z") && this.querySelector(again ? ".plan-redo" : ".plan-undo");
    if (button) event.preventDefault() ?? button.click();
  }

  lift(card) {
    const place = card.closest(".board-place"), minute = Number(card.dataset.start) % 1440;
    const column = this.columns.indexOf(card.closest(".board-day"));
    this.held = { card, place, column, minute, home: { column, minute, classes: place.className } };
    place.classList.add("lifted");
    card.focus({ preventScroll: true });
    this.tell(`${card.dataset.title} is lifted. Move it with the arrow keys, Enter puts it down, Escape puts it back.`);
  }

  hang(column, minute) {
    const held = this.held, { first, last } = this.parts.dataset;
    column = Math.min(Math.max(0, column), this.columns.length - 1);
    minute = Math.min(Math.max(first, minute), last - Math.min(held.card.dataset.minutes, last - first));
    if (column === held.column && minute === held.minute) return;
    if (column !== held.column) this.columns[column].querySelector(".board-grid").append(held.place);
    held.place.className = `${held.place.className.replace(/\b[rcw]-\d+\b/g, "")} r-${(minute - first) / 5} c-0 w-12`;
    Object.assign(held, { column, minute }).card.focus({ preventScroll: !!this.grip });
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.held && this.ask(), 60);
  }

  get asked() {
    const { card, column, minute } = this.held, { day, room } = this.columns[column].dataset;
    const place = room === "video" ? { mode: "video" } : room ? { room, mode: "on_site" } : {};
    return { session: card.dataset.session, start: day * 1440 + minute, revision: this.parts.dataset.revision, ...place };
  }

  async ask() {
    this.asking?.abort();
    this.asking = new AbortController();
    const about = String(new URLSearchParams(this.asked));
    try {
      const answer = await fetch(`${this.parts.dataset.check}?${about}`, { signal: this.asking.signal });
      const told = answer.ok ? await answer.json() : { said: "This could not be checked. Escape puts it back.", ok: false };
      if (!this.held || about !== String(new URLSearchParams(this.asked))) return;
      this.held.place.classList.toggle("breaks", !told.ok);
      this.tell(told.said, told.ok);
    } catch (error) {
      if (error.name !== "AbortError") this.tell("The server did not answer. Nothing was moved.", false);
    }
  }

  drop() {
    const { column, minute, home } = this.held, values = this.asked;
    if (column === home.column && minute === home.minute) return this.putBack();
    this.held = null;
    htmx.ajax("POST", this.parts.dataset.move, { source: this, target: "#board-parts", swap: "outerHTML", values });
  }

  putBack() {
    const held = this.held;
    if (!held) return;
    this.held = null;
    this.columns[held.home.column].querySelector(".board-grid").append(held.place);
    held.place.className = held.home.classes;
    held.card.focus({ preventScroll: true });
    this.tell("It is back where it was.");
  }

  tell(words, ok = true) {
    const say = Object.assign(this.querySelector(".board-say"), { textContent: words ?? "" });
    say.classList.toggle("breaks", !ok);
  }
}

customElements.define("sw-board", SwBoard);
