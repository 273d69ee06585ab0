// Passkeys: what a browser is asked is fetched, and its answer is sent by the form that the button is in. A form that
// needs a fresh proof asks for one when it is sent, so that the button that was pressed does what it says.
"use strict";

(() => {
  const known = window.PublicKeyCredential;
  if (!known || !known.parseRequestOptionsFromJSON || !known.parseCreationOptionsFromJSON) return;

  for (const button of document.querySelectorAll("button[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", () => use(button));
  }
  for (const place of document.querySelectorAll("[data-passkey-before]")) {
    place.hidden = false;
    place.closest("form").addEventListener("submit", (event) => before(event, place));
  }

  async function before(event, place) {
    const form = event.target;
    const pressed = event.submitter;
    const { passkey, code } = form.elements;
    // Within a part that is folded, the proof is for the buttons of that part.
    const part = place.closest("details") || form;
    if (passkey.value || (code && code.value) || (pressed && !part.contains(pressed))) return;
    event.preventDefault();
    const said = place.querySelector("[data-said]");
    said.textContent = "";
    if (pressed) pressed.disabled = true;
    try {
      passkey.value = JSON.stringify(await answered(place.dataset, form));
    } catch {
      said.textContent = "The passkey could not be used, and nothing was sent; try again.";
    }
    if (pressed) pressed.disabled = false;
    if (passkey.value) form.requestSubmit(pressed);
    passkey.value = "";
  }

  async function use(button) {
    const form = button.form;
    const said = button.parentElement.querySelector("[data-said]");
    said.textContent = "";
    button.disabled = true;
    try {
      form.elements[button.dataset.field].value = JSON.stringify(await answered(button.dataset, form));
      if (button.dataset.action) form.action = button.dataset.action;
      form.submit();
    } catch {
      said.textContent = "The passkey could not be used; try again, or sign in another way.";
    } finally {
      button.disabled = false;
    }
  }

  async function answered({ options, passkey }, form) {
    const body = new URLSearchParams({ token: form.elements.token.value });
    const answer = await fetch(options, { method: "POST", body });
    if (!answer.ok) throw new Error("refused");
    const asked = await answer.json();
    const credential =
      passkey === "make"
        ? await navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON(asked) })
        : await navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON(asked) });
    return credential.toJSON();
  }
})();
