import { existsSync, readFileSync } from "node:fs";
import { release, version } from "node:os";
import { getRawAsset, isSea } from "node:sea";
import { type BtfPack, chooseBtf, decodePack, type RunningKernel, systemName } from "../facts/btf-pack.ts";
import { parseSection } from "../facts/sections.ts";
import { AddonError, unnamedFile } from "./addon.ts";
import { CAUSES, type Cause } from "./causes.ts";
import { openSections } from "./needs.ts";

/** Where a kernel says what its types are, if it does. */
const KERNEL = "/sys/kernel/btf/vmlinux";

/** BTF in a file without a name. */
export type OwnBtf = ReturnType<typeof unnamedFile>;

/** Where the packs of skeletons are that were opened on a kernel without BTF: the URLs of their modules. */
const opened = new Map<string, string>();

/**
 * The types of the running kernel as this app brings them along, for a kernel that does not say them itself. Where it does,
 * nothing is read.
 *
 * @param name - the skeleton's name
 * @param url - the URL of its module, beside which NAME.btf lies in development
 * @returns undefined if the kernel has BTF, or the app brings none for it: then libbpf looks elsewhere, and says so if it
 * needs it and finds none
 * @throws {@link AddonError} if what is in the executable is damaged, or no directory can hold it
 */
export function ownBtf(name: string, url: string): OwnBtf | undefined {
  if (existsSync(KERNEL)) return undefined;
  opened.set(name, url);
  const pack = packOf(name, url);
  const chosen = pack && chooseBtf(pack, runningKernel());
  return chosen && "btf" in chosen ? unnamedFile(`the BTF ${name}.btf`, chosen.btf) : undefined;
}

function packOf(name: string, url: string): BtfPack | undefined {
  const bytes = packBytes(`${name}.btf`, url);
  if (bytes === undefined) return undefined;
  try {
    const pack = decodePack(bytes);
    return pack.arch === process.arch ? pack : undefined;
  } catch (error) {
    const { message } = error as Error;
    throw new AddonError(`The BTF ${name}.btf is damaged: ${message}. Build it again.`, [], { cause: error });
  }
}

function packBytes(file: string, url: string): Uint8Array | undefined {
  try {
    return isSea() ? new Uint8Array(getRawAsset(file) as ArrayBuffer) : readFileSync(new URL(file, url));
  } catch {
    // It was built without BTF for other kernels.
    return undefined;
  }
}

function runningKernel(): RunningKernel {
  return { release: release(), version: version(), system: osRelease() };
}

function osRelease(): string {
  for (const file of ["/etc/os-release", "/usr/lib/os-release"]) {
    try {
      return readFileSync(file, "utf8");
    } catch {
      // The second place is that of the distribution itself, for a machine whose /etc is empty.
    }
  }
  return "";
}

/** Why a skeleton cannot do without the kernel's BTF, and what can be done about it on this kernel. */
export function withoutKernelBtf(name: string): Cause {
  const hooks = openSections().filter(byOwnTypes);
  if (hooks.length > 0) {
    const { why, next } = CAUSES["no-own-btf"];
    return { why: `${why}\n  It concerns ${[...new Set(hooks)].join(", ")}.`, next };
  }
  const running = runningKernel();
  const kernel = `${running.release} (${ARCH[process.arch] ?? process.arch})`;
  return {
    why: `The program needs the kernel's BTF, and this kernel, ${kernel}, has none (${KERNEL}). ${brought(name, running)}`,
    next: `Build it with BTF of this kernel: npm run build -- BTF=FOLDER, where the folder has ${placeOf(running)}, as a clone of BTFHub's archive does, or ${running.release}.btf. Or give a BTF file with open({ btfCustomPath }), or use a kernel built with CONFIG_DEBUG_INFO_BTF=y.`,
  };
}

/** As `uname -m` prints it, and as BTFHub names its folders. */
const ARCH: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "arm64" };

function byOwnTypes(section: string): boolean {
  const parsed = parseSection(section);
  if (parsed === undefined) return false;
  const { way, type } = parsed;
  return way === "trace" || way === "iter" || type === "lsm" || type === "struct_ops" || type === "ext";
}

/** How many kernels are named in a message. */
const NAMED = 5;

/** What the app brings along, and why none of it is for this kernel. */
function brought(name: string, running: RunningKernel): string {
  const url = opened.get(name);
  const pack = url === undefined ? undefined : packOf(name, url);
  if (pack === undefined || pack.kernels.length === 0)
    return "This app was built without BTF for such kernels.";
  const chosen = chooseBtf(pack, running);
  if (!("among" in chosen)) return "The BTF that this app brings for it does not suffice.";
  const { among } = chosen;
  if (among.length > 0) {
    return `This app brings BTF for kernels of this release that differ (${among.join(", ")}), and this machine does not say which of them it has.`;
  }
  const releases = [...new Set(pack.kernels.map((one) => one.release))];
  const more = releases.length > NAMED ? ` and ${releases.length - NAMED} more` : "";
  return `This app brings BTF for ${releases.slice(0, NAMED).join(", ")}${more}, and none for it.`;
}

function placeOf({ release, system }: RunningKernel): string {
  return `${systemName(system) ?? "DISTRO/VERSION"}/${ARCH[process.arch] ?? process.arch}/${release}.btf.tar.xz`;
}
