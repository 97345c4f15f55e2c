import { typedArray } from "./access.ts";
import { elementAlign, lowBit } from "./alignment.ts";
import type { Module } from "./module.ts";
import type { Shape, StructDecl } from "./shape.ts";

/** The TypeScript type of a plain value. */
export function plainType(shape: Shape): string {
  switch (shape.kind) {
    case "int":
      return shape.size <= 4 ? "number" : "bigint";
    case "bool":
      return "boolean";
    case "float":
      return "number";
    case "pointer":
      return "bigint";
    case "chars":
      return "string";
    case "enum":
    case "struct":
      return shape.decl.name;
    case "array":
      return typedArray(shape.element)?.type ?? `${plainType(shape.element)}[]`;
  }
}

/** The TypeScript type of what can be written to such a value. Arrays accept anything like an array, unions a part. */
export function inputType(shape: Shape): string {
  if (shape.kind === "struct") return shape.decl.initName;
  if (shape.kind === "array") return `ArrayLike<${inputType(shape.element)}>`;
  return plainType(shape);
}

/** The TypeScript type of a field of a view. It is a view again if the field's type has one. */
export function viewType(mod: Module, shape: Shape, align: number): string {
  if (shape.kind === "struct") return shape.decl.viewName;
  if (shape.kind !== "array") return plainType(shape);
  const typed = typedArray(shape.element);
  if (typed !== undefined && align >= typed.width) return typed.type;
  const inner = viewType(mod, shape.element, elementAlign(shape.element, align));
  const input = inputType(shape.element);
  return `${mod.useType("ArrayView")}<${inner === input ? inner : `${inner}, ${input}`}>`;
}

/** Whether the type that can be written differs from the one that is read. */
export function hasOwnInput(decl: StructDecl): boolean {
  return decl.members.some((member) => member.inUnion || differs(member.shape));
}

/** The type of a member in the type that can be written. */
export function initType(shape: Shape): string {
  return differs(shape) ? inputType(shape) : plainType(shape);
}

function differs(shape: Shape): boolean {
  if (shape.kind === "array") return differs(shape.element);
  return shape.kind === "struct" && shape.decl.initName !== shape.decl.name;
}

/** The alignment of a member at `offset` of a struct that is aligned at `align`, both in bytes. */
export function memberAlign(align: number, offset: number): number {
  return Math.min(align, lowBit(offset));
}
