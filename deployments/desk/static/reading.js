// F8 goes to the next record with a finding, Shift+F8 to the one before. Without this they are first on the page.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.key !== "F8") return;
  const stops = [...document.querySelectorAll("[data-finding]")].filter((one) => one.checkVisibility());
  if (!stops.length) return;
  event.preventDefault();
  const at = stops.indexOf(document.activeElement.closest("[data-finding]"));
  const next = event.shiftKey ? (at <= 0 ? stops.length : at) - 1 : (at + 1) % stops.length;
  stops[next].focus();
});
