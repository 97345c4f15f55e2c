import { release } from "node:os";
import { parseSection, type SectionName } from "../facts/sections.ts";
import { BpfError } from "./errors.ts";
import type { Program } from "./program.ts";

/** Kinds of sections that a skeleton's `choose` takes instead of lists: each stands for all programs of these sections. */
export const SECTION_GROUPS = {
  fentry: ["fentry", "fexit", "fmod_ret", "fsession"],
  kprobe: ["kprobe", "kretprobe"],
  "kprobe.multi": ["kprobe.multi", "kretprobe.multi", "kprobe.session"],
  ksyscall: ["ksyscall", "kretsyscall"],
  tp_btf: ["tp_btf"],
  raw_tp: ["raw_tp", "raw_tracepoint"],
  tp: ["tp", "tracepoint"],
  uprobe: ["uprobe", "uretprobe"],
  "uprobe.multi": ["uprobe.multi", "uretprobe.multi", "uprobe.session"],
  usdt: ["usdt"],
  lsm: ["lsm"],
} as const satisfies Readonly<Record<string, readonly SectionName[]>>;

/** A kind of sections: `fentry` stands for fentry, fexit and fmod_ret. */
export type SectionGroup = keyof typeof SECTION_GROUPS;

/** Groups of programs by their names, the preferred one first. */
export type Groups = Readonly<Record<string, readonly string[]>>;

/**
 * Takes the first group whose programs can all be attached: turns `autoload` on for them and off for those of the other
 * groups.
 *
 * @returns the group's name
 * @throws {@link BpfError} with the code `EOPNOTSUPP` if there is no such group, saying of each why
 * @throws {@link StateError} if this process may not try
 * @throws `RangeError` for a group that is empty, or names a program that is not there
 */
export function chooseGroup(
  skeleton: string,
  progs: Readonly<Record<string, Program>>,
  groups: Groups,
): string {
  const entries = Object.entries(groups).map(([group, names]) => {
    if (names.length === 0) throw new RangeError(`choose: the group ${group} has no programs`);
    return { group, programs: names.map((name) => ({ name, program: find(progs, name) })) };
  });
  const reasons: string[] = [];
  for (const { group, programs } of entries) {
    const why = programs
      .map(({ name, program }) => ({ name, why: program.obstacle() }))
      .find((one) => one.why);
    if (why) {
      reasons.push(`${group}: ${why.name}: ${why.why}`);
      continue;
    }
    for (const other of entries) for (const { program } of other.programs) program.setAutoload(false);
    for (const { program } of programs) program.setAutoload(true);
    return group;
  }
  throw none(
    skeleton,
    entries.map(({ group }) => group),
    reasons,
  );
}

/** The groups that kinds of sections stand for. @throws `RangeError` for a kind of which there is no program */
export function groupsOf(progs: Readonly<Record<string, Program>>, kinds: readonly SectionGroup[]): Groups {
  return Object.fromEntries(
    kinds.map((kind) => {
      const sections: readonly string[] = SECTION_GROUPS[kind] ?? [];
      const names = Object.entries(progs)
        .filter(([, { section }]) => sections.includes(parseSection(section)?.name ?? ""))
        .map(([name]) => name);
      if (names.length === 0)
        throw new RangeError(`choose: no program has a section of the kind ${JSON.stringify(kind)}`);
      return [kind, names];
    }),
  );
}

function find(progs: Readonly<Record<string, Program>>, name: string): Program {
  const program = Object.hasOwn(progs, name) ? progs[name] : undefined;
  if (program) return program;
  throw new RangeError(
    `choose: there is no program ${JSON.stringify(name)}; there are ${Object.keys(progs).join(", ")}`,
  );
}

function none(skeleton: string, groups: readonly string[], reasons: readonly string[]): BpfError {
  return new BpfError({
    call: "choose",
    errno: -95,
    code: "EOPNOTSUPP",
    subject: skeleton,
    log: "",
    words: {
      what: `${skeleton}: this kernel (Linux ${release()}) has none of the ways to attach: ${groups.join(", ")}`,
      why: reasons.join("\n  "),
    },
  });
}
