import { Failure } from "../base/failure.ts";
import { resolve, sizeOf, spell } from "../btf/layout.ts";
import type { Btf, BtfComposite, BtfEnum, BtfMember, BtfType } from "../btf/types.ts";
import { Budget } from "./budget.ts";
import type { Place } from "./failures.ts";
import { Names } from "./names.ts";
import { type EnumDecl, hasBytes, type Member, type Shape, type StructDecl } from "./shape.ts";

/** Before all fields of its struct have names. */
type Unnamed = Omit<Member, "bytesProperty">;

/** Kernel objects inside map values. User space reads zeros there and cannot write them. */
const kernelOwned = new Set([
  "bpf_spin_lock",
  "bpf_res_spin_lock",
  "bpf_timer",
  "bpf_wq",
  "bpf_task_work",
  "bpf_list_head",
  "bpf_list_node",
  "bpf_rb_root",
  "bpf_rb_node",
  "bpf_refcount",
]);
const kernelPointers = new Set(["kptr", "kptr_untrusted", "percpu_kptr"]);

const DEPTH_MAX = 64;

/** Where a type was met, for a message: what it is the type of, and where that stands in the sources. */
export interface Use {
  readonly of: string;
  readonly place?: Place | undefined;
}

type Locate = (struct: string, member: string) => Place | undefined;

/** Turns BTF types into shapes; each struct and enum once. Throws "type-unrepresentable" for what has no shape. */
export class Shapes {
  /** In the order met, each after those it contains. */
  readonly structs: StructDecl[] = [];
  readonly enums: EnumDecl[] = [];
  readonly #btf: Btf;
  readonly #locate: Locate;
  readonly #known = new Map<number, StructDecl | EnumDecl>();
  readonly #open = new Set<number>();
  readonly #budget: Budget;

  constructor(btf: Btf, locate: Locate = () => undefined, budget = new Budget()) {
    this.#btf = btf;
    this.#locate = locate;
    this.#budget = budget;
  }

