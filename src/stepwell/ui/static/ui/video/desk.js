// What only the page of who leads has: who waits, what was said at the door, who was taken out.
function line(item, words, buttons) {
  const li = document.createElement("li");
  const text = document.createElement("div");
  const name = document.createElement("strong");
  name.textContent = item.name;
  text.append(name);
  for (const word of words) {
    const p = document.createElement("p");
    p.className = "soft small";
    p.textContent = word;
    text.append(p);
  }
  li.append(text);
  for (const [label, act] of buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.textContent = label;
    const whom = document.createElement("span");
    whom.className = "unseen";
    whom.textContent = ` ${item.name}`;
    button.append(whom);
    button.addEventListener("click", act);
    li.append(button);
  }
  return li;
}

const said = (item) =>
  item.statement
    ? [`Where: ${item.statement.place}`, `Can anybody hear: ${item.statement.listening}`, `Number: ${item.statement.phone}`]
    : item.family
      ? ["Family"]
      : [];

export class Desk {
  constructor(root, door) {
    this.root = root;
    this.door = door;
    this.last = "";
    root.querySelector("[data-do=admit-all]")?.addEventListener("click", () => door("admit-all"));
  }

  draw(state) {
    const now = JSON.stringify([state.waiting, state.said, state.removed]);
    if (now === this.last) return; // a button under somebody's finger stays where it is
    this.last = now;
    this.fill("at-the-door", state.waiting, (one) => line(one, said(one), [["Let in", () => this.door("admit", one.id)]]));
    this.fill("said", state.said, (one) => line(one, said(one), []));
    this.fill("removed", state.removed, (one) => line(one, [], [["Let back", () => this.door("let-back", one.id)]]));
  }

  fill(name, items, make) {
    const part = this.root.querySelector(`[data-part=${name}]`);
    part.hidden = !items.length;
    part.querySelector("ul").replaceChildren(...items.map(make));
  }

  clear() {
    this.last = "";
    for (const name of ["at-the-door", "said", "removed"]) this.fill(name, [], () => null);
  }
}
