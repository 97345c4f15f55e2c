import { statSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import * as v from "valibot";
import { Failure } from "../base/failure.ts";
import { check } from "../base/json.ts";
import { EXPECTED, parseValue } from "./parse.ts";
import { type CheckedPrograms, checkPrograms, PROGRAMS_KEYS } from "./programs.ts";
import { SETTINGS, type Setting, type Value } from "./settings.ts";

const line = v.pipe(v.string(), v.regex(/^[^\n]*$/));
const words = v.union([line, v.array(v.string())]);
const SCHEMAS: Readonly<Record<Setting["type"], v.GenericSchema<unknown, Value>>> = {
  text: line,
  flags: words,
  command: words,
  switch: v.boolean(),
  arch: line,
};

/** What bpf-app.config.ts says. */
export interface ConfigFile {
  readonly values: Readonly<Record<string, Value>>;
  readonly programs: CheckedPrograms;
}

/**
 * Reads what bpf-app.config.ts says. Node imports TypeScript as it is from 22.18 on; for an older one
 * esbuild turns the file into JavaScript first.
 * @throws Failure config-unreadable, unknown-setting, bad-setting
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const exported = await load(path);
  const values: Record<string, Value> = {};
  let programs: CheckedPrograms = {};
  for (const [key, value] of Object.entries(exported)) {
    if (value === undefined) continue;
    const structured = PROGRAMS_KEYS.find((one) => one === key);
    if (structured !== undefined) {
      programs = { ...programs, ...checkPrograms(structured, value) };
      continue;
    }
    const setting = SETTINGS.find((one) => one.key === key);
    if (!setting) {
      const known = [...SETTINGS.map((one) => one.key), ...PROGRAMS_KEYS];
      throw new Failure("config", { kind: "unknown-setting", name: key, known });
    }
    values[key] = toValue(setting, value);
  }
  return { values, programs };
}

function toValue(setting: Setting, written: unknown): Value {
  const checked = check(SCHEMAS[setting.type], written);
  if ("problem" in checked) {
    const expected = setting.type === "switch" ? "true or false" : EXPECTED[setting.type];
    const value = JSON.stringify(written) ?? typeof written;
    throw new Failure("config", { kind: "bad-setting", name: setting.key, value, expected });
  }
  return typeof checked.value === "string" ? parseValue(setting, checked.value) : checked.value;
}

async function load(path: string): Promise<object> {
  try {
    const url = process.features.typescript ? currentUrl(path) : await compiled(path);
    const module = (await import(url)) as { default?: unknown };
    const config = module.default ?? {};
    // The copy runs the getters that there may be, whose errors are the file's as well.
    if (typeof config === "object") return { ...config };
    throw new Error("its default export is not an object of settings");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const line = lineOf(error, path);
    throw new Failure("config", {
      kind: "config-unreadable",
      path: basename(path),
      reason,
      ...(line === undefined ? {} : { line }),
    });
  }
}

/** The line of the file that an error names first, in its stack or in Node's note above it. */
function lineOf(error: unknown, path: string): number | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const name of [pathToFileURL(path).href, path]) {
    const at = stack.indexOf(name);
    // The time of the file may stand behind its URL (`currentUrl`).
    const line = at < 0 ? undefined : /^(?:\?[\d.]+)?:(\d+)/.exec(stack.slice(at + name.length))?.[1];
    if (line !== undefined) return Number(line);
  }
  return undefined;
}

/** The URL of the file as it is now: Node imports each URL once only, and `dev` reads the file again after an edit. */
function currentUrl(path: string): string {
  const { mtimeMs } = statSync(path);
  return `${pathToFileURL(path).href}?${mtimeMs}`;
}

async function compiled(path: string): Promise<string> {
  const { build } = await import("esbuild");
  const result = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "silent",
  });
  return `data:text/javascript;base64,${Buffer.from(result.outputFiles[0]?.contents ?? []).toString("base64")}`;
}
