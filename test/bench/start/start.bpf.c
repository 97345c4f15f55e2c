// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
// The programs of the template bootstrap, for an app that does nothing but attach them.
#include "bootstrap.bpf.c"
