import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Thing } from "./compare.ts";
import { type Mark, within } from "./mark.ts";

/**
 * Mounts inside the stage's folder. Nothing of ours mounts elsewhere, and others may mount anything while a stage
 * runs.
 */
export function mounts({ folder }: Mark): (Thing & { readonly place: string })[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .trim()
    .split("\n")
    .flatMap((line) => {
      const fields = line.split(" ");
      const place = plain(fields[4]!);
      const type = fields[fields.indexOf("-") + 1];
      return within(folder, place)
        ? [{ id: `mount ${fields[0]} ${place}`, title: `mount of ${type} on ${place}`, place }]
        : [];
    });
}

/** Spaces and the like are in octal there. */
function plain(path: string): string {
  return path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Loop devices of files inside the stage's folder. */
export function loops({ folder }: Mark): Thing[] {
  return readdirSync("/sys/block")
    .filter((name) => name.startsWith("loop"))
    .flatMap((name) => {
      const file = join("/sys/block", name, "loop/backing_file");
      const backing = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
      return within(folder, backing)
        ? [{ id: `loop ${name}`, title: `loop device ${name} of ${backing}` }]
        : [];
    });
}

/**
 * Network devices. They carry no mark, so all count but what container engines make at any time: bridges, and the
 * host's end of a pair whose other end is in a namespace elsewhere.
 */
export function devices(folder = "/sys/class/net"): Thing[] {
  const all = readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "ifindex")))
    .map((name) => {
      const number = (file: string) => Number(readFileSync(join(folder, name, file), "utf8"));
      return { name, index: number("ifindex"), peer: number("iflink") };
    });
  const here = new Set(all.map(({ index }) => index));
  return all
    .filter(({ name, peer }) => here.has(peer) && !existsSync(join(folder, name, "bridge")))
    .map(({ name, index }) => ({ id: `device ${index} ${name}`, title: `network device ${name}` }));
}

/** Objects that are pinned in the system's BPF file system. systemd's own, which it keeps there, are left out. */
export function pins(folder = "/sys/fs/bpf"): Thing[] {
  return list(folder)
    .filter((path) => !path.startsWith("systemd"))
    .map((path) => ({ id: `pin ${path}`, title: `pinned object ${join(folder, path)}` }));
}

/**
 * What lies in the stage's folder of temporary files, without the scripts that Node keeps there, compiled, for its
 * next start.
 */
export function files({ folder }: Mark): Thing[] {
  return list(folder, false)
    .filter((name) => name !== "node-compile-cache")
    .map((name) => ({ id: `file ${name}`, title: `temporary file or folder ${join(folder, name)}` }));
}

function list(folder: string, recursive = true): string[] {
  try {
    return readdirSync(folder, { recursive, encoding: "utf8" });
  } catch {
    return [];
  }
}

/** Descriptors of all processes that are BPF objects, as `prog 12` and `link 3`. */
export function held(pids: readonly number[]): Set<string> {
  const found = new Set<string>();
  for (const pid of pids) {
    for (const fd of list(`/proc/${pid}/fd`, false)) {
      try {
        if (!readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith("anon_inode:bpf")) continue;
        const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8");
        for (const [, kind, id] of info.matchAll(/^(prog|link)_id:\s*(\d+)$/gm)) found.add(`${kind} ${id}`);
      } catch {
        // It has been closed meanwhile.
      }
    }
  }
  return found;
}
