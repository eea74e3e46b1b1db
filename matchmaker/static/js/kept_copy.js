// A copy of typed text in this browser tab, for the time in which the server cannot take it (no connection, session
// over). It belongs to one address, goes when the server has the text, and is wiped on sign-out.
//
// The copy remembers the version it was typed on. A copy from a failed save comes back with that version, so that text
// somebody else stored meanwhile leads to the conflict page and is never overwritten. A copy from a pressed button counts
// only while the version has not moved: once it has, the server took the text.

import { textsOf } from "./form_state.js";

const key = (form) => `typed:${form.dataset.autosaveUrl}`;

function storage(action) {
  try {
    return action(sessionStorage);
  } catch {
    return null; // Storage can be switched off or full; the page itself still holds the text.
  }
}

export function keepCopy(form, { isSent = false } = {}) {
  const version = form.elements.version?.value;
  if (!version) return;
  const texts = textsOf(form);
  texts.delete("csrf_token");
  storage((kept) => kept.setItem(key(form), JSON.stringify({ version, isSent, texts: [...texts] })));
}

export function dropCopy(form) {
  storage((kept) => kept.removeItem(key(form)));
}

function fill(form, texts) {
  for (const field of form.elements) {
    if (!field.name || ["hidden", "file", "submit", "button"].includes(field.type)) continue;
    const values = texts.getAll(field.name);
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else if (values.length) field.value = values[0];
  }
}

// Puts a kept copy back into the fields. Returns whether there was one.
export function restoreCopy(form) {
  const copy = storage((kept) => JSON.parse(kept.getItem(key(form))));
  const version = form.elements.version;
  if (!copy || !version) return false;
  if (copy.isSent && copy.version !== version.value) {
    dropCopy(form);
    return false;
  }
  fill(form, new URLSearchParams(copy.texts));
  version.value = copy.version;
  return true;
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]")) storage((kept) => kept.clear());
});
