import { readFileSync } from "node:fs";

/** AT_SECURE of the auxiliary vector (linux/auxvec.h), whose entries are two numbers of 64 bits each. */
const AT_SECURE = 23n;
const ENTRY = 16;

/**
 * Whether the kernel gave this process privileges that the one who started it does not have: by capabilities of the file, or
 * because it is setuid. What its environment says then comes from somebody who is less trusted than the process itself.
 *
 * The C library knows it from the auxiliary vector. Where that cannot be read, it is taken to be so: the kernel hides the
 * vector of such a process from its own user.
 */
export function isSecure(): boolean {
  // Root has nothing to gain from a file.
  if (process.getuid?.() === 0 && process.geteuid?.() === 0) return false;
  try {
    const vector = readFileSync("/proc/self/auxv");
    for (let at = 0; at + ENTRY <= vector.length; at += ENTRY) {
      if (vector.readBigUInt64LE(at) === AT_SECURE) return vector.readBigUInt64LE(at + 8) !== 0n;
    }
  } catch {
    // It is hidden.
  }
  return true;
}
