/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef USDT_H
#define USDT_H

#define COMM_LEN 16
#define TYPE_LEN 128

/* What an event tells of. The user side gives it to a probe as its cookie. */
enum what { OTHER, THROW, CATCH, RETHROW };

/* The user side gets these as types too, from usdt.skel.ts. */
struct event {
	int pid;
	enum what what;
	char comm[COMM_LEN];
	char type[TYPE_LEN]; /* of the exception, as the compiler writes it */
	int count; /* of the probe's arguments; no more than three are here */
	long long arguments[3];
};

#endif
