import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** Whether a command is here and ends with 0. */
export function works(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/**
 * Fails for what a Debian package has and the machine has not.
 * @throws Error that says what to install
 */
export function expectPackage(name: string, here: boolean): void {
  if (!here) throw new Error(`${name} is not here, and this test runs it: apt-get install ${name}`);
}

/** Debian's own Python, for which its packages are. */
export const PYTHON = "/usr/bin/python3";

/**
 * Puts Debian's kernel headers together, which are two packages, as BCC wants them: BCC_KERNEL_SOURCE is one folder.
 * They need not be those of the running kernel for programs on tracepoints of system calls, which read nothing of it.
 *
 * @param folder where the folder is made
 * @throws Error if there are none
 */
export function kernelHeaders(folder: string): string {
  const [common] = globSync("/usr/src/linux-headers-*-common").sort();
  const [flavour] = globSync(`${common?.replace(/-common$/, "")}-*`)
    .filter((path) => !/-common(-rt)?$/.test(path))
    .sort();
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  expectPackage(`linux-headers-cloud-${architecture}`, common !== undefined && flavour !== undefined);
  const headers = join(folder, "kernel-headers");
  const arch = process.arch === "x64" ? "x86" : process.arch;
  for (const part of ["include", `arch/${arch}/include`]) {
    mkdirSync(join(headers, part), { recursive: true });
    for (const source of [common!, flavour!])
      for (const name of readdirSync(join(source, part)))
        symlinkSync(join(source, part, name), join(headers, part, name));
  }
  return headers;
}
