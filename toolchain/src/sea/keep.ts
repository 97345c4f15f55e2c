/**
 * Which of the symbols that Node exports are kept. Addons use Node-API and libuv. What belongs to the C++ library is
 * kept because the program and the library have to agree on one definition of each (guard variables of inline statics,
 * type information), and names with two underscores are the C library's.
 */
const KEPT = [
  /^(?:napi|node_api|uv)_/,
  // The namespaces std, __gnu_cxx and __cxxabiv1, as they are mangled, and new and delete.
  /^_Z(?:T[VTISCW]|GV|GR|GTt)?(?:N[rVKRO]*)?(?:St|S[absiod]|\d+__(?:gnu|cxxabi))/,
  /^_Z(?:nw|na|dl|da)/,
  /^__[a-z]/,
  /^_(?:IO_stdin_used|end|edata|start|environ)$/,
];

/** Whether a symbol of that name is kept though nothing in Node itself refers to it. */
export function isKept(name: string): boolean {
  return KEPT.some((pattern) => pattern.test(name));
}
