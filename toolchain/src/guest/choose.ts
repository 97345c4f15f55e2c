import type { Arch } from "../base/arch.ts";
import { Failure } from "../base/failure.ts";
import type { Package } from "./package-archive.ts";

/** A kernel the matrix is to have: Debian's cloud flavour, which boots fastest and carries BTF and BPF LSM. */
export interface Wanted {
  /** Major and minor version. */
  readonly version: string;
  /** The Debian release whose C and C++ libraries go with it, so that each guest is a system as it was shipped. */
  readonly release: Release;
}

/** Debian's releases whose kernels are used, from the oldest to the newest. */
export const RELEASES = ["bullseye", "bookworm", "trixie"] as const;
export type Release = (typeof RELEASES)[number];

export const WANTED: readonly Wanted[] = [
  { version: "5.10", release: "bullseye" },
  { version: "6.1", release: "bookworm" },
  { version: "6.12", release: "trixie" },
  ...["6.16", "6.17", "6.18", "6.19", "7.0", "7.1", "7.2", "7.3"].map(
    (version): Wanted => ({ version, release: "trixie" }),
  ),
];

/** How the names of a kernel's packages end. */
export function flavourOf({ debian }: Arch): string {
  return `cloud-${debian}`;
}

/** With fewer kernels than this, the matrix would not say any more where the templates run. */
const FEWEST = 9;

/** The oldest and the newest of the table. */
export function quickVersions(): string[] {
  return [0, WANTED.length - 1].map((at) => WANTED[at]?.version as string);
}

/**
 * The versions that a user names, each once. All of the table's are meant by `all`.
 * @throws Failure unknown-kernel
 */
export function knownVersions(asked: readonly string[]): string[] {
  const known = WANTED.map(({ version }) => version);
  if (asked.includes("all")) return known;
  for (const version of asked) {
    if (known.includes(version)) continue;
    const numbers = /^\d+(\.\d+)*$/.test(version);
    const nearest = numbers ? nearestVersion(version, known) : undefined;
    throw new Failure("guest", { kind: "unknown-kernel", version, nearest, known });
  }
  return [...new Set(asked)];
}

/** The next older version, or the next newer one if only that has the same first number. */
function nearestVersion(version: string, known: readonly string[]): string | undefined {
  const above = known.find((one) => compareVersions(one, version) > 0);
  const below = known.findLast((one) => compareVersions(one, version) < 0);
  const major = (text: string | undefined) => text?.split(".")[0];
  return below === undefined || (major(below) !== major(version) && major(above) === major(version))
    ? above
    : below;
}

/**
 * Why the kernels that could be had do not make the matrix that was asked for.
 * @param asked versions; undefined: all
 */
export function tooFew(there: readonly string[], asked?: readonly string[]): string | undefined {
  const least = asked === undefined ? FEWEST : new Set(asked).size;
  if (there.length >= least) return undefined;
  return `${there.length} kernels could be had (${there.join(", ") || "none"}), and ${least} are needed: see above what the archive said`;
}

/** A wanted kernel and the packages that give it. */
export interface Choice {
  readonly wanted: string;
  /** What is booted: `wanted`, or the nearest version that can be had. */
  readonly version: string;
  readonly release: Release;
  /** Kernel release without flavour, as in the package names: 6.12.107+deb13. */
  readonly abi: string;
  readonly packages: readonly Package[];
  /** A sentence for the user about a replacement, or about modules that are not served any more. */
  readonly note?: string;
}

/**
 * All that could stand for a wanted version, the best first: its kernels, the newest first, with modules before
 * without; then those of other versions that are not in the table anyway, from the nearest on.
 * @param arch the architecture of the packages
 * @param served every package in any suite's list; that it is listed does not mean that it can be downloaded
 */
export function candidates(want: Wanted, served: readonly Package[], arch: Arch): Choice[] {
  const flavour = flavourOf(arch);
  const images = served.flatMap((pkg) => {
    // 6.1.0-0.deb11.52 is a rebuild of bookworm's kernel for bullseye.
    const match = pkg.name.endsWith(`-${flavour}`) && /^linux-image-((\d+\.\d+)[-.].*)-cloud-/.exec(pkg.name);
    return match && !pkg.name.includes("0.deb") ? [{ abi: match[1]!, version: match[2]! }] : [];
  });
  const minors = [...new Set(images.map(({ version }) => version))];
  return byDistance(want.version, minors).flatMap((version) => {
    const abis = [...new Set(images.filter((image) => image.version === version).map(({ abi }) => abi))];
    const sets = abis
      .sort((a, b) => compareVersions(b, a))
      .flatMap((abi) => packageSets(abi, served, flavour));
    return [true, false].flatMap((modules) =>
      sets
        .filter((set) => set.modules === modules)
        .map(({ abi, packages }) => ({
          wanted: want.version,
          version,
          // If an old kernel is gone, its release may be too; programs run with newer libraries than they need.
          release: version === want.version ? want.release : "trixie",
          abi,
          packages,
          ...note(want, version, abi, modules),
        })),
    );
  });
}

function note(want: Wanted, version: string, abi: string, modules: boolean): { note?: string } {
  const parts = [
    ...(version === want.version
      ? []
      : [`no ${want.version} kernel can be had any more; ${version} instead`]),
    ...(modules ? [] : [`no modules for ${abi} can be had any more: only what is built in`]),
  ];
  return parts.length > 0 ? { note: parts.join("; ") } : {};
}

interface PackageSet {
  readonly abi: string;
  readonly modules: boolean;
  readonly packages: readonly Package[];
}

/**
 * Up to 6.18 one package holds everything; then the image, the modules and a package that ties them are split, and the
 * set without modules serves too.
 */
function packageSets(abi: string, served: readonly Package[], flavour: string): PackageSet[] {
  const part = (name: string) =>
    served
      .filter((pkg) => pkg.name === `linux-${name}-${abi}-${flavour}`)
      .sort((a, b) => compareVersions(a.version, b.version))
      .slice(-1);
  const [image, binary, modules] = [part("image"), part("binary"), part("modules")];
  if (binary.length === 0) return [{ abi, modules: true, packages: image }];
  const without = { abi, modules: false, packages: [...image, ...binary] };
  return modules.length === 0
    ? [without]
    : [{ abi, modules: true, packages: [...without.packages, ...modules] }, without];
}

/** The version itself, if it is among them, and those that the table does not name, from the nearest on. */
function byDistance(version: string, minors: readonly string[]): string[] {
  const free = minors.filter((minor) => minor === version || !WANTED.some((want) => want.version === minor));
  const order = [...new Set([...minors, version])].sort(compareVersions);
  const distance = (minor: string) => Math.abs(order.indexOf(minor) - order.indexOf(version));
  return free.sort((a, b) => distance(a) - distance(b) || compareVersions(b, a));
}

/** Compares by the numbers in two version strings, in order. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => (text.match(/\d+/g) ?? []).map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (x[i] ?? -1) - (y[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
