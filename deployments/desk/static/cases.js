// Lists the cases that have what is typed, while it is typed. Without this the button does the same.
"use strict";
(() => {
  const field = document.querySelector('input[name="q"]');
  const listed = document.getElementById("listed");
  if (!field || !listed) return;
  const form = field.form;
  const whole = listed.innerHTML;
  const pause = 250;
  let timer = 0;
  let asked = 0;

  const look = async () => {
    const number = ++asked;
    if (!field.value.trim()) {
      listed.innerHTML = whole;
      return;
    }
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
      // A whole id leads to its case: the button goes there.
      if (answer.type === "opaqueredirect") return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.getElementById("listed");
      const wrong = page.getElementById("q-wrong");
      // A later question may be answered before an earlier one.
      if (number !== asked) return;
      const words = wrong ? wrong.textContent : "";
      if (answer.ok && found) listed.innerHTML = found.innerHTML;
      else if (words) listed.querySelector('[role="status"]').textContent = words;
    } catch {
      // The button still searches.
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, pause);
  });
})();
