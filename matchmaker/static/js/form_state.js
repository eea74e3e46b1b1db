// What is in a form as text, and whether it differs from what the server has. Passwords and files are left out: the
// first are not to be kept anywhere, the second cannot be.

// Also one that its button shows just now, and is of type text for that time.
const isPassword = (field) => field?.type === "password" || Boolean(field?.closest?.("[data-password]"));

export function textsOf(form) {
  const texts = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && !isPassword(form.elements[name])) texts.append(name, value);
  }
  return texts;
}

// The token and the version change without anybody typing.
export function typedIn(form) {
  const texts = textsOf(form);
  texts.delete("csrf_token");
  texts.delete("version");
  return texts.toString();
}

// What the server has when the page opens, also when the first words were typed before this ran; null when the page came
// back with errors, and the text is stored nowhere yet.
export function storedText(form) {
  if (form.querySelector("[aria-invalid]")) return null;
  const untouched = form.cloneNode(true);
  untouched.reset();
  return typedIn(untouched);
}
