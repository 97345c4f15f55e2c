import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { Failure } from "../base/failure.ts";
import { check } from "../base/json.ts";
import type { Program } from "./discover.ts";
import { EXPECTED, splitWords } from "./parse.ts";
import { type EventTypeNames, FILE_SETTINGS } from "./settings.ts";

/** The keys of the part of the file that is about programs and their maps. */
export const PROGRAMS_KEYS = FILE_SETTINGS.map(({ key }) => key);

/** What is left of ProgramSettings when flags are words. */
interface CheckedProgram {
  readonly cflags?: readonly string[];
  readonly events?: EventTypeNames;
}

/** What the file says of programs and maps, checked. */
export interface CheckedPrograms {
  readonly events?: EventTypeNames;
  readonly programs?: Readonly<Record<string, CheckedProgram>>;
  readonly targets?: readonly string[];
}

// An array would pass for a record whose keys are its indices.
const OBJECT = v.pipe(
  v.unknown(),
  v.check((value) => !Array.isArray(value)),
  v.record(v.string(), v.unknown()),
);
const TYPE = /^(struct |union |enum )?[A-Za-z_]\w*( [A-Za-z_]\w*)*$/;
const EVENTS = v.record(v.string(), v.pipe(v.string(), v.trim(), v.regex(TYPE)));
const CFLAGS = v.union([v.string(), v.array(v.string())]);
// The name is that of a file in src/, in dist/ and in .output/.
const TARGETS = v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_][A-Za-z0-9_-]*$/)));
const EVENTS_EXPECTED = `the C type of the events for each map: { rb: "struct event" }`;

/**
 * Checks that part of the file.
 * @throws Failure bad-setting, unknown-setting
 */
export function checkPrograms(key: (typeof PROGRAMS_KEYS)[number], written: unknown): CheckedPrograms {
  if (key === "events") return { events: events("events", written) };
  if (key === "targets")
    return { targets: checked(TARGETS, key, written, 'the names of files src/NAME.ts: ["agent"]') };
  const object = checked(OBJECT, "programs", written, "settings by program: { NAME: { cflags: … } }");
  const programs: Record<string, CheckedProgram> = {};
  for (const [name, settings] of Object.entries(object))
    programs[name] = program(`programs.${name}`, settings);
  return { programs };
}

function program(name: string, written: unknown): CheckedProgram {
  const object = checked(OBJECT, name, written, "an object of settings: cflags, events");
  const found: { cflags?: readonly string[]; events?: EventTypeNames } = {};
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    if (key === "events") found.events = events(`${name}.events`, value);
    else if (key === "cflags") found.cflags = flags(`${name}.cflags`, value);
    else
      throw new Failure("config", {
        kind: "unknown-setting",
        name: `${name}.${key}`,
        known: ["cflags", "events"],
      });
  }
  return found;
}

function events(name: string, written: unknown): EventTypeNames {
  const object = checked(OBJECT, name, written, EVENTS_EXPECTED);
  for (const [map, type] of Object.entries(object))
    checked(EVENTS, `${name}.${map}`, { [map]: type }, `a type as C spells it: "struct event"`, type);
  return checked(EVENTS, name, object, EVENTS_EXPECTED);
}

function flags(name: string, written: unknown): readonly string[] {
  const value = checked(CFLAGS, name, written, EXPECTED.flags);
  const words = typeof value === "string" ? splitWords(value) : value;
  if (words !== undefined) return words;
  throw new Failure("config", { kind: "bad-setting", name, value: String(value), expected: EXPECTED.flags });
}

function checked<T>(
  schema: v.GenericSchema<unknown, T>,
  name: string,
  written: unknown,
  expected: string,
  shown = written,
): T {
  const result = check(schema, written);
  if (!("problem" in result)) return result.value;
  const value = JSON.stringify(shown) ?? typeof shown;
  throw new Failure("config", { kind: "bad-setting", name, value, expected });
}

/**
 * Gives each program what the file says of it.
 * @throws Failure unknown-program, unknown-event-map
 */
export function applyPrograms(
  root: string,
  programs: readonly Program[],
  config: CheckedPrograms,
): Program[] {
  const names = programs.map(({ name }) => name);
  for (const name of Object.keys(config.programs ?? {}))
    if (!names.includes(name)) throw new Failure("config", { kind: "unknown-program", name, known: names });
  const shared = Object.entries(config.events ?? {});
  const maps = new Map(programs.map((program) => [program, shared.length > 0 ? mapsOf(root, program) : []]));
  const known = [...new Set([...maps.values()].flat())].sort();
  for (const [map] of shared)
    if (!known.includes(map)) throw new Failure("config", { kind: "unknown-event-map", map, known });
  return programs.map((program) => {
    const { cflags = [], events = {} } = config.programs?.[program.name] ?? {};
    const common = shared.filter(([map]) => maps.get(program)?.includes(map));
    return {
      ...program,
      cflags: [...program.cflags, ...cflags],
      events: { ...Object.fromEntries(common), ...events },
    };
  });
}

/** The names of the maps that a program's sources define in the usual way: `} rb SEC(".maps");`. */
function mapsOf(root: string, { source, headers }: Program): string[] {
  return [source, ...headers].flatMap((path) => {
    const text = readFileSync(join(root, path), "utf8");
    return [...text.matchAll(/(\w+)\s+SEC\(\s*"\.maps"\s*\)/g)].map(([, name]) => name as string);
  });
}
