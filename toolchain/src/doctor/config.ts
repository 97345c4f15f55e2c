import { gunzipSync } from "node:zlib";
import { neededOptions } from "../facts/kernel-config.ts";
import type { App } from "./app.ts";
import type { Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";

/** The configuration that the kernel was built with. */
export interface KernelConfig {
  /** The file that it was read from. */
  readonly file: string;
  /** Whether an option is on, built in or as a module. */
  has(option: string): boolean;
}

/** No kernel's configuration is as long as this, in bytes. */
const LONGEST = 16 << 20;

/** Reads the running kernel's configuration, from where distributions put it; undefined if it can be read nowhere. */
export function kernelConfig(machine: Machine): KernelConfig | undefined {
  const { release } = machine;
  for (const file of [
    "/proc/config.gz",
    `/boot/config-${release}`,
    `/lib/modules/${release}/config`,
    `/usr/lib/modules/${release}/config`,
    `/lib/modules/${release}/build/.config`,
  ]) {
    const bytes = machine.bytes(file);
    const text = bytes && textIn(file, bytes);
    if (text === undefined) continue;
    const on = new Set([...text.matchAll(/^(CONFIG_\w+)=[ym]$/gm)].map(([, name]) => name ?? ""));
    // A file that says nothing would have us say that all is missing.
    if (on.size > 0) return { file, has: (option) => on.has(option) };
  }
  return undefined;
}

function textIn(file: string, bytes: Uint8Array): string | undefined {
  try {
    return (
      file.endsWith(".gz") ? gunzipSync(bytes, { maxOutputLength: LONGEST }) : Buffer.from(bytes)
    ).toString("latin1");
  } catch {
    return undefined;
  }
}

/** Whether the kernel was built with what the app's programs take. */
export function configuration(app: App, machine: Machine, config: KernelConfig | undefined): Finding {
  const subject = "kernel config";
  if (!config) {
    return {
      subject,
      state: "warn",
      detail: "cannot be read",
      why: `Neither /proc/config.gz nor /boot/config-${machine.release} is there for this user, so its options were not compared.`,
      fix: "Whether the programs load is tried below all the same.",
    };
  }
  const needed = neededOptions(
    {
      programs: app.objects.flatMap(({ programs }) => programs),
      maps: app.objects.flatMap(({ maps }) => maps),
    },
    app.objects.some(({ kernelTypes }) => kernelTypes),
  );
  const missing = needed.filter(({ options }) => !options.some((option) => config.has(option)));
  if (missing.length === 0) {
    return {
      subject,
      state: "ok",
      detail: `the ${needed.length} options that its programs take are on (${config.file})`,
    };
  }
  const names = missing.map(({ options }) => options.join(" or "));
  return {
    subject,
    state: app.adapts ? "warn" : "error",
    detail: `off: ${names.join(", ")} (${config.file})`,
    why: missing.map(({ options, reason }) => `${options.join(" or ")} ${reason}.`).join(" "),
    fix: "Run it on a kernel that is built with it.",
  };
}
