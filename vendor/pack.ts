import { globSync, lstatSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { packTar } from "modern-tar";
import { hashBytes } from "../toolchain/src/base/hash.ts";
import type { Bundle } from "./origins/bundled.ts";
import type { Pin, Pins } from "./pins.ts";
import { vendor } from "./vendor.ts";

/** What is packed, and where to. */
export interface PackRequest {
  readonly pins: Pins;
  /** The folder for the archives and sources.json. What it contained before is removed. */
  readonly folder: string;
  /** The folder of the user's cache. */
  readonly cache: string;
  /** Receives a line for each archive. */
  readonly say: (line: string) => void;
}

/**
 * Packs the pinned sources for the published package. They are taken from git only, so they are exactly the pinned
 * ones.
 */
export async function packSources({ pins, folder, cache, say }: PackRequest): Promise<void> {
  const app = await mkdtemp(join(tmpdir(), "bpf-app-sources-"));
  try {
    const { signal } = new AbortController();
    await vendor({ pins, app, origins: ["git"], submodules: false, cache, signal, say });
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const bundle: Record<string, Bundle[string]> = {};
    for (const pin of pins.sources) {
      const { file, bytes, files } = await pack(pin, join(app, "vendor", pin.name));
      await writeFile(join(folder, file), bytes);
      say(`${file}: ${files} files, ${(bytes.length / 1e6).toFixed(2)} MB`);
      const { tag, commit } = pin;
      bundle[pin.name] = { file, size: bytes.length, sha256: hashBytes(bytes), tag, commit };
    }
    await writeFile(join(folder, "sources.json"), `${JSON.stringify(bundle, null, 2)}\n`);
  } finally {
    await rm(app, { recursive: true, force: true });
  }
}

interface Packed {
  readonly file: string;
  readonly bytes: Buffer;
  readonly files: number;
}

/** Packs one source into a tar archive, compressed by Brotli, which every Node can decompress. */
async function pack({ name, tag, keep }: Pin, tree: string): Promise<Packed> {
  const paths = filesOf(tree, keep);
  const entries = paths.map((path) => {
    const body = readFileSync(join(tree, path));
    const mode = lstatSync(join(tree, path)).mode & 0o111 ? 0o755 : 0o644;
    // There is neither a date nor an owner, so that the same pins make the same bytes.
    return { header: { name: path, size: body.length, mode, mtime: new Date(0) }, body };
  });
  const tar = await packTar(entries);
  const bytes = brotliCompressSync(tar, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: tar.length,
    },
  });
  return { file: `${name}-${tag}.tar.br`, bytes, files: paths.length };
}

/** The files that the patterns match, sorted. A pattern that matches nothing is a mistake in the pins. */
function filesOf(tree: string, keep: readonly string[]): string[] {
  const found = keep.flatMap((pattern) => {
    const paths = globSync([pattern, `${pattern}/**`], { cwd: tree });
    if (paths.length === 0) throw new Error(`nothing in ${tree} matches ${pattern}`);
    return paths;
  });
  return [...new Set(found)]
    .filter((path) => {
      const stat = lstatSync(join(tree, path));
      if (stat.isSymbolicLink()) throw new Error(`${path} is a link, which the package cannot carry`);
      return stat.isFile();
    })
    .sort();
}
