import { Failure } from "../base/failure.ts";
import { resolve, sizeOf } from "../btf/layout.ts";
import type { Btf, BtfComposite, BtfEnum, BtfMember, BtfType } from "../btf/types.ts";
import { Budget } from "./budget.ts";
import type { Place } from "./failures.ts";
import { kernelOwned } from "./kernel-owned.ts";
import { memberBits } from "./member-bits.ts";
import { Names } from "./names.ts";
import { refuse, type Use } from "./refuse.ts";
import { type EnumDecl, hasBytes, type Member, type Origin, type Shape, type StructDecl } from "./shape.ts";

/** A member before all members of its struct have their names. */
type Unnamed = Omit<Member, "bytesProperty">;

/** How deep types may be nested. No real program comes near; a hostile object could be nested without end. */
const DEPTH_MAX = 64;

type Locate = (struct: string, member: string) => Place | undefined;

/**
 * Turns types of BTF into shapes. There is one declaration for each struct and enum that has a name, however often it is
 * used. One without a name gets a declaration for each path that leads to it: a linker makes one of all that look alike,
 * and a name that came from the first of them would change when another comes before it.
 */
export class Shapes {
  /** In the order in which they were met, each after those that it contains. */
  readonly structs: StructDecl[] = [];
  readonly enums: EnumDecl[] = [];
  readonly #btf: Btf;
  readonly #locate: Locate;
  readonly #structs = new Map<string, StructDecl>();
  readonly #enums = new Map<string, EnumDecl>();
  /** The structs whose members are being read. */
  readonly #open = new Set<number>();
  readonly #budget: Budget;

  constructor(btf: Btf, locate: Locate = () => undefined, budget = new Budget()) {
    this.#btf = btf;
    this.#locate = locate;
    this.#budget = budget;
  }

  /**
   * The shape of a type.
   *
   * @param wanted the name for a struct or enum that has none of its own
   * @throws Failure type-unrepresentable, skeleton-too-large
   */
  shape(id: number, use: Use, wanted: string, depth = 0): Shape {
    if (depth > DEPTH_MAX) this.#refuse(id, use, "it is nested too deeply");
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
        return { kind: "enum", decl: this.#enum(target, type, named(type, typedef, wanted), id, use) };
      case "array":
        return this.#array(type, id, use, wanted, depth);
      case "struct":
      case "union":
        return { kind: "struct", decl: this.#struct(target, type, named(type, typedef, wanted), use, depth) };
      case "fwd":
        return this.#refuse(id, use, "it is declared but never defined");
      case "void":
        return this.#refuse(id, use, "void has no value");
      default:
        return this.#refuse(id, use, "no value can have this type");
    }
  }

  #refuse(id: number, use: Use, why: string): never {
    return refuse(this.#btf, id, use, why);
  }

  #intSize(size: number, id: number, use: Use): 1 | 2 | 4 | 8 | 16 {
    if (size === 1 || size === 2 || size === 4 || size === 8 || size === 16) return size;
    return this.#refuse(id, use, `it is an integer of ${size} bytes`);
  }

  #array(type: BtfType & { kind: "array" }, id: number, use: Use, wanted: string, depth: number): Shape {
    sizeOf(this.#btf, id);
    const element = resolve(this.#btf, type.type).type;
    if (element.kind === "int" && element.size === 1 && element.name === "char")
      return { kind: "chars", length: type.length };
    return { kind: "array", element: this.shape(type.type, use, wanted, depth + 1), length: type.length };
  }

  #enum(target: number, type: BtfEnum, { wanted, origin }: Named, id: number, use: Use): EnumDecl {
    const key = `${target} ${wanted}`;
    const known = this.#enums.get(key);
    if (known !== undefined) return known;
    const { size } = type;
    if (size !== 1 && size !== 2 && size !== 4 && size !== 8)
      this.#refuse(id, use, `it is an enum of ${size} bytes`);
    const ctype = origin === "tag" ? `enum ${wanted}` : wanted;
    for (const { name } of type.values) this.#budget.spend(name);
    const decl: EnumDecl = {
      ctype,
      tag: wanted,
      size,
      signed: type.signed,
      values: type.values,
      wanted,
      origin,
      name: "",
    };
    this.#enums.set(key, decl);
    this.enums.push(decl);
    return decl;
  }

  #struct(
    target: number,
    type: BtfComposite,
    { wanted, origin }: Named,
    use: Use,
    depth: number,
  ): StructDecl {
    const key = `${target} ${wanted}`;
    const known = this.#structs.get(key);
    if (known !== undefined) return known;
    if (this.#open.has(target)) this.#refuse(target, use, "it contains itself");
    this.#open.add(target);
    const tag = wanted;
    const members: Unnamed[] = [];
    const spread: Spread = { tag, wanted, names: Names.forProperties(), members, limit: type.size * 8 };
    this.#spread(spread, type, 0, type.kind === "union", depth);
    const complete = members.map((member) => ({
      ...member,
      bytesProperty: hasBytes(member) ? spread.names.take(`${member.property}$bytes`) : "",
    }));
    const ctype = origin === "tag" ? `${type.kind} ${wanted}` : wanted;
    const names = { name: "", viewName: "", initName: "" };
    const about = { ctype, tag, wanted, origin, size: type.size };
    const decl: StructDecl = { ...about, members: complete, align: 8, overlapped: false, ...names };
    this.#open.delete(target);
    this.#structs.set(key, decl);
    this.structs.push(decl);
    return decl;
  }

  /** Adds the members of a struct that begins at bit `base` of the outermost struct. */
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
      // A bitfield without a name is padding.
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
    const opaque = kernelOwned(this.#btf, member.type);
    const shape =
      opaque === undefined
        ? this.shape(member.type, use, `${into.wanted}_${member.name}`, depth + 1)
        : bytes(size);
    const bits = memberBits(this.#btf, member, first, shape, use);
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
}

/** A name, and where it comes from. */
interface Named {
  readonly wanted: string;
  readonly origin: Origin;
}

function named(type: BtfType, typedef: string | undefined, wanted: string): Named {
  if (type.name !== "") return { wanted: type.name, origin: "tag" };
  return typedef === undefined ? { wanted, origin: "path" } : { wanted: typedef, origin: "typedef" };
}

/** The struct whose members are being collected. */
interface Spread {
  readonly tag: string;
  readonly wanted: string;
  readonly names: Names;
  readonly members: Unnamed[];
  /** The number of bits of the outermost struct. */
  readonly limit: number;
}

function bytes(length: number): Shape {
  return { kind: "array", element: { kind: "int", size: 1, signed: false }, length };
}

function corruptNesting(): never {
  throw new Failure("skeleton", { kind: "skeleton-too-large", what: "structs nested without end" });
}
