// Links among the pages lead to files and headings that exist.

import { dirname, join } from "node:path/posix";

export function markdown(tree, report) {
  for (const file of tree.paths(/\.md$/)) {
    for (const { target, line } of linksIn(tree.files[file])) {
      if (/^[a-z][a-z+.-]*:|^\/\//i.test(target)) continue;
      report.count("links");
      const [path, heading] = target.split("#");
      const destination = path ? join(dirname(file), decodeURI(path)) : file;
      const complain = (wrong) => report.finding(file, `line ${line}`, wrong, "Lead the link to what exists");
      if (!tree.exists(destination.replace(/\/$/, ""))) complain(`there is no ${destination}`);
      else if (heading && destination in tree.files && !anchorsOf(tree.files[destination]).includes(heading)) {
        complain(`${destination} has no heading #${heading}`);
      }
    }
  }
}

// The text line by line, without what is code.
function prose(text) {
  let fence;
  return text.split("\n").map((line) => {
    const [mark] = /^ *(```+|~~~+)/.exec(line) ?? [];
    if (mark && (!fence || line.trim().startsWith(fence))) fence = fence ? undefined : mark.trim();
    return mark || fence ? "" : line;
  });
}

function linksIn(text) {
  return prose(text).flatMap((line, index) => {
    const bare = line.replace(/`[^`]*`/g, "");
    const inline = [...bare.matchAll(/\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
    const references = [...bare.matchAll(/^ *\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/g)];
    return [...inline, ...references].map(([, target]) => ({ target, line: index + 1 }));
  });
}

// As the usual hosts name headings: lower case, without punctuation, a hyphen for each space, numbered where they repeat.
function anchorsOf(text) {
  const seen = new Map();
  const headings = prose(text).flatMap((line) => /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1] ?? []);
  return headings.map((heading) => {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = plain.replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before ? `${anchor}-${before}` : anchor;
  });
}
