// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A program that prints to the trace pipe only. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

__u32 mark = 0;

SEC("socket")
int prints(struct __sk_buff *skb)
{
	bpf_printk("printed %u: %d", mark, skb->len);
	return 0;
}
