import { execFile } from "node:child_process";
import { appendFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { attempt, making, readAt, withFile } from "./files.ts";
import { encodeTrailer } from "./trailer.ts";

export interface BlobRequest {
  /** The Node that will be embedded, or one of exactly the same version that runs on this machine. */
  readonly node: string;
  /** The bundle, as CommonJS. Its file name without folders is stored in the blob and shown in stack traces. */
  readonly main: string;
  /** The path of each file, by the key under which the program asks for it. */
  readonly assets: Readonly<Record<string, string>>;
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
 * Has Node make the blob of a single executable. The same inputs give the same bytes, whatever folder they lie in: the
 * blob has neither code cache nor snapshot, and the only path in it is the name of `main`.
 *
 * When the executable runs, every argument is the program's own, and NODE_OPTIONS is ignored.
 *
 * @throws Failure<"sea">
 */
export async function makeBlob(request: BlobRequest): Promise<void> {
  const { node, main, out, signal } = request;
  const config = resolve(request.scratch, `${basename(out)}.config.json`);
  const aborted = signal === undefined ? {} : { signal };
  await making(out, [main, ...Object.values(request.assets)], async () => {
    try {
      await attempt("write", config, writeFile(config, JSON.stringify(seaConfig(request), null, 2)));
      const version = supported(node, (await run(node, ["--version"], aborted)).trim());
      await run(node, ["--experimental-sea-config", config], { cwd: dirname(resolve(main)), ...aborted });
      await checkComplete(request);
      await attempt("write", out, appendFile(out, encodeTrailer(version)));
    } finally {
      await rm(config, { force: true });
    }
  });
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

function run(
  node: string,
  args: readonly string[],
  options: { cwd?: string; signal?: AbortSignal },
): Promise<string> {
  const program = node.includes("/") ? resolve(node) : node;
  return new Promise((done, fail) => {
    execFile(
      program,
      args,
      { ...options, env: plainEnvironment(), encoding: "utf8" },
      (error, stdout, stderr) => {
        if (error === null) return done(stdout);
        if (error.name === "AbortError") return fail(error);
        if (typeof error.code === "string") {
          return fail(
            new Failure(
              "sea",
              { kind: "sea-file", operation: "run", path: node, code: error.code },
              { cause: error },
            ),
          );
        }
        const exit = error.signal ?? `exit ${error.code}`;
        const output = `${stdout}${stderr}`.trim();
        fail(new Failure("sea", { kind: "blob-not-made", node, exit, output }, { cause: error }));
      },
    );
  });
}

/** This process's environment, without the variables that change Node's behaviour. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("NODE_")));
}
