// What the admin's widgets leave unsaid to a screen reader. Select2 draws long drop-downs as boxes that have a role and
// no name: each gets its field's name, and what is chosen keeps its place after it. Boxes come and go (new rows, opened
// lists), so the page is watched. Columns of a table of rows that have no head are plain cells there.
(() => {
  const nameOf = (field) =>
    field?.labels?.[0]?.textContent.replace(/:\s*$/, "").trim() || field?.getAttribute("aria-label") || "";

  const nameBox = (box) => {
    const field = box.closest(".select2-container")?.previousElementSibling;
    const name = nameOf(field);
    if (!name || box.id) return;
    box.id = `${field.id}_box`;
    box.setAttribute("aria-label", name);
    box.setAttribute("aria-controls", `select2-${field.id}-results`);
    const chosen = box.querySelector(".select2-selection__rendered");
    if (chosen?.id) {
      box.setAttribute("aria-labelledby", `${box.id} ${chosen.id}`);
      for (const attribute of ["role", "aria-readonly"]) chosen.removeAttribute(attribute);
    }
    if (field.hasAttribute("aria-describedby")) box.setAttribute("aria-describedby", field.getAttribute("aria-describedby"));
    box.querySelector(".select2-search__field")?.setAttribute("aria-label", name);
  };

  const nameList = (list) => {
    const name = nameOf(document.getElementById(list.id.replace(/^select2-/, "").replace(/-results$/, "")));
    if (!name || list.hasAttribute("aria-label")) return;
    list.setAttribute("aria-label", name);
    list.closest(".select2-dropdown")?.querySelector(".select2-search__field")?.setAttribute("aria-label", name);
    // It is drawn at the end of the page, outside of every part that has a name.
    const around = list.closest(".select2-container");
    around?.setAttribute("role", "region");
    around?.setAttribute("aria-label", name);
  };

  const nameAll = () => {
    document.querySelectorAll(".select2-selection").forEach(nameBox);
    document.querySelectorAll(".select2-results__options[id]").forEach(nameList);
    document.querySelectorAll(".inline-group th:not([role])").forEach((head) => {
      if (!head.textContent.trim()) head.setAttribute("role", "cell");
    });
  };

  new MutationObserver(nameAll).observe(document.documentElement, { childList: true, subtree: true });
})();
