import { lstatSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import type { Files } from "../files.ts";
import type { Facts } from "../freshness.ts";
import { parseOutput } from "../output.ts";
import type { Entry } from "../record.ts";
import { type CacheFolder, openCacheFolder } from "./folder.ts";
import { type Manifest, readManifests, touchManifest, writeManifest } from "./manifest.ts";
import { getObject, putObject } from "./objects.ts";

/** Where an output of the plan is put, or was. */
export type Place = (path: string) => string;

/**
 * What apps of one user share: outputs of steps that depend on nothing of an app.
 *
 * A step is found in two goes, since the headers it reads are known only once it has run. The first key is made of its
 * command, environment, tools and declared inputs; filed under it are results, each with the content of the files its
 * command discovered. The result fits whose discovered files are as they are here.
 *
 * Nothing that goes wrong with the cache makes a build fail: it is then built without.
 */
export class Cache {
  readonly #folder: CacheFolder;
  readonly #root: string;

  constructor(folder: CacheFolder, root: string) {
    this.#folder = folder;
    this.#root = root;
  }

  /** Undefined when it cannot be made, or may not be trusted. */
  static open(path: string, root: string): Cache | undefined {
    try {
      return new Cache(openCacheFolder(path), root);
    } catch {
      return undefined;
    }
  }

  /** Puts the outputs of a step where `place` says, or does nothing and returns undefined. */
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
    } catch {}
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

  /** Keeps what a step has made, which lies where `place` says. */
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
    } catch {}
  }

  /** The same for every app: where an app lies is left out. */
  #key({ command, env, tools, inputs }: Facts): string {
    const sorted = [env, tools, inputs].map((map) => Object.entries(map).sort());
    return sha256(withoutRoot(JSON.stringify([command, ...sorted]), this.#root));
  }
}

/** Takes the app's folder, as a whole path or the beginning of one, out of a text. */
export function withoutRoot(text: string, root: string): string {
  const literal = root.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.replace(new RegExp(`${literal}(?![A-Za-z0-9._~+@-])`, "g"), "\0");
}

function sha256(text: string): string {
  return process.getBuiltinModule("node:crypto").createHash("sha256").update(text).digest("hex");
}
