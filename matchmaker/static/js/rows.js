// [data-rows]: of several equal rows only the filled ones and one empty one are shown; a button brings out the next.

const isEmpty = (row) =>
  [...row.querySelectorAll("input:not([type=hidden]), select, textarea")].every((box) =>
    box.type === "checkbox" || box.type === "radio" ? !box.checked : box.value === "",
  );

function fold(list) {
  const rows = [...list.querySelectorAll("[data-row]")];
  const lastFilled = rows.findLastIndex((row) => !isEmpty(row) || row.querySelector("[aria-invalid]"));
  const waiting = rows.slice(Math.max(lastFilled + 1, 1));
  if (!waiting.length) return;
  waiting.forEach((row) => {
    row.hidden = true;
  });

  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--secondary";
  button.textContent = list.dataset.add;
  list.append(button);
  button.addEventListener("click", () => {
    const row = waiting.shift();
    row.hidden = false;
    row.querySelector("input:not([type=hidden]), select, textarea").focus();
    if (!waiting.length) button.remove();
  });
}

document.querySelectorAll("[data-rows]").forEach(fold);
