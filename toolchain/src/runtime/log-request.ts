import { readFileSync } from "node:fs";
import type { LogLevel } from "./log.ts";
import { nearest } from "./nearest.ts";

/** What the variable BPF_APP_LOG asks for. Whoever runs an app sets it, and the app itself need not know of it. */
export interface LogRequest {
  /** The least important messages of libbpf's that go to standard error, whatever the app does with them. */
  readonly level?: LogLevel;
  /** The kernel's verifier is to write a log about every program, and that goes to standard error as it is. */
  readonly verifier: boolean;
}

const VARIABLE = "BPF_APP_LOG";
const LEVELS: readonly LogLevel[] = ["warn", "info", "debug"];
const KNOWN = ["verifier", ...LEVELS];

/**
 * Reads what the variable asks for: one word or several with commas between them. `complain` gets a sentence about each
 * word that is none.
 */
export function readLogRequest(value: string | undefined, complain: (sentence: string) => void): LogRequest {
  const words = (value ?? "").split(",").map((word) => word.trim().toLowerCase());
  for (const word of words) if (word !== "" && !KNOWN.includes(word)) complain(unknown(word));
  const level = LEVELS.findLast((one) => words.includes(one));
  return { verifier: words.includes("verifier"), ...(level ? { level } : {}) };
}

function unknown(word: string): string {
  const guess = nearest(word, KNOWN);
  return `${VARIABLE} takes ${KNOWN.join(", ")}, and not "${word}".${guess ? ` Did you mean ${guess}?` : ""}`;
}

let request: LogRequest | undefined;

/** What is asked for in this process. A mistake in it is said once, on standard error. */
export function logRequest(): LogRequest {
  request ??= readLogRequest(process.env[VARIABLE], (sentence) => process.stderr.write(`${sentence}\n`));
  return request;
}

/** Writes a message that was asked for to standard error. */
export function printMessage(message: string): void {
  process.stderr.write(isPrivilegedFile() ? withoutAddresses(message) : message);
}

/** Takes addresses of the kernel out of a text; they are those whose highest bits are set. */
export function withoutAddresses(text: string): string {
  return text.replace(/\b0xf[0-9a-f]{15}\b/g, "0x(hidden)");
}

/** The entry of the auxiliary vector that the kernel sets to 1 for a file with capabilities or a set-user-ID bit. */
const AT_SECURE = 23n;

let privileged: boolean | undefined;

/**
 * Whether this process has rights by its file that its user does not have. The verifier writes addresses of maps for
 * those who may load programs, and then somebody reads them who may not.
 */
function isPrivilegedFile(): boolean {
  privileged ??= readSecure(auxiliaryVector());
  return privileged;
}

/** The vector of this process; undefined where the kernel keeps it from the user, as it does for such files. */
function auxiliaryVector(): Buffer | undefined {
  try {
    return readFileSync("/proc/self/auxv");
  } catch {
    return undefined;
  }
}

/** Reads pairs of 64-bit numbers: the type of an entry and its value. */
export function readSecure(vector: Buffer | undefined): boolean {
  if (vector === undefined) return true;
  for (let at = 0; at + 16 <= vector.length; at += 16)
    if (vector.readBigUInt64LE(at) === AT_SECURE) return vector.readBigUInt64LE(at + 8) !== 0n;
  return true;
}
