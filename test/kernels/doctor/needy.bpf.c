// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Needs much of a machine: its types, the tracing and the BPF file system, cgroups, a security module, stacks. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} shared SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 512);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 127 * sizeof(__u64));
} stacks SEC(".maps");

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	__u32 key = bpf_get_current_pid_tgid() >> 32;
	__u64 stack = bpf_get_stackid(ctx, &stacks, 0);

	bpf_map_update_elem(&shared, &key, &stack, BPF_ANY);
	return 0;
}

SEC("kprobe/vfs_read")
int on_read(struct pt_regs *ctx)
{
	__u32 key = 0;
	__u64 first = 0;

	bpf_probe_read_kernel(&first, sizeof(first), (void *)bpf_get_current_task());
	bpf_map_update_elem(&shared, &key, &first, BPF_ANY);
	return 0;
}

__u64 opened = 0;

SEC("lsm/file_open")
int on_open(void *ctx)
{
	__sync_fetch_and_add(&opened, 1);
	return 0;
}

SEC("cgroup_skb/egress")
int on_packet(struct __sk_buff *skb)
{
	return 1;
}

SEC("?kprobe/no_such_function")
int at_no_function(struct pt_regs *ctx)
{
	return 0;
}

SEC("?tp/sched/no_such_tracepoint")
int at_no_tracepoint(void *ctx)
{
	return 0;
}

SEC("?uprobe//no/such/program:main")
int at_no_program(struct pt_regs *ctx)
{
	return 0;
}

SEC("?fentry/no_such_function")
int in_no_function(void *ctx)
{
	return 0;
}
