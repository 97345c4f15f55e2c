/** A kernel's version as far as features are counted by it: `[6, 12]`. */
export type KernelVersion = readonly [major: number, minor: number];

/** The kernel's version in what uname(2) gives: `[6, 12]` of `6.12.9-amd64`. */
export function kernelVersion(release: string): [major: number, minor: number] {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  return [Number(major ?? 0), Number(minor ?? 0)];
}

/** Whether a version is older than another one. */
export function before([major, minor]: KernelVersion, other: KernelVersion): boolean {
  return major < other[0] || (major === other[0] && minor < other[1]);
}
