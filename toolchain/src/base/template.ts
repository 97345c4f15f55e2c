import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { Failure } from "./failure.ts";
import { readJson } from "./json.ts";

/** What can be wrong with a template, or with its name. `words.ts` says it in words. */
export type TemplateFailure =
  | { readonly kind: "unknown-template"; readonly name: string; readonly known: readonly string[] }
  | { readonly kind: "template-invalid"; readonly path: string; readonly problem: string };

declare module "./failure.ts" {
  interface Failures {
    template: TemplateFailure;
  }
}

// The messages of these schemas follow the name of the field: `title: is empty`.
const text = v.pipe(v.string("is not a text"), v.nonEmpty("is empty"));
const texts = (what: string) => v.array(text, `is not a list of ${what}`);
const versions = v.optional(v.record(text, text, "is not package names with exact versions"), {});

/** A reason, known beforehand, why the template does not run on some kernels or under some condition. */
const declared = v.pipe(
  v.strictObject({
    /** The kernels concerned: `<5.15`. */
    kernel: v.exactOptional(text),
    /** A condition by name: `no-bpf-lsm`. */
    when: v.exactOptional(text),
    /** A regular expression for the program's message, so that another failure is not taken for this one. */
    error: v.exactOptional(text),
    reason: text,
  }),
  v.check(({ kernel, when }) => kernel !== undefined || when !== undefined, "names neither kernel nor when"),
);

const description = v.strictObject(
  {
    title: text,
    teaches: text,
    /** The heading under which lists have it. Without one, its first program decides. */
    group: v.exactOptional(text),
    /** BPF program types. */
    programs: texts("program types"),
    /** The oldest kernel it runs on: `5.8`. */
    kernel: v.pipe(text, v.regex(/^\d+\.\d+$/, 'is not a version such as "5.8"')),
    /** Kernel options it needs, without their CONFIG_ prefix. */
    config: texts("kernel options"),
    /** Capabilities it needs at run time. */
    capabilities: texts("capabilities"),
    dependencies: versions,
    devDependencies: versions,
    declared: v.optional(v.array(declared, "is not a list"), []),
  },
  ({ expected }) => (expected === "never" ? "is not a known field" : "is missing, or is not an object"),
);

/** templates/NAME/template.json: what a template shows and what it needs. templates/README.md explains each field. */
export type Template = Readonly<v.InferOutput<typeof description>> & {
  /** The folder's name. */
  readonly name: string;
  readonly folder: string;
};

/** One entry of a template's field `declared`. */
export type Declared = Readonly<v.InferOutput<typeof declared>>;

/** The folder in templates/ with the files that all apps have in common. */
export const COMMON = "_app";

/**
 * Reads the descriptions of all templates in the folder `templates`.
 * @throws Failure template-invalid
 */
export async function listTemplates(templates: string): Promise<Template[]> {
  return Promise.all((await templateNames(templates)).map((name) => readTemplate(templates, name)));
}

/**
 * Reads the description of one template.
 * @throws Failure unknown-template, template-invalid
 */
export async function findTemplate(templates: string, name: string): Promise<Template> {
  const known = await templateNames(templates);
  if (known.includes(name)) return readTemplate(templates, name);
  throw new Failure("template", { kind: "unknown-template", name, known });
}

/** A folder with a description is a template. */
async function templateNames(templates: string): Promise<string[]> {
  const entries = await readdir(templates, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("_"));
  return names
    .map((entry) => entry.name)
    .filter((name) => existsSync(join(templates, name, "template.json")))
    .sort();
}

async function readTemplate(templates: string, name: string): Promise<Template> {
  const folder = join(templates, name);
  const path = join(folder, "template.json");
  const fields = await readJson(
    path,
    description,
    (problem) => new Failure("template", { kind: "template-invalid", path, problem }),
  );
  return { ...fields, name, folder };
}
