import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Failure } from "../base/failure.ts";
import { discover, type Program, type Target } from "./discover.ts";
import type { ConfigFailure } from "./failures.ts";
import {
  type Key,
  SETTINGS,
  type Setting,
  type Source,
  type Sources,
  type UserConfig,
  type Values,
} from "./settings.ts";
import { splitFlags, type Words } from "./words.ts";

/** What is to be built, with every value and where it came from. */
export interface Config {
  /** The app's folder, absolute. */
  readonly root: string;
  readonly programs: readonly Program[];
  readonly targets: readonly Target[];
  readonly values: Values;
  readonly sources: Sources;
}

export const CONFIG_FILE = "bpf-app.config.ts";

/**
 * Settles the configuration of the app in `root`: defaults, then bpf-app.config.ts, then the environment where a
 * setting allows it, then the command line.
 * @throws Failure not-an-app, path-not-for-make, config-unreadable, bad-setting, unknown-setting and what `discover` throws
 */
export async function loadConfig(
  root: string,
  assignments: Words["assignments"],
  environment: NodeJS.ProcessEnv,
): Promise<Config> {
  if (!existsSync(join(root, "package.json"))) throw new Failure<ConfigFailure>({ kind: "not-an-app", root });
  const odd = /[\s#$%:;|&()'"\\*?[\]~`<>]/.exec(root);
  if (odd) throw new Failure<ConfigFailure>({ kind: "path-not-for-make", root, character: odd[0] });
  const file = await readConfigFile(join(root, CONFIG_FILE));
  const values = {} as Record<Key, string>;
  const sources = {} as Record<Key, Source>;
  for (const setting of SETTINGS as readonly Setting[]) {
    const key = setting.key as Key;
    const [value, source] = settle(setting, file, environment, assignments);
    check(setting, value);
    values[key] = value;
    sources[key] = source;
  }
  return { root, ...discover(root), values, sources };
}

/** The words of a setting of type `flags`. */
export function flags(config: Config, key: Key): string[] {
  return splitFlags(config.values[key]);
}

function settle(
  setting: Setting,
  file: UserConfig,
  environment: NodeJS.ProcessEnv,
  assignments: Words["assignments"],
): [string, Source] {
  const said = (assignments as Record<string, string>)[setting.word];
  if (said !== undefined) return [said, "command line"];
  const inherited = setting.environment ? environment[setting.word] : undefined;
  if (inherited) return [inherited, "environment"];
  const written = file[setting.key as Key];
  if (written !== undefined) return [asText(setting, written), "file"];
  return [setting.fallback, "default"];
}

function asText(setting: Setting, value: NonNullable<UserConfig[Key]>): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  if (Array.isArray(value))
    return value.map((word) => `'${String(word).replaceAll("'", "'\\''")}'`).join(" ");
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new Failure<ConfigFailure>({
    kind: "bad-setting",
    name: setting.key,
    value: typeof value,
    expected: setting.type,
  });
}

function check(setting: Setting, value: string): void {
  const pattern = { text: /^[^\n]*$/, flags: /^/, number: /^\d+$/, switch: /^[01]$/ }[setting.type];
  if (pattern.test(value)) return;
  const expected = { text: "one line of text", flags: "", number: "a whole number", switch: "0 or 1" }[
    setting.type
  ];
  throw new Failure<ConfigFailure>({ kind: "bad-setting", name: setting.word, value, expected });
}

/** Node from 22.18 on imports TypeScript as it is; for older ones esbuild turns it into JavaScript first. */
async function readConfigFile(path: string): Promise<UserConfig> {
  if (!existsSync(path)) return {};
  try {
    const url = process.features.typescript ? pathToFileURL(path).href : await compiled(path);
    const module = (await import(url)) as { default?: UserConfig };
    const config = module.default ?? {};
    const unknown = Object.keys(config).find((key) => !SETTINGS.some((s) => s.key === key));
    if (unknown) {
      throw new Failure<ConfigFailure>({
        kind: "unknown-setting",
        name: unknown,
        known: SETTINGS.map((s) => s.key),
      });
    }
    return config;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure<ConfigFailure>({
      kind: "config-unreadable",
      path: CONFIG_FILE,
      reason: (error as Error).message,
    });
  }
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
