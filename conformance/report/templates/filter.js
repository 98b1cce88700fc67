// Hides what does not contain every word typed, and opens what holds a hit. Without it the page is complete.
(() => {
  const box = document.getElementById("filter"), out = document.getElementById("hits");
  if (!box) return;
  const items = [...document.querySelectorAll("[data-find]")].map(e => [e, e.textContent.toLowerCase()]);
  const rows = [...document.querySelectorAll("details.row")];
  const open = new Set(rows.filter(r => r.open));
  const apply = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let hits = 0;
    for (const [element, text] of items) hits += !(element.hidden = !words.every(w => text.includes(w)));
    for (const row of rows) {
      const inside = row.querySelector("[data-find]:not([hidden])");
      row.hidden = words.length > 0 && !inside;
      row.open = words.length ? Boolean(inside) : open.has(row);
    }
    out.textContent = words.length ? hits + " of " + items.length : "";
  };
  box.closest("label").hidden = false;
  box.addEventListener("input", apply);
  document.addEventListener("keydown", e => {
    if (e.key === "/" && document.activeElement !== box) { e.preventDefault(); box.focus(); }
    if (e.key === "Escape" && document.activeElement === box) { box.value = ""; apply(); }
  });
  addEventListener("beforeprint", () => rows.forEach(r => (r.open = true)));
})();
