/**
 * The script of the page, which can be read and opened without it. It makes each
 * list of calls one stop of the Tab key, with arrow keys inside, and closes
 * details with Escape or a click elsewhere. It uses no text of the page, so it
 * can't run any.
 */
export const SCRIPT = `
for (const list of document.querySelectorAll(".waterfall > .rows > .calls")) {
  const all = [...list.querySelectorAll("summary")];
  all.forEach((stop, i) => { if (i > 0) stop.tabIndex = -1; });
  let stops = all;
  const find = (stop) => {
    stops = all.filter((one) => !one.parentElement.parentElement.closest(".inside > details:not([open])"));
    return stops.indexOf(stop);
  };
  const go = (to) => {
    const stop = stops[Math.max(0, Math.min(stops.length - 1, to))];
    for (const other of all) other.tabIndex = other === stop ? 0 : -1;
    stop.focus();
  };
  list.addEventListener("focusin", ({ target }) => {
    const at = find(target);
    if (at >= 0) all.forEach((stop) => { stop.tabIndex = stop === target ? 0 : -1; });
  });
  list.addEventListener("keydown", (event) => {
    const at = find(event.target);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: stops.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
  list.addEventListener("click", ({ target }) => {
    const link = target.closest("a[href^='#']");
    const call = link && document.getElementById(link.hash.slice(1));
    const stop = call && call.querySelector("summary");
    if (stop) { link.closest("details").open = false; setTimeout(() => go(find(stop))); }
  });
}
const close = (inside) => {
  for (const open of document.querySelectorAll("details[name][open]")) {
    if (!open.contains(inside)) open.open = false;
  }
};
document.addEventListener("click", ({ target }) => close(target));
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  const open = document.activeElement && document.activeElement.closest("details[name][open]");
  close(null);
  if (open) open.querySelector("summary").focus();
});
`;
