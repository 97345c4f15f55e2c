import { existsSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import type { Assignments } from "./assignments.ts";
import { discover, type Program, type Target } from "./discover.ts";
import { parseValue } from "./parse.ts";
import {
  type Key,
  SETTINGS,
  type Setting,
  type Source,
  type Sources,
  type Value,
  type Values,
} from "./settings.ts";

/** What is to be built, with every value and where it came from. */
export interface Config {
  /** The app's folder, absolute. */
  readonly root: string;
  readonly programs: readonly Program[];
  readonly targets: readonly Target[];
  readonly values: Values;
  readonly sources: Sources;
}

/**
 * Settles the configuration of the app in `root`: defaults, then bpf-app.config.ts, then the environment where a
 * setting allows it, then the command line.
 * @throws Failure not-an-app, path-not-for-make, config-unreadable, bad-setting, unknown-setting and what `discover` throws
 */
export async function loadConfig(
  root: string,
  assignments: Assignments,
  environment: NodeJS.ProcessEnv,
): Promise<Config> {
  if (!existsSync(join(root, "package.json"))) throw new Failure("config", { kind: "not-an-app", root });
  const odd = /[\s#$%:;|&()'"\\*?[\]~`<>]/.exec(root);
  if (odd) throw new Failure("config", { kind: "path-not-for-make", root, character: odd[0] });
  const file = await readFileValues(root);
  const values: Partial<Record<Key, Value>> = {};
  const sources: Partial<Record<Key, Source>> = {};
  for (const setting of SETTINGS)
    [values[setting.key], sources[setting.key]] = settle(setting, file, environment, assignments);
  // Every row of the table has given its value, of the type that the row says.
  return { root, ...discover(root), values: values as Values, sources: sources as Sources };
}

function settle(
  setting: Setting & { readonly word: keyof Assignments },
  file: Readonly<Record<string, Value>>,
  environment: NodeJS.ProcessEnv,
  assignments: Assignments,
): [Value, Source] {
  const said = assignments[setting.word];
  if (said !== undefined) return [parseValue(setting, said), "command line"];
  const inherited = setting.environment ? environment[setting.word] : undefined;
  if (inherited) return [parseValue(setting, inherited), "environment"];
  const written = file[setting.key];
  return written === undefined ? [setting.fallback, "default"] : [written, "file"];
}

async function readFileValues(root: string): Promise<Readonly<Record<string, Value>>> {
  const path = join(root, "bpf-app.config.ts");
  if (!existsSync(path)) return {};
  // Most apps have none; a build with nothing to do would load the checker of its shape in vain.
  return (await import("./file.ts")).readConfigFile(path);
}
