// form[data-fit-url]: shows what fits while the form is being filled in. The form is posted to that address and the
// answer, a piece of HTML from our own server, takes the place of the content of [data-fit-target]. The last question
// wins; when the server does not answer, the last good list stays. [data-fit-at-once] also asks when the page opens.

import { textsOf } from "./form_state.js";

const PAUSE_MS = 600;

function follow(form) {
  const target = document.querySelector("[data-fit-target]");
  if (!target) return;
  let timer;
  let question;
  let asked = textsOf(form).toString();

  async function ask() {
    const texts = textsOf(form);
    if (texts.toString() === asked) return;
    asked = texts.toString();
    question?.abort();
    const mine = new AbortController();
    question = mine;
    target.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(form.dataset.fitUrl, {
        method: "POST",
        body: texts,
        headers: { Accept: "text/html", "X-Requested-With": "fetch" },
        signal: mine.signal,
      });
      if (response.ok && !response.redirected) target.innerHTML = await response.text();
    } catch {
      asked = null;
    } finally {
      if (question === mine) target.removeAttribute("aria-busy");
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });

  if (target.hasAttribute("data-fit-at-once")) {
    asked = null;
    ask();
  }
}

document.querySelectorAll("form[data-fit-url]").forEach(follow);
