// What is in a form as text, and whether it differs from what the server has. Passwords and files are left out: the
// first are not to be kept anywhere, the second cannot be.

export function textsOf(form) {
  const texts = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && form.elements[name]?.type !== "password") texts.append(name, value);
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
