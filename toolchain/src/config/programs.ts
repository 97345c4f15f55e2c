import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { Failure } from "../base/failure.ts";
import { check } from "../base/json.ts";
import type { Program } from "./discover.ts";
import { EXPECTED, splitWords } from "./parse.ts";
import type { EventTypeNames, ProgramSettings, ProgramsConfig } from "./settings.ts";

/** The keys of the part of the file that is about programs and their maps. */
export const PROGRAMS_KEYS = ["events", "programs"] as const satisfies readonly (keyof ProgramsConfig)[];

const TYPE = /^(struct |union |enum )?[A-Za-z_]\w*( [A-Za-z_]\w*)*$/;
const EVENTS = v.record(v.string(), v.pipe(v.string(), v.trim(), v.regex(TYPE)));
const CFLAGS = v.union([v.string(), v.array(v.string())]);
const EVENTS_EXPECTED = `the C type of the events for each map: { rb: "struct event" }`;

/**
 * Checks that part of the file.
 * @throws Failure bad-setting, unknown-setting
 */
export function checkPrograms(key: (typeof PROGRAMS_KEYS)[number], written: unknown): ProgramsConfig {
  if (key === "events") return { events: events("events", written) };
  const object = checked(
    v.record(v.string(), v.unknown()),
    "programs",
    written,
    "settings by program: { NAME: { cflags: … } }",
  );
  const programs: Record<string, ProgramSettings> = {};
  for (const [name, settings] of Object.entries(object))
    programs[name] = program(`programs.${name}`, settings);
  return { programs };
}

function program(name: string, written: unknown): ProgramSettings {
  const object = checked(
    v.record(v.string(), v.unknown()),
    name,
    written,
    "an object of settings: cflags, events",
  );
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
  const object = checked(v.record(v.string(), v.unknown()), name, written, EVENTS_EXPECTED);
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
export function applyPrograms(root: string, programs: readonly Program[], config: ProgramsConfig): Program[] {
  const known = programs.map(({ name }) => name);
  for (const name of Object.keys(config.programs ?? {}))
    if (!known.includes(name)) throw new Failure("config", { kind: "unknown-program", name, known });
  const shared = config.events ?? {};
  for (const map of Object.keys(shared)) requireMap(root, programs, map);
  return programs.map((program) => {
    const own = config.programs?.[program.name];
    const ownFlags = own?.cflags ?? [];
    return {
      ...program,
      cflags: [...program.cflags, ...(typeof ownFlags === "string" ? [] : ownFlags)],
      events: {
        // If there is but one program, a map that it does not have is a mistake.
        shared: programs.length > 1 ? shared : {},
        own: { ...(programs.length > 1 ? {} : shared), ...own?.events },
      },
    };
  });
}

/** Whether a map is there is known when the objects are. That no source has its name is known before. */
function requireMap(root: string, programs: readonly Program[], map: string): void {
  const texts = programs
    .flatMap(({ source, headers }) => [source, ...headers])
    .filter((path) => existsSync(join(root, path)))
    .map((path) => readFileSync(join(root, path), "utf8"));
  if (texts.some((text) => new RegExp(`\\b${map.replace(/\W/g, "")}\\b`).test(text) && /^\w+$/.test(map)))
    return;
  const known = texts.flatMap((text) =>
    [...text.matchAll(/(\w+)\s+SEC\(\s*"\.maps"\s*\)/g)].map(([, name]) => name as string),
  );
  throw new Failure("config", { kind: "unknown-event-map", map, known: [...new Set(known)].sort() });
}
