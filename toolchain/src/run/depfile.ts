/**
 * The prerequisites named by a make-style dependency file, as GCC and clang write them: `\` before a space or `#`,
 * `$$` for `$`, `\` at the end of a line continues it. Targets, also the phony ones of `-MP`, are left out.
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
    const char = rule[at]!;
    const next = rule[at + 1];
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
