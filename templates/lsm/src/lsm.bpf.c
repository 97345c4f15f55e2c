// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf_app.h>
#include "lsm.h"

/* An LSM program has to be under a licence compatible with the GPL. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define EPERM 1

/* The process it is about; 0: all of them, which are then looked at but never refused. */
const volatile int only_pid = 0;
const volatile _Bool deny = 0;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
	__type(value, struct bpf_call);
} calls SEC(".maps");

BPF_APP_DROPS(calls);

/* How many calls of each command were refused. */
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
 * A hook of the Linux Security Modules: the kernel asks here, as it asks SELinux or AppArmor, before it does what the
 * bpf() system call wants. 0 allows it, a negative errno is what the caller gets instead. A program can only take away:
 * what another module refuses stays refused.
 *
 * BPF_PROG gives the hook's arguments their names and types. The hook has got a fourth one lately; the first is where
 * it always was, so that is all that is named here.
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

	/* Also where there is no room for the event. */
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
