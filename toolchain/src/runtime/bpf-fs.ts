import { statfsSync } from "node:fs";
import { dirname } from "node:path";

/** The type by which statfs(2) tells a BPF file system. */
const BPF_FS_MAGIC = 0xcafe4a11;

/** Whether a path, which need not exist yet, lies on a BPF file system; true where that cannot be found out. */
export function onBpfFs(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      // It is a signed number of 32 bits on some architectures.
      return statfsSync(folder).type >>> 0 === BPF_FS_MAGIC;
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      if (!missing || folder === dirname(folder)) return true;
    }
  }
}
