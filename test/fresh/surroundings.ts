// What a machine owes to the place where it stands, and not to the person who set it up: name servers, mirrors,
// certificates and proxies. A bare machine beside this one has the same.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { archiveOf } from "../../toolchain/src/guest/archive.ts";

/** Certificates that an administrator added; Debian's update-ca-certificates reads them there. */
const CERTIFICATES = "/usr/local/share/ca-certificates";

/** The file that update-ca-certificates makes, on every Debian. */
const BUNDLE = "/etc/ssl/certs/ca-certificates.crt";

/** Settings of npm that say how a registry is reached, and no more. */
const NPM_KEYS = ["registry", "proxy", "https-proxy", "noproxy", "strict-ssl"];

/** The lines of a sources.list, by suite of the release. */
export async function archives(suite: string): Promise<{ suite: string; line: string }[]> {
  const suites = [suite, `${suite}-updates`, `${suite}-security`];
  return Promise.all(
    suites.map(async (one) => ({ suite: one, line: `deb ${await archiveOf(one)} ${one} main` })),
  );
}

/** Settings of apt that say how an archive is reached, in the form of apt.conf. */
export function aptOptions(): string[] {
  const dump = execFileSync("apt-config", ["dump"], { encoding: "utf8" });
  return dump.split("\n").filter((line) => /^Acquire::(?:Check-|https?::|Retries)/.test(line));
}

/** The text of all certificates, to be hashed: a root that was made with other certificates cannot be used. */
export function certificates(): string {
  if (!existsSync(CERTIFICATES)) return "";
  const files = globSync("*", { cwd: CERTIFICATES }).sort();
  return files.map((file) => readFileSync(join(CERTIFICATES, file), "utf8")).join("\n");
}

/** Writes all these below a bare root. The certificates still have to be made known there. */
export function giveSurroundings(root: string): void {
  mkdirSync(join(root, "etc"), { recursive: true });
  cpSync("/etc/resolv.conf", join(root, "etc/resolv.conf"), { dereference: true });
  writeFileSync(join(root, "etc/hosts"), "127.0.0.1 localhost\n::1 localhost\n");
  writeFileSync(join(root, "etc/hostname"), "fresh\n");
  if (existsSync(CERTIFICATES)) cpSync(CERTIFICATES, join(root, CERTIFICATES), { recursive: true });
  mkdirSync(join(root, "root"), { recursive: true, mode: 0o700 });
  writeFileSync(join(root, "root/.npmrc"), npmConfig());
}

/** The environment in which a user of such a machine types. */
export function environment(): Record<string, string> {
  const proxies = Object.entries(process.env).filter(([name]) => /^(?:https?|no|all)_proxy$/i.test(name));
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    TERM: "dumb",
    // Node has certificates of its own, and looks at the system's only if told to.
    ...(process.env.NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS: BUNDLE } : {}),
    ...(Object.fromEntries(proxies) as Record<string, string>),
  };
}

function npmConfig(): string {
  const lines = NPM_KEYS.flatMap((key) => {
    const value = npmSetting(key);
    return ["", "null", "undefined"].includes(value) ? [] : [`${key}=${value}`];
  });
  if (!["", "null", "undefined"].includes(npmSetting("cafile"))) lines.push(`cafile=${BUNDLE}`);
  return `${lines.join("\n")}\n`;
}

function npmSetting(key: string): string {
  return execFileSync("npm", ["config", "get", key], { encoding: "utf8" }).trim();
}
