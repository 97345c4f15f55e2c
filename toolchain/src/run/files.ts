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
import type { StatCache } from "./statcache.ts";

/** What a file holds: the SHA-256 of its bytes in hex, `link:TARGET`, `absent` or `other` (a socket, a folder, …). */
export type Content = string;
export const absent: Content = "absent";

const chunk = 1 << 20;

/**
 * The files of one run: each is looked at once until someone says that it may have changed. Content comes out of the
 * stat cache when the file's stat is one that was hashed before.
 */
export class Files {
  readonly #root: string;
  readonly #cache: StatCache;
  readonly #seen = new Map<string, { readonly key: string; readonly content: Content }>();
  readonly #lists = new Map<string, readonly string[]>();
  readonly #hidden: string;

  /** `hidden` is the engine's own folder with its final "/": never part of a listing. */
  constructor(root: string, cache: StatCache, hidden: string) {
    this.#root = root;
    this.#cache = cache;
    this.#hidden = hidden;
  }

  /** The content of what is at `path`, following links. */
  content(path: string): Content {
    const seen = this.#seen.get(path);
    if (seen) return seen.content;
    const stat = statSync(under(this.#root, path), { bigint: true, throwIfNoEntry: false });
    return this.#remember(path, stat, () => hashFile(under(this.#root, path)));
  }

  /** Whether the file, or the list of a folder's files, is still what this run has used. */
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

  /** When the file's content or name last changed, in nanoseconds by the file system's clock. */
  changedAt(path: string): bigint {
    return statSync(under(this.#root, path), { bigint: true, throwIfNoEntry: false })?.ctimeNs ?? 0n;
  }

  /** A just published file whose bytes were hashed before it got its name. */
  adopt(path: string, content: Content): void {
    const stat = statSync(under(this.#root, path), { bigint: true, throwIfNoEntry: false });
    if (!stat) return;
    this.#seen.set(path, { key: statKey(stat), content });
    this.#cache.set(path, statKey(stat), content, stat, true);
  }

  /** Something happened to this path: look again. */
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
   * The files below a folder (`path` ends with "/"), sorted, or undefined when there is no such folder. A link to a
   * folder is listed as itself, not entered.
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
      stat === undefined ? absent : stat.isFile() ? (this.#cache.get(path, key) ?? hash()) : "other";
    this.#seen.set(path, { key, content });
    if (stat?.isFile()) this.#cache.set(path, key, content, stat, false);
    return content;
  }
}

/** Size, both times and inode: what no edit leaves as it was, short of one within the clock's tick. */
export function statKey(stat: BigIntStats): string {
  return `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino}`;
}

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}

function hashFile(file: string): string {
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  const fd = openSync(file, "r");
  try {
    const buffer = Buffer.allocUnsafe(chunk);
    for (let count = -1; count !== 0; ) {
      count = readSync(fd, buffer, 0, chunk, null);
      hash.update(buffer.subarray(0, count));
    }
  } finally {
    closeSync(fd);
  }
  return hash.digest("hex");
}

/** As `Files.content`, for a file not yet in its place; other work goes on between the chunks of a large one. */
export async function hashInTurns(file: string): Promise<Content> {
  const stat = lstatSync(file);
  if (stat.isSymbolicLink()) return `link:${readlinkSync(file)}`;
  if (stat.size <= chunk) return hashFile(file);
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  const handle = await open(file, "r");
  try {
    // One chunk is read while the other is hashed.
    const buffers = [Buffer.allocUnsafe(chunk), Buffer.allocUnsafe(chunk)] as const;
    const read = (n: number) => handle.read(buffers[n & 1]!, 0, chunk, null);
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
 * Every file below a folder, sorted, each with `prefix` before it; undefined when there is no such folder. Version
 * control's own `.git` is left out, and so is the folder named `hidden`.
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
