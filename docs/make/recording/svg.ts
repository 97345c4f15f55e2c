// A film as a picture that moves: text in SVG, which CSS shows and hides. It takes no script and no font of its own, its
// text can be selected, and where nothing moves it is the last screen.
import type { Film, Run, Version } from "./screen.ts";

export type Theme = "dark" | "light";

interface Colours {
  readonly ground: string;
  readonly text: string;
  readonly frame: string;
  /** The eight colours of terminals and their bright ones. */
  readonly palette: readonly string[];
}

const THEMES: Readonly<Record<Theme, Colours>> = {
  dark: {
    ground: "#161a20",
    text: "#d8dee6",
    frame: "#39414c",
    palette: [
      ...["#5b6673", "#f0716c", "#7fca7f", "#e0b964", "#6cabf0", "#c98fe0", "#5fc6cc", "#d8dee6"],
      ...["#7f8b99", "#f58f8b", "#9adb9a", "#ecd08b", "#8fc2f7", "#d9abec", "#86dbe0", "#ffffff"],
    ],
  },
  light: {
    ground: "#fbfbfa",
    text: "#24292f",
    frame: "#d3d6da",
    palette: [
      ...["#24292f", "#b3261e", "#1a7433", "#8a5a00", "#1257b0", "#7a3ba8", "#0f6c74", "#57606a"],
      ...["#6b7480", "#c5362e", "#238a3f", "#9c6a10", "#2169c7", "#8d4fbb", "#1a7f88", "#24292f"],
    ],
  },
};

/** Pixels. A letter's width is that of most fonts; each run is fitted to it. */
const LETTER = 8.4;
const HEIGHT = 19;
const MARGIN = 14;
/** For how many seconds the last screen stays. */
const STAY = 5;

/** The picture, as the text of a file. */
export function svg(
  { versions, scrolls, length }: Film,
  {
    columns,
    rows,
    theme,
    title,
  }: { readonly columns: number; readonly rows: number; readonly theme: Theme; readonly title: string },
): string {
  const total = length + STAY;
  const percent = (seconds: number) => `${((100 * seconds) / total).toFixed(2)}%`;
  const { ground, text, frame, palette } = THEMES[theme];
  const [width, height] = [Math.ceil(columns * LETTER + 2 * MARGIN), rows * HEIGHT + 2 * MARGIN];
  const times = new Map<string, string>();
  const shown = versions.map((version) => group(version, times, percent));
  const end = -HEIGHT * scrolls.at(-1)!.line;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    "<style>",
    `text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${text};white-space:pre}`,
    ...palette.map((colour, index) => `.c${index}{fill:${colour}}`),
    ".b{font-weight:bold}.d{opacity:.65}",
    ".v{visibility:hidden}.l{visibility:visible}",
    "@media not (prefers-reduced-motion:reduce){",
    `.v,.s{animation:${total.toFixed(2)}s step-end infinite}.s{animation-name:s}`,
    `@keyframes s{${scrolls.map(({ at, line }) => `${percent(at)}{transform:translateY(${-HEIGHT * line}px)}`).join("")}}`,
    ...Array.from(times, ([frames, name]) => `.${name}{animation-name:${name}}@keyframes ${name}{${frames}}`),
    "}",
    "</style>",
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="${ground}" stroke="${frame}"/>`,
    `<clipPath id="c"><rect x="0" y="${MARGIN}" width="${width}" height="${rows * HEIGHT}"/></clipPath>`,
    `<g clip-path="url(#c)"><g class="s" transform="translate(0 ${end})">`,
    ...shown,
    "</g></g>",
    "</svg>",
    "",
  ].join("\n");
}

/** A line for the time in which it stands there. Lines that come and go together share their key frames. */
function group(
  { line, runs, from, to }: Version,
  times: Map<string, string>,
  percent: (seconds: number) => string,
): string {
  const frames =
    (from > 0 ? "0%{visibility:hidden}" : "") +
    `${percent(from)}{visibility:visible}` +
    (to === undefined ? "" : `${percent(to)}{visibility:hidden}`);
  const name = times.get(frames) ?? `k${times.size}`;
  times.set(frames, name);
  const y = MARGIN + HEIGHT * (line + 0.75);
  const texts = runs.map((run) => textOf(run, y)).join("");
  return `<g class="v ${to === undefined ? "l " : ""}${name}">${texts}</g>`;
}

function textOf({ column, text, colour, bold, dim }: Run, y: number): string {
  const classes = [colour === undefined ? "" : `c${colour}`, bold ? "b" : "", dim ? "d" : ""].filter(Boolean);
  const look = classes.length > 0 ? ` class="${classes.join(" ")}"` : "";
  const width = (text.length * LETTER).toFixed(1);
  const x = (MARGIN + column * LETTER).toFixed(1);
  return `<text x="${x}" y="${y}" textLength="${width}" lengthAdjust="spacingAndGlyphs"${look}>${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
