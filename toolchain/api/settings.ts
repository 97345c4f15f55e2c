import { SETTINGS, type Setting } from "../src/config/settings.ts";
import { valueText } from "../src/report/settings.ts";

/** How a value of each type is written in bpf-app.config.ts. */
const WRITTEN: Readonly<Record<Setting["type"], string>> = {
  text: "`string`",
  flags: "`string[]`, or a `string` that is split as a shell does",
  command: "`string[]`, or a `string` that is split as a shell does",
  switch: "`boolean`",
  arch: '`"x64"` or `"arm64"`',
};

/** The table of settings for the reference: every key of bpf-app.config.ts. */
export function settingsSection(): string {
  const rows = (SETTINGS as readonly Setting[]).map(({ key, word, type, fallback, doc, environment }) => {
    const where = environment ? `${word}=, also from the environment` : `${word}=`;
    const value = valueText(fallback);
    return `| \`${key}\` | ${WRITTEN[type]} | ${value === "" ? "" : `\`${value}\``} | ${where} | ${doc} |`;
  });
  return [
    "## Settings",
    "",
    "The keys of `UserConfig`, and the words that say the same on the command line.",
    "",
    "| key | value | default | word | meaning |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
