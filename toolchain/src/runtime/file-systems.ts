import { statfsSync } from "node:fs";

/**
 * File systems whose bytes come from another process or another machine, by what statfs(2) says of them (linux/magic.h,
 * and the file systems' own headers). Who serves them can answer a read of the dynamic linker with other bytes than were
 * written; with FUSE that is any user of this machine, who can also claim that a file is root's.
 */
const SERVED: ReadonlyMap<number, string> = new Map([
  [0x65735546, "FUSE"],
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x01021997, "9P"],
  [0x00c36400, "Ceph"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x73757245, "Coda"],
  [0x0bd00bd0, "Lustre"],
  [0x20030528, "OrangeFS"],
  [0x786f4256, "VirtualBox"],
]);

/**
 * @param path - of a file that is open, below /proc/self/fd, so that it cannot be exchanged after it was looked at
 * @throws `Error` with the code EREMOTE, whose message completes "DIRECTORY: …"
 */
export function refuseServed(path: string): void {
  const served = SERVED.get(statfsSync(path).type >>> 0);
  if (served === undefined) return;
  throw Object.assign(new Error(`is served by another process or machine (${served})`), { code: "EREMOTE" });
}
