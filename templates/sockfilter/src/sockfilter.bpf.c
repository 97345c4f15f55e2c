// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf_app.h>
#include "sockfilter.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define FRAGMENT_OFFSET 0x1fff

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
	__type(value, struct packet);
} packets SEC(".maps");

BPF_APP_DROPS(packets);

/* It is constant after loading. If it is 0, the verifier removes the comparison. */
const volatile unsigned short only_port = 0;

/*
 * A socket filter may not read the packet through pointers, as XDP and tc programs may. It copies the parts that it
 * needs. The offset is counted from the network header, so it does not matter whether an Ethernet header comes before.
 */
static long load(struct __sk_buff *skb, unsigned int offset, void *to, unsigned int size)
{
	return bpf_skb_load_bytes_relative(skb, offset, to, size, BPF_HDR_START_NET);
}

/* Returns where the transport header begins, or 0 if it is not in this packet. */
static unsigned int read_ipv4(struct __sk_buff *skb, struct packet *packet)
{
	struct iphdr ip;

	if (load(skb, 0, &ip, sizeof(ip)))
		return 0;
	packet->version = 4;
	packet->protocol = ip.protocol;
	__builtin_memcpy(packet->source, &ip.saddr, 4);
	__builtin_memcpy(packet->destination, &ip.daddr, 4);
	/* Only the first fragment contains the ports. */
	return bpf_ntohs(ip.frag_off) & FRAGMENT_OFFSET ? 0 : ip.ihl * 4;
}

static unsigned int read_ipv6(struct __sk_buff *skb, struct packet *packet)
{
	struct ipv6hdr ip;

	if (load(skb, 0, &ip, sizeof(ip)))
		return 0;
	packet->version = 6;
	packet->protocol = ip.nexthdr; /* Extension headers are not followed. */
	__builtin_memcpy(packet->source, &ip.saddr, 16);
	__builtin_memcpy(packet->destination, &ip.daddr, 16);
	return sizeof(ip);
}

/* Called for every packet that arrives at the socket. */
SEC("socket")
int sockfilter(struct __sk_buff *skb)
{
	struct packet packet = { .length = skb->len, .ifindex = skb->ifindex, .type = skb->pkt_type };
	unsigned int transport = 0;
	unsigned short ports[2];

	if (skb->protocol == bpf_htons(ETH_P_IP))
		transport = read_ipv4(skb, &packet);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		transport = read_ipv6(skb, &packet);
	if (!packet.version)
		return 0;

	/* Both protocols begin with the two ports. */
	if (transport && (packet.protocol == IPPROTO_TCP || packet.protocol == IPPROTO_UDP) &&
	    !load(skb, transport, ports, sizeof(ports))) {
		packet.source_port = bpf_ntohs(ports[0]);
		packet.destination_port = bpf_ntohs(ports[1]);
	}
	if (only_port && packet.source_port != only_port && packet.destination_port != only_port)
		return 0;

	bpf_app_output(packets, &packet, sizeof(packet));

	/*
	 * The result is the number of bytes of the packet that can be read from the socket. It is 0, because the event
	 * has everything. With skb->len, whole packets would be queued. The packet itself is never changed, and its
	 * receiver gets it in any case.
	 */
	return 0;
}
