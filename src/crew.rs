//! Work that leads to further work, done by a few threads: the folders of a directory, the files of a tree and
//! their packages. What comes out does not depend on which thread was faster.

mod turns;

pub(crate) use turns::{Bench, in_turn};

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

/// Does work beside the others that nobody waits for: it has a core only while nobody else wants it. `false` where there
/// is one core, or no further thread to be had, and then it is not done.
pub(crate) fn aside(work: impl FnOnce() + Send + 'static) -> bool {
    let gives_way = || {
        // A thread that does not give way only costs the others a little time.
        #[cfg(target_os = "linux")]
        let _ = rustix::process::nice(LAST);
        work();
    };
    threads() > 1 && thread::Builder::new().spawn(gives_way).is_ok()
}

/// The least of Linux's claims to a core. On Linux every thread has its own.
#[cfg(target_os = "linux")]
const LAST: i32 = 19;

/// What comes of a task, in order.
pub(crate) enum Step<T, R> {
    Done(R),
    /// Another task; what comes of it stands here.
    Next(T),
}

/// More threads than these wait for the disk or for each other.
const MOST: usize = 8;

/// How many threads are worth starting.
pub(crate) fn threads() -> usize {
    // Asking means reading the files in which a container says how much it may use.
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| thread::available_parallelism().map_or(1, usize::from).min(MOST))
}

/// Somebody at work for long, until it is dropped: others that could help elsewhere see that a core is taken.
pub(crate) struct Hand(());

static HANDS: AtomicUsize = AtomicUsize::new(0);

impl Hand {
    /// Of work that is done whether there is a core or not.
    pub(crate) fn always() -> Self {
        HANDS.fetch_add(1, Ordering::Relaxed);
        Self(())
    }

    /// Where a core has nothing to do.
    pub(crate) fn spare() -> Option<Self> {
        let one_more = |hands| (hands < threads()).then_some(hands + 1);
        HANDS.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok().map(|_| Self(()))
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        HANDS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Works off `tasks` and every task that comes of them. Everything that was done stands in the order in which one
/// thread would have done it that takes each next task at once.
pub(crate) fn work_off<T: Send, R: Send>(
    tasks: Vec<T>,
    threads: usize,
    work: impl Fn(T) -> Vec<Step<T, R>> + Sync,
) -> Vec<R> {
    let mut state = State { open: Vec::new(), busy: 0, waiting: 0, slots: Vec::new(), failed: false };
    let first = state.take_in(tasks.into_iter().map(Step::Next).collect());
    let crew = Crew { state: Mutex::new(state), changed: Condvar::new() };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| crew.work(&work));
        }
        crew.work(&work);
    });
    let state = crew.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    in_order(first, state.slots)
}

struct Crew<T, R> {
    state: Mutex<State<T, R>>,
    changed: Condvar,
}

struct State<T, R> {
    open: Vec<(usize, T)>,
    /// How many threads have a task in hand, of which others may come.
    busy: usize,
    /// How many threads wait for a task.
    waiting: usize,
    /// What came of each task, by its number.
    slots: Vec<Vec<Came<R>>>,
    /// A thread panicked: the others are not to wait for it.
    failed: bool,
}

enum Came<R> {
    Done(R),
    /// The number of the task that came of it.
    Next(usize),
}

impl<T, R> State<T, R> {
    /// Numbers the tasks among the steps and opens them, the first to be taken first.
    fn take_in(&mut self, steps: Vec<Step<T, R>>) -> Vec<Came<R>> {
        let opened = self.open.len();
        let came = steps.into_iter().map(|step| match step {
            Step::Done(result) => Came::Done(result),
            Step::Next(task) => {
                let number = self.slots.len();
                self.slots.push(Vec::new());
                self.open.push((number, task));
                Came::Next(number)
            }
        });
        let came = came.collect();
        self.open[opened..].reverse();
        came
    }
}

impl<T, R> Crew<T, R> {
    fn work(&self, work: &impl Fn(T) -> Vec<Step<T, R>>) {
        while let Some((number, task)) = self.next() {
            let in_hand = InHand(self);
            let steps = work(task);
            let mut state = self.lock();
            state.slots[number] = state.take_in(steps);
            drop(state);
            drop(in_hand);
        }
    }

    /// `None` when there is nothing left to do.
    fn next(&self) -> Option<(usize, T)> {
        let mut state = self.lock();
        loop {
            if state.failed {
                return None;
            }
            if let Some(task) = state.open.pop() {
                state.busy += 1;
                return Some(task);
            }
            if state.busy == 0 {
                return None;
            }
            state.waiting += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    /// Nothing is done under the lock that could leave the state half changed.
    fn lock(&self) -> MutexGuard<'_, State<T, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that a thread works on.
struct InHand<'a, T, R>(&'a Crew<T, R>);

impl<T, R> Drop for InHand<'_, T, R> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.busy -= 1;
        state.failed |= thread::panicking();
        // To call nobody is to ask the kernel all the same.
        if state.waiting > 0 && (state.failed || state.busy == 0 || !state.open.is_empty()) {
            self.0.changed.notify_all();
        }
    }
}

fn in_order<R>(first: Vec<Came<R>>, mut slots: Vec<Vec<Came<R>>>) -> Vec<R> {
    let mut whole = Vec::new();
    let mut open = vec![first.into_iter()];
    while let Some(came) = open.last_mut() {
        match came.next() {
            Some(Came::Done(result)) => whole.push(result),
            Some(Came::Next(number)) => open.push(std::mem::take(&mut slots[number]).into_iter()),
            None => {
                open.pop();
            }
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number, and each that follows it by one more digit.
    fn digits(number: u32) -> Vec<Step<u32, u32>> {
        let more = (0..10).map(|digit| number * 10 + digit).filter(|_| number < 1000);
        let more = more.flat_map(|next| [Step::Next(next), Step::Done(0)]);
        [Step::Done(number)].into_iter().chain(more).collect()
    }

    #[test]
    fn the_order_is_the_same_whatever_the_number_of_threads() {
        let one = work_off(vec![1, 2], 1, digits);
        assert_eq!((one.len(), one.iter().sum::<u32>()), (2 * 1111 + 2 * 1110, 4_039_293));
        assert_eq!(one[..6], [1, 10, 100, 1000, 0, 1001]);
        for threads in [2, 5] {
            assert_eq!(work_off(vec![1, 2], threads, digits), one, "{threads}");
        }
        assert!(work_off(Vec::new(), 3, digits).is_empty());
    }

    #[test]
    fn one_thread_takes_what_is_next_first() {
        let order = Mutex::new(Vec::new());
        work_off(vec!["a", "f"], 1, |name| {
            order.lock().expect("one thread").push(name);
            match name {
                "a" => vec![Step::Next("b"), Step::Done(()), Step::Next("e")],
                "b" => vec![Step::Next("c"), Step::Next("d")],
                _ => Vec::new(),
            }
        });
        assert_eq!(order.into_inner().expect("one thread"), ["a", "b", "c", "d", "e", "f"]);
    }

    #[test]
    fn a_panic_keeps_nobody_waiting() {
        let attempt = std::panic::catch_unwind(|| {
            work_off(vec![0], 3, |number| {
                assert!(number < 50, "as planned");
                vec![Step::<_, ()>::Next(number + 1)]
            })
        });
        assert!(attempt.is_err());
    }
}
