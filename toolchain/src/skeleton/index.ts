import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import type { Action } from "../run/events.ts";
import { readComments } from "./comments.ts";
import { generate } from "./generate.ts";

export interface SkeletonInput {
  /** NAME of `NAME.bpf.c`. */
  readonly name: string;
  /** A compiled or linked object, with BTF. */
  readonly object: Uint8Array;
  /** The app's own C files, for comments and for lines in messages. */
  readonly sources?: readonly SourceText[];
}

export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/**
 * The text of `NAME.skel.ts`. Depends on nothing but its input.
 * Throws `Failure<SkeletonFailure | BtfFailure | ElfFailure>`.
 */
export function generateSkeleton(input: SkeletonInput): string {
  return generate(input.name, input.object, readComments(input.sources ?? []));
}

/** `bpf-app skeleton NAME OBJECT [--source FILE]…`: the text goes to standard output. */
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
