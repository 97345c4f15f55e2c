import { existsSync } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../base/failure.ts";
import {
  formatPackageJson,
  type PackageJson,
  readPackageJson,
  sortedVersions,
} from "../base/package-json.ts";
import { replaceFile } from "../base/replace-file.ts";
import { findTemplate, listTemplates, type Template } from "../base/template.ts";
import { isApp } from "../config/find-app.ts";
import { requireApp } from "../config/load.ts";

interface AddRequest {
  /** The app's folder. */
  readonly app: string;
  /** The name of the template. */
  readonly template: string;
  /** The folder with all templates. */
  readonly templates: string;
}

/** What `add` has changed in an app. */
export interface Added {
  readonly template: string;
  /** The files that were written, relative to the app. */
  readonly files: readonly string[];
  /** The packages that were added to package.json. If there are any, `npm install` has to be run. */
  readonly packages: readonly string[];
}

/** What `add` has changed or, without the name of a template, the templates that there are. */
export type AddReport = Added | { readonly templates: readonly Template[] };

/**
 * `bpf-app add tc`: adds the program of a template to the app. `bpf-app add` lists the templates.
 * @throws Failure unknown-template, not-an-app, manifest-invalid, file-exists, dependency-conflict
 */
export async function add(app: string, template: string | undefined): Promise<AddReport> {
  const templates = templatesFolder();
  if (template !== undefined) return addTemplate({ app, template, templates });
  return { templates: await listTemplates(templates) };
}

/** The names of the templates, for tab completion. */
export async function templateList(): Promise<readonly Template[]> {
  return listTemplates(templatesFolder());
}

/** In the package the templates lie beside the bundle, and in the repository at its top. */
function templatesFolder(): string {
  const place = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const packaged = place("./templates");
  return [packaged, place("../templates"), place("../../../templates")].find(existsSync) ?? packaged;
}

/**
 * Adds the program of another template to an app. Everything is checked before anything is written, and no existing
 * file is overwritten.
 *
 * @throws Failure unknown-template, not-an-app, manifest-invalid, file-exists, dependency-conflict
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
      const text = await readFile(join(template.folder, file));
      // From here on the file is ours, also if the disk is full before all of it is written.
      const handle = await open(target, "wx");
      written.push(target);
      await writeAll(handle, target, text);
    }
    if (merged.packages.length > 0)
      replaceFile(join(app, "package.json"), formatPackageJson(merged.manifest));
  } catch (error) {
    for (const path of written) await rm(path, { force: true });
    throw error;
  }
  return { template: template.name, files, packages: merged.packages };
}

async function writeAll(handle: FileHandle, path: string, text: Uint8Array): Promise<void> {
  try {
    await handle.writeFile(text);
  } catch (error) {
    throw Object.assign(error as Error, { path });
  } finally {
    await handle.close();
  }
}

async function readManifest(app: string): Promise<PackageJson> {
  if (!existsSync(join(app, "package.json")) || !(existsSync(join(app, "src")) || isApp(app)))
    throw new Failure("config", { kind: "not-an-app", root: app });
  requireApp(app);
  // It was just read, so that it can only have been removed meanwhile.
  return (await readPackageJson(app)) ?? {};
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
  if (paths.length > 0) throw new Failure("cli", { kind: "file-exists", paths, template });
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
      if (have !== undefined) throw new Failure("cli", { kind: "dependency-conflict", name, have, want });
      merged[field] = sortedVersions({ ...merged[field], [name]: want });
      packages.push(name);
    }
  }
  return { manifest: merged, packages };
}
