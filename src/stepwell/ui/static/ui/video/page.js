// A session by video: the door, the waiting room, the room, and nothing left of it after leaving.
import { Desk } from "./desk.js";
import { Gateway } from "./gateway.js";
import { Media } from "./media.js";
import { Mesh } from "./mesh.js";
import { Tiles } from "./tiles.js";
import { Refusal, Wire } from "./wire.js";

const root = document.getElementById("video-room");
const find = (name) => root.querySelector(`[data-part=${name}]`);
const button = (name) => root.querySelector(`[data-do=${name}]`);
const host = root.dataset.host === "yes";
const wire = new Wire(root.dataset.base, root.dataset.token);
const form = find("door");

let media = new Media();
let tiles, line, timer, me, entered, running, again, joined;
let heard = Promise.resolve(); // what browsers say to each other is taken in order, and never holds up the beat
let hand = false;
let news = "";
let troubled = "";

function show(part) {
  for (const name of ["door", "waiting", "inside", "over"]) find(name).hidden = name !== part;
  root.dataset.stage = part;
}

function tell(words) {
  if (words === news) return;
  news = words;
  find("news").textContent = words;
}

// What is wrong with the pictures stays on the page until it is not any more.
function trouble(words) {
  if (words) tell((troubled = words));
  else if (news === troubled) tell("");
}

// -- the door --

function answers() {
  const said = Object.fromEntries(new FormData(form));
  delete said.csrfmiddlewaretoken;
  return said;
}

function mark(wrong, sentence) {
  const box = find("wrong");
  box.hidden = !sentence;
  box.textContent = sentence ?? "";
  for (const place of form.querySelectorAll("[data-wrong]")) {
    const text = wrong[place.dataset.wrong] ?? "";
    place.textContent = text;
    place.hidden = !text;
    for (const field of form.querySelectorAll(`[name=${place.dataset.wrong}]`)) {
      field.setAttribute("aria-invalid", text ? "true" : "false");
    }
  }
  if (sentence) (form.querySelector("[aria-invalid=true]") ?? box).focus();
}

async function join(said) {
  button("join").disabled = true;
  try {
    const found = await wire.enter(said);
    if (!found.ticket) return show("door");
    mark({}, "");
    await begin(found);
  } catch (fault) {
    if (fault instanceof Refusal && (fault.status === 403 || fault.status === 404)) return over(fault.message);
    show("door");
    mark(fault.wrong ?? {}, fault instanceof Refusal ? fault.message : "There is no connection. Try again.");
  } finally {
    button("join").disabled = false;
  }
}

async function begin(found) {
  entered = found;
  me = found.me;
  joined = false;
  show("waiting");
  const lacks = await media.open();
  if (lacks) tell(lacks);
  find("own").srcObject = media.stream;
  tiles = new Tiles(find("tiles"), { me, host, remove: ask });
  tiles.silent = () => (button("sound").hidden = false);
  wire.listen(found, beat);
  await beat();
  clearInterval(timer);
  timer = setInterval(beat, found.beat * 1000);
}

// -- the beat: how we stand, what waits for us --

async function beat() {
  if (running) return void (again = true);
  running = true;
  try {
    do {
      again = false;
      const found = await wire.line({ muted: media.muted, cameraOff: media.cameraOff, hand, sharing: !!media.screen });
      if (!entered) return;
      await take(found);
    } while (again);
    if (news.startsWith("Your line")) tell("");
  } catch (fault) {
    if (!(fault instanceof Refusal)) tell("Your line is broken. Trying again.");
    else if (fault.status === 409) await back();
    else if (fault.status === 403 || fault.status === 404) over(fault.message);
  } finally {
    running = false;
  }
}

async function take({ state, signals }) {
  if (state.closed) return over("The session was ended.");
  if (!state.me.inside) {
    show("waiting");
    return;
  }
  if (!joined) await inside(state);
  tiles.draw(state.people);
  line.people(state.people);
  for (const signal of signals) {
    if (signal.kind === "chat") said(signal.body.name, signal.body.text);
    else {
      const to = line;
      heard = heard.then(() => to === line && to.take(signal)).catch(() => {});
    }
  }
  if (host) desk.draw(state);
  button("lock")?.replaceChildren(state.locked ? "Unlock the room" : "Lock the room");
  if (host) root.dataset.locked = state.locked ? "yes" : "no";
  const people = state.people.length;
  find("count").textContent = `${people} ${people === 1 ? "person" : "people"} here${state.locked ? " · locked" : ""}`;
}

