// [data-counter]: how many characters are left. Counted as the server counts: code points, a line break as one. The
// number on screen moves with each key; it is read aloud only after a pause.

const PAUSE_MS = 1000;

function count(control) {
  const box = control.querySelector("textarea, input");
  const text = control.querySelector("[data-counter-text]");
  const limit = Number(control.dataset.counter);
  const spoken = document.createElement("span");
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");
  text.after(spoken);
  let timer;

  const tell = () => {
    const left = limit - [...box.value].length;
    const words = left < 0 ? control.dataset.over : control.dataset.left;
    text.textContent = words.replace("{n}", Math.abs(left).toLocaleString("ja-JP"));
    text.classList.toggle("field__limit--over", left < 0);
    return text.textContent;
  };

  tell();
  box.addEventListener("input", () => {
    const words = tell();
    clearTimeout(timer);
    timer = setTimeout(() => {
      spoken.textContent = words;
    }, PAUSE_MS);
  });
}

document.querySelectorAll("[data-counter]").forEach(count);
