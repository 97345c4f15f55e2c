//! The rival in Rust: rival OBJECT rates ring|perf TARGET BURST SKIP LATENCIES, rival OBJECT drain, rival OBJECT tables.
//! A case other than `rates` prints a line of JSON whenever it is asked by a line.

mod drain;
mod rates;
mod tables;

use std::io::{BufRead, Write};

use libbpf_rs::{Map, MapCore, Object, ObjectBuilder, OpenObject, ProgramMut};

pub const DRAIN_SIZE: usize = 64 * 1024 * 1024;
pub const RATES_SIZE: usize = 1024 * 1024;
pub const TABLE_ENTRIES: u32 = 1_000_000;
pub const PER_CPU_ENTRIES: u32 = 100_000;
pub const HOT_ENTRIES: u32 = 10_000;
pub const HOT_TIMES: u32 = 20;

/// What all rivals read: `struct event` of kernel/peers.h.
#[repr(C)]
pub struct Event {
    pub timestamp: u64,
    pub duration: u64,
    pub pid: u32,
    pub tid: u32,
    pub cpu: u32,
    pub kind: u32,
    pub comm: [u8; 16],
}

impl Event {
    /// The u32 and the u64 that every rival adds up, and the event's time. A perf buffer has its samples at 4 modulo 8, so
    /// that they are read where they lie, but not through a reference.
    pub fn fields(sample: &[u8]) -> (u64, u64) {
        assert!(sample.len() >= size_of::<Event>());
        let event = sample.as_ptr().cast::<Event>();
        // SAFETY: the sample is long enough, and every pattern of bits is a number.
        unsafe {
            let pid = (&raw const (*event).pid).read_unaligned();
            let duration = (&raw const (*event).duration).read_unaligned();
            (u64::from(pid) + duration, (&raw const (*event).timestamp).read_unaligned())
        }
    }
}

pub fn clock(id: libc::clockid_t) -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a timespec.
    unsafe { libc::clock_gettime(id, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Seconds of processor time of this process.
pub fn used() -> f64 {
    clock(libc::CLOCK_PROCESS_CPUTIME_ID) as f64 / 1e9
}

pub fn open(path: &str) -> OpenObject {
    ObjectBuilder::default().open_file(path).expect("the object is opened")
}

pub fn map<'a>(object: &'a Object, name: &str) -> Map<'a> {
    object.maps().find(|map| map.name() == name).unwrap_or_else(|| panic!("there is no map {name}"))
}

pub fn program<'a>(object: &'a Object, name: &str) -> ProgramMut<'a> {
    object
        .progs_mut()
        .find(|program| program.name() == name)
        .unwrap_or_else(|| panic!("there is no program {name}"))
}

/// Prints a line of JSON whenever it is asked by a line.
pub fn answer(mut body: impl FnMut() -> String) {
    for _ in std::io::stdin().lock().lines() {
        say(&body());
    }
}

pub fn say(line: &str) {
    println!("{line}");
    std::io::stdout().flush().expect("the answer is written");
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [object, way, more @ ..] = arguments.as_slice() else { std::process::exit(2) };
    match way.as_str() {
        "rates" => rates::rates(object, more),
        "drain" => drain::drain(object),
        "tables" => tables::tables(object),
        _ => std::process::exit(2),
    }
}
