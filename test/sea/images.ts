import { PF_R, PT_LOAD, PT_NOTE, PT_PHDR, type Segment } from "../../toolchain/src/sea/elf.ts";
import { encodeSegments } from "../../toolchain/src/sea/elf-write.ts";

/** Small executables in memory, laid out as linkers lay out Node: enough for the injector, not for a kernel. */

export const FUSE_OFF = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0";
export const FUSE_ON = `${FUSE_OFF.slice(0, -1)}1`;

export interface Recipe {
  readonly arch?: "x64" | "arm64";
  readonly pie?: boolean;
  /** The size of .bss, which follows the last segment's data. */
  readonly bss?: number;
  /** The text that the data holds. */
  readonly data?: string;
  /** How many bytes follow everything that is loaded, as symbols and debug information do. */
  readonly tail?: number;
  /** Changes the segments before they are written. */
  readonly change?: (segments: Segment[]) => Segment[];
}

const MACHINE = { x64: 62, arm64: 183 };
const PAGE = { x64: 0x1000, arm64: 0x10000 };

/** The file's bytes. The data starts at the second page. */
export function image(recipe: Recipe = {}): Buffer {
  const { arch = "x64", pie = false, bss = 0x2345, tail = 100 } = recipe;
  const data = Buffer.from(recipe.data ?? `some text node.js/v24.21.0 and ${FUSE_OFF}\0`);
  const page = PAGE[arch];
  const start = pie ? 0 : 0x400000;
  const at = (offset: number, filesz: number, memsz = filesz) => ({
    offset,
    vaddr: start + offset,
    paddr: start + offset,
    filesz,
    memsz,
  });
  const headersEnd = 64 + 4 * 56;
  const plain: Segment[] = [
    { type: PT_PHDR, flags: PF_R, align: 8, ...at(64, 4 * 56) },
    { type: PT_LOAD, flags: PF_R, align: page, ...at(0, headersEnd + 20) },
    { type: PT_LOAD, flags: 6, align: page, ...at(page, data.length, data.length + bss) },
    { type: PT_NOTE, flags: PF_R, align: 4, ...at(headersEnd, 20) },
  ];
  const segments = recipe.change?.(plain) ?? plain;
  const bytes = Buffer.alloc(page + data.length + tail, 0xcc);
  bytes.fill(0, 0, page);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes.writeUInt16LE(pie ? 3 : 2, 16);
  bytes.writeUInt16LE(MACHINE[arch], 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(64, 52);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(segments.length, 56);
  bytes.set(encodeSegments(segments), 64);
  bytes.set(note("GNU\0", Buffer.alloc(4)), headersEnd);
  data.copy(bytes, page);
  return bytes;
}

export function note(name: string, desc: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(name.length, 0);
  head.writeUInt32LE(desc.length, 4);
  const pad = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  return Buffer.concat([head, pad(Buffer.from(name)), pad(desc)]);
}

/** A file that starts as Node's blobs do. */
export function blobOf(text: string, version = "v24.21.0"): Buffer {
  const trailer = Buffer.alloc(48);
  trailer.write(`BPF-APP NODEBLOB${version}`);
  const parts = [Buffer.from([0x20, 0xda, 0x43, 0x01]), Buffer.from(text)];
  return Buffer.concat(version === "" ? parts : [...parts, trailer]);
}
