// The rival in Go: rival OBJECT rates ring|perf TARGET BURST SKIP LATENCIES, rival OBJECT drain, rival OBJECT tables.
// A case other than `rates` prints a line of JSON whenever it is asked by a line.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// What all rivals read: struct event of kernel/peers.h.
type event struct {
	Timestamp uint64
	Duration  uint64
	Pid       uint32
	Tid       uint32
	Cpu       uint32
	Kind      uint32
	Comm      [16]byte
}

type settings struct {
	Target uint32
	Burst  uint32
}

type counters struct {
	Produced uint64
	Dropped  uint64
}

const (
	recordSize    = 48 + 8
	ratesSize     = 1024 * 1024
	drainSize     = 64 * 1024 * 1024
	tableEntries  = 1000000
	perCPUEntries = 100000
	hotEntries    = 10000
	hotTimes      = 20
)

func main() {
	if len(os.Args) < 3 {
		os.Exit(2)
	}
	spec := must(ebpf.LoadCollectionSpec(os.Args[1]))
	switch os.Args[2] {
	case "rates":
		rates(spec, os.Args[3:])
	case "drain":
		drain(spec)
	case "tables":
		tables(spec)
	default:
		os.Exit(2)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func say(answer any) {
	fmt.Println(string(must(json.Marshal(answer))))
}

// Calls `body` for each line of the input, and prints what it returns.
func answer(body func() any) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		say(body())
	}
}

// Seconds of processor time of this process, its garbage collector included.
func used() float64 {
	var now unix.Timespec
	check(unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &now))
	return float64(now.Nano()) / 1e9
}
