import { codecExpression, plus } from "./access.ts";
import type { Module } from "./module.ts";
import type { Member, Shape } from "./shape.ts";
import { viewType } from "./types.ts";

function flexibleElement(shape: Shape): Shape {
  if (shape.kind === "array") return shape.element;
  return shape;
}

/** An expression that reads a flexible array member, which ends at `end`. */
export function flexibleRead(mod: Module, member: Member, align: number, at: string, end: string): string {
  if (member.shape.kind === "chars") return `${mod.use("chars")}($m, ${at}, ${end} - (${at}))`;
  const one = codecExpression(
    mod,
    { kind: "array", element: flexibleElement(member.shape), length: 1 },
    align,
  );
  return `${mod.use("flexible")}(${one}, ${at}, ${end}).read($m, ${at})`;
}

/** The accessors of a flexible array member. In a section, which is `fixed`, the member has no elements. */
export function flexibleGetter(mod: Module, fixed: boolean, member: Member, align: number): string[] {
  const at = plus("this.$at", member.offset);
  const end = fixed ? at : "this.$end";
  if (member.shape.kind === "chars")
    return [
      `  get ${member.property}(): string {`,
      `    return ${mod.use("chars")}(this.$m, ${at}, ${end} - (${at}));`,
      "  }",
      `  get ${member.bytesProperty}(): Uint8Array {`,
      `    return this.$m.u8.subarray(${at}, Math.max(${at}, ${end}));`,
      "  }",
    ];
  const array: Shape = { kind: "array", element: flexibleElement(member.shape), length: 1 };
  return [
    `  get ${member.property}(): ${viewType(mod, array, align)} {`,
    `    return ${mod.use("flexible")}(${codecExpression(mod, array, align)}, ${at}, ${end}).view(this.$m, ${at});`,
    "  }",
  ];
}
