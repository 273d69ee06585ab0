// Looks whether a waiting page has changed and loads it again, unless something was typed or is shown once.
"use strict";
(() => {
  const part = document.querySelector("[data-changes]");
  if (!part) return;
  const known = part.dataset.known;
  const link = part.querySelector("a");
  let isTouched = part.hasAttribute("data-once");
  for (const name of ["input", "change", "toggle"]) {
    document.addEventListener(name, () => { isTouched = true; }, true);
  }

  const look = async () => {
    if (document.hidden) return;
    let answer;
    try {
      const asked = { redirect: "manual", headers: { Accept: "application/json" } };
      answer = await fetch(part.dataset.changes, asked);
      if (!answer.ok) return;
      if (String((await answer.json()).changes) === known) return;
    } catch {
      return;
    }
    clearInterval(timer);
    const field = document.activeElement && document.activeElement.closest("form");
    if (isTouched || field || window.getSelection().toString()) {
      link.textContent = "This page has changed. Load it again";
      part.classList.add("due");
      part.setAttribute("role", "status");
    } else {
      location.reload();
    }
  };
  const timer = setInterval(look, 5000);
})();
