import { closeSync, constants, openSync, readFileSync, statfsSync } from "node:fs";
import { EBADF } from "../errno.ts";
import { BpfError } from "../errors.ts";

/** What statfs(2) says of a file system, as include/uapi/linux/magic.h has it. */
const CGROUP2_SUPER_MAGIC = 0x63677270;
const CGROUP_SUPER_MAGIC = 0x27e0eb;

/** Which of the two kinds of cgroups will do: those of version 2 only, or both. */
type Versions = "v2" | "v1 or v2";

/**
 * Opens the directory of a cgroup for a call that takes its descriptor, and closes it afterwards. For any other directory
 * the kernel would say EBADF, which it also says for a descriptor that is closed.
 *
 * @param call - what is called with it, for the error
 * @throws {@link BpfError} with code `EBADF` if the directory is not a cgroup's
 * @throws `Error` of Node's if the directory cannot be opened
 */
export function withCgroup<T>(path: string, call: string, versions: Versions, use: (fd: number) => T): T {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const { type } = statfsSync(path);
    if (type !== CGROUP2_SUPER_MAGIC && (versions === "v2" || type !== CGROUP_SUPER_MAGIC))
      throw notCgroup(path, call, type, versions);
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

function notCgroup(path: string, call: string, type: number, versions: Versions): BpfError {
  const v1 = type === CGROUP_SUPER_MAGIC;
  const wanted = versions === "v2" ? "a cgroup of version 2" : "a cgroup";
  const place = cgroup2();
  const words = {
    what: `${call}: ${path} is ${v1 ? "a cgroup of version 1" : "an ordinary directory"}, and not ${wanted}`,
    why: v1 ? "Programs can be attached to cgroups of version 2 only." : undefined,
    next:
      place === undefined
        ? "There is no cgroup2 file system here: mount -t cgroup2 cgroup2 /mnt"
        : `On this machine these are the directories from ${place} on.`,
  };
  return new BpfError({ call, errno: EBADF, code: "EBADF", subject: path, log: "", words });
}

/** Where cgroups of version 2 are mounted. */
function cgroup2(): string | undefined {
  const mounts = readFileSync("/proc/self/mounts", "utf8");
  return /^\S+ (\S+) cgroup2 /m.exec(mounts)?.[1];
}
