// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Programs of many kinds, each of which counts. A test loads one of them, and sees what the kernel says. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} counts SEC(".maps");

struct event {
	int pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct event);
} events SEC(".maps");

int subject = 0;

static void count(void)
{
	int key = 0, *value = bpf_map_lookup_elem(&counts, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
}

static void tell(void)
{
	struct event e = { .pid = bpf_get_current_pid_tgid() >> 32 };

	if (e.pid != subject)
		return;
	count();
	bpf_ringbuf_output(&events, &e, sizeof(e), 0);
}

#define PROGRAM(name, section, ...) \
	SEC("?" section)            \
	int name(void *ctx)         \
	{                           \
		(void)ctx;          \
		__VA_ARGS__;        \
		return 0;           \
	}

PROGRAM(by_fentry, "fentry", count())
PROGRAM(by_fexit, "fexit", count())
PROGRAM(by_kprobe, "kprobe", count())
PROGRAM(by_kretprobe, "kretprobe", count())
PROGRAM(by_ksyscall, "ksyscall/getpgid", count())
PROGRAM(by_tp, "tp/syscalls/sys_enter_getpgid", tell())
PROGRAM(by_tp_btf, "tp_btf/sys_enter", tell())
PROGRAM(by_raw_tp, "raw_tp/sys_enter", tell())
PROGRAM(by_perf_event, "perf_event", count())
PROGRAM(by_uprobe, "uprobe", count())
PROGRAM(by_uprobe_multi, "uprobe.multi", count())
PROGRAM(by_iter, "iter/task", count())
PROGRAM(by_lsm, "lsm/file_mprotect", count())
PROGRAM(by_missing_hook, "lsm/no_such_hook", count())
PROGRAM(by_missing_tp, "raw_tp/no_such_tracepoint", count())
PROGRAM(by_socket, "socket", count())
PROGRAM(by_tc, "tc", count())
PROGRAM(by_xdp, "xdp", count())
PROGRAM(by_cgroup_skb, "cgroup_skb/egress", count())
PROGRAM(by_sock_addr, "cgroup/connect4", count())
PROGRAM(by_cgroup_dev, "cgroup/dev", count())
PROGRAM(by_sk_lookup, "sk_lookup", count())
PROGRAM(by_sk_msg, "sk_msg", count())
PROGRAM(by_sockops, "sockops", count())
PROGRAM(by_flow_dissector, "flow_dissector", count())
PROGRAM(by_sk_reuseport, "sk_reuseport", count())
PROGRAM(by_syscall, "syscall", count())
PROGRAM(by_netfilter, "netfilter", count())
