import { createHash } from "node:crypto";
import { SCRIPT_ASSET } from "../sea/code-cache.ts";
import { EHDR_SIZE, PHDR_SIZE, PT_NOTE } from "../sea/elf.ts";
import { CHUNK } from "../sea/files.ts";
import { type Blob, type Part, readBlob } from "./blob.ts";
import type { Bytes } from "./bytes.ts";
import { findBlob, readExecutable, withBytes } from "./executable.ts";

/** The part of an executable that is Node: what is in front of the segment that the build has added. */
export const NODE_PART = "Node";

/**
 * The sha256 of each part of an executable, by name: Node, the script, and what lies beside it. Node's part is without the
 * file's header and the program headers, which say where the rest is.
 *
 * @param name - what the file is called in what is said of it
 * @throws Failure inspect-unreadable, not-built-here, built-file-damaged
 */
export function partsOf(path: string, name = path): Promise<ReadonlyMap<string, string>> {
  return withBytes(path, name, async (bytes) => {
    const { header, segments } = await readExecutable(bytes);
    const found = await findBlob(bytes, segments);
    const blob = await readBlob(bytes, found);
    const end = segments.find(
      ({ type, offset, filesz }) => type === PT_NOTE && holds(offset, filesz, found.at),
    )?.offset;
    const headers = { at: header.phoff, size: header.phnum * PHDR_SIZE };
    const parts: [string, Part[]][] = [
      [NODE_PART, without({ at: EHDR_SIZE, size: (end ?? bytes.size) - EHDR_SIZE }, headers)],
      ...named(blob).map(([name, part]): [string, Part[]] => [name, [part]]),
    ];
    const sums = new Map<string, string>();
    for (const [part, where] of parts) sums.set(part, await sumOf(bytes, where));
    return sums;
  });
}

function holds(offset: number, size: number, at: number): boolean {
  return offset <= at && at < offset + size;
}

function without({ at, size }: Part, gap: Part): Part[] {
  const end = at + size;
  if (gap.at < at || gap.at + gap.size > end) return [{ at, size }];
  const after = gap.at + gap.size;
  return [
    { at, size: gap.at - at },
    { at: after, size: end - after },
  ];
}

/** The parts of the blob as their reader knows them: with a code cache, Node runs a script that runs the app's. */
function named({ main, assets }: Blob): [string, Part][] {
  const script = assets.get(SCRIPT_ASSET);
  if (script === undefined) return [[main.name, main], ...assets];
  const rest = [...assets].filter(([name]) => name !== SCRIPT_ASSET);
  return [["the script that starts the app's", main], [main.name, script], ...rest];
}

async function sumOf(bytes: Bytes, parts: readonly Part[]): Promise<string> {
  const hash = createHash("sha256");
  for (const { at, size } of parts) {
    for (let done = 0; done < size; ) {
      const chunk = await bytes.read(at + done, Math.min(CHUNK, size - done));
      if (chunk.length === 0) break;
      hash.update(chunk);
      done += chunk.length;
    }
  }
  return hash.digest("hex");
}
