import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { Failure } from "../base/failure.ts";
import type { Action } from "../run/events.ts";
import { readComments } from "./comments.ts";
import type { WantedEvent } from "./event-types.ts";
import { generate } from "./generate.ts";
import { modelOf } from "./model.ts";
import { untypedNote } from "./words.ts";

/** From what a skeleton is generated. */
export interface SkeletonInput {
  /** The NAME of `NAME.bpf.c`. */
  readonly name: string;
  /** The bytes of a compiled or linked object that has BTF. */
  readonly object: Uint8Array;
  /** The same object before it was linked. It still has the debugging information from which types are inferred. */
  readonly compiled?: Uint8Array | undefined;
  /** The types of events that the app's configuration names. */
  readonly events?: readonly WantedEvent[];
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
 *
 * @param note receives a line for each map whose events have no type
 * @throws Failure of the layers skeleton, btf and elf
 */
export function generateSkeleton(input: SkeletonInput, note: (line: string) => void = () => {}): string {
  const { name, object, compiled, events = [] } = input;
  const comments = readComments(input.sources ?? []);
  const model = modelOf(name, object, { comments, compiled, events });
  for (const untyped of model.untyped) note(untypedNote(name, untyped, comments.place("", untyped.map)));
  return generate(model);
}

/**
 * The action `bpf-app skeleton NAME OBJECT [--compiled FILE] [--event MAP=TYPE]… [--source FILE]…`, whose text goes to
 * standard output.
 */
export const skeletonAction: Action = async (args, { root, note }) => {
  const { name, object, compiled, events, sources: paths } = parse(args);
  const sources = await Promise.all(
    paths.map(async (path) => ({ path, text: (await read(root, path)).toString("utf8") })),
  );
  const input = {
    name,
    object: await read(root, object),
    compiled: compiled === undefined ? undefined : await read(root, compiled),
    events,
    sources,
  };
  return generateSkeleton(input, note);
};

interface Arguments {
  readonly name: string;
  readonly object: string;
  readonly compiled: string | undefined;
  readonly events: readonly WantedEvent[];
  readonly sources: readonly string[];
}

const OPTIONS = {
  compiled: { type: "string" },
  event: { type: "string", multiple: true },
  source: { type: "string", multiple: true },
} as const;

/** @throws Failure skeleton-usage */
function parse(args: readonly string[]): Arguments {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const [name, object, ...more] = positionals;
    if (name === undefined || object === undefined || more.length > 0) throw new TypeError("two are wanted");
    const events = (values.event ?? []).map(event);
    return { name, object, compiled: values.compiled, events, sources: values.source ?? [] };
  } catch (error) {
    if (error instanceof TypeError)
      throw new Failure("skeleton", { kind: "skeleton-usage" }, { cause: error });
    throw error;
  }
}

function event(word: string): WantedEvent {
  const at = word.indexOf("=");
  if (at < 1) throw new TypeError("MAP=TYPE is wanted");
  return { map: word.slice(0, at), type: word.slice(at + 1) };
}

async function read(root: string, path: string): Promise<Buffer> {
  try {
    return await readFile(resolve(root, path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "EIO";
    throw new Failure("skeleton", { kind: "skeleton-unreadable", path, code }, { cause: error });
  }
}
