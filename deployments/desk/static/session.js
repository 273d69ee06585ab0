// Says some minutes before it happens that the session ends, and lets it go on. Without this the page's last line says it.
"use strict";
(() => {
  const part = document.querySelector("[data-session]");
  if (!part) return;
  const line = part.querySelector("p");
  const said = part.querySelector("[data-said]");
  const button = part.querySelector("button");
  const warnBefore = 5 * 60;
  // The server notes a request once in a minute, so the session may end a minute sooner.
  const end = (seconds) => Date.now() + Math.max(seconds - 60, seconds / 2) * 1000;
  let endsAt = end(Number(part.dataset.seconds));
  // Other tabs of the desk go on with the same session: each tells the others of its last request.
  const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("rightsflow-session");

  const look = () => {
    const left = Math.ceil((endsAt - Date.now()) / 1000);
    const minutes = Math.ceil(left / 60);
    line.hidden = left > Math.min(warnBefore, part.dataset.seconds / 2);
    button.hidden = left <= 0;
    const words =
      left > 0
        ? `You will be signed out in ${minutes} ${minutes === 1 ? "minute" : "minutes"}.`
        : "You are signed out. Send what you typed all the same: it is kept until you have signed in again.";
    // The same words are not said a second time to who listens.
    if (!line.hidden && said.textContent !== words) said.textContent = words;
  };

  if (tabs) {
    tabs.addEventListener("message", (event) => {
      if (typeof event.data !== "number" || event.data <= endsAt) return;
      endsAt = event.data;
      look();
    });
    tabs.postMessage(endsAt);
  }

  button.addEventListener("click", async () => {
    try {
      const asked = { redirect: "manual", headers: { Accept: "application/json" } };
      const answer = await fetch(part.dataset.session, asked);
      endsAt = answer.ok ? end((await answer.json()).seconds) : Date.now();
      if (answer.ok && tabs) tabs.postMessage(endsAt);
    } catch {
      said.textContent = "The desk does not answer; try again.";
      return;
    }
    look();
  });
  look();
  setInterval(look, 10000);
  // A machine that slept tells no time meanwhile.
  document.addEventListener("visibilitychange", look);
})();
