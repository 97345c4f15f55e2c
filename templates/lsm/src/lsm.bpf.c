// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf_app.h>
#include "lsm.h"

/* The licence of an LSM program has to be compatible with the GPL. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define EPERM 1

/* The process whose calls are shown. If it is 0, the calls of all processes are shown, and none is refused. */
const volatile int only_pid = 0;
const volatile _Bool deny = 0;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
	__type(value, struct bpf_call);
} calls SEC(".maps");

BPF_APP_DROPS(calls);

/* The number of refused calls for each command. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, unsigned int);
	__type(value, unsigned long long);
} refusals SEC(".maps");

static void count_refusal(unsigned int command)
{
	unsigned long long one = 1, *count = bpf_map_lookup_elem(&refusals, &command);

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&refusals, &command, &one, BPF_NOEXIST);
}

/*
 * A hook of the Linux Security Modules. The kernel calls it, as it calls SELinux or AppArmor, before it executes a
 * bpf() system call. If the program returns 0, the call is allowed. If it returns a negative error code, the caller
 * gets that error. A program can only forbid: a call that another module refuses stays refused.
 *
 * BPF_PROG gives the hook's arguments their names and types. Newer kernels pass a fourth argument to this hook, but the
 * first one has not changed, so only that one is named here.
 */
SEC("lsm/bpf")
int BPF_PROG(lsm_bpf, int command)
{
	int pid = bpf_get_current_pid_tgid() >> 32;
	struct bpf_call *call;
	_Bool refuse;

	if (only_pid && pid != only_pid)
		return 0;
	refuse = deny && only_pid;

	/* The refusal is counted even if there is no room for the event. */
	if (refuse)
		count_refusal(command);
	call = bpf_app_reserve(calls, sizeof(*call));
	if (call) {
		call->pid = pid;
		call->command = command;
		call->denied = refuse;
		bpf_get_current_comm(call->comm, sizeof(call->comm));
		bpf_ringbuf_submit(call, 0);
	}
	return refuse ? -EPERM : 0;
}
