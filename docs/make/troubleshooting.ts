// docs/troubleshooting.md: every message, made by the functions that make it for a user. So a text that somebody was shown
// is found by searching for it, and a message that is changed is changed here.
import { createWords } from "../../create/src/words.ts";
import type { Layer } from "../../toolchain/src/base/failure.ts";
import { type Wording, type WordsOf, wordingText } from "../../toolchain/src/base/wording.ts";
import { commandWords, templateWords } from "../../toolchain/src/base/words.ts";
import { btfWords } from "../../toolchain/src/btf/words.ts";
import { bundleWords } from "../../toolchain/src/bundle/words.ts";
import { cliWords } from "../../toolchain/src/cli/words.ts";
import { configWords } from "../../toolchain/src/config/words.ts";
import { elfWords } from "../../toolchain/src/elf/words.ts";
import { hostWords } from "../../toolchain/src/host/words.ts";
import { runWords } from "../../toolchain/src/run/words.ts";
import { CAUSES, type Cause, VERIFIER_HINTS } from "../../toolchain/src/runtime/causes.ts";
import { FORBIDDEN, lack, namespace, tokenRefused } from "../../toolchain/src/runtime/permission.ts";
import { seaWords } from "../../toolchain/src/sea/words.ts";
import { skeletonWords, untypedNote } from "../../toolchain/src/skeleton/words.ts";
import { faultWords, vendorWords } from "../../vendor/words.ts";
import { FAULTS, SAMPLES, UNTYPED } from "./samples.ts";

const WORDS: WordsOf<Layer> = {
  create: createWords,
  template: templateWords,
  command: commandWords,
  vendor: vendorWords,
  config: configWords,
  host: hostWords,
  run: runWords,
  elf: elfWords,
  btf: btfWords,
  skeleton: skeletonWords,
  bundle: bundleWords,
  sea: seaWords,
  cli: cliWords,
};

/** The chapters of the page: what a reader was doing, and whose failures can have met it. */
const CHAPTERS: readonly {
  readonly title: string;
  readonly says: string;
  readonly layers: readonly Layer[];
}[] = [
  { title: "Making an app", says: "`npm create bpf-app` says these.", layers: ["create", "template"] },
  {
    title: "Commands of others",
    says: "A program that was started is missing, or has failed.",
    layers: ["command"],
  },
  {
    title: "Vendored sources",
    says: "`npm create bpf-app` and `bpf-app vendor` say these; [vendoring.md](vendoring.md) explains the origins.",
    layers: ["vendor"],
  },
  { title: "Command lines", says: "", layers: ["cli"] },
  {
    title: "The app and its settings",
    says: "[configuration.md](configuration.md) has all settings.",
    layers: ["config"],
  },
  { title: "This machine", says: "`npm run doctor` looks for all of these at once.", layers: ["host"] },
  { title: "Running a build", says: "", layers: ["run"] },
  { title: "Skeletons and types", says: "", layers: ["skeleton", "btf", "elf"] },
  { title: "The executable", says: "", layers: ["bundle", "sea"] },
];

/** The text of the page. */
export function troubleshootingPage(): string {
  return [...head(), ...CHAPTERS.flatMap(chapter), ...untyped(), ...runtime(), ...verifier(), ""].join("\n");
}

function head(): string[] {
  return [
    "# Troubleshooting, by message",
    "",
    "<!-- Made by `npm run docs` of the words in the sources. Edit docs/make/troubleshooting.ts, and not this file. -->",
    "",
    "Search this page for what you were shown. Names of files, programs and maps stand for yours. Each message says what failed, why where that helps, and what to do next.",
    "",
    ...CHAPTERS.map(({ title }) => `- [${title}](#${title.toLowerCase().replaceAll(" ", "-")})`),
    "- [Events that are bytes](#events-that-are-bytes)",
    "- [In a running app](#in-a-running-app)",
    "- [What the verifier says](#what-the-verifier-says)",
    "",
    'A message with "This is a fault of bpf-app itself" and a stack is none of these: please report it, with its lines.',
    "",
  ];
}

function chapter({ title, says, layers }: (typeof CHAPTERS)[number]): string[] {
  const program = layers.includes("create") ? "create-bpf-app" : "bpf-app";
  const texts = layers.flatMap(wordings).map((said) => block(wordingText(program, said)));
  const faults = layers.includes("vendor") ? faultList() : [];
  return [`## ${title}`, "", ...(says === "" ? [] : [says, ""]), ...texts.flat(), ...faults];
}

/** What the failures of a layer say. The samples have the layer's kinds: SAMPLES does not compile otherwise. */
function wordings(layer: Layer): Wording[] {
  const samples: Readonly<Record<string, readonly object[]>> = SAMPLES[layer];
  const words = WORDS[layer] as (failure: object) => Wording;
  return Object.entries(samples).flatMap(([kind, list]) => list.map((sample) => words({ kind, ...sample })));
}

function faultList(): string[] {
  const samples: Readonly<Record<string, readonly object[]>> = FAULTS;
  const texts = Object.entries(samples).flatMap(([kind, list]) =>
    list.map((sample) => faultWords({ kind, ...sample } as Parameters<typeof faultWords>[0])),
  );
  return [
    "The reasons that such a message has for each origin:",
    "",
    ...texts.map((text) => `- ${text}`),
    "",
  ];
}

function untyped(): string[] {
  const place = { path: "src/calls.bpf.c", line: 14 };
  const notes = Object.values(UNTYPED).flatMap((reasons) =>
    reasons.flatMap((reason) => block(untypedNote("calls", { map: "rb", reason }, place))),
  );
  return [
    "## Events that are bytes",
    "",
    "A build says this of a map whose events have no type, and goes on: see [types.md](types.md#programs-that-others-wrote).",
    "",
    ...notes,
  ];
}

function runtime(): string[] {
  const causes: readonly Cause[] = [...Object.values(CAUSES), ...permissions()];
  return [
    "## In a running app",
    "",
    "A `BpfError` begins with libbpf's call, what it was about and the system's code (`cannot load minimal: EPERM`). These lines follow it:",
    "",
    ...causes.flatMap(({ why, next }) => block([why, next].filter(Boolean).join("\n"))),
    "A `StateError` says which call came at the wrong time: [skeletons.md](skeletons.md#its-life) has their order. [privileges.md](privileges.md) is about the capabilities.",
    "",
  ];
}

function permissions(): Cause[] {
  const needed = [
    { capability: "CAP_PERFMON", reasons: ["lets programs look into the kernel, and at its addresses"] },
  ] as const;
  const refused = ["EOPNOTSUPP", "EINVAL"].flatMap((code) => tokenRefused(code) ?? []);
  const { lockdown, ...others } = FORBIDDEN;
  return [
    lack(needed, needed),
    namespace("", true),
    namespace("", false),
    namespace("/run/bpf", true),
    ...refused,
    lockdown("confidentiality"),
    ...Object.values(others),
  ];
}

function verifier(): string[] {
  return [
    "## What the verifier says",
    "",
    "A `VerifierError` shows the verifier's reason and the line of C. Where its words contain one of these, the message goes on with an advice:",
    "",
    "| the verifier's words | advice |",
    "|---|---|",
    ...VERIFIER_HINTS.map(
      ([pattern, advice]) => `| \`${pattern.source.replaceAll("|", "\\|")}\` | ${advice} |`,
    ),
    "",
    "The whole log is in the error's `verifierLog`.",
  ];
}

function block(text: string): string[] {
  return ["```text", text.trimEnd(), "```", ""];
}
