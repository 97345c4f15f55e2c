import { copyFile, link, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { command } from "./command.ts";

/** A file system image with the files under test, mounted read-only at /app in a guest. */
export interface Disk {
  readonly image: string;
  /** The path of each file here, by its path below /app in the guest. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Makes an ext4 image of files. Executables of 109 MB each are too much for an initramfs; the cloud kernels have
 * ext4 and NVMe built in, so a disk needs no module, is shared by all guests and is read only where it is used.
 * @param image the image to write, beside which a scratch folder is used
 */
export async function makeDisk(files: Readonly<Record<string, string>>, image: string): Promise<Disk> {
  await mkdir(dirname(image), { recursive: true });
  const scratch = await mkdtemp(join(dirname(image), "disk-"));
  const tree = join(scratch, "tree");
  let bytes = 0;
  await mkdir(tree);
  for (const [path, source] of Object.entries(files)) {
    const target = join(tree, path);
    await mkdir(dirname(target), { recursive: true });
    await link(source, target).catch(() => copyFile(source, target));
    bytes += (await stat(source)).size;
  }
  // Room for the file system's own tables; the image is sparse.
  const megabytes = Math.ceil((bytes * 1.03) / (1 << 20)) + 16;
  const options = ["-q", "-F", "-t", "ext4", "-b", "4096", "-O", "^has_journal", "-m", "0", "-d", tree];
  const fresh = join(scratch, "image");
  await command("mke2fs", [...options, fresh, `${megabytes}M`], { PATH: systemPath() });
  await rename(fresh, image);
  await rm(scratch, { recursive: true });
  return { image, files };
}

/** mke2fs lies in a folder that is not on every user's path. */
function systemPath(): string {
  return `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;
}
