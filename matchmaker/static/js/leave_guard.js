// form[data-leave-guard]: asks before a page with unsaved text is left. What autosave has stored is no longer unsaved, and
// a form that is being sent is no longer ours to guard.

import { storedText, typedIn } from "./form_state.js";

function guard(form) {
  let saved = storedText(form);
  let isLeavingOnPurpose = false;

  form.addEventListener("draft:saved", (event) => {
    saved = event.detail.typed;
  });
  form.addEventListener("submit", () => {
    isLeavingOnPurpose = true;
  });
  window.addEventListener("pageshow", () => {
    isLeavingOnPurpose = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!isLeavingOnPurpose && typedIn(form) !== saved) event.preventDefault();
  });
}

document.querySelectorAll("form[data-leave-guard]").forEach(guard);
