/** An entry of an initial RAM file system. Parents must come before children. */
export type Entry =
  | { readonly path: string; readonly type: "directory"; readonly mode?: number }
  | { readonly path: string; readonly type: "file"; readonly data: Uint8Array; readonly mode?: number }
  | { readonly path: string; readonly type: "symlink"; readonly target: string };

const TYPE = { directory: 0o040000, file: 0o100000, symlink: 0o120000 } as const;

/**
 * Writes a cpio archive in the "newc" format (Documentation/driver-api/early-userspace/buffer-format.rst): for each
 * file a header of 110 ASCII bytes, the name and the data, both padded to four bytes. The same entries give the same
 * bytes: owner and times are 0, inode numbers count up.
 */
export function cpio(entries: readonly Entry[]): Buffer {
  const chunks: Uint8Array[] = [];
  let inode = 1;
  const add = (path: string, mode: number, data: Uint8Array) => {
    const name = Buffer.from(`${path}\0`);
    const links = (mode & TYPE.directory) === TYPE.directory ? 2 : 1;
    const fields = [inode++, mode, 0, 0, links, 0, data.length, 0, 0, 0, 0, name.length, 0];
    const header = `070701${fields.map((n) => n.toString(16).padStart(8, "0")).join("")}`;
    chunks.push(Buffer.from(header), name, padding(110 + name.length), data, padding(data.length));
  };
  for (const entry of entries) {
    const path = entry.path.replace(/^\/+/, "");
    if (entry.type === "file") add(path, TYPE.file | (entry.mode ?? 0o644), entry.data);
    else if (entry.type === "symlink") add(path, TYPE.symlink | 0o777, Buffer.from(entry.target));
    else add(path, TYPE.directory | (entry.mode ?? 0o755), new Uint8Array());
  }
  inode = 0;
  add("TRAILER!!!", 0, new Uint8Array());
  return Buffer.concat(chunks);
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}

/** Adds the directories above every entry, once each, parents first. */
export function withParents(entries: readonly Entry[]): Entry[] {
  const seen = new Set<string>();
  const result: Entry[] = [];
  for (const entry of entries) {
    const parts = entry.path.replace(/^\/+/, "").split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const path = parts.slice(0, depth).join("/");
      if (!seen.has(path)) result.push({ path, type: "directory" });
      seen.add(path);
    }
    const path = parts.join("/");
    if (!seen.has(path)) result.push({ ...entry, path });
    seen.add(path);
  }
  return result;
}
