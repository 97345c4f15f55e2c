import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { SkeletonSpec, StructCodec, View } from "../../toolchain/src/runtime/spec.ts";
import { generateSkeleton, type SkeletonInput } from "../../toolchain/src/skeleton/index.ts";

/** A view or a plain value, field by field. */
// biome-ignore lint/suspicious/noExplicitAny: what a generated file exports is known to the test alone.
export type Fields = any;

export interface Loaded {
  readonly text: string;
  /** What the generated file would give to `defineSkeleton`. */
  readonly spec: SkeletonSpec;
  /** The codec of a C type, by its name in the file. */
  codec(name: string): StructCodec<Fields, View & Record<string, Fields>, Fields>;
  /** Anything else the file exports. */
  readonly exported: Readonly<Record<string, Fields>>;
}

/** Generates a skeleton and imports it, with the codecs of the runtime and without its addon. */
export async function load(input: SkeletonInput): Promise<Loaded> {
  const text = generateSkeleton(input);
  const codecs = new URL("./codecs.ts", import.meta.url).href;
  const directory = mkdtempSync(join(tmpdir(), "skeleton-"));
  try {
    const file = join(directory, `${input.name}.skel.ts`);
    writeFileSync(file, text.replace('from "bpf-app/generated"', `from ${JSON.stringify(codecs)}`));
    const exported = (await import(pathToFileURL(file).href)) as Record<string, Fields>;
    const spec = Object.values(exported).find((value) => value?.url !== undefined);
    return { text, exported, spec, codec: (name) => exported[name] };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
