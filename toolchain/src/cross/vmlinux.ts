import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Cache, defaultCache } from "../../../vendor/cache.ts";
import { OriginFault } from "../../../vendor/failures.ts";
import pins from "../../../vendor/pins.json" with { type: "json" };
import { vmlinuxFromGit } from "../../../vendor/vmlinux.ts";
import { faultWords } from "../../../vendor/words.ts";
import { ARCHES, type Arch, archOf } from "../base/arch.ts";
import { run } from "../base/command.ts";
import { Failure, isFailure } from "../base/failure.ts";
import type { wordingText } from "../base/wording.ts";
import { commandWords } from "../base/words.ts";
import { prepareKernels } from "../guest/kernels.ts";
import { guestWords } from "../guest/words.ts";
import type { Action } from "../run/events.ts";
import { btfOfImage } from "./image.ts";

const USAGE = `bpf-app fetch-vmlinux <${Object.keys(ARCHES).join("|")}> --bpftool <path> <out>`;

/**
 * The kernel whose types stand for an architecture: that of Debian's stable release, for which updates are to be had for
 * years.
 */
const KERNEL = "6.12";

/** What every origin is given. */
interface Request {
  readonly arch: Arch;
  readonly bpftool: string;
  readonly out: string;
  readonly signal: AbortSignal;
}

/** The origins of a vmlinux.h, in the order in which they are asked. */
const ORIGINS: readonly (readonly [name: string, deliver: (request: Request) => Promise<void>])[] = [
  ["git", fromGit],
  [`${pins.distro.name}'s archive`, fromArchive],
];

/** `bpf-app fetch-vmlinux <arch> --bpftool <path> <out>` */
export const fetchVmlinuxAction: Action = async (args, { root, signal, note }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { bpftool: { type: "string" } },
    allowPositionals: true,
  });
  const [name = "", out, ...rest] = positionals;
  const arch = archOf(name);
  if (!arch || !out || !values.bpftool || rest.length > 0)
    throw new Failure("cross", { kind: "cross-arguments", action: "fetch-vmlinux", usage: USAGE });
  const bpftool = resolve(root, values.bpftool);
  await fetchVmlinux({ arch, bpftool, out: resolve(root, out), signal }, note);
  return undefined;
};

/**
 * Writes the types of a kernel of another architecture as C: the header that libbpf's project keeps of it, at the pinned
 * commit; or what bpftool makes of the BTF in the kernel of the distribution, for a machine that does not reach the forge.
 * @throws Failure types-unavailable
 */
async function fetchVmlinux(request: Request, note: (line: string) => void): Promise<void> {
  const tried: { origin: string; why: string }[] = [];
  for (const [origin, deliver] of ORIGINS) {
    try {
      await deliver(request);
      for (const one of tried) note(`vmlinux.h: not from ${one.origin} (${one.why}), but from ${origin}`);
      return;
    } catch (error) {
      request.signal.throwIfAborted();
      tried.push({ origin, why: reasonOf(error) });
    }
  }
  throw new Failure("cross", { kind: "types-unavailable", arch: request.arch.node, tried });
}

function reasonOf(error: unknown): string {
  if (error instanceof OriginFault) return faultWords(error.fault);
  if (isFailure(error, "guest")) return sentences(guestWords(error.failure));
  if (isFailure(error, "command")) return sentences(commandWords(error.failure));
  // apt's own words, which package-archive.ts throws, and errors of the operating system.
  if (error instanceof Error) return error.message;
  throw error;
}

function sentences(words: Parameters<typeof wordingText>[1]): string {
  return [words.what, words.why ?? "", words.next].filter(Boolean).join("\n");
}

async function fromGit({ arch, out, signal }: Request): Promise<void> {
  await writeFile(out, await vmlinuxFromGit(arch.kernel, pins.vmlinux, new Cache(defaultCache()), signal));
}

async function fromArchive({ arch, bpftool, out, signal }: Request): Promise<void> {
  const { kernels } = await prepareKernels([KERNEL], { arch, libraries: false, signal });
  const [kernel] = kernels;
  const btf = kernel && (await btfOfImage(await readFile(kernel.vmlinuz)));
  if (!btf) throw new Error(`the kernel ${kernel?.abi} has no BTF that can be found in its image`);
  const scratch = await mkdtemp(`${out}.`);
  try {
    await writeFile(join(scratch, "btf"), btf);
    const args = ["btf", "dump", "file", "btf", "format", "c"];
    await writeFile(out, await run(bpftool, args, { cwd: scratch, signal }));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
