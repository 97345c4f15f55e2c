/**
 * The number of a type, which may be given by its name or by the number itself.
 *
 * @param kind what it is a type of
 * @throws RangeError for a name that the table does not have
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
