// Saves the draft of an answer by itself, a few seconds after something was typed, and keeps in this browser what could
// not be saved: a lost session or a lost line costs no word. The page works without all this.
(() => {
  document.getElementById("summary")?.focus();
  const forget = (key) => {
    try {
      localStorage.removeItem(key);
    } catch { /* nothing was kept */ }
  };
  const done = document.querySelector("[data-done]");
  if (done) forget(done.dataset.done);
  const form = document.querySelector("form[data-key]");
  if (!form) return;
  const said = document.getElementById("saved");
  const version = form.elements.opened_version;
  const names = ["rating", "justification", "recommendation", "condition", "links", "language"];
  const AFTER = 4000; // milliseconds without a key
  let timer, pending, changed = false;

  const read = () => Object.fromEntries(names.map((name) => [name, form.elements[name]?.value ?? ""]));
  const store = (text) => {
    try {
      localStorage.setItem(form.dataset.key, JSON.stringify(text));
    } catch { /* no storage: the text stays on the page */ }
  };
  const stored = () => {
    try {
      return JSON.parse(localStorage.getItem(form.dataset.key));
    } catch {
      return null;
    }
  };
  const say = (words, failed, signIn) => {
    said.textContent = words;
    said.classList.toggle("saved--not", failed);
    if (!signIn) return;
    const link = document.createElement("a");
    link.href = form.dataset.signIn;
    link.textContent = form.dataset.signInWords;
    said.append(" ", link);
  };

  const save = async () => {
    if (pending) return void later();
    changed = false;
    const body = new FormData(form);
    body.delete("files");
    body.delete("links"); // a half-typed address is no link yet
    pending = fetch(form.action, { method: "POST", body, headers: { "X-Autosave": "1" }, redirect: "manual" });
    try {
      const response = await pending;
      const json = response.headers.get("Content-Type")?.startsWith("application/json");
      if (!json) throw new Error("not answered by the form");
      const answer = await response.json();
      if (answer.version !== undefined) version.value = answer.version;
      if (response.ok && !changed && form.elements.links.value) store({ ...read(), version: version.value });
      else if (response.ok && !changed) forget(form.dataset.key);
      say(answer.message, !response.ok, response.status === 403);
    } catch {
      say(form.dataset.unsaved, true, true);
    } finally {
      pending = undefined;
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(save, AFTER);
  };
  const typed = (event) => {
    if (!names.includes(event.target.name)) return;
    changed = true;
    store({ ...read(), version: version.value });
    if (event.target.name !== "links") later();
  };

  // A page that answers what was just sent, or offers what was typed, has the newest text itself.
  const before = "offered" in form.dataset ? null : stored();
  if (before && names.some((name) => (before[name] ?? "") !== read()[name])) {
    for (const name of names) if (form.elements[name]) form.elements[name].value = before[name] ?? "";
    // Typed over an older version than is stored now: saving then shows both.
    version.value = before.version;
    say(form.dataset.restored, false);
    later();
  } else if (before) forget(form.dataset.key);
  form.addEventListener("input", typed);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    // Until the answer is there nobody knows whether it was saved; the next page of this form compares.
    store({ ...read(), version: version.value });
  });
})();
