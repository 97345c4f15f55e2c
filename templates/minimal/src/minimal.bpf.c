// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/*
 * Helpers such as bpf_printk() may be called only by programs whose licence is
 * compatible with the GPL. The kernel gets the licence from this section.
 */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * Global variables lie in a map that both sides share. The user side sets
 * these two before it loads the program, as skel.bss.my_pid and skel.bss.my_fd.
 */
int my_pid = 0;
int my_fd = 0;

/*
 * The data that the kernel passes to this tracepoint. It is described in
 * /sys/kernel/tracing/events/syscalls/sys_enter_write/format
 */
struct enter_write {
	unsigned long long common;
	long nr;
	unsigned long fd;
	const char *buf;
	unsigned long count;
};

SEC("tp/syscalls/sys_enter_write")
int handle_tp(struct enter_write *ctx)
{
	/* The upper half is the process id of user space, the lower the thread's. */
	int pid = bpf_get_current_pid_tgid() >> 32;

	/*
	 * The program runs for the writes of every process. The user side also
	 * prints our lines by a write. If we did not look at the file descriptor,
	 * each of our lines would cause another one.
	 */
	if (pid != my_pid || (int)ctx->fd != my_fd)
		return 0;

	/* The line goes to the kernel's trace pipe, which is slow, but easy to use. */
	bpf_printk("BPF triggered from PID %d.\n", pid);
	return 0;
}
