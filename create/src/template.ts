import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../toolchain/src/base/failure.ts";
import type { CreateFailure } from "./failures.ts";
import { guess } from "./guess.ts";

/** templates/NAME/template.json: what a template shows and what it needs. templates/README.md explains each field. */
export interface Template {
  /** The folder's name. */
  readonly name: string;
  readonly folder: string;
  readonly title: string;
  readonly teaches: string;
  readonly programs: readonly string[];
  /** The oldest kernel it runs on: `5.8`. */
  readonly kernel: string;
  /** Kernel options it needs, without their CONFIG_ prefix. */
  readonly config: readonly string[];
  /** Capabilities it needs at run time. */
  readonly capabilities: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly declared: readonly Declared[];
}

/** A reason known beforehand why the template does not run: on some kernels, or under some condition. */
export interface Declared {
  /** `<5.15`. */
  readonly kernel?: string;
  /** A condition by name: `no-bpf-lsm`. */
  readonly when?: string;
  readonly reason: string;
}

/** Folder in templates/ with what all apps have in common. */
export const COMMON = "_app";

export async function listTemplates(templates: string): Promise<Template[]> {
  return Promise.all(
    (await templateNames(templates)).map((name) => readTemplate(join(templates, name), name)),
  );
}

/** @throws Failure unknown-template, template-invalid */
export async function findTemplate(templates: string, name: string): Promise<Template> {
  const known = await templateNames(templates);
  if (known.includes(name)) return readTemplate(join(templates, name), name);
  const near = guess(name, known);
  throw new Failure<CreateFailure>({
    kind: "unknown-template",
    name,
    known,
    ...(near ? { guess: near } : {}),
  });
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

async function readTemplate(folder: string, name: string): Promise<Template> {
  const path = join(folder, "template.json");
  const invalid = (problem: string) =>
    new Failure<CreateFailure>({ kind: "template-invalid", path, problem });
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  const problem = findProblem(value);
  if (problem) throw invalid(problem);
  const fields = value as Omit<Template, "name" | "folder">;
  return { ...optional, ...fields, name, folder };
}

const optional = { dependencies: {}, devDependencies: {}, declared: [] };

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === "string" && value !== "";
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isVersions: Check = (value) => isObject(value) && Object.values(value).every(isText);

const fields: Readonly<Record<string, { check: Check; shape: string; optional?: true }>> = {
  title: { check: isText, shape: "a text" },
  teaches: { check: isText, shape: "a text" },
  programs: { check: isTexts, shape: "a list of program types" },
  kernel: {
    check: (value) => typeof value === "string" && /^\d+\.\d+$/.test(value),
    shape: 'a version such as "5.8"',
  },
  config: { check: isTexts, shape: "a list of kernel options" },
  capabilities: { check: isTexts, shape: "a list of capabilities" },
  dependencies: { check: isVersions, shape: "package names with exact versions", optional: true },
  devDependencies: { check: isVersions, shape: "package names with exact versions", optional: true },
  declared: { check: isDeclared, shape: "a list of { kernel or when, reason }", optional: true },
};

function isDeclared(value: unknown): boolean {
  const one = (item: unknown) =>
    isObject(item) &&
    isText(item.reason) &&
    (item.kernel === undefined ? isText(item.when) : isText(item.kernel));
  return Array.isArray(value) && value.every(one);
}

function findProblem(value: unknown): string | undefined {
  if (!isObject(value)) return "it is not an object";
  for (const [name, { check, shape, optional }] of Object.entries(fields)) {
    if (value[name] === undefined ? !optional : !check(value[name])) return `"${name}" is not ${shape}`;
  }
  const unknown = Object.keys(value).find((name) => !(name in fields));
  return unknown === undefined ? undefined : `"${unknown}" is not a known field`;
}
