// Fills a field with what is selected in a part of the page. Without this the passage is typed or pasted.
"use strict";
for (const offer of document.querySelectorAll("[data-takes-selection]")) {
  const field = document.getElementById(offer.dataset.takesSelection);
  const part = document.getElementById(offer.dataset.of);
  let selected = "";
  const note = () => {
    const selection = document.getSelection();
    const inside = selection.rangeCount > 0 && part.contains(selection.getRangeAt(0).commonAncestorContainer);
    // A click on the button ends the selection in some browsers, so what was selected last is kept.
    if (inside && selection.toString().trim()) selected = selection.toString().trim();
  };
  note();
  document.addEventListener("selectionchange", note);
  offer.querySelector("button").addEventListener("click", () => {
    if (selected) field.value = selected;
    field.focus();
  });
  offer.hidden = false;
}
