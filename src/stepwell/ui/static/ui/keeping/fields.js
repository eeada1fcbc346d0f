// The fields of a form by name, for <sw-keep>: read, put back, and how a person would call one.

// Field name -> its values, of the named fields in a part of the form.
export function read(form, within) {
  const data = new FormData(form);
  const named = [...within.querySelectorAll("[name]"), ...(within.matches("[name]") ? [within] : [])];
  const names = named.map((each) => each.name).filter((name) => !/^(csrfmiddlewaretoken|revision|page|of|absent|)$/.test(name ?? ""));
  return Object.fromEntries(names.map((name) => [name, data.getAll(name).map(String)]));
}

export function fieldsOf(form, name) {
  return form ? [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)] : [];
}

// False where there is no such field any more.
export function put(form, name, values) {
  const fields = fieldsOf(form, name);
  fields.forEach((each, number) => {
    if (each.type === "radio" || each.type === "checkbox") each.checked = values.includes(each.value);
    else each.value = values[number] ?? "";
  });
  return fields.length > 0;
}

// "Ana R.: Own part"
export function labelOf(form, name) {
  const field = fieldsOf(form, name)[0];
  const who = field?.closest("section[aria-label]")?.getAttribute("aria-label");
  const what = field?.type === "radio" ? field.closest("fieldset")?.querySelector("legend") : field?.labels?.[0];
  return [who, what?.textContent.trim()].filter(Boolean).join(": ");
}
