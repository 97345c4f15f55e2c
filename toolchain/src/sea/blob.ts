import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { CACHE_ASSET, runNode, SCRIPT_ASSET, startScript } from "./code-cache.ts";
import { attempt, making, readAt, withFile } from "./files.ts";
import { guarded } from "./guarded.ts";
import { encodeTrailer } from "./trailer.ts";

export interface BlobRequest {
  /** The Node that will be embedded, or one of exactly the same version that runs on this machine. */
  readonly node: string;
  /** The bundle, as CommonJS. Its file name without folders is stored in the blob and shown in stack traces. */
  readonly main: string;
  /** The path of each file, by the key under which the program asks for it. */
  readonly assets: Readonly<Record<string, string>>;
  /** What `makeCodeCache` has made of `main`. */
  readonly codeCache?: string;
  /** The path of a script, on one line, that runs before `main`. It may be empty. */
  readonly guard?: string;
  /** Options for the embedded Node, as in `--max-old-space-size=64`. */
  readonly execArgv?: readonly string[];
  readonly out: string;
  /** An existing folder for a temporary file. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
}

/**
 * What the embedded Node is always started with. On SIGUSR1 Node would open its debugger, by which every user of the machine
 * can run code in the process. Whoever starts a file with capabilities may send it that signal.
 */
const ALWAYS = ["--disable-sigusr1"] as const;

/**
 * Has Node make the blob of a single executable. The same inputs give the same bytes, whatever folder they lie in: the only
 * path in it is the name of `main`. It has no snapshot, and no code cache where Node would look for one: Node warns on
 * standard error of a cache that it cannot use, and ours is only left unused.
 *
 * When the executable runs, every argument is the program's own, and NODE_OPTIONS is ignored.
 *
 * @throws Failure<"sea">
 */
export async function makeBlob(request: BlobRequest): Promise<void> {
  const { node, out, scratch, signal } = request;
  const aborted = signal === undefined ? {} : { signal };
  await making(out, inputsOf(request), async () => {
    const folder = await attempt("write", scratch, mkdtemp(join(resolve(scratch), `${basename(out)}.`)));
    try {
      const parts = await partsOf(request, folder);
      const config = join(folder, "config.json");
      await attempt("write", config, writeFile(config, JSON.stringify(seaConfig(parts), null, 2)));
      const version = supported(node, (await runNode(node, ["--version"], aborted)).trim());
      const options = { cwd: dirname(resolve(parts.main)), ...aborted };
      await runNode(node, ["--experimental-sea-config", config], options);
      await checkComplete(parts);
      await attempt("write", out, appendFile(out, encodeTrailer(version)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

function inputsOf({ main, assets, codeCache, guard }: BlobRequest): string[] {
  return [main, ...Object.values(assets), ...[codeCache, guard].filter((path) => path !== undefined)];
}

/**
 * What Node is given. With a code cache that is a short script, and the app's own script is an asset. The guard is a part of
 * the script that Node is given, so that the cache, which is one of the app's script as it is, does not depend on it.
 */
async function partsOf(request: BlobRequest, folder: string): Promise<BlobRequest> {
  const { main, assets, codeCache } = request;
  const guard = request.guard === undefined ? "" : await readText(request.guard);
  if (codeCache === undefined && guard === "") return request;
  const start = join(folder, basename(main));
  const script = codeCache === undefined ? await readText(main) : startScript(basename(main));
  await attempt("write", start, writeFile(start, guarded(script, guard)));
  if (codeCache === undefined) return { ...request, main: start };
  return { ...request, main: start, assets: { ...assets, [SCRIPT_ASSET]: main, [CACHE_ASSET]: codeCache } };
}

function readText(path: string): Promise<string> {
  return attempt("read", path, readFile(path, "utf8"));
}

/** The configuration Node reads (documented under "Single executable applications"). */
export function seaConfig(request: BlobRequest): Record<string, unknown> {
  const keys = Object.keys(request.assets).sort();
  return {
    main: basename(request.main),
    output: resolve(request.out),
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: false,
    execArgv: [...ALWAYS, ...(request.execArgv ?? [])],
    execArgvExtension: "none",
    assets: Object.fromEntries(keys.map((key) => [key, resolve(request.assets[key] ?? "")])),
  };
}

/**
 * For each major version the first minor version that knows `execArgvExtension`. An older Node would take options from
 * NODE_OPTIONS, and say nothing.
 */
const FIRST: Readonly<Record<number, number>> = { 22: 20, 24: 8 };

function supported(node: string, version: string): string {
  const match = /^v(\d+)\.(\d+)\.\d+/.exec(version);
  const [major, minor] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  if (major > 24 || minor >= (FIRST[major] ?? Number.POSITIVE_INFINITY)) return version;
  throw new Failure("sea", { kind: "blob-node-too-old", node, version });
}

/** Node puts fewer bytes than this before the name of `main`. */
const HEAD_SIZE = 64;

/**
 * Checks that the blob is as large as it has to be: on a full disk, Node 22 and 24 write as much of it as there is room
 * for and then exit with 0.
 *
 * A blob begins with a short head. Three groups follow: the name and the content of `main`; the keys and the contents
 * of the assets; the options. Each name, content, key and option has its size in 8 bytes before it, and so has each
 * group but the first its count.
 */
async function checkComplete({ main, assets, execArgv = [], out }: BlobRequest): Promise<void> {
  const name = Buffer.from(basename(main));
  const sizeOf = async (path: string) => 8 + (await attempt("read", path, stat(path))).size;
  const head = await withFile(out, "r", (blob) => readAt(blob, 0, HEAD_SIZE + name.length));
  let needs = Math.max(0, head.indexOf(name)) + name.length + (await sizeOf(main));
  const keys = Object.entries(assets);
  if (keys.length > 0) needs += 8;
  for (const [key, path] of keys) needs += 8 + Buffer.byteLength(key) + (await sizeOf(path));
  needs += 8;
  for (const option of [...ALWAYS, ...execArgv]) needs += 8 + Buffer.byteLength(option);
  const { size } = await attempt("read", out, stat(out));
  if (size < needs) throw new Failure("sea", { kind: "blob-incomplete", path: out, size, needs });
}
