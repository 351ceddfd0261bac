// Which pieces of text stand over each other, as "this | that". A piece is what a text
// node shows in one line, as far as no box around it cuts it off. What stays where it is
// while the page scrolls lies over others on purpose, and is left out.
(() => {
  const slack = 3; // lines of text touch: letters reach beyond their line a little
  const clip = (rect, element) => {
    let { left, top, right, bottom } = rect;
    for (let e = element; e && e !== document.documentElement; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.position === "fixed" || style.position === "sticky" || e.tagName === "DIALOG") return null;
      if (style.overflowX === "visible" && style.overflowY === "visible" && style.clipPath === "none") continue;
      const box = e.getBoundingClientRect();
      left = Math.max(left, box.left);
      top = Math.max(top, box.top);
      right = Math.min(right, box.right);
      bottom = Math.min(bottom, box.bottom);
    }
    return right - left > slack && bottom - top > slack ? { left, top, right, bottom } : null;
  };
  const pieces = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    if (!node.data.trim() || !node.parentElement.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      const seen = clip(rect, node.parentElement);
      if (seen) pieces.push({ ...seen, node });
    }
  }
  pieces.sort((a, b) => a.top - b.top);
  const found = new Set();
  const name = (p) => p.node.data.trim().slice(0, 40);
  pieces.forEach((a, n) => {
    for (let m = n + 1; m < pieces.length && pieces[m].top < a.bottom - slack; m++) {
      const b = pieces[m];
      if (a.node !== b.node && a.left < b.right - slack && b.left < a.right - slack) found.add(name(a) + " | " + name(b));
    }
  });
  return [...found].slice(0, 20);
})()
