/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef SOCKFILTER_H
#define SOCKFILTER_H

/* Every byte belongs to a field. So there is no padding, and the kernel side copies no undefined bytes. */
struct packet {
	unsigned int length;
	unsigned int ifindex;
	unsigned char source[16]; /* IPv4 addresses take the first 4 bytes */
	unsigned char destination[16];
	unsigned short source_port; /* 0 if the protocol has no ports */
	unsigned short destination_port;
	unsigned char version; /* 4 or 6 */
	unsigned char protocol; /* IPPROTO_TCP, … */
	unsigned char type; /* PACKET_OUTGOING, … */
	unsigned char reserved;
};

#endif
