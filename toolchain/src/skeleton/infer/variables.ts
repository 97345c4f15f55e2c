import { AT, type Dwarf, type Entry, TAG } from "../../elf/dwarf.ts";
import { bare, entryAt, nameOf, numberOf, typeOf } from "./declared.ts";

/** A variable on the stack, and the place where DWARF says that it is. */
export interface StackVariable {
  readonly type: Entry;
  readonly at: number;
}

/** The variables of a function, with those of the functions that were inlined into it. */
export interface Variables {
  readonly onStack: readonly StackVariable[];
  /** What the variables that are pointers point to. */
  readonly pointedTo: ReadonlySet<Entry>;
  /** Whether a variable is a `void *`, and not one that a macro of libbpf's has made: `__t`, `__mptr`. */
  readonly untyped: boolean;
  /** What each parameter of the function itself points to, in their order. */
  readonly parameters: readonly (Entry | undefined)[];
}

/** How deep functions may be inlined into one another. */
const DEPTH_MAX = 64;
/** DW_TAG_lexical_block. */
const BLOCK = 0x0b;

/** The variables of the function of that name. An object has one of each name. */
export function variablesOf(dwarf: Dwarf, name: string): Variables {
  const onStack: StackVariable[] = [];
  const pointedTo = new Set<Entry>();
  let untyped = false;
  const seen = new Set<Entry>();
  const parameters: (Entry | undefined)[] = [];
  const visit = (entry: Entry, depth: number): void => {
    if (depth > DEPTH_MAX || seen.has(entry)) return;
    seen.add(entry);
    const origin = entryAt(dwarf, entry.attributes.get(AT.origin));
    if (entry.tag === TAG.variable || entry.tag === TAG.parameter) {
      const type = typeOf(dwarf, origin ?? entry);
      if (entry.tag === TAG.variable && isPointer(dwarf, type)) {
        const target = pointee(dwarf, type);
        if (target !== undefined) pointedTo.add(target);
        else untyped ||= !nameOf(origin ?? entry).startsWith("__");
      }
      const at = numberOf(entry, AT.location);
      if (type !== undefined && at !== undefined) onStack.push({ type, at });
      return;
    }
    // The function as it is declared has every variable, also those that have no place in this copy of it.
    if (origin !== undefined) visit(origin, depth + 1);
    for (const child of entry.children) if (CONTAINERS.has(child.tag)) visit(child, depth + 1);
  };
  for (const entry of functions(dwarf, name)) {
    visit(entry, 0);
    for (const child of entry.children)
      if (child.tag === TAG.parameter)
        parameters.push(
          pointee(dwarf, typeOf(dwarf, entryAt(dwarf, child.attributes.get(AT.origin)) ?? child)),
        );
  }
  return { onStack, pointedTo, untyped, parameters };
}

const CONTAINERS: ReadonlySet<number> = new Set([TAG.variable, TAG.parameter, TAG.inlined, BLOCK]);

/** The entries of functions that have code: that of one which was inlined everywhere is only its declaration. */
function functions(dwarf: Dwarf, name: string): Entry[] {
  return dwarf.units.flatMap((unit) =>
    unit.children.filter((entry) => {
      if (entry.tag !== TAG.subprogram || !entry.attributes.has(AT.lowPc)) return false;
      return nameOf(entryAt(dwarf, entry.attributes.get(AT.origin)) ?? entry) === name;
    }),
  );
}

function isPointer(dwarf: Dwarf, type: Entry | undefined): boolean {
  return bare(dwarf, type)?.tag === TAG.pointer;
}

function pointee(dwarf: Dwarf, type: Entry | undefined): Entry | undefined {
  const resolved = bare(dwarf, type);
  return resolved?.tag === TAG.pointer ? typeOf(dwarf, resolved) : undefined;
}
