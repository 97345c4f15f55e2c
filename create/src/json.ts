import type { Template } from "../../toolchain/src/base/template.ts";
import type { Wording } from "../../toolchain/src/base/wording.ts";
import { groupOf } from "./groups.ts";
import type { Plan } from "./plan.ts";
import type { Done } from "./scaffold.ts";
import { commands, nextSteps, repeatLine } from "./summary.ts";

/** The objects that --json prints. create/README.md describes them. */

export function planJson(plan: Plan): object {
  const { answers, target, files, kept, pins, repository, install } = plan;
  return {
    path: target.path,
    template: answers.template.name,
    packageManager: answers.manager.name,
    repository: repository === "outer" ? "none" : repository,
    install: install === "yes",
    files: files.map(({ path }) => path),
    kept: kept.map(({ there }) => there),
    vendor: pins.sources.map(({ name, tag }) => ({ name, tag, origins: answers.vendor })),
    commands: commands(plan),
    repeat: repeatLine(plan),
  };
}

export function doneJson({ plan, provenance, recorded, refused }: Done): object {
  const installed = plan.install === "yes" && refused === undefined;
  return {
    ...planJson(plan),
    vendor: Object.entries(provenance.sources).map(([name, { origin, version }]) => ({
      name,
      origin,
      version,
    })),
    committed: recorded === "committed",
    installed,
    next: nextSteps(plan, installed),
  };
}

export function templatesJson(templates: readonly Template[]): object {
  return {
    templates: templates.map((template) => {
      const { name, title, teaches, programs, kernel, config, capabilities } = template;
      return { name, group: groupOf(template), title, teaches, programs, kernel, config, capabilities };
    }),
  };
}

/** An error, as a person reads it and with the names by which a program knows it. */
export function errorJson(error: unknown, said: Wording | undefined): object {
  const known = error as { layer?: string; failure?: { kind: string } };
  return said
    ? { layer: known.layer, kind: known.failure?.kind, ...said }
    : { kind: "fault", what: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
