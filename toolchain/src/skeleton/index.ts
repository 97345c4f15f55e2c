import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import type { Action } from "../run/events.ts";
import { readComments } from "./comments.ts";
import { generate } from "./generate.ts";

/** From what a skeleton is generated. */
export interface SkeletonInput {
  /** The NAME of `NAME.bpf.c`. */
  readonly name: string;
  /** The bytes of a compiled or linked object that has BTF. */
  readonly object: Uint8Array;
  /** The app's own C files. Their comments go into the skeleton, and messages name their lines. */
  readonly sources?: readonly SourceText[];
}

/** A C file, with the path by which messages name it. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/**
 * The text of `NAME.skel.ts`. It depends on nothing but the input.
 * @throws Failure of the layers skeleton, btf and elf
 */
export function generateSkeleton(input: SkeletonInput): string {
  return generate(input.name, input.object, readComments(input.sources ?? []));
}

/** The action `bpf-app skeleton NAME OBJECT [--source FILE]…`, whose text goes to standard output. */
export const skeletonAction: Action = async (args, { root }) => {
  const [name, object, ...rest] = args;
  const paths = rest.filter((_, index) => index % 2 === 1);
  if (
    name === undefined ||
    object === undefined ||
    rest.length % 2 !== 0 ||
    rest.some((word, index) => index % 2 === 0 && word !== "--source")
  )
    throw new Failure("skeleton", { kind: "skeleton-usage" });
  const sources = await Promise.all(
    paths.map(async (path) => ({ path, text: (await read(root, path)).toString("utf8") })),
  );
  return generateSkeleton({ name, object: await read(root, object), sources });
};

async function read(root: string, path: string): Promise<Buffer> {
  try {
    return await readFile(resolve(root, path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "EIO";
    throw new Failure("skeleton", { kind: "skeleton-unreadable", path, code }, { cause: error });
  }
}
