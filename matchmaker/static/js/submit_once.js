// A second press of a button that sends does nothing. The button stays enabled, because a disabled one would not be sent
// with the form. Coming back with the browser's "back" frees it, and so does a while without a new page (a download).

const FREE_AFTER_MS = 10000;

function free(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.querySelectorAll("button[type=submit]").forEach((button) => button.setAttribute("aria-disabled", "true"));
  setTimeout(() => free(form), FREE_AFTER_MS);
});

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));