async function inside(state) {
  joined = true;
  show("inside");
  const Kind = state.kind === "janus" ? Gateway : Mesh;
  line = new Kind({
    wire, media, me, ice: entered.ice,
    seen: (id, stream) => tiles.show(id, stream),
    lost: (id) => tiles.hide(id),
    trouble,
  });
  tiles.draw(state.people);
  tiles.show(me, media.stream);
  words();
  line.open().catch(() => tell("The picture could not be sent. Trying again."));
}

// The ticket ran out, as after a sleep of the device: back by the same stay, or by the door.
async function back() {
  const found = await wire.enter({ resume: true }).catch(() => null);
  line?.close();
  if (!found?.ticket) {
    stop();
    show("door");
    return mark({}, "Your line was away for a while. Please come in again.");
  }
  entered = found;
  joined = false;
  wire.listen(found, beat);
  again = true;
  setTimeout(beat);
}

// -- leaving --

// Lets go of everything: devices, connections, what was said and shown.
function stop() {
  clearInterval(timer);
  line?.close();
  line = null;
  media.stop();
  media = new Media();
  tiles?.clear();
  desk?.clear();
  find("own").srcObject = null;
  find("chat-lines").replaceChildren();
  form.reset();
  sessionStorage.clear(); // htmx notes the page's address there
  entered = null;
  joined = false;
  hand = false;
  wire.forget();
}

function over(sentence) {
  stop();
  find("over-words").textContent = sentence;
  show("over");
  find("over").focus();
}

async function leave() {
  const gone = wire.exit(false);
  over("You left the session. Nothing of it is kept in this browser.");
  await gone;
}

// -- controls --

function words() {
  button("mute").textContent = media.muted ? "Unmute" : "Mute";
  button("camera").textContent = media.cameraOff ? "Camera on" : "Camera off";
  button("hand").textContent = hand ? "Hand down" : "Raise hand";
  if (button("share")) button("share").textContent = media.screen ? "Stop sharing" : "Share screen";
}

async function share() {
  if (media.screen) media.unshare();
  else {
    try {
      await media.share(() => media.screen && share());
    } catch {
      return tell("The screen is not shared.");
    }
  }
  await line?.show(media.video);
  const picture = new MediaStream([media.video, media.audio].filter(Boolean));
  tiles.show(me, media.screen ? picture : media.stream);
  words();
  await beat();
}

async function door(what, who) {
  try {
    await wire.door(what, who);
    tell("");
  } catch (fault) {
    tell(fault.message);
  }
  if (entered) await beat();
}

function ask(person) {
  const dialog = find("remove");
  dialog.querySelector("[data-part=whom]").textContent = `Take ${person.name} out of the session? The link is dead at once.`;
  dialog.onclose = () => dialog.returnValue === "yes" && door("remove", person.id);
  dialog.returnValue = "";
  dialog.showModal();
}

function said(name, text) {
  const item = document.createElement("li");
  const who = document.createElement("strong");
  who.textContent = `${name}: `;
  item.append(who, text);
  find("chat-lines").append(item);
  item.scrollIntoView({ block: "nearest" });
}

const desk = host ? new Desk(root, door) : null;

const acts = {
  mute: () => (media.mute(!media.muted), words(), beat()),
  camera: () => (media.hideCamera(!media.cameraOff), words(), beat()),
  hand: () => ((hand = !hand), words(), beat()),
  share,
  leave,
  lock: () => door(root.dataset.locked === "yes" ? "unlock" : "lock"),
  end: () => door("end"),
  sound: () => (tiles.playAll(), (button("sound").hidden = true)),
  rejoin: () => show("door"),
};
for (const [name, act] of Object.entries(acts)) button(name)?.addEventListener("click", () => act());

form.addEventListener("submit", (event) => {
  event.preventDefault();
  join(answers());
});
form.addEventListener("change", () => {
  const others = form.querySelector("[name=listening][value=others]");
  if (others) find("listeners").hidden = !others.checked;
});
find("chat").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  const text = field.value.trim();
  if (!text) return;
  try {
    await wire.say("chat", null, { text });
    said("You", text);
    field.value = "";
  } catch (fault) {
    tell(fault.message);
  }
});

window.addEventListener("pagehide", () => {
  if (entered) wire.exit(true);
  stop();
});
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
window.addEventListener("online", () => entered && beat());
document.addEventListener("visibilitychange", () => !document.hidden && entered && beat());

show("door");
join({ resume: true }); // after a broken line or a reload: straight back, without the questions
