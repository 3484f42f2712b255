//! Pieces of one long thing, worked on by a few threads, and put together in the order in which they were cut.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// As much as the main thread usually has: the work may nest as deep as it does there.
const STACK: usize = 8 << 20;

/// Where pieces are cut and put together, both by the thread that leads.
pub(crate) trait Bench<T, R> {
    /// The next piece. It is not asked again once there is none.
    fn cut(&mut self) -> Option<T>;
    /// Takes what came of the piece whose turn it is, and tells whether more are to be cut. What was cut already still
    /// comes.
    fn put(&mut self, result: R) -> bool;
}

/// Works off what `bench` cuts, with as many threads, this one among them. Each has something of its own at hand.
pub(crate) fn in_turn<T: Send, R: Send, H: Default>(
    threads: usize,
    bench: &mut impl Bench<T, R>,
    work: impl Fn(&mut H, T) -> R + Sync,
) {
    let state = State { open: VecDeque::new(), slots: VecDeque::new(), first: 0, waiting: 0, is_over: false };
    let line = Line { state: Mutex::new(state), changed: Condvar::new() };
    thread::scope(|scope| {
        let over = Over(&line);
        for _ in 1..threads {
            // Where no thread can be had, the others do its part.
            let _ = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || line.help(&work));
        }
        line.lead(bench, threads * 2, &work);
        drop(over);
    });
}

struct Line<T, R> {
    state: Mutex<State<T, R>>,
    changed: Condvar,
}

struct State<T, R> {
    /// Pieces that nobody has in hand, with their numbers.
    open: VecDeque<(usize, T)>,
    /// What came of each piece that was cut and not put yet.
    slots: VecDeque<Option<R>>,
    /// The number of the piece that the first slot is for.
    first: usize,
    /// How many threads wait.
    waiting: usize,
    /// Nothing more is cut, or a thread panicked.
    is_over: bool,
}

enum Next<T, R> {
    Piece(usize, T),
    Result(R),
    Nothing,
}

impl<T, R> Line<T, R> {
    /// Cuts so far ahead that nobody waits, puts what can be put, and lends a hand otherwise.
    fn lead<H: Default>(&self, bench: &mut impl Bench<T, R>, most: usize, work: &impl Fn(&mut H, T) -> R) {
        let mut hand = H::default();
        let mut goes_on = true;
        loop {
            while goes_on && self.lock().slots.len() < most {
                match bench.cut() {
                    Some(piece) => self.open(piece),
                    None => goes_on = false,
                }
            }
            match self.next() {
                Next::Result(result) => goes_on &= bench.put(result),
                Next::Piece(number, piece) => self.done(number, work(&mut hand, piece)),
                Next::Nothing => return,
            }
        }
    }

    fn help<H: Default>(&self, work: &impl Fn(&mut H, T) -> R) {
        let panics = Panics(self);
        let mut hand = H::default();
        while let Some((number, piece)) = self.wait_for_piece() {
            self.done(number, work(&mut hand, piece));
        }
        drop(panics);
    }

    fn open(&self, piece: T) {
        let mut state = self.lock();
        let number = state.first + state.slots.len();
        state.slots.push_back(None);
        state.open.push_back((number, piece));
        self.tell(&state);
    }

    fn done(&self, number: usize, result: R) {
        let mut state = self.lock();
        let place = number - state.first;
        if let Some(slot) = state.slots.get_mut(place) {
            *slot = Some(result);
        }
        if place == 0 {
            self.tell(&state);
        }
    }

    /// What the thread that leads is to do.
    fn next(&self) -> Next<T, R> {
        let mut state = self.lock();
        loop {
            if state.is_over {
                return Next::Nothing;
            }
            match state.slots.pop_front() {
                None => return Next::Nothing,
                Some(Some(result)) => {
                    state.first += 1;
                    return Next::Result(result);
                }
                Some(None) => state.slots.push_front(None),
            }
            if let Some((number, piece)) = state.open.pop_front() {
                return Next::Piece(number, piece);
            }
            state = self.wait(state);
        }
    }

    /// Nothing once all is over.
    fn wait_for_piece(&self) -> Option<(usize, T)> {
        let mut state = self.lock();
        loop {
            if state.is_over {
                return None;
            }
            if let Some(piece) = state.open.pop_front() {
                return Some(piece);
            }
            state = self.wait(state);
        }
    }

    fn wait<'a>(&'a self, mut state: MutexGuard<'a, State<T, R>>) -> MutexGuard<'a, State<T, R>> {
        state.waiting += 1;
        let mut state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state
    }

    /// To call nobody is to ask the kernel all the same.
    fn tell(&self, state: &State<T, R>) {
        if state.waiting > 0 {
            self.changed.notify_all();
        }
    }

    fn end(&self) {
        let mut state = self.lock();
        state.is_over = true;
        self.tell(&state);
    }

    /// Nothing is done under the lock that could leave the state half changed.
    fn lock(&self) -> MutexGuard<'_, State<T, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// However leading ends, nobody waits for pieces after it.
struct Over<'a, T, R>(&'a Line<T, R>);

impl<T, R> Drop for Over<'_, T, R> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Nobody waits for one that panicked.
struct Panics<'a, T, R>(&'a Line<T, R>);

impl<T, R> Drop for Panics<'_, T, R> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cuts numbers up to the last, and stops cutting where it is put the one to stop at.
    struct Numbers {
        next: u32,
        last: u32,
        stop: u32,
        put: Vec<u32>,
    }

    impl Bench<u32, u32> for Numbers {
        fn cut(&mut self) -> Option<u32> {
            self.next += 1;
            (self.next <= self.last).then_some(self.next)
        }

        fn put(&mut self, result: u32) -> bool {
            self.put.push(result);
            result != self.stop * 2
        }
    }

    fn doubled(threads: usize, last: u32, stop: u32) -> Vec<u32> {
        let mut numbers = Numbers { next: 0, last, stop, put: Vec::new() };
        in_turn(threads, &mut numbers, |count: &mut u32, number| {
            *count += 1;
            // Some take longer than others.
            (0..number % 7 * 1000).for_each(|n| _ = std::hint::black_box(n));
            number * 2
        });
        numbers.put
    }

    #[test]
    fn the_order_is_that_of_cutting_whatever_the_number_of_threads() {
        let expected: Vec<u32> = (1..=1000).map(|number| number * 2).collect();
        for threads in [1, 2, 5] {
            assert_eq!(doubled(threads, 1000, 0), expected, "{threads}");
        }
        assert!(doubled(3, 0, 0).is_empty());
    }

    #[test]
    fn what_was_cut_is_put_though_no_more_is_wanted() {
        for threads in [1, 2, 5] {
            let put = doubled(threads, 1000, 10);
            assert!((10..10 + threads * 2).contains(&put.len()), "{threads}: {}", put.len());
            assert!(put.iter().zip(1..).all(|(put, number)| *put == number * 2));
        }
    }

    #[test]
    fn a_panic_keeps_nobody_waiting() {
        for threads in [1, 3] {
            let attempt = std::panic::catch_unwind(|| {
                let mut numbers = Numbers { next: 0, last: 90, stop: 0, put: Vec::new() };
                in_turn(threads, &mut numbers, |(): &mut (), number| {
                    assert!(number < 50, "as planned");
                    number
                });
            });
            assert!(attempt.is_err(), "{threads}");
        }
    }
}
