import { watch } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Config } from "../config/load.ts";

/** How long to wait for further changes before a build, in milliseconds. Editors save one file in several steps. */
const SETTLE = 120;

/** What lies in the app's folder itself and changes a build. */
const FILES: ReadonlySet<string> = new Set(["bpf-app.config.ts", "package.json"]);

/**
 * Watches everything below src/, the configuration, and headers of the app that lie elsewhere.
 *
 * @param changed - is called once things have settled
 */
export function watchSources({ root, programs }: Config, changed: () => void): { close(): void } {
  let settled: NodeJS.Timeout | undefined;
  const settle = () => {
    clearTimeout(settled);
    settled = setTimeout(changed, SETTLE);
  };
  const src = join(root, "src");
  const watchers = [watch(src, { recursive: true }, settle)];
  // The folder and not the file: most editors put another file in the place of the old one.
  const watchFolder = (folder: string, concerns: (name: string | null) => boolean) =>
    watchers.push(watch(folder, (_, name) => void (concerns(name) && settle())));
  const headers = programs.flatMap((program) => program.headers).map((file) => resolve(root, file));
  watchFolder(root, (name) => name !== null && (FILES.has(name) || headers.includes(join(root, name))));
  for (const folder of new Set(headers.map(dirname)))
    if (![root, ".output", "src"].some((own) => inside(folder, resolve(root, own), own !== root)))
      watchFolder(folder, (name) => name === null || headers.includes(join(folder, name)));
  return {
    close: () => {
      clearTimeout(settled);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** Whether a folder is another one, or, with `deep`, lies anywhere in it. */
function inside(folder: string, other: string, deep: boolean): boolean {
  return folder === other || (deep && folder.startsWith(`${other}/`));
}
