// node vendor/bundle.ts [FOLDER]: packs the pinned sources for the published package, FOLDER being create/dist/sources.
// `npm publish` runs it (prepack). They come from git alone: what is published is what is pinned.
import { globSync, lstatSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { packTar } from "modern-tar";
import { Failure } from "../toolchain/src/base/failure.ts";
import { hashBytes } from "../toolchain/src/base/hash.ts";
import { defaultCache } from "./cache.ts";
import type { VendorFailure } from "./failures.ts";
import type { Bundle } from "./origins/bundled.ts";
import { type Pin, readPins } from "./pins.ts";
import { vendor } from "./vendor.ts";
import { vendorWords } from "./words.ts";

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, "../create/dist/sources"));
const say = (line: string) => console.error(`sources: ${line}`);
try {
  await pack();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  const { what, why, next } = vendorWords(error.failure as VendorFailure);
  say(`${what}\n${why ?? ""}\n${next}`);
  process.exitCode = 1;
}

async function pack(): Promise<void> {
  const pins = await readPins(join(import.meta.dirname, "pins.json"));
  const app = await mkdtemp(join(tmpdir(), "bpf-app-sources-"));
  try {
    const { signal } = new AbortController();
    await vendor({ pins, app, origins: ["git"], submodules: false, cache: defaultCache(), signal, say });
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const bundle: Record<string, Bundle[string]> = {};
    for (const pin of pins.sources) bundle[pin.name] = await packSource(pin, join(app, "vendor", pin.name));
    await writeFile(join(folder, "sources.json"), `${JSON.stringify(bundle, null, 2)}\n`);
  } finally {
    await rm(app, { recursive: true, force: true });
  }
}

async function packSource({ name, tag, commit, keep }: Pin, tree: string): Promise<Bundle[string]> {
  const paths = filesOf(tree, keep);
  const tar = await packTar(
    paths.map((path) => {
      const body = readFileSync(join(tree, path));
      const mode = lstatSync(join(tree, path)).mode & 0o111 ? 0o755 : 0o644;
      // Neither a date nor an owner: the same pins make the same bytes.
      return { header: { name: path, size: body.length, mode, mtime: new Date(0) }, body };
    }),
  );
  const bytes = brotliCompressSync(tar, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: tar.length,
    },
  });
  const file = `${name}-${tag}.tar.br`;
  await writeFile(join(folder, file), bytes);
  say(`${file}: ${paths.length} files, ${(bytes.length / 1e6).toFixed(2)} MB`);
  return { file, size: bytes.length, sha256: hashBytes(bytes), tag, commit };
}

/** The files that some pattern names or holds, sorted. A pattern that matches nothing is a mistake in the pins. */
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
