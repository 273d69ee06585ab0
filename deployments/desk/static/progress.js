// Says that an act that takes longer than two seconds is under way, and sends no form twice. Closes an open menu.
"use strict";
(() => {
  let waiting = null;

  const line = () => {
    const made = document.createElement("p");
    made.className = "working";
    made.setAttribute("role", "status");
    return made;
  };

  const stop = () => {
    if (!waiting) return;
    clearInterval(waiting.timer);
    waiting.said.remove();
    for (const button of waiting.buttons) button.removeAttribute("aria-disabled");
    waiting = null;
  };

  const say = () => {
    const seconds = Math.round((Date.now() - waiting.since) / 1000);
    // Once for those who listen; the seconds are for those who look.
    if (!waiting.said.isConnected) {
      waiting.said.append("Working … please leave this page open. ");
      waiting.seconds.setAttribute("aria-hidden", "true");
      waiting.said.append(waiting.seconds);
      waiting.form.append(waiting.said);
    }
    waiting.seconds.textContent = `${seconds} seconds`;
  };

  // A file leaves the page as it is, and it cannot be seen when it has come.
  const saves = (form) => {
    const said = line();
    said.textContent = "Your file is being prepared; the download begins by itself.";
    form.append(said);
    setTimeout(() => said.remove(), 10000);
  };

  document.addEventListener("submit", (event) => {
    if (waiting) {
      event.preventDefault();
      return;
    }
    // After the other listeners, of which one may have stopped it to ask for a passkey first.
    setTimeout(() => {
      if (event.defaultPrevented) return;
      const form = event.target;
      if (form.hasAttribute("data-saves")) {
        saves(form);
        return;
      }
      const buttons = form.querySelectorAll("button");
      for (const button of buttons) button.setAttribute("aria-disabled", "true");
      waiting = { form, buttons, since: Date.now(), said: line(), seconds: document.createElement("span") };
      waiting.timer = setInterval(() => { if (Date.now() - waiting.since >= 2000) say(); }, 500);
    });
  });
  // A page that is come back to is as it was left.
  window.addEventListener("pageshow", stop);

  const menus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
