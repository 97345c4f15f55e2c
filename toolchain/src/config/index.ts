import type { UserConfig } from "./settings.ts";

export type { EventTypeNames, ProgramSettings, ProgramsConfig, UserConfig } from "./settings.ts";

/**
 * Gives `bpf-app.config.ts` its types: `export default defineConfig({ bpfCflags: ["-DDEBUG"] })`.
 *
 * @returns the settings, as they are
 */
export function defineConfig(config: UserConfig): UserConfig {
  return config;
}
