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

/** What may be written where a value of that type is: arrays from anything like an array, unions in part. */
export function inputType(shape: Shape): string {
  if (shape.kind === "struct") return shape.decl.initName;
  if (shape.kind === "array") return `ArrayLike<${inputType(shape.element)}>`;
  return plainType(shape);
}

/** What reading a field of a view gives: a view again, where the type has one. */
export function viewType(mod: Module, shape: Shape, align: number): string {
  if (shape.kind === "struct") return shape.decl.viewName;
  if (shape.kind !== "array") return plainType(shape);
  const typed = typedArray(shape.element);
  if (typed !== undefined && align >= typed.width) return typed.type;
  const inner = viewType(mod, shape.element, elementAlign(shape.element, align));
  const input = inputType(shape.element);
  return `${mod.useType("ArrayView")}<${inner === input ? inner : `${inner}, ${input}`}>`;
}

/** Whether what may be written differs from what is read. */
export function hasOwnInput(decl: StructDecl): boolean {
  return decl.members.some((member) => member.inUnion || differs(member.shape));
}

/** The type of a member in what may be written. */
export function initType(shape: Shape): string {
  return differs(shape) ? inputType(shape) : plainType(shape);
}

function differs(shape: Shape): boolean {
  if (shape.kind === "array") return differs(shape.element);
  return shape.kind === "struct" && shape.decl.initName !== shape.decl.name;
}

export function memberAlign(align: number, offset: number): number {
  return Math.min(align, lowBit(offset));
}
