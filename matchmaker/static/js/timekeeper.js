// Counts the running clock down, and follows what another screen does. The server says when the clock ends and what time
// it is there, so that a telephone whose own clock is wrong shows the same figure.

const FOLLOW_MS = 3000;
const TICK_MS = 250;

const box = document.querySelector("[data-timekeeper]");

const figure = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

function countDown() {
  const left = box.querySelector("[data-left]");
  const endsAt = Date.parse(box.dataset.endsAt ?? "");
  if (!left || Number.isNaN(endsAt)) return;
  const ahead = Date.parse(box.dataset.now) - Date.now();
  const announce = box.querySelector("[data-announce]");
  let said = "";
  left.classList.add("timekeeper__left--counting");
  setInterval(() => {
    const seconds = Math.ceil((endsAt - (Date.now() + ahead)) / 1000);
    left.textContent = seconds >= 0 ? figure(seconds) : box.dataset.over.replace("{time}", figure(-seconds));
    left.classList.toggle("timekeeper__left--short", seconds <= 60 && seconds > 0);
    left.classList.toggle("timekeeper__left--over", seconds <= 0);
    const words = seconds <= 0 ? announce.dataset.ended : seconds <= 60 ? announce.dataset.oneMinute : "";
    if (words !== said) {
      said = words;
      announce.textContent = words;
    }
  }, TICK_MS);
}

async function follow() {
  try {
    const answer = await fetch(box.dataset.timekeeper, { headers: { "X-Requested-With": "fetch" } });
    if (answer.ok && (await answer.json()).mark !== box.dataset.mark) location.reload();
  } catch {
    // Without a connection the clock goes on by itself; the next try may succeed.
  }
}

if (box) {
  countDown();
  setInterval(follow, FOLLOW_MS);
}
