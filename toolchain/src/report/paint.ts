import { styleText } from "node:util";

/** The colours of findings, and dim text. */
export type Colour = "green" | "yellow" | "red" | "bold" | "dim";

/** Gives a text a colour, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

/** Leaves every text as it is. */
export const plain: Paint = (_colour, text) => text;

/** Paints where that is wanted. */
export function paintIf(wanted: boolean): Paint {
  return wanted ? (colour, text) => styleText(colour, text, { validateStream: false }) : plain;
}

/**
 * Whether standard output shows colours: FORCE_COLOR and NO_COLOR decide where they are set (force-color.org, no-color.org),
 * and otherwise whether it is a terminal that has colours.
 */
export function colours(
  environment: NodeJS.ProcessEnv = process.env,
  terminal = Boolean(process.stdout.isTTY),
): boolean {
  const { FORCE_COLOR, NO_COLOR, TERM } = environment;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  return terminal && TERM !== "dumb";
}
