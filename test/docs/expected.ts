// Whether a command printed what a page says.

/**
 * Compares what was printed with what a page shows. `…` alone on a line stands for any lines, inside a line for anything;
 * a number stands for any number and blanks for any blanks.
 *
 * @param unordered whether the lines may come in any order
 * @returns the line of the page that was not printed, or a line that was printed and is not on the page
 */
export function difference(expected: string, printed: string, unordered = false): string | undefined {
  const wanted = expected.trimEnd().split("\n");
  const lines = printed.trimEnd() === "" ? [] : plainText(printed).trimEnd().split("\n");
  if (expected.trim() === "")
    return lines.length === 0 ? undefined : `printed, though nothing should be: ${lines[0]}`;
  return unordered ? anyOrder(wanted, lines) : inOrder(wanted, lines);
}

function inOrder(wanted: readonly string[], lines: readonly string[]): string | undefined {
  let furthest = "";
  // Each `…` may take any number of lines, so all ways are tried, from the end, to find one that fits.
  const fits = wanted.reduceRight<readonly boolean[]>(
    (after, want) => {
      const now = Array.from({ length: lines.length + 1 }, () => false);
      for (let at = lines.length; at >= 0; at--) {
        if (want.trim() === "…") now[at] = after[at]! || (now[at + 1] ?? false);
        else now[at] = at < lines.length && after[at + 1]! && pattern(want).test(lines[at]!);
      }
      if (!now.some(Boolean) && furthest === "") furthest = want;
      return now;
    },
    Array.from({ length: lines.length + 1 }, (_, at) => at === lines.length),
  );
  if (fits[0]) return undefined;
  const missing = wanted.find(
    (want) => want.trim() !== "…" && !lines.some((line) => pattern(want).test(line)),
  );
  return missing ?? `${furthest || wanted[0]} (there, but not in this order, or with more lines around it)`;
}

function anyOrder(wanted: readonly string[], lines: readonly string[]): string | undefined {
  const left = [...lines];
  const others = wanted.some((want) => want.trim() === "…");
  for (const want of wanted.filter((line) => line.trim() !== "…")) {
    const found = left.findIndex((line) => pattern(want).test(line));
    if (found < 0) return want;
    left.splice(found, 1);
  }
  return others || left.length === 0 ? undefined : `printed, but not on the page: ${left[0]}`;
}

/** What matches one line of a page. */
function pattern(line: string): RegExp {
  const source = line
    .trimEnd()
    .split(/(…|\d+(?:\.\d+)?|[ \t]+)/)
    .map((part, index) => {
      if (index % 2 === 0) return escaped(part);
      if (part === "…") return ".*";
      return /\d/.test(part) ? "[0-9]+(?:[.][0-9]+)?" : "[ \\t]+";
    })
    .join("");
  return new RegExp(`^${source.replace(/^\[ \\t\]\+/, "[ \\t]*")}[ \\t]*$`);
}

/** A text as a regular expression that matches it. */
function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** Without escape codes. */
function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with.
  return text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replaceAll("\r", "");
}
