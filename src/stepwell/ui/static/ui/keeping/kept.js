// Two things <sw-keep> does with the page: shows kept text beside what the page says, and takes over a new login.

// lines: {label, text, take}; `take` puts the text into its field, null where there is none.
export function showBeside(box, lines, when, drop) {
  for (const { label, text, take } of lines) {
    const line = box.querySelector("template").content.firstElementChild.cloneNode(true);
    line.querySelector("[data-who]").textContent = label;
    line.querySelector("span").textContent = text;
    const button = line.querySelector("button");
    button.hidden = !take;
    button.addEventListener("click", () => (line.remove(), take()));
    box.querySelector("ul").append(line);
  }
  box.querySelector("[data-when]").textContent = when;
  box.querySelector("[data-drop]").addEventListener("click", () => (box.remove(), drop()));
  box.hidden = false;
}

// Somebody may have logged in again in another tab: "ready" when it is the person of the entry `name` (this page then
// sends with the new token), "other" when it is somebody else, "out" while it is nobody.
export async function takeOverLogin(name) {
  const answer = await fetch(location.pathname).catch(() => null);
  const page = new DOMParser().parseFromString((await answer?.text()) ?? "", "text/html");
  const there = page.querySelector("sw-keep");
  if (there && there.dataset.name !== name) return "other";
  const token = there && page.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!token) return "out";
  for (const each of document.querySelectorAll("[name=csrfmiddlewaretoken]")) each.value = token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "x-csrftoken": token }));
  return "ready";
}
