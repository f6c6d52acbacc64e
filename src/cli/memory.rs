//! How much memory there is to use, and how much is used.

use std::fs;

/// Half of what the machine or the process's control group has, whichever is less.
pub(super) fn half() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok();
    let machine = machine.as_deref().and_then(|m| kib_of(m, "MemTotal:"));
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let group = ceilings(&groups, |path| fs::read_to_string(path).ok());
    let all = machine.into_iter().chain(group).min();
    all.unwrap_or(UNKNOWN) / 2
}

/// Where the system does not tell: what every machine of the last ten years has.
const UNKNOWN: u64 = 4 << 30;

/// Bytes of the process that are in memory at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Resident {
    /// What it wrote: views, tiles, answers under way, and layers that are in no snapshot.
    pub(super) anonymous: u64,
    /// Pages of files that it reads: snapshots, and the program.
    pub(super) file: u64,
}

/// What the system tells; `None` where it does not.
pub(super) fn resident() -> Option<Resident> {
    resident_of(&fs::read_to_string("/proc/self/status").ok()?)
}

fn resident_of(status: &str) -> Option<Resident> {
    Some(Resident {
        anonymous: kib_of(status, "RssAnon:")?,
        file: kib_of(status, "RssFile:")?,
    })
}

/// Bytes of a line that tells kibibytes.
fn kib_of(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|l| l.strip_prefix(name))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

/// The lowest ceiling of the process's group and those above it, in either version of control groups.
fn ceilings(groups: &str, read: impl Fn(&str) -> Option<String>) -> Option<u64> {
    let own = groups.lines().filter_map(|line| {
        let (_, rest) = line.split_once(':')?;
        match rest.split_once(':')? {
            ("", path) => Some((path, "/sys/fs/cgroup", "memory.max")),
            (names, path) if names.split(',').any(|n| n == "memory") => {
                Some((path, "/sys/fs/cgroup/memory", "memory.limit_in_bytes"))
            }
            _ => None,
        }
    });
    own.filter_map(|(path, root, file)| {
        let mut path = path.trim_end_matches('/');
        let mut lowest = None;
        loop {
            let text = read(&format!("{root}{path}/{file}"));
            let ceiling = text.and_then(|t| t.trim().parse::<u64>().ok());
            lowest = [lowest, ceiling].into_iter().flatten().min();
            match path.rfind('/') {
                Some(slash) => path = &path[..slash],
                None => return lowest,
            }
        }
    })
    .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_ceiling_counts() {
        assert_eq!(
            kib_of("MemTotal:       16 kB\nMemFree: 1 kB", "MemTotal:"),
            Some(16 << 10)
        );
        let read = |path: &str| match path {
            "/sys/fs/cgroup/a/b/memory.max" => Some("max\n".to_owned()),
            "/sys/fs/cgroup/a/memory.max" => Some("4096\n".to_owned()),
            "/sys/fs/cgroup/memory.max" => Some("8192\n".to_owned()),
            "/sys/fs/cgroup/memory/c/memory.limit_in_bytes" => Some("2048\n".to_owned()),
            _ => None,
        };
        assert_eq!(ceilings("0::/a/b\n", read), Some(4096));
        assert_eq!(ceilings("0::/\n", read), Some(8192));
        assert_eq!(ceilings("1:cpu:/\n", read), None);
        assert_eq!(ceilings("4:cpu:/c\n3:memory:/c\n0::/a\n", read), Some(2048));
        assert!(half() > 1 << 20);
    }

    #[test]
    fn what_is_resident_is_told_apart() {
        let status = "VmRSS:\t  12 kB\nRssAnon:\t  8 kB\nRssFile:\t  4 kB\nRssShmem:\t 0 kB\n";
        let told = Resident {
            anonymous: 8 << 10,
            file: 4 << 10,
        };
        assert_eq!(resident_of(status), Some(told));
        assert_eq!(resident_of("VmRSS:\t 12 kB"), None);
    }
}
