/**
 * Errors as the addon returns them: negative, as the kernel's own functions do. The numbers are those of
 * include/uapi/asm-generic/errno-base.h and errno.h, which x86-64 and arm64 share.
 */

export const ENOENT = -2;
export const EBADF = -9;
export const EAGAIN = -11;
export const EBUSY = -16;
export const EEXIST = -17;
export const ENODEV = -19;
export const EINVAL = -22;
export const ENOSPC = -28;
export const EOPNOTSUPP = -95;
/** The kernel's own, of include/linux/errno.h: no header of user space has it, and it still gets out. */
export const ENOTSUPP = -524;
