// A file in a container of Podman's, without an image from anywhere: a folder with the file and the libraries that it asks for
// is its root.
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { ownLibraries } from "../../toolchain/src/guest/libraries.ts";
import { libraryClosure, needs } from "../../toolchain/src/guest/needed.ts";
import { type Ran, run } from "./app.ts";

/**
 * What podman takes to run anywhere. It is given a view of the machine of its own, in which its state lies in memory, so that
 * nothing of it is left; and in which control groups are of version 2 alone, because crun refuses a mixture of both.
 */
const VIEW = `
mount -t tmpfs run /run
mount -t tmpfs shm /dev/shm
mount -t cgroup2 cgroup2 /sys/fs/cgroup
exec podman --root /run/storage --runroot /run/state --tmpdir /run/libpod --storage-driver vfs \
  --cgroup-manager cgroupfs --events-backend none run "$@"`;

/** Limits that are not above those of whoever runs the tests, which podman would otherwise raise. */
const RUN = [
  ...["--rm", "--network", "none", "--cgroups", "disabled"],
  ...["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"],
];

/** A container with one file in it. */
export class Container {
  readonly #root: string;
  readonly #file: string;

  /** @param file - the path of an executable */
  constructor(file: string) {
    this.#root = mkdtempSync(join(tmpdir(), "bpf-app-container-"));
    // Others than root run the file, too.
    chmodSync(this.#root, 0o755);
    this.#file = `/${basename(file)}`;
    const parts = [file, ...libraries(file)].map(
      (from) => [from === file ? this.#file : from, from] as const,
    );
    for (const [path, from] of parts) {
      mkdirSync(dirname(join(this.#root, path)), { recursive: true });
      copyFileSync(from, join(this.#root, path));
    }
  }

  /** Runs the file to its end, in a container that is started with these options of podman's. */
  run(options: readonly string[], args: readonly string[], env: Readonly<Record<string, string>>): Ran {
    const variables = Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const container = [...RUN, ...variables, ...options, "--rootfs", this.#root, this.#file, ...args];
    return run("/", [
      "unshare",
      "--mount",
      "--propagation",
      "private",
      "sh",
      "-ec",
      VIEW,
      "sh",
      ...container,
    ]);
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** The loader and the libraries that a file asks for, each where it lies on this machine. */
function libraries(file: string): string[] {
  const { interpreter } = needs(file);
  return [...(interpreter ? [interpreter] : []), ...libraryClosure([file], ownLibraries()).values()];
}
