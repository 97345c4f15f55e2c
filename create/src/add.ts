import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Failure } from "../../toolchain/src/base/failure.ts";
import type { CreateFailure } from "./failures.ts";
import { formatPackageJson, type PackageJson, sorted } from "./packagejson.ts";
import { findTemplate, type Template } from "./template.ts";

export interface AddRequest {
  /** The app's folder. */
  readonly app: string;
  /** Name of the template. */
  readonly template: string;
  /** The folder that holds the templates. */
  readonly templates: string;
}

export interface Added {
  /** Files written, relative to the app. */
  readonly files: readonly string[];
  /** Packages that package.json did not name before: `npm install` is due if there are any. */
  readonly packages: readonly string[];
}

/**
 * Adds another template's program to an app. Everything is checked before anything is written, and a file that is
 * there already is never touched.
 *
 * @throws Failure unknown-template, not-an-app, file-exists, dependency-conflict
 */
export async function addTemplate(request: AddRequest): Promise<Added> {
  const { app } = request;
  const template = await findTemplate(request.templates, request.template);
  const manifest = await readManifest(app);
  const merged = mergePackages(manifest, template);
  const files = await sourceFiles(template);
  await refuseExisting(app, files, template.name);
  const written: string[] = [];
  try {
    for (const file of files) {
      const target = join(app, file);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, await readFile(join(template.folder, file)), { flag: "wx" });
      written.push(target);
    }
    if (merged.packages.length > 0)
      await replace(join(app, "package.json"), formatPackageJson(merged.manifest));
  } catch (error) {
    for (const path of written) await rm(path, { force: true });
    throw error;
  }
  return { files, packages: merged.packages };
}

async function readManifest(app: string): Promise<PackageJson> {
  try {
    await readdir(join(app, "src"));
    return JSON.parse(await readFile(join(app, "package.json"), "utf8")) as PackageJson;
  } catch {
    throw new Failure<CreateFailure>({ kind: "not-an-app", path: app });
  }
}

async function sourceFiles(template: Template): Promise<string[]> {
  const entries = await readdir(join(template.folder, "src"), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(template.folder.length + 1))
    .sort();
}

async function refuseExisting(app: string, files: readonly string[], template: string): Promise<void> {
  const paths: string[] = [];
  for (const file of files) {
    const found = await lstat(join(app, file)).catch(() => undefined);
    if (found) paths.push(file);
  }
  if (paths.length > 0) throw new Failure<CreateFailure>({ kind: "file-exists", paths, template });
}

function mergePackages(
  manifest: PackageJson,
  template: Template,
): { manifest: PackageJson; packages: string[] } {
  const packages: string[] = [];
  const merged: PackageJson = { ...manifest };
  for (const field of ["dependencies", "devDependencies"] as const) {
    for (const [name, want] of Object.entries(template[field])) {
      const have = manifest.dependencies?.[name] ?? manifest.devDependencies?.[name];
      if (have === want) continue;
      if (have !== undefined)
        throw new Failure<CreateFailure>({ kind: "dependency-conflict", name, have, want });
      merged[field] = sorted({ ...merged[field], [name]: want });
      packages.push(name);
    }
  }
  return { manifest: merged, packages };
}

async function replace(path: string, text: string): Promise<void> {
  const staged = `${path}.${process.pid}.new`;
  await writeFile(staged, text);
  await rename(staged, path);
}
