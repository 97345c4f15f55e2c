/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef USDT_H
#define USDT_H

#define COMM_LEN 16
#define TYPE_LEN 128

/* The kind of an event. The user side passes it to a probe as its cookie. */
enum what { OTHER, THROW, CATCH, RETHROW };

/* The user side gets both as types as well, from usdt.skel.ts. */
struct event {
	int pid;
	enum what what;
	char comm[COMM_LEN];
	char type[TYPE_LEN]; /* the type of the exception, as the compiler encodes it */
	int count; /* the number of the probe's arguments, of which only the first three are here */
	long long arguments[3];
};

#endif
