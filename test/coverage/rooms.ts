import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname } from "node:path";

/** How much of something there is, and how much of it the tests ran. */
export interface Share {
  readonly total: number;
  readonly covered: number;
}

/** What the tests ran of a file, or of a room. */
export interface Coverage {
  readonly lines: Share;
  readonly branches: Share;
  readonly functions: Share;
}

export interface Room extends Coverage {
  readonly name: string;
  /** Files that no test loads, although there is something in them to run. */
  readonly unloaded: readonly string[];
}

const NONE: Share = { total: 0, covered: 0 };

/**
 * The coverage of each room. A file that was not loaded has no line that was run; of its branches and functions nothing
 * is known, so they are not counted.
 * @param measured by path from the project's folder
 * @param sources the paths of all files that could have been measured
 * @param lengthOf how many lines a file has, 0 if there is nothing in it to run
 */
export function roomsOf(
  measured: ReadonlyMap<string, Coverage>,
  sources: readonly string[],
  lengthOf: (path: string) => number,
): Room[] {
  const rooms = new Map<string, Room>();
  for (const path of [...sources].sort()) {
    const length = measured.has(path) ? 0 : lengthOf(path);
    if (!measured.has(path) && length === 0) continue;
    const name = roomOf(path);
    const room = rooms.get(name) ?? { name, lines: NONE, branches: NONE, functions: NONE, unloaded: [] };
    const file = measured.get(path);
    rooms.set(name, {
      name,
      ...sum(room, file ?? { lines: { total: length, covered: 0 }, branches: NONE, functions: NONE }),
      unloaded: file ? room.unloaded : [...room.unloaded, path],
    });
  }
  return [...rooms.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A room is a folder of the toolchain or of vendor/, with all that is below it; the package create is one. */
function roomOf(path: string): string {
  const folders = dirname(path).split("/");
  const depth = { toolchain: 3, vendor: 2 }[folders[0] ?? ""] ?? 2;
  return folders.slice(0, depth).join("/");
}

export function sum(a: Coverage, b: Coverage): Coverage {
  const add = (key: keyof Coverage): Share => ({
    total: a[key].total + b[key].total,
    covered: a[key].covered + b[key].covered,
  });
  return { lines: add("lines"), branches: add("branches"), functions: add("functions") };
}

/** How many lines a file of TypeScript has, or 0 if nothing is left of it once its types are taken out. */
export function lengthOf(path: string): number {
  const text = readFileSync(path, "utf8");
  const left = stripTypeScriptTypes(text)
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")
    .trim();
  return left === "" ? 0 : text.split("\n").length;
}

/** A table for people: a line for each room and one for all, and then the files that no test loads. */
export function table(rooms: readonly Room[]): string {
  const name = "all";
  const all = rooms.reduce<Coverage>(sum, { lines: NONE, branches: NONE, functions: NONE });
  const rows = [...rooms, { name, ...all }].map((row) => [
    row.name,
    ...[row.lines, row.branches, row.functions].map(percentage),
  ]);
  const width = Math.max(...rows.map(([first]) => first!.length));
  const lines = [["room", "lines %", "branches %", "functions %"], ...rows].map(([first, ...rest]) =>
    [first!.padEnd(width), ...rest.map((cell) => cell.padStart(11))].join("  "),
  );
  const unloaded = rooms.flatMap((room) => room.unloaded);
  return [...lines, ...(unloaded.length > 0 ? ["", "No test loads:", ...unloaded] : [])].join("\n");
}

function percentage({ total, covered }: Share): string {
  return total === 0 ? "-" : ((100 * covered) / total).toFixed(1);
}
