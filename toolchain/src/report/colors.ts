import { stripVTControlCharacters, styleText } from "node:util";

/** A style of text by the name that node:util has for it: `red`, or several: `["bold", "red"]`. */
export type Style = Parameters<typeof styleText>[0];

/** How texts are written to one stream: with colours, or without any. */
export interface Colors {
  readonly on: boolean;
  /** A text of ours in a style, or as it is where there are no colours. */
  paint(style: Style, text: string): string;
  /** A text that another program has coloured: as it is, or without its colours. */
  show(text: string): string;
}

/** What decides whether a stream gets colours. */
interface Target {
  readonly isTTY?: boolean;
}

/**
 * Tells how texts are written to a stream: a terminal gets colours, a pipe and a file get none. FORCE_COLOR asks for
 * colours everywhere (`0` and `false` ask for none), NO_COLOR for none; if both are set, FORCE_COLOR counts, as it does
 * for Node itself. A terminal whose TERM is `dumb` can show none.
 */
export function colorsFor(stream: Target, env: NodeJS.ProcessEnv = process.env): Colors {
  const on = wantsColors(stream, env);
  return {
    on,
    // Node would decide by the stream again, and in older versions by another stream than this one.
    paint: (style, text) => (on ? styleText(style, text, { validateStream: false }) : text),
    show: (text) => (on ? text : stripColors(text)),
  };
}

/** A text without the sequences by which terminals are told of colours, links and cursors. */
export function stripColors(text: string): string {
  return text.includes("\x1b") || text.includes("\x9b") ? stripVTControlCharacters(text) : text;
}

function wantsColors(stream: Target, { FORCE_COLOR, NO_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  if (NO_COLOR) return false;
  return Boolean(stream.isTTY) && TERM !== "dumb";
}
