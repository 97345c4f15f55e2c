//! Writes, reads and empties whole maps, by batch calls and element by element.

use libbpf_rs::{Map, MapCore, MapFlags};

use crate::{HOT_ENTRIES, HOT_TIMES, PER_CPU_ENTRIES, TABLE_ENTRIES, answer, map, open, used};

pub fn tables(path: &str) {
    let object = open(path).load().expect("the object is loaded");
    let hash = map(&object, "hash");
    let hot = map(&object, "hot");
    let per_cpu = map(&object, "per_cpu");
    fill_per_cpu(&per_cpu);
    update(&hot, HOT_ENTRIES);
    answer(|| {
        let updated = update(&hash, TABLE_ENTRIES);
        let (read, sum) = read_batch(&hash, TABLE_ENTRIES);
        let (each, each_sum) = read_each(&hash);
        let deleted = delete(&hash);
        let (cpu_each, cpu_each_sum) = read_each_per_cpu(&per_cpu);
        let (mut often, mut hot_sum) = (0.0, 0);
        for _ in 0..HOT_TIMES {
            let (seconds, sum) = read_batch(&hot, HOT_ENTRIES);
            often += seconds;
            hot_sum = sum;
        }
        format!(
            "{{\"update\":{updated:.9},\"read\":{read:.9},\"each\":{each:.9},\"delete\":{deleted:.9},\
             \"cpu_each\":{cpu_each:.9},\"hot\":{often:.9},\"sums\":[{sum},{each_sum},{cpu_each_sum},{hot_sum}]}}"
        )
    });
}

fn number(bytes: &[u8]) -> u64 {
    match bytes.len() {
        4 => u64::from(u32::from_ne_bytes(bytes.try_into().expect("four bytes"))),
        _ => u64::from_ne_bytes(bytes.try_into().expect("eight bytes")),
    }
}

fn fill_per_cpu(per_cpu: &Map<'_>) {
    let cpus = libbpf_rs::num_possible_cpus().expect("the processors are counted");
    for i in 0..PER_CPU_ENTRIES {
        let values: Vec<Vec<u8>> =
            (0..cpus as u64).map(|cpu| (u64::from(i) + cpu).to_ne_bytes().to_vec()).collect();
        per_cpu.update_percpu(&i.to_ne_bytes(), &values, MapFlags::ANY).expect("a value is written");
    }
}

fn keys(entries: u32) -> Vec<u8> {
    (0..entries).flat_map(u32::to_ne_bytes).collect()
}

fn update(hash: &Map<'_>, entries: u32) -> f64 {
    let begun = used();
    let values: Vec<u8> = (0..entries).flat_map(|i| (2 * u64::from(i)).to_ne_bytes()).collect();
    hash.update_batch(&keys(entries), &values, entries, MapFlags::ANY, MapFlags::ANY)
        .expect("the map is filled");
    used() - begun
}

fn delete(hash: &Map<'_>) -> f64 {
    let begun = used();
    hash.delete_batch(&keys(TABLE_ENTRIES), TABLE_ENTRIES, MapFlags::ANY, MapFlags::ANY)
        .expect("the map is emptied");
    used() - begun
}

/// By one call, unlike the others: libbpf-rs takes a batch that is not full for the last one, but the kernel also leaves one
/// unfilled where the next bucket would not fit, and the rest of the map would not be read.
fn read_batch(hash: &Map<'_>, entries: u32) -> (f64, u64) {
    let begun = used();
    let mut sum = 0;
    for (key, value) in hash.lookup_batch(entries, MapFlags::ANY, MapFlags::ANY).expect("the map is read") {
        sum += number(&key) + number(&value);
    }
    (used() - begun, sum)
}

fn read_each(hash: &Map<'_>) -> (f64, u64) {
    let begun = used();
    let mut sum = 0;
    for key in hash.keys() {
        let value = hash.lookup(&key, MapFlags::ANY).expect("the map is read").expect("the key is there");
        sum += number(&key) + number(&value);
    }
    (used() - begun, sum)
}

fn read_each_per_cpu(per_cpu: &Map<'_>) -> (f64, u64) {
    let begun = used();
    let mut sum = 0;
    for key in per_cpu.keys() {
        let values =
            per_cpu.lookup_percpu(&key, MapFlags::ANY).expect("the map is read").expect("the key is there");
        sum += number(&key) + values.iter().map(|value| number(value)).sum::<u64>();
    }
    (used() - begun, sum)
}
