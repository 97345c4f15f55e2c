import type { UserConfig } from "./settings.ts";

export type { UserConfig } from "./settings.ts";

/** Gives `bpf-app.config.ts` its types: `export default defineConfig({ bpfCflags: ["-DDEBUG"] })`. */
export function defineConfig(config: UserConfig): UserConfig {
  return config;
}
