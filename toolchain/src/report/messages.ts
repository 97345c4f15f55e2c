import { type Colors, stripColors } from "./colors.ts";

/**
 * What commands have said, as one stream is to show it: with colours or without, always with a newline at its end, and
 * with one wording of places. clang, GCC and esbuild say `src/app.ts:12:5: error: …`, but tsc `src/app.ts:12:5 - error …`.
 */
export function messagesText(text: string, colors: Colors): string {
  const lines = text.replace(/\n*$/, "").split("\n").map(withColon);
  return colors.show(`${lines.join("\n")}\n`);
}

/** A line of tsc's that begins with a place, with a colon after the place. Other lines are left as they are. */
function withColon(line: string): string {
  for (let dash = line.indexOf(" - "); dash >= 0; dash = line.indexOf(" - ", dash + 1)) {
    const [before, after] = [line.slice(0, dash), line.slice(dash + 3)];
    if (/^(?:error|warning|suggestion|message) TS\d/.test(stripColors(after)))
      return /^\S.*:\d+:\d+$/.test(stripColors(before)) ? `${before}: ${after}` : line;
  }
  return line;
}
