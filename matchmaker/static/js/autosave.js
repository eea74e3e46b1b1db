// Saves a draft while it is being written: form[data-autosave-url] is sent to that address shortly after the last key.
// The answer {"saved_at", "version"} moves the hidden version on, so that the next save and the button do not meet a
// conflict of our own making. One save at a time; a submission waits for the one under way.

import { storedText, textsOf, typedIn } from "./form_state.js";
import { dropCopy, keepCopy, restoreCopy } from "./kept_copy.js";

const PAUSE_MS = 1200;
const RETRY_MS = 15000;
const PATIENCE_MS = 10000;

class SaveRefused extends Error {
  constructor(state, words = "") {
    super(words);
    this.state = state;
  }
}

// A refusal may bring its own words, {"error": "…"}; they say more than ours.
async function refusal(response) {
  const state = response.status === 409 ? "conflict" : "failed";
  try {
    const { error } = await response.json();
    return new SaveRefused(state, typeof error === "string" ? error : "");
  } catch {
    return new SaveRefused(state);
  }
}

async function send(form) {
  const response = await fetch(form.dataset.autosaveUrl, {
    method: "POST",
    body: textsOf(form),
    headers: { Accept: "application/json", "X-Requested-With": "fetch" },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (response.redirected || response.status === 401 || response.status === 403) throw new SaveRefused("signedOut");
  if (!response.ok) throw await refusal(response);
  return response.json();
}

function show(form, state, { time = "", words = "" } = {}) {
  const status = form.querySelector("[data-autosave-status]");
  if (!status) return;
  status.textContent = words || status.dataset[state].replace("{time}", time);
  status.classList.toggle("autosave--failed", !["saving", "saved"].includes(state));
}

const clock = (moment) => new Date(moment).toLocaleTimeString("ja-JP", { hour: "numeric", minute: "2-digit" });

class Autosave {
  #form;
  #onServer;
  #timer;
  #underWay = null;
  #state = "saved";

  constructor(form) {
    this.#form = form;
    this.#onServer = storedText(form);
    if (restoreCopy(form)) this.#later(0);
    else if (this.#onServer !== null && this.#isUnsaved) this.#later(PAUSE_MS);
    form.addEventListener("input", () => this.#later(PAUSE_MS));
    form.addEventListener("submit", (event) => this.#beforeSubmission(event));
    window.addEventListener("online", () => this.#later(0));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.#save();
    });
  }

  get #isUnsaved() {
    return typedIn(this.#form) !== this.#onServer;
  }

  #later(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), delay);
  }

  async #save() {
    clearTimeout(this.#timer);
    if (this.#underWay || this.#state === "conflict" || !this.#isUnsaved) return;
    this.#underWay = this.#attempt();
    await this.#underWay;
    this.#underWay = null;
    if (this.#isUnsaved) this.#later(this.#state === "saved" ? PAUSE_MS : RETRY_MS);
  }

  async #attempt() {
    const form = this.#form;
    const typed = typedIn(form);
    show(form, "saving");
    try {
      const { saved_at: savedAt, version } = await send(form);
      form.elements.version.value = version;
      this.#onServer = typed;
      this.#state = "saved";
      dropCopy(form);
      show(form, "saved", { time: clock(savedAt) });
      form.dispatchEvent(new CustomEvent("draft:saved", { detail: { typed } }));
    } catch (error) {
      const isRefused = error instanceof SaveRefused;
      this.#state = isRefused ? error.state : "failed";
      keepCopy(form);
      show(form, this.#state, { words: isRefused ? error.message : "" });
    }
  }

  #beforeSubmission(event) {
    clearTimeout(this.#timer);
    if (!this.#underWay) {
      keepCopy(this.#form, { isSent: true });
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#underWay.then(() => {
      this.#underWay = null;
      this.#form.requestSubmit(event.submitter);
    });
  }
}

document.querySelectorAll("form[data-autosave-url]").forEach((form) => new Autosave(form));
