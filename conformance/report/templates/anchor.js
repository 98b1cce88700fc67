// Opens the area that holds what the address names.
(() => {
  const show = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const row = target && target.closest("details.row");
    if (row && !row.open) { row.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", show);
  show();
})();
