/*
 * Lines that prove themselves: `CRC32 JSON`. A CRC finds every flipped bit and every torn write, which is what state
 * files suffer from; nobody who may write them needs to forge one. It loads in a quarter of the time of a SHA-256.
 */

export function seal(value: unknown): string {
  const text = JSON.stringify(value);
  return `${checksum(text)} ${text}\n`;
}

/** The value of a sealed line, or undefined when anything about it is wrong. */
export function unseal(line: string): unknown {
  const text = line.slice(9);
  if (line[8] !== " " || line.slice(0, 8) !== checksum(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checksum(text: string): string {
  return process.getBuiltinModule("node:zlib").crc32(text).toString(16).padStart(8, "0");
}
