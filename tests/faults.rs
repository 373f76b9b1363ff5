//! Faults from outside, each named after what went wrong: a disk that cannot be read, a
//! process that is stopped, a lock that somebody holds. Real system calls, through strace.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod shell;

use shell::{Run, World};

/// A command under strace with one fault injected.
fn injected(world: &World, inject: &str, arguments: &str) -> Run {
    let calls = inject.split(':').next().unwrap();
    world.sh(&format!(
        "exec strace -f -qq -o /dev/null -e trace={calls} -e inject={inject} mfactl {arguments}"
    ))
}

const RENAME: &str = "rename,renameat,renameat2";

/// A state whose last writer committed and was killed before it renamed anything.
fn committed_and_killed(world: &World, change: &str) {
    let killed = injected(world, &format!("{RENAME}:signal=KILL:when=1"), change);
    assert_ne!(killed.code, 0);
}

fn shadows(world: &World) -> usize {
    let files = world.files();
    let names = files.iter().map(|(path, _)| path.file_name().unwrap().to_string_lossy());
    names.filter(|name| name.starts_with(".new.")).count()
}

#[test]
fn a_read_error_while_finishing_does_not_undo_what_was_acknowledged() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::small();
    committed_and_killed(&world, "user set-mfa bob on");
    let rev = world.rev();
    assert!(shadows(&world) > 0);
    let mut failed = 0;
    for when in 1.. {
        let world = world.copy();
        let next = injected(&world, &format!("pread64:error=EIO:when={when}"), "org add next");
        if next.code == 0 {
            break; // There is no such read any more.
        }
        if next.code == 127 {
            continue; // It was the linker that read.
        }
        next.exits(8);
        failed += 1;
        let bob = world.mfactl("user show bob -o json").exits(0).json();
        assert_eq!(bob["mfa"], "on", "read {when}: the change is gone");
        world.mfactl("user set-mfa alice off").exits(0);
        assert!(world.rev() > rev);
        world.mfactl("audit verify").exits(0);
    }
    assert!(failed > 3, "reads that fail were seen: {failed}");
}
