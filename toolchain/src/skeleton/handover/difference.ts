import { resolve, spell } from "../../btf/layout.ts";
import type { Btf, BtfComposite, BtfMember, BtfType } from "../../btf/types.ts";

/** A type in the object that it belongs to. */
export interface TypeIn {
  readonly btf: Btf;
  readonly id: number;
}

/** How deep types are compared. What C compilers write is far from it. */
const DEPTH_MAX = 64;

/**
 * In what two types differ, so that the bytes of one do not mean the same as those of the other: the rest of a sentence,
 * such as "struct event: field `pid` changed from u32 to u64". Names of types do not matter, and neither does what a
 * pointer points to, nor what constants an enum has.
 *
 * @returns undefined if they do not differ
 */
export function difference(was: TypeIn, now: TypeIn): string | undefined {
  return compare(was, now, 0, new Map());
}

type Known = Map<string, string | undefined>;

function compare(was: TypeIn, now: TypeIn, depth: number, known: Known): string | undefined {
  if (depth > DEPTH_MAX) return undefined;
  const [a, b] = [resolve(was.btf, was.id), resolve(now.btf, now.id)];
  const changed = () => `changed from ${words(was)} to ${words(now)}`;
  if (isComposite(a.type) && isComposite(b.type) && a.type.kind === b.type.kind) {
    const key = `${a.id} ${b.id}`;
    // A struct in an array of structs is compared once, and one that contains itself ends.
    if (!known.has(key)) {
      known.set(key, undefined);
      known.set(key, compareMembers(was.btf, a.type, now.btf, b.type, depth, known));
    }
    const inside = known.get(key);
    return inside && `${b.type.kind} ${b.type.name || b.typedef || "(anonymous)"}: ${inside}`;
  }
  if (a.type.kind === "array" && b.type.kind === "array") {
    if (a.type.length !== b.type.length) return changed();
    const inside = compare(
      { btf: was.btf, id: a.type.type },
      { btf: now.btf, id: b.type.type },
      depth + 1,
      known,
    );
    return inside?.startsWith("changed from ") ? changed() : inside;
  }
  return alike(a.type, b.type) ? undefined : changed();
}

function words({ btf, id }: TypeIn): string {
  return spell(btf, id);
}

function isComposite(type: BtfType): type is BtfComposite {
  return type.kind === "struct" || type.kind === "union";
}

/** Whether two types that have no parts are the same. */
function alike(a: BtfType, b: BtfType): boolean {
  if (a.kind === "int" && b.kind === "int")
    return a.size === b.size && a.signed === b.signed && a.bool === b.bool && a.bits === b.bits;
  if ((a.kind === "enum" && b.kind === "enum") || (a.kind === "float" && b.kind === "float"))
    return a.size === b.size;
  return a.kind === b.kind;
}

function compareMembers(
  wasBtf: Btf,
  was: BtfComposite,
  nowBtf: Btf,
  now: BtfComposite,
  depth: number,
  known: Known,
): string | undefined {
  const before = byName(was.members);
  const after = byName(now.members);
  const news: string[] = [];
  const moved: string[] = [];
  for (const [name, member] of after) {
    const old = before.get(name);
    if (old === undefined) {
      news.push(`field ${quoted(name)} is new`);
      continue;
    }
    const types = [
      { btf: wasBtf, id: old.type },
      { btf: nowBtf, id: member.type },
    ] as const;
    const inside = compare(...types, depth + 1, known);
    if (inside !== undefined)
      news.push(inside.startsWith("changed from ") ? `field ${quoted(name)} ${inside}` : inside);
    else if (old.bitSize !== member.bitSize)
      news.push(`field ${quoted(name)} has ${member.bitSize} bits, and had ${old.bitSize}`);
    else if (old.bitOffset !== member.bitOffset)
      moved.push(`field ${quoted(name)} moved from ${place(old)} to ${place(member)}`);
  }
  for (const name of before.keys()) if (!after.has(name)) news.push(`field ${quoted(name)} is gone`);
  const [first] = moved;
  // Where a field is new, those behind it have moved because of it.
  if (news.length > 0) return news.join(", ");
  if (first !== undefined) return first;
  return was.size === now.size ? undefined : `it has ${now.size} bytes, and had ${was.size}`;
}

/** Members by name. Those without one, which are structs and unions, are known by their place among those. */
function byName(members: readonly BtfMember[]): Map<string, BtfMember> {
  let unnamed = 0;
  return new Map(members.map((member) => [member.name || `#${++unnamed}`, member]));
}

function quoted(name: string): string {
  return name.startsWith("#") ? `${name} without a name` : `\`${name}\``;
}

function place({ bitOffset }: BtfMember): string {
  return bitOffset % 8 === 0 ? `byte ${bitOffset / 8}` : `bit ${bitOffset}`;
}

/** The kernel's structs that tie a map to the object whose programs made its values. */
const TIED: ReadonlyMap<string, string> = new Map([
  ["bpf_timer", "its timers call programs of before"],
  ["bpf_wq", "its work queues call programs of before"],
  ["bpf_task_work", "its task work calls programs of before"],
  ["bpf_list_head", "its lists hold objects of the programs of before"],
  ["bpf_rb_root", "its trees hold objects of the programs of before"],
]);

/**
 * Why a map with values of this type cannot be used by the programs of another object, though the layout is the same. The
 * kernel compares some types by the object that they are from, and would refuse to load the programs.
 */
export function tied(type: TypeIn, depth = 0): string | undefined {
  if (depth > DEPTH_MAX) return undefined;
  const { btf } = type;
  const found = resolve(btf, type.id).type;
  if (found.kind === "array") return tied({ btf, id: found.type }, depth + 1);
  if (found.kind === "ptr") {
    const { tags } = resolve(btf, found.type);
    const tag = tags.find((each) => /kptr|^uptr$/.test(each));
    return tag && `it holds pointers that the kernel keeps (${tag})`;
  }
  if (!isComposite(found)) return undefined;
  const reason = TIED.get(found.name);
  if (reason !== undefined) return reason;
  for (const member of found.members) {
    const inside = tied({ btf, id: member.type }, depth + 1);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
