// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/*
 * Helpers such as bpf_printk() are reserved to programs under a licence that
 * is compatible with the GPL; the kernel reads it from this section.
 */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * Global variables live in a map that both sides share. The user side sets
 * these before it loads us: as skel.bss.my_pid and skel.bss.my_fd.
 */
int my_pid = 0;
int my_fd = 0;

/*
 * What the kernel hands to this tracepoint; compare
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
	/* The upper half is what user space calls the pid, the lower the thread's. */
	int pid = bpf_get_current_pid_tgid() >> 32;

	/*
	 * Every process comes through here. And the user side prints what we
	 * print, by a write of its own: without looking at the file descriptor
	 * each of our lines would be the cause of another.
	 */
	if (pid != my_pid || (int)ctx->fd != my_fd)
		return 0;

	/* Goes to the kernel's trace pipe: fine for learning, not for measuring. */
	bpf_printk("BPF triggered from PID %d.\n", pid);
	return 0;
}
