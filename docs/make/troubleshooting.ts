// docs/troubleshooting.md: every message, made by the functions that make it for a user. So a text that somebody was shown
// is found by searching for it, and a message that is changed is changed here.
import { createWords } from "../../create/src/words.ts";
import { Failure, isFailure, type Layer } from "../../toolchain/src/base/failure.ts";
import { type Wording, wordingText } from "../../toolchain/src/base/wording.ts";
import { wording } from "../../toolchain/src/cli/errors.ts";
import { CAUSES, type Cause, VERIFIER_HINTS } from "../../toolchain/src/runtime/causes.ts";
import { FORBIDDEN, lack, namespace, tokenRefused } from "../../toolchain/src/runtime/permission.ts";
import { untypedNote } from "../../toolchain/src/skeleton/words.ts";
import { faultWords } from "../../vendor/words.ts";
import { FAULTS, SAMPLES, UNTYPED } from "./samples.ts";

/** The chapters of the page: what a reader was doing. */
const CHAPTERS = {
  "Making an app": "`npm create bpf-app` says these.",
  "Commands of others": "A program that was started is missing, or has failed.",
  "Vendored sources":
    "`npm create bpf-app` and `bpf-app vendor` say these; [vendoring.md](vendoring.md) explains the origins.",
  "Command lines": "",
  "The app and its settings": "[configuration.md](configuration.md) has all settings.",
  "This machine": "`npm run doctor` looks for all of these at once.",
  "Running a build": "",
  "Skeletons and types": "",
  "The executable": "",
  Guests: "`bpf-app check --kernels` says these; [check.md](check.md#other-kernels) has what guests need.",
} as const;

type Chapter = keyof typeof CHAPTERS;

/** In which chapter the failures of each layer are. */
const CHAPTER_OF: { readonly [L in Layer]: Chapter } = {
  create: "Making an app",
  template: "Making an app",
  command: "Commands of others",
  vendor: "Vendored sources",
  cli: "Command lines",
  config: "The app and its settings",
  host: "This machine",
  run: "Running a build",
  skeleton: "Skeletons and types",
  btf: "Skeletons and types",
  elf: "Skeletons and types",
  "core-btf": "The executable",
  bundle: "The executable",
  icu: "The executable",
  sea: "The executable",
  inspect: "The executable",
  guest: "Guests",
  cross: "The executable",
};

const TITLES = Object.keys(CHAPTERS) as Chapter[];
const LAYERS = Object.keys(CHAPTER_OF) as Layer[];

/** The text of the page. */
export function troubleshootingPage(): string {
  return [...head(), ...TITLES.flatMap(chapter), ...untyped(), ...runtime(), ...verifier(), ""].join("\n");
}

function head(): string[] {
  return [
    "# Troubleshooting, by message",
    "",
    "<!-- Made by `npm run docs` of the words in the sources. Edit docs/make/troubleshooting.ts, and not this file. -->",
    "",
    "Search this page for what you were shown. Names of files, programs and maps stand for yours. Each message says what failed, why where that helps, and what to do next.",
    "",
    ...TITLES.map((title) => `- [${title}](#${title.toLowerCase().replaceAll(" ", "-")})`),
    "- [Events that are bytes](#events-that-are-bytes)",
    "- [In a running app](#in-a-running-app)",
    "- [What the verifier says](#what-the-verifier-says)",
    "",
    'A message with "This is a fault of bpf-app itself" and a stack is none of these: please report it, with its lines.',
    "",
  ];
}

function chapter(title: Chapter): string[] {
  const program = title === "Making an app" ? "create-bpf-app" : "bpf-app";
  const layers = LAYERS.filter((layer) => CHAPTER_OF[layer] === title);
  const texts = layers.flatMap(wordings).map((said) => block(wordingText(program, said)));
  const faults = layers.includes("vendor") ? faultList() : [];
  return [
    `## ${title}`,
    "",
    ...(CHAPTERS[title] === "" ? [] : [CHAPTERS[title], ""]),
    ...texts.flat(),
    ...faults,
  ];
}

/** What the failures of a layer say. The samples have the layer's kinds: SAMPLES does not compile otherwise. */
function wordings(layer: Layer): Wording[] {
  const samples: Readonly<Record<string, readonly object[]>> = SAMPLES[layer];
  return Object.entries(samples).flatMap(([kind, list]) =>
    list.map((sample) => said(new Failure(layer, { kind, ...sample } as never))),
  );
}

/** Those of `create` belong to the program that makes apps, all others reach bpf-app. */
function said(failure: Failure): Wording {
  const words = isFailure(failure, "create") ? createWords(failure.failure) : wording(failure);
  if (words === undefined) throw new Error(`${failure.message} has no words`);
  return words;
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
  const { lockdown, filter, ...others } = FORBIDDEN;
  return [
    lack(needed, needed),
    namespace("", true),
    namespace("", false),
    namespace("/run/bpf", true),
    ...refused,
    lockdown("confidentiality"),
    filter("bpf(2)"),
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