  /** `wanted` names a struct or enum that has no name of its own. */
  shape(id: number, use: Use, wanted: string, depth = 0): Shape {
    if (depth > DEPTH_MAX) this.#refuse(id, use, "its nesting has no end");
    const { id: target, type, typedef } = resolve(this.#btf, id);
    switch (type.kind) {
      case "int":
        if (type.bool && type.size === 1) return { kind: "bool" };
        return { kind: "int", size: this.#intSize(type.size, id, use), signed: type.signed };
      case "float":
        if (type.size !== 4 && type.size !== 8)
          this.#refuse(id, use, `JavaScript has no ${type.size * 8}-bit float`);
        return { kind: "float", size: type.size };
      case "ptr":
        return { kind: "pointer" };
      case "enum":
        return { kind: "enum", decl: this.#enum(target, type, typedef ?? wanted, id, use) };
      case "array":
        return this.#array(type, id, use, wanted, depth);
      case "struct":
      case "union":
        return { kind: "struct", decl: this.#struct(target, type, typedef ?? wanted, use, depth) };
      case "fwd":
        return this.#refuse(id, use, "it is declared and never defined");
      case "void":
        return this.#refuse(id, use, "void has no value");
      default:
        return this.#refuse(id, use, "it is no type of a value");
    }
  }

  #refuse(id: number, use: Use, why: string): never {
    throw new Failure("skeleton", {
      kind: "type-unrepresentable",
      ctype: spell(this.#btf, id),
      of: use.of,
      why,
      place: use.place,
    });
  }

  #intSize(size: number, id: number, use: Use): 1 | 2 | 4 | 8 | 16 {
    if (size === 1 || size === 2 || size === 4 || size === 8 || size === 16) return size;
    return this.#refuse(id, use, `an integer of ${size} bytes`);
  }

  #array(type: BtfType & { kind: "array" }, id: number, use: Use, wanted: string, depth: number): Shape {
    sizeOf(this.#btf, id);
    const element = resolve(this.#btf, type.type).type;
    if (element.kind === "int" && element.size === 1 && element.name === "char")
      return { kind: "chars", length: type.length };
    return { kind: "array", element: this.shape(type.type, use, wanted, depth + 1), length: type.length };
  }

  #enum(target: number, type: BtfEnum, wanted: string, id: number, use: Use): EnumDecl {
    const known = this.#known.get(target);
    if (known !== undefined) return known as EnumDecl;
    const { size } = type;
    if (size !== 1 && size !== 2 && size !== 4 && size !== 8)
      this.#refuse(id, use, `an enum of ${size} bytes`);
    const ctype = type.name === "" ? wanted : `enum ${type.name}`;
    for (const { name } of type.values) this.#budget.spend(name);
    const decl: EnumDecl = {
      ctype,
      tag: type.name || wanted,
      size,
      signed: type.signed,
      values: type.values,
      wanted: type.name || wanted,
      name: "",
    };
    this.#known.set(target, decl);
    this.enums.push(decl);
    return decl;
  }

  #struct(target: number, type: BtfComposite, typedefOrWanted: string, use: Use, depth: number): StructDecl {
    const known = this.#known.get(target);
    if (known !== undefined) return known as StructDecl;
    if (this.#open.has(target)) this.#refuse(target, use, "it contains itself");
    this.#open.add(target);
    const wanted = type.name || typedefOrWanted;
    const tag = type.name || typedefOrWanted;
    const members: Unnamed[] = [];
    const spread: Spread = { tag, wanted, names: Names.forProperties(), members, limit: type.size * 8 };
    this.#spread(spread, type, 0, type.kind === "union", depth);
    const named = members.map((member) => ({
      ...member,
      bytesProperty: hasBytes(member) ? spread.names.take(`${member.property}$bytes`) : "",
    }));
    const ctype = type.name === "" ? typedefOrWanted : `${type.kind} ${type.name}`;
    const names = { name: "", viewName: "", initName: "" };
    const decl: StructDecl = { ctype, tag, wanted, size: type.size, members: named, align: 8, ...names };
    this.#open.delete(target);
    this.#known.set(target, decl);
    this.structs.push(decl);
    return decl;
  }

  /** Adds the members of a struct that begins at bit `base` of the outermost one. */
  #spread(into: Spread, type: BtfComposite, base: number, inUnion: boolean, depth: number): void {
    if (depth > DEPTH_MAX) corruptNesting();
    type.members.forEach((member, index) => {
      this.#budget.spend(member.name);
      const inner = resolve(this.#btf, member.type).type;
      const first = base + member.bitOffset;
      if (member.name === "" && (inner.kind === "struct" || inner.kind === "union")) {
        this.#spread(into, inner, first, inUnion || inner.kind === "union", depth + 1);
        return;
      }
      // A bitfield without a name only pads.
      if (member.name === "") return;
      const last = index === type.members.length - 1;
      into.members.push(this.#member(into, member, first, inUnion, last, depth));
    });
  }

  #member(
    into: Spread,
    member: BtfMember,
    first: number,
    inUnion: boolean,
    last: boolean,
    depth: number,
  ): Unnamed {
    const use = { of: `${into.tag}.${member.name}`, place: this.#locate(into.tag, member.name) };
    const size = sizeOf(this.#btf, member.type) ?? 0;
    const opaque = this.#opaque(member.type);
    const shape =
      opaque === undefined
        ? this.shape(member.type, use, `${into.wanted}_${member.name}`, depth + 1)
        : bytes(size);
    const bits = this.#bits(member, first, shape, use);
    if (bits === undefined && first % 8 !== 0) this.#refuse(member.type, use, "it does not begin at a byte");
    const end = bits === undefined ? first + size * 8 : bits.first + bits.count;
    if (end > into.limit) this.#refuse(member.type, use, "it ends past the end of its struct");
    return {
      name: member.name,
      property: into.names.take(member.name),
      shape,
      size,
      offset: Math.floor(first / 8),
      ...(bits === undefined ? {} : { bits }),
      inUnion,
      ...(opaque === undefined ? {} : { opaque }),
      flexible: last && shape.kind !== "struct" && size === 0 && "length" in shape && shape.length === 0,
    };
  }

  #bits(
    member: BtfMember,
    first: number,
    shape: Shape,
    use: Use,
  ): { first: number; count: number } | undefined {
    const { type } = resolve(this.#btf, member.type);
    const whole = type.kind === "int" || type.kind === "enum" ? type.size * 8 : 0;
    if (member.bitSize > 0) {
      if (whole === 0 || member.bitSize > whole)
        this.#refuse(member.type, use, "a bitfield of no integer type");
      return { first, count: member.bitSize };
    }
    if (
      type.kind === "int" &&
      shape.kind === "int" &&
      (type.bits < whole || type.bitOffset > 0) &&
      type.bits > 0
    )
      return { first: first + type.bitOffset, count: type.bits };
    return whole > 0 && first % 8 !== 0 ? { first, count: whole } : undefined;
  }

  #opaque(id: number): string | undefined {
    const { type } = resolve(this.#btf, id);
    if (type.kind === "struct" && kernelOwned.has(type.name)) return `struct ${type.name}`;
    if (type.kind !== "ptr") return undefined;
    const { tags } = resolve(this.#btf, type.type);
    return tags.some((tag) => kernelPointers.has(tag)) ? `${spell(this.#btf, id)} __kptr` : undefined;
  }
}

interface Spread {
  readonly tag: string;
  readonly wanted: string;
  readonly names: Names;
  readonly members: Unnamed[];
  /** Bits in the outermost struct. */
  readonly limit: number;
}

function bytes(length: number): Shape {
  return { kind: "array", element: { kind: "int", size: 1, signed: false }, length };
}

function corruptNesting(): never {
  throw new Failure("skeleton", { kind: "skeleton-too-large", what: "structs nested without end" });
}
