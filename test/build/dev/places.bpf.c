// Counts UDP packets to one port at each place whose program the kernel can exchange.
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

int port;
__u64 tcx, tc_filter, xdp_generic, cgroup;

static bool wanted(void *data, void *end, __u32 header)
{
	const struct iphdr *ip = data + header;
	const struct udphdr *udp = (void *)(ip + 1);

	if ((void *)(udp + 1) > end || ip->version != 4 || ip->protocol != 17)
		return false;
	return udp->dest == bpf_htons(port);
}

SEC("tcx/ingress")
int at_tcx(struct __sk_buff *skb)
{
	if (wanted((void *)(long)skb->data, (void *)(long)skb->data_end, 14))
		__sync_fetch_and_add(&tcx, 1);
	return -1;
}

SEC("tc")
int at_tc(struct __sk_buff *skb)
{
	if (wanted((void *)(long)skb->data, (void *)(long)skb->data_end, 14))
		__sync_fetch_and_add(&tc_filter, 1);
	return -1;
}

SEC("xdp")
int at_xdp_generic(struct xdp_md *ctx)
{
	if (wanted((void *)(long)ctx->data, (void *)(long)ctx->data_end, 14))
		__sync_fetch_and_add(&xdp_generic, 1);
	return 2;
}

SEC("cgroup_skb/ingress")
int at_cgroup(struct __sk_buff *skb)
{
	if (wanted((void *)(long)skb->data, (void *)(long)skb->data_end, 0))
		__sync_fetch_and_add(&cgroup, 1);
	return 1;
}
