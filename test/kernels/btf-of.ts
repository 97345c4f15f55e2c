import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How the kernel in an image is compressed, by the first bytes. */
const PACKED: Readonly<Record<string, string>> = { fd377a58: "xz", "28b52ffd": "zstd", "02214c18": "lz4" };

/**
 * The BTF of a kernel for x86, out of its image (the kernel's Documentation/arch/x86/boot.rst).
 * @param work - a folder for temporary files
 */
export function btfOf(vmlinuz: string, work: string): Buffer {
  const image = readFileSync(vmlinuz);
  // Behind the sectors of the set-up, as many as the header says, and the one that the header is in.
  const at = (image[0x1f1]! + 1) * 512 + image.readUInt32LE(0x248);
  // Its last four bytes are the size that it has when it is unpacked.
  const payload = image.subarray(at, at + image.readUInt32LE(0x24c) - 4);
  const program = PACKED[payload.toString("hex", 0, 4)];
  if (program === undefined)
    throw new Error(`${vmlinuz} is compressed in a way that this test does not know`);
  const { status, stdout, stderr } = spawnSync(program, ["-dc"], { input: payload, maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
  const [vmlinux, btf] = [join(work, "vmlinux"), join(work, "vmlinux.btf")];
  writeFileSync(vmlinux, stdout);
  execFileSync("objcopy", ["--dump-section", `.BTF=${btf}`, vmlinux, "/dev/null"]);
  rmSync(vmlinux);
  return readFileSync(btf);
}
