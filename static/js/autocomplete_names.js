// Select2 draws the admin's long drop-downs as boxes that have a role and no name. Each gets its field's name here, and
// what stands in it keeps its place after the name. Boxes come and go (new rows, opened lists), so the page is watched.
(() => {
  const fieldOf = (id) => document.getElementById(id);

  const nameOf = (field) =>
    field?.labels?.[0]?.textContent.replace(/:\s*$/, "").trim() || field?.getAttribute("aria-label") || "";

  const nameBox = (box) => {
    const field = box.closest(".select2-container")?.previousElementSibling;
    const name = nameOf(field);
    if (!name || box.id) return;
    box.id = `${field.id}_box`;
    box.setAttribute("aria-label", name);
    const chosen = box.querySelector(".select2-selection__rendered");
    if (chosen?.id) {
      box.setAttribute("aria-labelledby", `${box.id} ${chosen.id}`);
      for (const attribute of ["role", "aria-readonly"]) chosen.removeAttribute(attribute);
    }
    if (field.hasAttribute("aria-describedby")) box.setAttribute("aria-describedby", field.getAttribute("aria-describedby"));
    box.querySelector(".select2-search__field")?.setAttribute("aria-label", name);
  };

  const nameList = (list) => {
    const name = nameOf(fieldOf(list.id.replace(/^select2-/, "").replace(/-results$/, "")));
    if (!name || list.hasAttribute("aria-label")) return;
    list.setAttribute("aria-label", name);
    list.closest(".select2-dropdown")?.querySelector(".select2-search__field")?.setAttribute("aria-label", name);
  };

  const nameAll = () => {
    document.querySelectorAll(".select2-selection").forEach(nameBox);
    document.querySelectorAll(".select2-results__options[id]").forEach(nameList);
  };

  new MutationObserver(nameAll).observe(document.documentElement, { childList: true, subtree: true });
})();
