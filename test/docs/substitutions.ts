// What a page says and the tests do otherwise. Everything else on a page is run as it stands.
import { join } from "node:path";
import { ROOT } from "../root.ts";

export interface Substitution {
  /** What is replaced, in a line of commands. */
  readonly what: RegExp;
  /** What is run instead, in the notation of `replace`. */
  readonly by: string;
  /** Why it cannot be run as it stands. */
  readonly why: string;
}

const CREATE = `node ${join(ROOT, "create/dist/main.js")}`;

export const SUBSTITUTIONS: readonly Substitution[] = [
  {
    what: /\bnpm create bpf-app@latest -- --list-templates/,
    by: `${CREATE} --list-templates`,
    why: "The packages are not on npm yet.",
  },
  {
    what: /\bnpm create bpf-app@latest (\S+) --(?= .*--vendor)/,
    by: `${CREATE} $1 --yes --no-git`,
    why: "The packages are not on npm yet.",
  },
  {
    what: /\bnpm create bpf-app@latest (\S+)(?: --(?= ))?/,
    by: `${CREATE} $1 --yes --no-git --vendor pool,index`,
    why: "The packages are not on npm yet, and the forge cannot be reached from everywhere.",
  },
  {
    what: /\bsudo (?:-E )?/,
    by: "",
    why: "The tests are root, and not every machine has sudo.",
  },
  {
    what: /\bapt-get install -y (.*)/,
    by: "dpkg --status $1 > /dev/null",
    why: "A test does not install packages into the system: the stage setup has done it.",
  },
  {
    what: /\bnpm run quickstart$/m,
    by: "true",
    why: "It would install packages into the system. The stage fresh runs it, on bare machines.",
  },
  {
    what: /\bnpx bpf-app vendor --submodules\b/,
    by: "npx bpf-app vendor",
    why: "The forge cannot be reached from everywhere. test/build/forge.test.ts does it with a forge of its own.",
  },
  {
    what: /\bdocker run [\s\S]*/,
    by: "true",
    why: "It would fetch images from a registry. test/build/doctor.test.ts runs files in containers without one.",
  },
  {
    what: /\bnpx bpf-app check (?:ARCH=\S+ )?--kernels \S+/,
    by: "npx bpf-app check",
    why: "It takes minutes to fetch Debian's kernels and to boot them. test/kernels/check.test.ts does it.",
  },
  {
    what: /\bgit submodule update\b.*/,
    by: "true",
    why: "The forge cannot be reached from everywhere, and the tests' app has no submodules.",
  },
];

/** The commands that are run for those of a page, and which substitutions were made. */
export function substitute(commands: string): {
  readonly text: string;
  readonly used: readonly Substitution[];
} {
  const used: Substitution[] = [];
  const text = SUBSTITUTIONS.reduce((before, one) => {
    const after = before.replaceAll(
      new RegExp(one.what.source, `${one.what.flags.replace("g", "")}g`),
      one.by,
    );
    if (after !== before) used.push(one);
    return after;
  }, commands);
  return { text, used };
}
