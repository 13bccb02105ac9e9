// Runs in the browser: lists what is wrong with the layout of a page.
(() => {
  const problems = [];
  const slack = 1.01;
  const all = (selector, root = document) => [
    ...root.querySelectorAll(selector),
  ];
  const boxOf = (element) => element.getBoundingClientRect();
  const isShown = (element) =>
    element.checkVisibility() && boxOf(element).width > 0;
  const nameOf = (element) =>
    `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}"> ${element.textContent.trim().slice(0, 40)}`;

  const within = (inner, outer, what) => {
    const a = boxOf(inner);
    const b = boxOf(outer);
    if (
      a.left < b.left - slack ||
      a.right > b.right + slack ||
      a.top < b.top - slack ||
      a.bottom > b.bottom + slack
    ) {
      problems.push(`${what} is outside of its drawing: ${nameOf(inner)}`);
    }
  };
  const apart = (a, b, what) => {
    const x = boxOf(a);
    const y = boxOf(b);
    const overlap =
      Math.min(x.right, y.right) - Math.max(x.left, y.left) > slack &&
      Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top) > slack;
    if (overlap) problems.push(`${what} overlap: ${nameOf(a)}, ${nameOf(b)}`);
  };

  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    problems.push(`the page is ${scrollWidth} wide, ${clientWidth} fit`);
  }

  for (const drawing of all(".bar, .stack, .measure, .overview, .swatch")) {
    for (const rect of all("rect", drawing)) within(rect, drawing, "a bar");
  }
  for (const ticks of all(".ticks")) {
    const labels = all("text", ticks).filter(isShown);
    if (labels.length < 1) problems.push("an axis has no labels");
    labels.forEach((label, i) => {
      within(label, ticks.closest(".axis"), "a tick");
      if (i > 0) apart(label, labels[i - 1], "ticks");
    });
  }

  for (const waterfall of all(".waterfall")) {
    const bar = boxOf(waterfall.querySelector(".bar"));
    for (const other of all(".ticks, .grid, .path, .bar", waterfall)) {
      if (!isShown(other)) continue;
      const box = boxOf(other);
      if (
        Math.abs(box.left - bar.left) > slack ||
        Math.abs(box.right - bar.right) > slack
      ) {
        problems.push(`${nameOf(other)} is not on the axis of the bars`);
      }
    }
    for (const row of all(".call", waterfall)) {
      const [label, time, drawn] = [".label", ".time", ".bar"].map((one) =>
        row.querySelector(one),
      );
      apart(label, time, "a name and its time");
      apart(label, drawn, "a name and its bar");
      apart(time, drawn, "a time and its bar");
    }
    for (const rows of all(".rows", waterfall)) {
      const path = rows.querySelector(":scope > .path");
      // What is folded away can't be measured, and an open fold hides the path.
      if (!path.checkVisibility()) continue;
      // A step of the critical path is at the foot of its own row.
      const feet = all(":scope > .calls > .critical", rows).map(
        (row) => boxOf(row).bottom,
      );
      const steps = all("line", path)
        .filter((line) => line.getAttribute("y1") === line.getAttribute("y2"))
        .map((line) => boxOf(line).top);
      if (feet.length !== steps.length) problems.push("steps are missing");
      for (const step of steps) {
        if (!feet.some((foot) => foot - step > 0 && foot - step < 6)) {
          problems.push("a step of the critical path is in no row of it");
        }
      }
    }
  }

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === "" || !isShown(element)) continue;
    if (element.closest("script, .hidden, .skip, pre")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const text = range.getBoundingClientRect();
    let isClipped = false;
    for (let box = element; box && !isClipped; box = box.parentElement) {
      if (getComputedStyle(box).overflowX === "visible") continue;
      const { left, right } = boxOf(box);
      isClipped = text.left < left - slack || text.right > right + slack;
    }
    if (isClipped) {
      problems.push(`text is clipped: ${nameOf(element)}`);
    } else if (text.left < -slack || text.right > clientWidth + slack) {
      problems.push(`text is beyond the edge: ${nameOf(element)}`);
    }
  }
  return problems;
})();
