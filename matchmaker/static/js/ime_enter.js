// The Enter that confirms a kanji conversion must never send the form. Safari sends that key after the composition has
// ended, and marks it only by code 229.

document.addEventListener("keydown", (event) => {
  const isEnter = event.key === "Enter" || event.code === "Enter" || event.code === "NumpadEnter";
  const isConversion = event.isComposing || event.keyCode === 229;
  if (isEnter && isConversion && event.target instanceof HTMLInputElement) event.preventDefault();
});
