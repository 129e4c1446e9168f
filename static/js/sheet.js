/* The quarter sheet, better with a script: htmx saves a row in place; this file keeps what is typed.
   A row says that it is not saved yet, text typed while the row was on its way is put back, and leaving warns. */
"use strict";

(() => {
  if (!window.htmx) return;

  const ROW = ".sheet__row";
  const typedLater = new Map(); // row id -> what differs from what was sent, by field

  const fieldsOf = (row) =>
    [...row.querySelectorAll(".sheet__form [name]")].filter((field) => !["hidden", "submit"].includes(field.type));
  const isTicked = (field) => field.type === "radio" || field.type === "checkbox";
  const nameOf = (field) => (isTicked(field) ? `${field.name}=${field.value}` : field.name);

  const valueOf = (field) => {
    if (isTicked(field)) return field.checked;
    if (field.type === "file") return [...field.files].map((file) => `${file.name} ${file.size}`).join("\n");
    return field.value;
  };

  const valueWhenOpened = (field) => {
    if (isTicked(field)) return field.defaultChecked;
    if (field.type === "file") return "";
    if (field.options) return ([...field.options].find((option) => option.defaultSelected) || field.options[0]).value;
    return field.defaultValue;
  };

  const valuesOf = (row, read) => new Map(fieldsOf(row).map((field) => [nameOf(field), read(field)]));
  const isUnsaved = (row) =>
    row.hasAttribute("data-refused") || fieldsOf(row).some((field) => valueOf(field) !== valueWhenOpened(field));

  const show = (row) => {
    const note = row.querySelector(".unsaved");
    if (!note) return;
    note.hidden = !isUnsaved(row);
    row.classList.toggle("sheet__row--unsaved", !note.hidden);
  };

  /* Said in the row, and aloud: why it is not saved. The sentences stand in the page, in the reader's language. */
  const complain = (row, id) => {
    const sentence = document.getElementById(id).textContent;
    const note = row.querySelector(".unsaved");
    if (note) [note.textContent, note.hidden] = [sentence, false];
    document.getElementById("sheet-said").textContent = sentence;
  };

  const rowOf = (event) => event.detail.elt?.closest?.(ROW);
  const on = (name, act) => document.body.addEventListener(name, act);

  on("input", (event) => {
    const row = event.target.closest(ROW);
    if (row) show(row);
  });

  on("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const save = event.target.closest(ROW)?.querySelector("button[name=save]");
    if (save) save.form.requestSubmit(save);
  });

  on("htmx:configRequest", (event) => {
    // Whoever has signed in again in another window has a newer token than the form.
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    if (!token) return;
    delete event.detail.parameters.csrfmiddlewaretoken;
    event.detail.headers["X-CSRFToken"] = token[1];
  });

  on("htmx:beforeRequest", (event) => {
    const row = rowOf(event);
    if (!row) return;
    row.setAttribute("aria-busy", "true");
    // What was typed before a copy was asked for was not sent with it.
    row.sent = valuesOf(row, event.detail.elt.matches(".sheet__form") ? valueOf : valueWhenOpened);
  });

  on("htmx:afterRequest", (event) => rowOf(event)?.removeAttribute("aria-busy"));

  on("htmx:beforeSwap", (event) => {
    const row = rowOf(event);
    if (!row) return;
    const { xhr, pathInfo } = event.detail;
    if (xhr.status === 200 && new URL(xhr.responseURL).pathname !== pathInfo.requestPath.split("?")[0]) {
      event.detail.shouldSwap = false;
      complain(row, "sheet-signed-out");
      return;
    }
    const later = fieldsOf(row).filter((field) => valueOf(field) !== row.sent.get(nameOf(field)));
    if (later.length) typedLater.set(row.id, later);
  });

  on("htmx:afterSwap", (event) => {
    const row = event.target;
    if (!row.matches(ROW)) return;
    const fields = new Map(fieldsOf(row).map((field) => [nameOf(field), field]));
    for (const old of typedLater.get(row.id) || []) {
      const field = fields.get(nameOf(old));
      if (!field) continue;
      if (isTicked(field)) field.checked = old.checked;
      else if (field.type === "file") field.files = old.files;
      else field.value = old.value;
    }
    typedLater.delete(row.id);
    show(row);
  });

  on("htmx:afterSettle", (event) => {
    const row = event.target;
    if (!row.matches(ROW)) return;
    const at = document.activeElement;
    if (at !== document.body && !row.contains(at)) return; // its reader has gone on to another row
    const errors = row.querySelector(".error-summary");
    if (errors) errors.focus();
    else if (at === document.body) row.querySelector(".sheet__name").focus();
  });

  on("htmx:sendError", (event) => rowOf(event) && complain(rowOf(event), "sheet-offline"));
  on("htmx:timeout", (event) => rowOf(event) && complain(rowOf(event), "sheet-offline"));
  on("htmx:responseError", (event) => rowOf(event) && complain(rowOf(event), "sheet-refused"));

  window.addEventListener("beforeunload", (event) => {
    if ([...document.querySelectorAll(ROW)].some(isUnsaved)) event.preventDefault();
  });

  // What a browser has kept in the fields over a reload is not saved either.
  document.querySelectorAll(ROW).forEach(show);
})();
