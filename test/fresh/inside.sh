# The first process of a bare machine: runs /.fresh/command as a user would type it, and writes down what that left.
umount -l /.old && rmdir /.old || exit 125
readlink /proc/self/ns/mnt > /.fresh/namespace
cat /proc/mounts > /.fresh/mounts-before
. /.fresh/command 2>&1
status=$?
# If the machine has process ids of its own, it ends with this shell, and with it whatever process is left. Processes
# that are about to end are given time to do so. The names are taken before anything looks at them, so that what looks
# is not among them.
if [ $$ = 1 ]; then
	tries=0
	while :; do
		set -- /proc/[0-9]*
		tries=$((tries + 1))
		if [ $# -le 1 ] || [ $tries -gt 20 ]; then break; fi
		sleep 0.1
	done
	for process; do
		if [ "$process" != /proc/1 ]; then tr '\0' ' ' < "$process/cmdline" && echo; fi
	done > /.fresh/processes 2> /dev/null
fi
cat /proc/mounts > /.fresh/mounts-after
# The BPF file system has two files of its own.
find /tmp /var/tmp /dev/shm /sys/fs/bpf -mindepth 1 ! -path '/sys/fs/bpf/*.debug' > /.fresh/temporary
exit $status
