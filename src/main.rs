//! The `guichet` command.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut args = std::env::args().skip(1);
    let path: std::path::PathBuf = args.next().unwrap_or_default().into();
    let snap = args.next().map(Into::into);
    let t = std::time::Instant::now();
    let loaded = guichet::ingest::load(
        &guichet::ingest::SourceSpec {
            path,
            ..Default::default()
        },
        &guichet::ingest::LoadOptions {
            feature_id: None,
            fields: &[],
            time_zone: jiff::tz::TimeZone::UTC,
            limits: Default::default(),
            hash_key: [7; 32],
            snapshot: snap,
            workers: 2,
            progress: &|_| {},
        },
    );
    match loaded {
        Ok(l) => {
            println!(
                "{:?} snap={} {:?}",
                l.report, l.from_snapshot, l.snapshot_fault
            );
            let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
            for line in status
                .lines()
                .filter(|l| l.starts_with("Rss") || l.starts_with("VmHWM"))
            {
                println!("{line}");
            }
            drop(l);
        }
        Err(e) => println!("ERR {e}"),
    }
    println!("{:?}", t.elapsed());
}
