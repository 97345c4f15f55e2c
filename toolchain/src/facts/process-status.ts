import { CAPABILITIES, type Capability } from "./capabilities.ts";

/** The sets of capabilities that a process has: effective, permitted, inheritable, bounding and ambient (capabilities(7)). */
export type CapabilitySetName = "CapEff" | "CapPrm" | "CapInh" | "CapBnd" | "CapAmb";

/**
 * A field of a process or thread.
 *
 * @param status - the text of its /proc/PID/status
 * @returns undefined if the kernel does not tell it, or the text is not there
 */
export function statusField(status: string | undefined, field: string): string | undefined {
  return new RegExp(`^${field}:[ \\t]*(.*)$`, "m").exec(status ?? "")?.[1];
}

/** The bits of one of its sets; undefined if the text has none. */
export function capabilityBits(status: string | undefined, set: CapabilitySetName): bigint | undefined {
  const digits = statusField(status, set);
  return digits !== undefined && /^[0-9a-f]+$/.test(digits) ? BigInt(`0x${digits}`) : undefined;
}

/** The capabilities of one of its sets, as far as they have a name here; none if the text has no such set. */
export function capabilitiesIn(
  status: string | undefined,
  set: CapabilitySetName = "CapEff",
): Set<Capability> {
  return capabilitySet(capabilityBits(status, set) ?? 0n);
}

/** The capabilities whose bits are set, as far as they have a name here. */
function capabilitySet(bits: bigint): Set<Capability> {
  const names = Object.keys(CAPABILITIES) as Capability[];
  return new Set(names.filter((name) => ((bits >> BigInt(CAPABILITIES[name])) & 1n) === 1n));
}

/** The user namespace that the kernel begins with: PROC_USER_INIT_INO of its include/linux/proc_ns.h. */
const FIRST_NAMESPACE = "user:[4026531837]";

/**
 * Whether a process lives in a user namespace other than the first. There it may be root and have every capability, and they
 * still do not count for BPF.
 *
 * @param link - where /proc/PID/ns/user leads to; undefined if that cannot be read
 * @param uidMap - the text of /proc/PID/uid_map, which tells where the link does not
 */
export function inUserNamespace(link: string | undefined, uidMap: string | undefined): boolean {
  if (link !== undefined) return link !== FIRST_NAMESPACE;
  return uidMap !== undefined && uidMap.trim().split(/\s+/).join(" ") !== "0 0 4294967295";
}

/** Whether a seccomp filter is set (SECCOMP_MODE_FILTER of linux/seccomp.h). It says nothing of what that allows. */
export function isFiltered(status: string | undefined): boolean {
  return statusField(status, "Seccomp") === "2";
}

/** What such filters answer with in place of the kernel: EPERM, and ENOSYS where that is a profile's own answer. */
export const SECCOMP_ANSWERS: readonly number[] = [-1, -38];
