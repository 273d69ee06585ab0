// Passkeys: what a browser is asked is fetched, and its answer is sent by the form that the button is in.
"use strict";

(() => {
  const known = window.PublicKeyCredential;
  if (!known || !known.parseRequestOptionsFromJSON || !known.parseCreationOptionsFromJSON) return;

  for (const button of document.querySelectorAll("button[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", () => use(button));
  }

  async function use(button) {
    const form = button.form;
    const said = button.parentElement.querySelector("[data-said]");
    said.textContent = "";
    button.disabled = true;
    try {
      form.elements[button.dataset.field].value = JSON.stringify(await answered(button, form));
      if (button.dataset.action) form.action = button.dataset.action;
      form.submit();
    } catch {
      said.textContent = "The passkey could not be used; try again, or sign in another way.";
    } finally {
      button.disabled = false;
    }
  }

  async function answered(button, form) {
    const body = new URLSearchParams({ token: form.elements.token.value });
    const answer = await fetch(button.dataset.options, { method: "POST", body });
    if (!answer.ok) throw new Error("refused");
    const asked = await answer.json();
    const credential =
      button.dataset.passkey === "make"
        ? await navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON(asked) })
        : await navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON(asked) });
    return credential.toJSON();
  }
})();
