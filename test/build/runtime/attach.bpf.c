// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A program for each way to attach that this project's machines can try. All that the programs do is count. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define TC_ACT_OK 0

struct row {
	__s32 tid;
	__s32 tgid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__uint(value_size, 4);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

int subject = 0;
__u64 cookie = 0;
__u32 tracepoints = 0;
__u32 raw_tracepoints = 0;
__u32 entries = 0;
__u32 returns = 0;
__s64 argument = 0;
__s64 result = 0;
__u32 multi = 0;
__u32 usdts = 0;
__u32 samples = 0;
__u32 packets[5] = {};
__u32 socket_bytes = 0;
/* for its type */
struct row last = {};

static bool mine(void)
{
	return (__s32)(bpf_get_current_pid_tgid() >> 32) == subject;
}

SEC("tp")
int tracepoint(void *ctx)
{
	if (mine()) {
		tracepoints++;
		cookie = bpf_get_attach_cookie(ctx);
	}
	return 0;
}

SEC("raw_tp")
int raw_tracepoint(void *ctx)
{
	if (mine())
		raw_tracepoints++;
	return 0;
}

SEC("uprobe")
int BPF_UPROBE(entry, int value)
{
	entries++;
	argument = value;
	cookie = bpf_get_attach_cookie(ctx);
	return 0;
}

SEC("uretprobe")
int BPF_URETPROBE(leave, int value)
{
	returns++;
	result = value;
	return 0;
}

SEC("uprobe.multi")
int many(struct pt_regs *ctx)
{
	multi++;
	return 0;
}

SEC("usdt")
int BPF_USDT(probed, int constant, int value)
{
	usdts += constant;
	argument = value;
	cookie = bpf_usdt_cookie(ctx);
	return 0;
}

SEC("iter/task")
int tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct row row = {};

	if (!task)
		return 0;
	row.tid = task->pid;
	row.tgid = task->tgid;
	bpf_probe_read_kernel(row.comm, sizeof(row.comm), task->comm);
	last = row;
	bpf_seq_write(ctx->meta->seq, &row, sizeof(row));
	return 0;
}

SEC("iter/bpf_map_elem")
int elements(struct bpf_iter__bpf_map_elem *ctx)
{
	__u32 *key = ctx->key;
	__u64 *value = ctx->value;

	if (key && value)
		BPF_SEQ_PRINTF(ctx->meta->seq, "%u=%llu\n", *key, *value);
	return 0;
}

SEC("perf_event")
int sampled(struct bpf_perf_event_data *ctx)
{
	if (mine())
		__sync_fetch_and_add(&samples, 1);
	return 0;
}

SEC("xdp")
int on_xdp(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&packets[0], 1);
	return XDP_PASS;
}

SEC("tc")
int on_tc(struct __sk_buff *skb)
{
	__sync_fetch_and_add(&packets[1], 1);
	return TC_ACT_OK;
}

SEC("tcx/ingress")
int on_tcx(struct __sk_buff *skb)
{
	__sync_fetch_and_add(&packets[2], 1);
	return TCX_NEXT;
}

SEC("cgroup_skb/egress")
int on_cgroup(struct __sk_buff *skb)
{
	__sync_fetch_and_add(&packets[3], 1);
	return 1;
}

SEC("netfilter")
int on_netfilter(struct bpf_nf_ctx *ctx)
{
	__sync_fetch_and_add(&packets[4], 1);
	return 1; /* NF_ACCEPT */
}

SEC("socket")
int packet_filter(struct __sk_buff *skb)
{
	__sync_fetch_and_add(&socket_bytes, skb->len);
	return 0;
}

SEC("sk_lookup")
int lookup(struct bpf_sk_lookup *ctx)
{
	return SK_PASS;
}

SEC("sk_msg")
int message(struct sk_msg_md *ctx)
{
	return SK_PASS;
}

__noinline int replaceable(struct xdp_md *ctx)
{
	volatile int answer = 1;

	return answer;
}

SEC("xdp")
int calls_replaceable(struct xdp_md *ctx)
{
	return replaceable(ctx);
}
