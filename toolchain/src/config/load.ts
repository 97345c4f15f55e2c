import { existsSync } from "node:fs";
import { join } from "node:path";
import { unbuildablePath } from "../base/app-path.ts";
import { Failure } from "../base/failure.ts";
import { readText } from "../base/replace-file.ts";
import type { Assignments } from "./assignments.ts";
import type { KernelBtf } from "./btf.ts";
import { discover, type Program, type Target } from "./discover.ts";
import { CONFIG_FILE } from "./find-app.ts";
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
import { findProject, type TypeScriptProject } from "./typescript.ts";

/** What is to be built: the programs and targets of the app, and the value of every setting with its source. */
export interface Config {
  /** The app's folder, absolute. */
  readonly root: string;
  readonly programs: readonly Program[];
  readonly targets: readonly Target[];
  /** What the type checker starts from; undefined without a tsconfig.json. */
  readonly typescript: TypeScriptProject | undefined;
  /** The files of BTF to embed for kernels without BTF of their own, of any architecture. */
  readonly btf: readonly KernelBtf[];
  readonly values: Values;
  readonly sources: Sources;
}

/**
 * Settles the configuration of the app in `root`. Each source overrides the ones before it: the defaults,
 * bpf-app.config.ts, the environment where a setting allows it, the command line.
 * @throws Failure not-an-app, manifest-invalid, path-unbuildable, config-unreadable, bad-setting, unknown-setting, unknown-program,
 * unknown-event-map; and what `discover` and `findBtf` throw
 */
export async function loadConfig(
  root: string,
  assignments: Assignments,
  environment: NodeJS.ProcessEnv,
): Promise<Config> {
  requireApp(root);
  const character = unbuildablePath(root);
  if (character !== undefined) throw new Failure("config", { kind: "path-unbuildable", root, character });
  const file = await readFile(root);
  const values: Partial<Record<Key, Value>> = {};
  const sources: Partial<Record<Key, Source>> = {};
  for (const setting of SETTINGS)
    [values[setting.key], sources[setting.key]] = settle(
      setting,
      file?.values ?? {},
      environment,
      assignments,
    );
  // The casts hold because the loop has gone through every row of the table, and `settle` keeps to the row's type.
  const found = discover(root, file?.targets);
  const programs = file === undefined ? found.programs : file.apply(root, found.programs);
  const settled = { values: values as Values, sources: sources as Sources };
  const btf = await btfOf(root, settled.values);
  return { root, ...found, programs, typescript: findProject(root), btf, ...settled };
}

/**
 * Refuses a folder that is no app, and one whose package.json npm would refuse.
 * @throws Failure not-an-app, manifest-invalid
 */
export function requireApp(root: string): void {
  const file = join(root, "package.json");
  if (!existsSync(file)) throw new Failure("config", { kind: "not-an-app", root });
  let problem = "it is not an object";
  try {
    const manifest: unknown = JSON.parse(readText(file));
    if (typeof manifest === "object" && manifest !== null && !Array.isArray(manifest)) return;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    problem = error.message;
  }
  throw new Failure("config", { kind: "manifest-invalid", problem });
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

async function btfOf(root: string, { btf, btfKernels }: Values): Promise<readonly KernelBtf[]> {
  if (btf.length === 0) return [];
  return (await import("./btf.ts")).findBtf(root, btf, btfKernels);
}

async function readFile(root: string) {
  const path = join(root, CONFIG_FILE);
  if (!existsSync(path)) return undefined;
  // Loaded only when it is needed: most apps have no such file, and the schema library would slow down their builds.
  const [{ readConfigFile }, { applyPrograms }] = await Promise.all([
    import("./file.ts"),
    import("./programs.ts"),
  ]);
  const { values, programs } = await readConfigFile(path);
  return {
    values,
    targets: programs.targets,
    apply: (app: string, found: readonly Program[]) => applyPrograms(app, found, programs),
  };
}
