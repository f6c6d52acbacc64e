//! How much memory the process may use when the configuration does not say.

use std::fs;
use std::path::Path;

/// Assumed where neither the machine nor its control group can be asked: the least a machine of this decade has.
const UNKNOWN_TOTAL: u64 = 2 << 30;

/// Half of what the machine or the control group has: the other half is for the system's file cache, where mapped snapshots live,
/// and for whatever else runs beside.
pub fn default_budget() -> u64 {
    total(Path::new("/")).unwrap_or(UNKNOWN_TOTAL) / 2
}

/// Bytes that the machine under `root` has, or its control group if that is less.
fn total(root: &Path) -> Option<u64> {
    let machine = machine_bytes(&root.join("proc/meminfo"));
    let group = group_bytes(root);
    machine.into_iter().chain(group).min()
}

/// `MemTotal` of proc(5) meminfo, which counts in KiB.
fn machine_bytes(meminfo: &Path) -> Option<u64> {
    let text = fs::read_to_string(meminfo).ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// The lowest limit of the process's control group and of the groups around it: version 2 (`memory.max`, and `memory.high`, above
/// which the process is slowed down), else version 1. Inside a container the group's path may be unknown: the mount's root is then its own group.
fn group_bytes(root: &Path) -> Option<u64> {
    let membership = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let unified = membership.lines().find_map(|l| l.strip_prefix("0::"));
    let memory = membership.lines().find_map(|l| {
        let (_, rest) = l.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        controllers
            .split(',')
            .any(|c| c == "memory")
            .then_some(path)
    });
    let mounts = [
        (unified, "sys/fs/cgroup", &["memory.max", "memory.high"][..]),
        (
            memory,
            "sys/fs/cgroup/memory",
            &["memory.limit_in_bytes"][..],
        ),
    ];
    let limits = mounts.into_iter().flat_map(|(path, mount, files)| {
        let mount = root.join(mount);
        let groups = Path::new(path.unwrap_or("/").trim_start_matches('/')).ancestors();
        let folders: Vec<_> = groups.map(|group| mount.join(group)).collect();
        folders
            .into_iter()
            .flat_map(move |folder| files.iter().map(move |file| folder.join(file)))
    });
    // "max" (version 2) and numbers near 2^63 (version 1) mean no limit; the machine's total is lower than the latter anyway.
    limits
        .filter_map(|file| fs::read_to_string(file).ok()?.trim().parse::<u64>().ok())
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    const MEMINFO: (&str, &str) = ("proc/meminfo", "MemTotal:       16384 kB\nMemFree:  1 kB\n");

    #[test]
    fn a_machine_without_groups_has_its_own_memory() {
        assert_eq!(total(machine(&[MEMINFO]).path()), Some(16 << 20));
        assert_eq!(total(machine(&[]).path()), None);
    }

    #[test]
    fn the_narrowest_group_counts() {
        let root = machine(&[
            MEMINFO,
            ("proc/self/cgroup", "0::/system.slice/guichet.service\n"),
            ("sys/fs/cgroup/system.slice/memory.max", "8388608\n"),
            (
                "sys/fs/cgroup/system.slice/guichet.service/memory.max",
                "max\n",
            ),
            (
                "sys/fs/cgroup/system.slice/guichet.service/memory.high",
                "max\n",
            ),
        ]);
        assert_eq!(total(root.path()), Some(8 << 20));
    }

    #[test]
    fn a_container_sees_its_group_at_the_root() {
        let root = machine(&[
            MEMINFO,
            ("proc/self/cgroup", "0::/docker/abc\n"),
            ("sys/fs/cgroup/memory.max", "4194304\n"),
        ]);
        assert_eq!(total(root.path()), Some(4 << 20));
    }

    #[test]
    fn version_one_is_understood_and_no_limit_is_no_limit() {
        let v1 = |limit| {
            machine(&[
                MEMINFO,
                ("proc/self/cgroup", "5:cpu,cpuacct:/\n4:memory:/box\n"),
                ("sys/fs/cgroup/memory/box/memory.limit_in_bytes", limit),
            ])
        };
        assert_eq!(total(v1("2097152\n").path()), Some(2 << 20));
        assert_eq!(total(v1("9223372036854771712\n").path()), Some(16 << 20));
    }

    #[test]
    fn this_machine_has_some() {
        assert!(default_budget() > 0);
    }
}
