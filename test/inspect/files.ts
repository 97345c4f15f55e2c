// Small executables as builds make them: a base with a Node's version and fuse, and a blob of Node's format in it. They are
// enough for those who read them, and start nowhere.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { About } from "../../toolchain/src/inspect/about.ts";
import { inject } from "../../toolchain/src/sea/inject.ts";
import { ROOT } from "../root.ts";
import { blobOf, FUSE_OFF, image } from "../sea/images.ts";

export const OBJECT = readFileSync(join(ROOT, "test/skeleton/fixtures/events.bpf.o"));

export const ABOUT: About = {
  format: 1,
  name: "events",
  version: "1.2.3",
  node: "24.21.0",
  arch: "x64",
  bpfApp: "0.1.0",
  skeletons: ["events"],
  adapts: false,
  libraries: {
    libbpf: {
      version: "1.7.0",
      origin: "git",
      commit: "f".repeat(40),
      tag: "v1.7.0",
      licence: "BSD-2-Clause",
    },
    zlib: { version: "1.3.1", origin: "pool", files: [{ name: "zlib.orig.tar.gz", sha256: "a".repeat(64) }] },
  },
  inputs: { "src/events.bpf.c": "b".repeat(64) },
};

/** A segment that the loader reads: what a file takes of libraries. */
const PT_DYNAMIC = 2;

/** Where in an image the data starts, and where the parts of its dynamic section lie in it. */
const DATA = 0x1000;
const AT = { dynamic: 0x400, strings: 0x500, needs: 0x600 } as const;

/**
 * Makes an image whose dynamic section says that it takes these versions of libc.so.6.
 * @param text the rest of its data
 */
export function dynamicImage(versions: readonly string[], { pie = true, text = "" } = {}): Buffer {
  const bytes = image({
    pie,
    data: text.padEnd(0x800, "\0"),
    change: (segments) =>
      segments.map((segment) =>
        segment.type === 4
          ? { ...segment, type: PT_DYNAMIC, offset: DATA + AT.dynamic, filesz: 6 * 16, memsz: 6 * 16 }
          : segment,
      ),
  });
  const base = (pie ? 0 : 0x400000) + DATA;
  const names = ["", "libc.so.6", ...versions];
  const offsets = names.map((_, at) => names.slice(0, at).join("\0").length + (at > 0 ? 1 : 0));
  bytes.write(`${names.join("\0")}\0`, DATA + AT.strings, "latin1");
  const entries = [
    [1, offsets[1]!],
    [5, base + AT.strings],
    [10, names.join("\0").length + 1],
    [0x6ffffffe, base + AT.needs],
    [0x6fffffff, 1],
    [0, 0],
  ] as const;
  entries.forEach(([tag, value], index) => {
    bytes.writeBigUInt64LE(BigInt(tag), DATA + AT.dynamic + index * 16);
    bytes.writeBigUInt64LE(BigInt(value), DATA + AT.dynamic + index * 16 + 8);
  });
  const need = DATA + AT.needs;
  bytes.writeUInt16LE(1, need);
  bytes.writeUInt16LE(versions.length, need + 2);
  bytes.writeUInt32LE(offsets[1]!, need + 4);
  bytes.writeUInt32LE(16, need + 8);
  versions.forEach((_, index) => {
    bytes.writeUInt32LE(offsets[index + 2]!, need + 16 + index * 16 + 8);
    bytes.writeUInt32LE(index + 1 < versions.length ? 16 : 0, need + 16 + index * 16 + 12);
  });
  return bytes;
}

/** An addon: a library, and in it a BPF object, at a place that is a multiple of 8. */
export function addon(
  object: Uint8Array = OBJECT,
  versions: readonly string[] = ["GLIBC_2.9", "GLIBC_2.34"],
): Buffer {
  const library = dynamicImage(versions);
  return Buffer.concat([library, Buffer.alloc(-library.length & 7), object]);
}

function sized(bytes: Uint8Array): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([size, bytes]);
}

/**
 * A blob in Node's format.
 * @param head how many bytes it has before the name of the script: 8 in Node 22, 9 in Node 24
 */
export function nodeBlob(assets: Readonly<Record<string, Uint8Array>>, head = 9): Buffer {
  const entries = Object.entries(assets);
  const start = Buffer.alloc(head);
  start.writeUInt32LE(0x0143da20);
  start.writeUInt32LE(1 | (entries.length > 0 ? 8 : 0), 4);
  const count = Buffer.alloc(entries.length > 0 ? 8 : 0);
  if (entries.length > 0) count.writeBigUInt64LE(BigInt(entries.length));
  return Buffer.concat([
    start,
    sized(Buffer.from("events.cjs")),
    sized(Buffer.from("'use strict';")),
    count,
    ...entries.flatMap(([key, content]) => [sized(Buffer.from(key)), sized(content)]),
  ]);
}

/** What a build puts into an executable. */
export const ASSETS: Readonly<Record<string, Uint8Array>> = {
  "about.json": Buffer.from(JSON.stringify(ABOUT)),
  "bpf-app.cjs": Buffer.from("'switch';"),
  "events.node": addon(),
};

/** Removed at the end of the process, which may be one that fuzzes and no test. */
const FOLDER = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
process.once("exit", () => rmSync(FOLDER, { recursive: true, force: true }));
let made = 0;

/** Makes an executable of these parts, by the injector of real builds; returns its path. */
export async function executable(
  assets: Readonly<Record<string, Uint8Array>> = ASSETS,
  head?: number,
): Promise<string> {
  const folder = join(FOLDER, String(made++));
  mkdirSync(folder);
  const [base, blob, out] = ["base", "blob", "app"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const text = `node.js/v24.21.0 ${FUSE_OFF}`;
  writeFileSync(base, dynamicImage(["GLIBC_2.28", "GLIBCXX_3.4.21", "GLIBC_PRIVATE"], { pie: false, text }));
  const trailer = blobOf("").subarray(4);
  writeFileSync(blob, Buffer.concat([nodeBlob(assets, head), trailer]));
  await inject({ base, blob, out });
  return out;
}
