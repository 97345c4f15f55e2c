import { attempt } from "../../toolchain/src/base/command.ts";
import { findTemplate, type Template } from "../../toolchain/src/base/template.ts";
import { which } from "../../toolchain/src/base/which.ts";
import { ORIGIN_NAMES, type OriginName } from "../../vendor/origin-names.ts";
import { type Manager, type ManagerName, manager, startedBy } from "./managers.ts";
import type { Options } from "./options.ts";

/** What decides about an app: the options, and the answers to what no option has said. */
export interface Answers {
  /** The folder, as it was typed. */
  readonly dir: string;
  readonly template: Template;
  readonly manager: Manager;
  readonly vendor: readonly OriginName[];
  /** Undefined if it depends on where the folder lies. */
  readonly git: boolean | undefined;
  readonly install: boolean;
}

/** What an app is called if nobody names it. */
export const DEFAULT_DIR = "my-bpf-app";
/** The template from which it starts if nobody names one. */
export const DEFAULT_TEMPLATE = "minimal";

/**
 * The answers of somebody who is not asked.
 * @throws Failure unknown-template, template-invalid
 */
export async function defaults(options: Options, templates: string, signal: AbortSignal): Promise<Answers> {
  return {
    dir: options.dir ?? DEFAULT_DIR,
    template: await findTemplate(templates, options.template ?? DEFAULT_TEMPLATE),
    manager: await examine(options.manager ?? defaultManager(), signal),
    vendor: options.vendor ?? ORIGIN_NAMES,
    git: options.git,
    install: options.install ?? true,
  };
}

/** The package manager that has started this process, and npm if none has. */
export function defaultManager(): ManagerName {
  return startedBy(process.env.npm_config_user_agent)?.name ?? "npm";
}

/** Finds out which version of a package manager is used, as its words depend on it. */
export async function examine(name: ManagerName, signal: AbortSignal): Promise<Manager> {
  const starter = startedBy(process.env.npm_config_user_agent);
  if (starter?.name === name) return manager(name, starter.version);
  if (name === "npm" || !which(name, process.env.PATH ?? "")) return manager(name);
  const outcome = await attempt(name, ["--version"], { cwd: "/", signal, timeout: 5000 });
  const version = outcome.ok ? /^\d+\.\S+/.exec(outcome.stdout.trim())?.[0] : undefined;
  return manager(name, version);
}
