// Whether a page fits its window. Both functions run in the page.

// Gives what reaches beyond the window, where the page scrolls sideways.
export function tooWide() {
  const { scrollWidth } = document.scrollingElement;
  if (scrollWidth <= innerWidth) return [];
  const all = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > innerWidth);
  return [`${scrollWidth} pixels`, ...all.map(({ outerHTML }) => outerHTML.slice(0, 100))];
}

// Gives the controls that are cut off, that overlap another one, or that the focus leaves out of sight, and bars that
// stay in place over more than a third of the window. Under an open dialog everything else is inert.
export function badControls() {
  const brief = ({ outerHTML }) => outerHTML.slice(0, 100).replaceAll(/\s+/g, " ");
  const share = (a, b, from, to) => Math.min(a[to], b[to]) - Math.max(a[from], b[from]) > 1;
  const overlaps = (a, b) => share(a, b, "left", "right") && share(a, b, "top", "bottom");
  const found = [];
  const buttons = "button, summary, .plain, .chip, .filter, .quick";
  const root = [...document.querySelectorAll("dialog[open]")].pop() ?? document.body;
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(".skip:not(:focus)");
  const controls = [...root.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(isShown);
  const boxes = controls.map((control) => [...control.getClientRects()].filter(({ width, height }) => width > 0 && height > 0));

  for (const [index, control] of controls.entries()) {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = control;
    const isCut = control.matches(buttons) && (scrollWidth > clientWidth || scrollHeight > clientHeight);
    const holder = control.parentElement.getBoundingClientRect();
    const isOut = boxes[index].some(({ left, right }) => left < holder.left - 1 || right > holder.right + 1);
    if (isCut || isOut) found.push(`cut off: ${brief(control)}`);

    for (const [before, other] of controls.slice(0, index).entries()) {
      if (other.contains(control)) continue;
      if (boxes[index].some((a) => boxes[before].some((b) => overlaps(a, b)))) found.push(`overlap: ${brief(other)} ${brief(control)}`);
    }
  }

  for (const control of controls) {
    control.focus();
    const { left, top, width, height } = control.getClientRects()[0];
    const parts = [0.1, 0.5, 0.9].map((part) => document.elementFromPoint(left + width * part, top + height / 2));
    if (!parts.some((element) => control.contains(element))) found.push(`focused out of sight: ${brief(control)}`);
  }

  const bars = [...document.querySelectorAll("body *")].filter((element) => /fixed|sticky/.test(getComputedStyle(element).position) && isShown(element));
  const covered = bars.reduce((sum, { offsetHeight }) => sum + offsetHeight, 0);
  if (root === document.body && covered > innerHeight / 3) found.push(`covered: ${covered} pixels by ${bars.map(brief)}`);
  return found;
}
