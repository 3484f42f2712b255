//! Our decoder of deflate says what another says, and a team what one thread does.
#![no_main]

use std::io::{self, Read};
use std::sync::Arc;
use std::thread;

use flate2::read::DeflateDecoder;
use packlist::inflate::{Inflate, Input, Team, window};

const MOST: usize = 4 << 20;

/// What comes out, and whether it came to its end. `None` where it is too much.
fn unpacked<R: Read>(mut inflate: Inflate<R>) -> Option<(Vec<u8>, bool)> {
    let (mut ours, mut window) = (Vec::new(), window());
    loop {
        match inflate.next(&mut window) {
            Ok(part) if part.is_empty() => return Some((ours, true)),
            Ok(part) => ours.extend_from_slice(&window[part]),
            Err(_) => return Some((ours, false)),
        }
        if ours.len() > MOST {
            return None;
        }
    }
}

/// Hands on more only when all before it was written down, so that the same input is the same work.
struct Patient<'a>(&'a [u8], &'a Team);

impl Read for Patient<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.1.is_done() {
            thread::yield_now();
        }
        self.0.read(buffer)
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut theirs = Vec::new();
    let read = DeflateDecoder::new(data).take(MOST as u64).read_to_end(&mut theirs);
    let Some((ours, ended)) = unpacked(Inflate::new(Input::new(data))) else { return };
    if read.is_ok() && ended && theirs.len() < MOST {
        assert!(ours == theirs, "{} and {} bytes", ours.len(), theirs.len());
    }
    // A thread for each input would be most of the time: of inputs that may hold a block behind another.
    if data.len() > 3000 {
        let team = Arc::new(Team::with_sections(2, data.len() as u64 % 7, 1200 + data.len() % 1000));
        let together = thread::scope(|scope| {
            scope.spawn(|| team.help(|| Some(())));
            unpacked(Inflate::with_team(Patient(data, &team), &team))
        });
        assert!(together == Some((ours, ended)), "a team says something else");
    }
});
