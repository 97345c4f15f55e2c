// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A program for each verdict that `bpf-app check` knows. None of them is ever attached. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct event {
	int pid;
};

/* The app gives both maps their sizes. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__type(value, struct event);
} rb SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, int);
	__type(value, long);
} counts SEC(".maps");

SEC("tp/syscalls/sys_enter_getpgid")
int good(void *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);

	if (!e)
		return 0;
	e->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("tp/syscalls/sys_enter_getpgid")
int bad(void *ctx)
{
	int key = 0;
	long *value = bpf_map_lookup_elem(&counts, &key);

	*value += 1; /* may be NULL */
	return 0;
}

static long each(__u32 index, void *ctx)
{
	return 0;
}

/* Functions as arguments came with Linux 5.13, and this helper with 5.17. */
SEC("tp/syscalls/sys_enter_getppid")
int loops(void *ctx)
{
	bpf_loop(10, each, NULL, 0);
	return 0;
}

SEC("fentry/no_such_function")
int nowhere(void *ctx)
{
	return 0;
}

SEC("fentry")
int later(void *ctx)
{
	return 0;
}

/* libbpf leaves it out unless the app asks for it. */
SEC("?raw_tp/sys_enter")
int optional(void *ctx)
{
	return 0;
}
