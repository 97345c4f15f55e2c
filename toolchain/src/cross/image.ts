import { spawn } from "node:child_process";
import { buffer } from "node:stream/consumers";

/** A BTF section begins with its magic number, version 1, no flags, and the size of its header. */
const HEAD = Buffer.from("9feb010018000000", "hex");
const HEADER_SIZE = 24;

/** A kernel has far more than this of types, and what only looks like a header has not. */
const LEAST = 1 << 20;

/** How each packed part of a kernel's image begins, and what unpacks it. What follows the packed part is ignored. */
const PACKED: readonly (readonly [magic: string, program: string])[] = [
  ["fd377a585a00", "xz"],
  ["28b52ffd", "zstd"],
  ["1f8b08", "gzip"],
];

/**
 * The BTF in the image of a kernel, as distributions install it (`vmlinuz`). An image for arm64 holds the kernel as it is,
 * one for x86-64 holds it packed behind the code that unpacks it. Undefined if there is none.
 */
export async function btfOfImage(image: Buffer): Promise<Buffer | undefined> {
  const plain = findBtf(image);
  if (plain) return plain;
  for (const [magic, program] of PACKED) {
    for (let at = image.indexOf(magic, 0, "hex"); at >= 0; at = image.indexOf(magic, at + 1, "hex")) {
      // The magic number may stand anywhere in the code.
      const unpacked = await piped(program, image.subarray(at)).catch(() => undefined);
      const found = unpacked && findBtf(unpacked);
      if (found) return found;
    }
  }
  return undefined;
}

function findBtf(bytes: Buffer): Buffer | undefined {
  for (let at = bytes.indexOf(HEAD); at >= 0; at = bytes.indexOf(HEAD, at + 1)) {
    if (at + HEADER_SIZE > bytes.length) return undefined;
    const [, types = 0, strings = 0, length = 0] = [8, 12, 16, 20].map((offset) =>
      bytes.readUInt32LE(at + offset),
    );
    const size = HEADER_SIZE + strings + length;
    if (types > 0 && types <= strings && size >= LEAST && at + size <= bytes.length)
      return bytes.subarray(at, at + size);
  }
  return undefined;
}

/** What a program unpacks of bytes. It complains of what follows the packed part, after it has written all. */
async function piped(program: string, bytes: Buffer): Promise<Buffer> {
  const child = spawn(program, ["--decompress", "--stdout", "--quiet"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const failed = new Promise<never>((_, reject) => child.once("error", reject));
  // It closes its input at the end of the packed part.
  child.stdin.on("error", () => {});
  child.stdin.end(bytes);
  return await Promise.race([buffer(child.stdout), failed]);
}
