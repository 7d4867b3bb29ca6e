// Given px, lists every control whose touchable area is smaller than px by px. The area is felt
// with elementFromPoint from the middle outwards, so labels and stretched links count.
px => {
  const controls = 'a[href],button,input:not([type=hidden]),select,textarea,summary,[role=button]';
  const small = [];
  for (const control of document.querySelectorAll(controls)) {
    const label = ['radio', 'checkbox'].includes(control.type) && control.labels[0];
    let best = 0;
    for (const base of label ? [control, label] : [control]) {
      const size = base.getBoundingClientRect();
      if (size.width < 4 || size.height < 4 || size.right < 0) continue;
      base.scrollIntoView({ block: 'center', inline: 'nearest' });
      const box = base.getBoundingClientRect();
      const x = box.left + box.width / 2, y = box.top + box.height / 2;
      const hit = (left, top) => {
        const there = document.elementFromPoint(left, top);
        return there && (control.contains(there) || (label && label.contains(there)));
      };
      if (!hit(x, y)) continue;
      const reach = (dx, dy) => {
        let steps = 0;
        while (steps < px && hit(x + dx * (steps + 1), y + dy * (steps + 1))) steps += 1;
        return steps;
      };
      const high = reach(0, -1) + reach(0, 1) + 1, wide = reach(-1, 0) + reach(1, 0) + 1;
      best = Math.max(best, Math.min(high, wide));
    }
    const shown = control.getBoundingClientRect();
    if (shown.width < 4 || shown.right < 0 || shown.height < 4) continue;
    if (best < px) small.push(best + ' ' + control.outerHTML.slice(0, 120));
  }
  window.scrollTo(0, 0);
  return small;
}
