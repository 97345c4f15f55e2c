#!/bin/busybox sh
# First process of a guest: makes the file systems a BPF program may want, runs every cell, powers off.
/bin/busybox mkdir -p /proc /sys /dev /tmp /run /app /sbin
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox --install -s /bin
export PATH=/bin HOME=/tmp
stty -F /dev/ttyS1 raw
mkdir -p /dev/shm /dev/pts
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
mount -t tmpfs shm /dev/shm
mount -t tracefs tracefs /sys/kernel/tracing
mount -t debugfs debugfs /sys/kernel/debug
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t securityfs securityfs /sys/kernel/security
if [ -e /disk ]; then mount -t ext4 -o ro /dev/nvme0n1 /app; fi
ip link set lo up
for module in $(cat /modules/order); do insmod "/modules/$module"; done
if [ -d /lib/own ]; then export LD_LIBRARY_PATH=/lib/own; fi
for cell in /cells/*; do runner "$cell" >/dev/ttyS1; done
printf '@frame bye 0\n\n' >/dev/ttyS1
sync
poweroff -f
