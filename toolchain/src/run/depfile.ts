/**
 * The prerequisites that a dependency file in make's format names, as GCC and clang write it: `\` stands before a space
 * or `#`, `$$` stands for `$`, and a line that ends with `\` is continued. Targets are left out, including the phony
 * ones that `-MP` adds.
 */
export function parseDepfile(text: string): string[] {
  const found = new Set<string>();
  for (const rule of text.replaceAll(/\\\r?\n/g, " ").split(/\r?\n/)) {
    const words = splitWords(rule);
    const colon = words.findIndex((word) => word.endsWith(":"));
    if (colon < 0) continue;
    for (const word of words.slice(colon + 1)) found.add(word);
  }
  return [...found];
}

function splitWords(rule: string): string[] {
  const words: string[] = [];
  let word = "";
  for (let at = 0; at < rule.length; at++) {
    const char = rule.charAt(at);
    const next = rule.charAt(at + 1);
    if (char === "\\" && (next === " " || next === "#" || next === "\\" || next === ":")) {
      word += next;
      at++;
    } else if (char === "$" && next === "$") {
      word += "$";
      at++;
    } else if (char === " " || char === "\t") {
      if (word) words.push(word);
      word = "";
    } else word += char;
  }
  if (word) words.push(word);
  return words;
}
