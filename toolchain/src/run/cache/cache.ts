import { lstatSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import type { Files } from "../files.ts";
import type { Facts } from "../freshness.ts";
import { parseOutput } from "../output.ts";
import type { Entry } from "../record.ts";
import { type CacheFolder, openCacheFolder } from "./folder.ts";
import { type Manifest, readManifests, touchManifest, writeManifest } from "./manifest.ts";
import { getObject, putObject } from "./objects.ts";

/** Tells where the file lies that stands for an output of the plan. */
export type Place = (path: string) => string;

/**
 * The outputs that all apps of one user share. They come from steps that depend on nothing of an app.
 *
 * A result is looked up in two stages, because the headers that a step reads are known only after it has run. The key
 * is made of the step's command, environment, tools and declared inputs. Under one key there can be several results,
 * each with the content of the files that its command discovered. A result fits if these files have the same content
 * here.
 *
 * A fault of the cache never makes a build fail; the step is then built as if there were no cache.
 */
export class Cache {
  readonly #folder: CacheFolder;
  readonly #root: string;

  constructor(folder: CacheFolder, root: string) {
    this.#folder = folder;
    this.#root = root;
  }

  /** Opens a cache, or returns undefined if it cannot be created or may not be trusted. */
  static open(path: string, root: string): Cache | undefined {
    try {
      return new Cache(openCacheFolder(path), root);
    } catch {
      return undefined;
    }
  }

  /** Puts the outputs of a step where `place` says. Returns undefined, and does nothing, if no result fits. */
  async restore(facts: Facts, files: Files, place: Place): Promise<Manifest | undefined> {
    try {
      const fits = ({ discovered }: Manifest) =>
        Object.entries(discovered).every(([path, content]) => files.content(path) === content);
      for (const filed of readManifests(this.#folder, this.#key(facts))) {
        if (!fits(filed.manifest)) continue;
        if (await this.#restoreOutputs(filed.manifest, place)) {
          touchManifest(filed);
          return filed.manifest;
        }
        rmSync(filed.file, { force: true });
      }
    } catch {
      // The step is built instead.
    }
    return undefined;
  }

  async #restoreOutputs({ outputs }: Manifest, place: Place): Promise<boolean> {
    for (const [path, content] of Object.entries(outputs)) {
      const to = place(path);
      mkdirSync(dirname(to), { recursive: true });
      rmSync(to, { force: true, recursive: true });
      const output = parseOutput(content);
      if ("link" in output) symlinkSync(output.link, to);
      else if (!(await getObject(this.#folder, output.hash, to, output.mode))) return false;
    }
    return true;
  }

  /** Keeps the outputs of a step, which lie where `place` says. */
  async store(id: string, entry: Entry, place: Place): Promise<void> {
    try {
      let bytes = 0;
      for (const [path, content] of Object.entries(entry.outputs)) {
        const output = parseOutput(content);
        if ("link" in output) continue;
        bytes += lstatSync(place(path)).size;
        await putObject(this.#folder, place(path), output.hash);
      }
      const { discovered, outputs, ms } = entry;
      const name = sha256(JSON.stringify(Object.entries(discovered).sort())).slice(0, 32);
      writeManifest(this.#folder, this.#key(entry), name, { id, discovered, outputs, bytes, ms });
    } catch {
      // The next app builds the step again.
    }
  }

  /** The key of a step. It is the same for every app, because the path of the app's folder is left out. */
  #key({ command, env, tools, inputs }: Facts): string {
    const sorted = [env, tools, inputs].map((map) => Object.entries(map).sort());
    return sha256(withoutRoot(JSON.stringify([command, ...sorted]), this.#root));
  }
}

/** Takes the path of the app's folder out of a text, where it is a whole path or the beginning of one. */
export function withoutRoot(text: string, root: string): string {
  const literal = root.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.replace(new RegExp(`${literal}(?![A-Za-z0-9._~+@-])`, "g"), "\0");
}

function sha256(text: string): string {
  return process.getBuiltinModule("node:crypto").createHash("sha256").update(text).digest("hex");
}
