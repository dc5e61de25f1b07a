// What the three languages' grammars have in common.

// Why the expression does not parse, or undefined.
export function syntaxError(tree, text) {
  let error;
  tree.iterate({
    enter(node) {
      if (node.type.isError && error === undefined) {
        const near = text
          .slice(node.from, node.from + 30)
          .split("\n")[0]
          .trim();
        error = near ? `does not parse at \`${near}\`` : "ends too early, or has a part too much before its end";
      }
    },
  });
  return error ?? (text.trim() === "" ? "is empty" : undefined);
}

export function children(node) {
  const found = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

// Every node of one of these names, this one included, in the order of the text.
export function descendants(node, ...names) {
  const found = [];
  node.cursor().iterate((cursor) => {
    if (names.includes(cursor.name)) found.push(cursor.node);
  });
  return found;
}

// The text that a string literal stands for, or undefined where an escape is none of Go's.
export function unquote(literal) {
  const body = literal.slice(1, -1);
  if (literal[0] === "`") return body;
  const known = /\\(?:[abfnrtv\\"']|[0-7]{3}|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8})/g;
  if (body.replace(known, "").includes("\\")) return undefined;
  const simple = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
  return body.replace(known, (escape) => {
    const sign = escape[1];
    if (/[0-7]/.test(sign)) return String.fromCodePoint(parseInt(escape.slice(1), 8));
    return /[xuU]/.test(sign) ? String.fromCodePoint(parseInt(escape.slice(2), 16)) : (simple[sign] ?? sign);
  });
}
