// One tile for each person in the room: the picture, the name as wished, and in words how it stands.
export class Tiles {
  constructor(list, { me, host, remove }) {
    Object.assign(this, { list, me, host, remove });
    this.tiles = new Map();
    this.streams = new Map();
  }

  draw(people) {
    const there = new Set(people.map((p) => p.id));
    for (const id of [...this.tiles.keys()]) if (!there.has(id)) this.drop(id);
    for (const person of people) this.put(person);
    this.list.dataset.count = String(Math.min(people.length, 12));
  }

  put(person) {
    let tile = this.tiles.get(person.id);
    if (!tile) this.tiles.set(person.id, (tile = this.make(person)));
    tile.name.textContent = person.id === this.me ? `${person.name} (you)` : person.name;
    tile.words.textContent = this.words(person).join(" · ");
    tile.item.classList.toggle("hand", person.hand);
    tile.item.classList.toggle("sharing", person.sharing);
    tile.item.classList.toggle("no-picture", person.away || (person.cameraOff && !person.sharing) || !tile.picture.srcObject);
  }

  words(person) {
    const found = [];
    if (person.host) found.push("leads");
    if (person.away) found.push("line broken");
    else if (person.id !== this.me && !this.streams.has(person.id)) found.push("connecting");
    if (person.hand) found.push("hand up");
    if (person.muted) found.push("muted");
    if (person.cameraOff) found.push("camera off");
    if (person.sharing) found.push("shares the screen");
    return found;
  }

  make(person) {
    const item = document.createElement("li");
    item.className = "tile no-picture";
    item.dataset.presence = person.id;
    const picture = document.createElement("video");
    picture.autoplay = true;
    picture.playsInline = true;
    picture.muted = person.id === this.me;
    picture.setAttribute("aria-label", `Picture of ${person.name}`);
    const foot = document.createElement("p");
    foot.className = "tile-foot";
    const name = document.createElement("strong");
    const words = document.createElement("span");
    words.className = "tile-words";
    foot.append(name, words);
    item.append(picture, foot);
    if (this.host && person.id !== this.me && !person.leads) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button small";
      button.textContent = "Remove";
      const whom = document.createElement("span");
      whom.className = "unseen";
      whom.textContent = ` ${person.name}`;
      button.append(whom);
      button.addEventListener("click", () => this.remove(person));
      foot.append(button);
    }
    this.list.append(item);
    const stream = this.streams.get(person.id);
    if (stream) picture.srcObject = stream;
    return { item, picture, name, words };
  }

  show(id, stream) {
    this.streams.set(id, stream);
    const tile = this.tiles.get(id);
    if (!tile) return;
    if (tile.picture.srcObject !== stream) tile.picture.srcObject = stream;
    tile.item.classList.remove("no-picture");
    tile.picture.play().catch(() => this.silent?.());
  }

  hide(id) {
    this.streams.delete(id);
    const tile = this.tiles.get(id);
    if (!tile) return;
    tile.picture.srcObject = null;
    tile.item.classList.add("no-picture");
  }

  drop(id) {
    this.hide(id);
    this.tiles.get(id)?.item.remove();
    this.tiles.delete(id);
  }

  playAll() {
    for (const { picture } of this.tiles.values()) picture.play().catch(() => {});
  }

  clear() {
    for (const id of [...this.tiles.keys()]) this.drop(id);
    this.streams.clear();
  }
}
