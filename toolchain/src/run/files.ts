import {
  type BigIntStats,
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { under } from "./paths.ts";
import type { StatCache } from "./stat-cache.ts";

/**
 * What is at a path: the SHA-256 of a file's bytes in hexadecimal, `link:TARGET`, `absent`, or `other` for a socket, a
 * folder and so on.
 */
export type Content = string;
/** The content of a path where nothing is. */
export const ABSENT: Content = "absent";

/** How many bytes are read and hashed at a time. */
const CHUNK = 1 << 20;

/**
 * The files of one run. Each is looked at once, and again only after `forget`. A file is hashed only if the stat cache
 * does not know its content.
 */
export class Files {
  readonly #root: string;
  readonly #cache: StatCache;
  readonly #seen = new Map<string, { readonly key: string; readonly content: Content }>();
  readonly #lists = new Map<string, readonly string[]>();
  readonly #hidden: string;

  /** `hidden` is the engine's own folder, with a "/" at its end. No listing contains it. */
  constructor(root: string, cache: StatCache, hidden: string) {
    this.#root = root;
    this.#cache = cache;
    this.#hidden = hidden;
  }

  /** The content of what is at `path`. Links are followed. */
  content(path: string): Content {
    const seen = this.#seen.get(path);
    if (seen) return seen.content;
    const stat = statSync(under(this.#root, path), { bigint: true, throwIfNoEntry: false });
    return this.#remember(path, stat, () => hashFile(under(this.#root, path)));
  }

  /** Whether a file's content, or the list of a folder's files, is still the one that this run has used. */
  unchanged(path: string): boolean {
    if (path.endsWith("/")) return this.#unchangedList(path);
    const before = this.#seen.get(path);
    if (!before) return true;
    const stat = statSync(under(this.#root, path), { bigint: true, throwIfNoEntry: false });
    if (before.key === (stat ? statKey(stat) : "")) return true;
    this.#seen.delete(path);
    return this.content(path) === before.content;
  }

  #unchangedList(path: string): boolean {
    const before = this.#lists.get(path);
    this.#lists.delete(path);
    return before === undefined || before.join("\n") === this.list(path)?.join("\n");
  }

  /** When the file's content or name last changed (its ctime), in nanoseconds. 0 if there is no such file. */
  changedAt(path: string): bigint {
    return statSync(under(this.#root, path), { bigint: true, throwIfNoEntry: false })?.ctimeNs ?? 0n;
  }

  /** Notes the content of a file that was just published. Its bytes were hashed before it got its name. */
  adopt(path: string, content: Content): void {
    const stat = statSync(under(this.#root, path), { bigint: true, throwIfNoEntry: false });
    if (!stat) return;
    this.#seen.set(path, { key: statKey(stat), content });
    this.#cache.set(path, statKey(stat), content, stat, true);
  }

  /** Says that this path may have changed, so that it is looked at again. */
  forget(path: string): void {
    this.#seen.delete(path);
    for (const folder of this.#lists.keys())
      if (path.startsWith(folder) || folder.startsWith(path)) this.#lists.delete(folder);
  }

  forgetAll(): void {
    this.#seen.clear();
    this.#lists.clear();
  }

  /**
   * The files below a folder, sorted, or undefined if there is no such folder. `path` ends with "/". A link to a folder
   * is listed like a file, and not entered.
   */
  list(path: string): readonly string[] | undefined {
    const known = this.#lists.get(path);
    if (known) return known;
    const found = listTree(under(this.#root, path), path, this.#hidden);
    if (found) this.#lists.set(path, found);
    return found;
  }

  #remember(path: string, stat: BigIntStats | undefined, hash: () => string): Content {
    const key = stat ? statKey(stat) : "";
    const content =
      stat === undefined ? ABSENT : stat.isFile() ? (this.#cache.get(path, key) ?? hash()) : "other";
    this.#seen.set(path, { key, content });
    if (stat?.isFile()) this.#cache.set(path, key, content, stat, false);
    return content;
  }
}

/**
 * A text of a file's size, times and inode. Every edit changes it, except for one that happens within the same tick of
 * the file system's clock.
 */
export function statKey(stat: BigIntStats): string {
  return `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino}`;
}

/** Whether a system call failed because there is nothing at the path. */
export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}

function hashFile(file: string): string {
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  const fd = openSync(file, "r");
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let count = -1; count !== 0; ) {
      count = readSync(fd, buffer, 0, CHUNK, null);
      hash.update(buffer.subarray(0, count));
    }
  } finally {
    closeSync(fd);
  }
  return hash.digest("hex");
}

/** The content of a file that is not published yet. Other work goes on while a large file is read. */
export async function hashInTurns(file: string): Promise<Content> {
  const stat = lstatSync(file);
  if (stat.isSymbolicLink()) return `link:${readlinkSync(file)}`;
  if (stat.size <= CHUNK) return hashFile(file);
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  const handle = await open(file, "r");
  try {
    // One chunk is read while the other is hashed.
    const [even, odd] = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
    const read = (n: number) => handle.read(n % 2 === 0 ? even : odd, 0, CHUNK, null);
    let next = read(0);
    for (let n = 0; ; n++) {
      const { buffer, bytesRead } = await next;
      if (bytesRead === 0) break;
      next = read(n + 1);
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
  return hash.digest("hex");
}

/**
 * Every file below a folder, sorted, each with `prefix` before its path. Undefined if there is no such folder. Folders
 * and files named `.git` are left out, and so is the folder named `hidden`.
 */
export function listTree(folder: string, prefix: string, hidden?: string): string[] | undefined {
  const found: string[] = [];
  const walk = (place: string, name: string) => {
    for (const entry of readdirSync(place, { withFileTypes: true })) {
      if (entry.name === ".git") continue;
      if (!entry.isDirectory()) found.push(name + entry.name);
      else if (`${name}${entry.name}/` !== hidden) walk(`${place}/${entry.name}`, `${name}${entry.name}/`);
    }
  };
  try {
    walk(folder, prefix);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return found.sort();
}
