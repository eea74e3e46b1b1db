// [data-password]: a button that shows what is being typed. The password is hidden again before it is sent, so that the
// browser does not remember it as ordinary text.

function offerToShow(control) {
  const box = control.querySelector("input");
  const label = document.querySelector(`label[for="${CSS.escape(box.id)}"]`);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--secondary";
  button.setAttribute("aria-controls", box.id);
  box.after(button);

  const set = (isShown) => {
    box.type = isShown ? "text" : "password";
    button.textContent = isShown ? control.dataset.hide : control.dataset.show;
    button.setAttribute("aria-label", `${label.firstChild.textContent.trim()}：${button.textContent}`);
  };

  set(false);
  button.addEventListener("click", () => set(box.type === "password"));
  box.form.addEventListener("submit", () => set(false));
}

document.querySelectorAll("[data-password]").forEach(offerToShow);
