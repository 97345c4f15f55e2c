/**
 * The number of a type that is given by its name or by the number itself.
 *
 * @param types the table of numbers by name
 * @param kind what kind of type it is, for the message: `map`, `program`
 * @throws RangeError if the table does not have the name
 */
export function typeNumber(
  types: Readonly<Record<string, number>>,
  type: string | number,
  kind: string,
): number {
  if (typeof type === "number") return type;
  const number = Object.hasOwn(types, type) ? types[type] : undefined;
  if (number !== undefined && type !== "unspec") return number;
  const names = Object.keys(types).filter((name) => name !== "unspec");
  throw new RangeError(`there is no ${kind} type ${type}; there are ${names.join(", ")}`);
}
