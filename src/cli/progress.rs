//! How far a long run is, painted over itself at the end of the terminal: a line for the step, and one for each layer
//! that is being read. Nothing is painted in the first half second, so short runs leave no trace.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::thread;
use std::time::{Duration, Instant};

use packlist::report::grouped;
use packlist::source::{Ended, Event, Progress};

use super::{console, world};

/// What takes less time is not worth a word.
const PATIENCE: Duration = Duration::from_millis(500);
const EVERY: Duration = Duration::from_millis(100);
/// More layers at once than this are not shown.
const MOST_LAYERS: usize = 8;

/// What is being done.
#[derive(Debug)]
pub(super) struct Screen {
    begun: Instant,
    /// Whether anything is painted; else it is only counted, for the details.
    is_painted: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What is being done, the latest last.
    steps: Vec<String>,
    watches: Vec<Weak<Watch>>,
    /// How many lines stand on the terminal, to be painted over.
    painted: usize,
    has_painter: bool,
}

/// One source, and how far it is.
#[derive(Debug)]
struct Watch {
    screen: Weak<Screen>,
    name: String,
    parts: RwLock<Vec<Part>>,
    entries: AtomicUsize,
}

#[derive(Debug)]
struct Part {
    name: String,
    bytes: Option<u64>,
    read: AtomicU64,
    /// Milliseconds of the screen when it began and ended, from 1; 0 before.
    began: AtomicU64,
    ended: AtomicU64,
}

impl Screen {
    pub(super) fn new(is_painted: bool) -> Arc<Self> {
        Arc::new(Self { begun: Instant::now(), is_painted, state: Mutex::default() })
    }

    pub(super) fn begin(self: &Arc<Self>, step: &str) {
        let mut state = self.state();
        state.steps.push(step.to_owned());
        if self.is_painted && !state.has_painter {
            state.has_painter = true;
            let screen = Arc::downgrade(self);
            // Where no thread can be had the work matters more.
            let _ = thread::Builder::new().spawn(move || paint(&screen));
        }
    }

    pub(super) fn end(&self, step: &str) {
        let mut state = self.state();
        if let Some(at) = state.steps.iter().rposition(|other| other == step) {
            state.steps.remove(at);
        }
        state.wipe();
    }

    pub(super) fn wipe(&self) {
        self.state().wipe();
    }

    pub(super) fn watch(screen: &Arc<Self>, name: &str) -> Arc<dyn Progress> {
        let watch = Arc::new(Watch {
            screen: Arc::downgrade(screen),
            name: name.to_owned(),
            parts: RwLock::default(),
            entries: AtomicUsize::new(0),
        });
        screen.state().watches.push(Arc::downgrade(&watch));
        watch
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // A thread that panicked leaves at worst a wrong line.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }
}

impl State {
    fn wipe(&mut self) {
        if self.painted > 0 {
            let mut out = io::stderr().lock();
            // Nobody is left to tell when the terminal is gone.
            let _ = write!(out, "{}", erased(self.painted)).and_then(|()| out.flush());
            self.painted = 0;
        }
    }
}

/// To the begin of the first of so many lines, and all behind it away.
fn erased(lines: usize) -> String {
    match lines {
        0 => String::new(),
        1 => "\r\x1b[J".to_owned(),
        lines => format!("\r\x1b[{}A\x1b[J", lines - 1),
    }
}

/// Paints until the screen is gone.
fn paint(screen: &Weak<Screen>) {
    thread::sleep(PATIENCE);
    while let Some(screen) = screen.upgrade() {
        let mut state = screen.state();
        if !state.steps.is_empty() {
            let lines = lines(&state, screen.now(), world::error_width());
            let mut out = io::stderr().lock();
            let text = format!("{}{}", erased(state.painted), lines.join("\n"));
            let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            state.painted = lines.len();
        }
        drop(state);
        drop(screen);
        thread::sleep(EVERY);
    }
}

fn lines(state: &State, now: u64, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for watch in state.watches.iter().filter_map(Weak::upgrade) {
        watch.show(now, &mut lines);
    }
    if lines.is_empty() {
        let step = state.steps.last().map(String::as_str).unwrap_or_default();
        lines.push(format!("{step} … {}", seconds(now)));
    }
    // A line that wraps would be painted over in the wrong place.
    lines.iter().map(|line| line.chars().take(width.saturating_sub(1)).collect()).collect()
}

impl Watch {
    fn show(&self, now: u64, lines: &mut Vec<String>) {
        let parts = self.parts.read().unwrap_or_else(PoisonError::into_inner);
        let done = parts.iter().filter(|part| part.ended.load(Ordering::Relaxed) > 0).count();
        if parts.is_empty() || done == parts.len() {
            return;
        }
        let entries = self.entries.load(Ordering::Relaxed);
        if entries > 0 {
            lines.push(format!("{}: {} files and folders · {}", self.name, grouped(entries), seconds(now)));
            return;
        }
        let read: u64 = parts.iter().map(Part::read).sum();
        let began = parts.iter().map(|part| part.began.load(Ordering::Relaxed)).filter(|began| *began > 0);
        let rate = rate(read, now.saturating_sub(began.min().unwrap_or(now)));
        let all: Option<u64> = parts.iter().map(|part| part.bytes).sum();
        let of = all.map(|all| format!(" of {}", bytes(all))).unwrap_or_default();
        let bar = all.map(|all| format!("  {}", bar(read, all))).unwrap_or_default();
        lines.push(format!(
            "{}: {done} of {} layers · {}{of} · {rate}{bar}",
            self.name,
            parts.len(),
            bytes(read)
        ));
        let is_read =
            |part: &&Part| part.began.load(Ordering::Relaxed) > 0 && part.ended.load(Ordering::Relaxed) == 0;
        if parts.len() > 1 {
            lines.extend(parts.iter().filter(is_read).take(MOST_LAYERS).map(Part::line));
        }
    }
}

impl Part {
    /// Never more than there is: a layer may be read twice.
    fn read(&self) -> u64 {
        let read = self.read.load(Ordering::Relaxed);
        self.bytes.map_or(read, |bytes| read.min(bytes))
    }

    fn line(&self) -> String {
        let of = self.bytes.map(|all| format!(" of {}", bytes(all))).unwrap_or_default();
        format!("  {}  {}{of}", short(&self.name), bytes(self.read()))
    }
}

impl Progress for Watch {
    fn tell(&self, event: Event<'_>) {
        let Some(screen) = self.screen.upgrade() else { return };
        let parts = || self.parts.read().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Planned { name, bytes, .. } => {
                let part = Part {
                    name: name.to_owned(),
                    bytes,
                    read: AtomicU64::new(0),
                    began: AtomicU64::new(0),
                    ended: AtomicU64::new(0),
                };
                self.parts.write().unwrap_or_else(PoisonError::into_inner).push(part);
            }
            Event::Advanced { part, bytes } => {
                if let Some(part) = parts().get(part)
                    && part.read.fetch_add(bytes, Ordering::Relaxed) == 0
                {
                    part.began.store(screen.now(), Ordering::Relaxed);
                }
            }
            Event::Found { entries, .. } => {
                self.entries.fetch_add(entries, Ordering::Relaxed);
            }
            Event::Ended { part: index, how } => {
                let parts = parts();
                let Some(part) = parts.get(index) else { return };
                let now = screen.now();
                part.ended.store(now, Ordering::Relaxed);
                let text = console::is_verbose().then(|| self.ended(index, part, how, now));
                // Nothing is held while the terminal is.
                drop(parts);
                if let Some(text) = text {
                    console::detail(|| text);
                }
            }
        }
    }
}

impl Watch {
    fn ended(&self, index: usize, part: &Part, how: Ended, now: u64) -> String {
        let entries = self.entries.load(Ordering::Relaxed);
        let what = match how {
            _ if entries > 0 => return format!("{}: {} files and folders", self.name, grouped(entries)),
            Ended::Kept => "met in an earlier run, not read again".to_owned(),
            Ended::Read => match (part.read(), part.began.load(Ordering::Relaxed)) {
                (0, _) | (_, 0) => "read in parts, not verified".to_owned(),
                (read, began) => {
                    let took = now.saturating_sub(began);
                    format!("{} read in {} ({})", bytes(read), seconds(took), rate(read, took))
                }
            },
        };
        format!("{} layer {index} {}: {what}", self.name, short(&part.name))
    }
}

/// `sha256:` and twelve digits, as other tools cut digests.
fn short(name: &str) -> &str {
    match name.split_once(':') {
        Some((algorithm, hex)) if hex.len() > 12 && hex.is_ascii() => &name[..algorithm.len() + 13],
        _ => name,
    }
}

fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    let mut value = count as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = usize::from(value < 9.95);
    format!("{value:.digits$} {}", UNITS[unit])
}

fn rate(read: u64, milliseconds: u64) -> String {
    let each = u128::from(read) * 1000 / u128::from(milliseconds.max(1));
    format!("{}/s", bytes(u64::try_from(each).unwrap_or(u64::MAX)))
}

fn seconds(milliseconds: u64) -> String {
    format!("{:.1} s", milliseconds as f64 / 1000.0)
}

fn bar(read: u64, all: u64) -> String {
    const CELLS: u64 = 20;
    let part = |of: u64| u128::from(read) * u128::from(of) / u128::from(all.max(1));
    let full = usize::try_from(part(CELLS).min(u128::from(CELLS))).unwrap_or_default();
    let mut bar = "█".repeat(full);
    let _ = write!(bar, "{} {:>3} %", "░".repeat(20 - full), part(100).min(100));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn screen(width: usize, events: &[Event<'_>]) -> String {
        let screen = Screen::new(false);
        let watch = Screen::watch(&screen, "app.tar");
        for event in events {
            watch.tell(*event);
        }
        screen.begin("taking inventory");
        for watch in screen.state().watches.iter().filter_map(Weak::upgrade) {
            for part in watch.parts.read().expect("not poisoned").iter() {
                part.began.fetch_min(1, Ordering::Relaxed);
            }
        }
        lines(&screen.state(), 1001, width).join("\n") + "\n"
    }

    fn layers() -> Vec<Event<'static>> {
        let name = "sha256:00112233445566778899aabbccddeeff";
        vec![
            Event::Planned { part: 0, name, bytes: Some(3_000_000) },
            Event::Planned { part: 1, name, bytes: Some(120_000_000) },
            Event::Advanced { part: 0, bytes: 3_000_000 },
            Event::Advanced { part: 1, bytes: 39_000_000 },
        ]
    }

    #[test]
    fn layers_have_a_line_each_while_they_are_read() {
        let mut events = layers();
        events.push(Event::Ended { part: 0, how: Ended::Read });
        expect![[r#"
            app.tar: 1 of 2 layers · 42 MB of 123 MB · 42 MB/s  ██████░░░░░░░░░░░░░░  34 %
              sha256:001122334455  39 MB of 120 MB
        "#]]
        .assert_eq(&screen(100, &events));
        expect![[r#"
            app.tar: 1 of 2 layers · 42 MB of 123 M
              sha256:001122334455  39 MB of 120 MB
        "#]]
        .assert_eq(&screen(40, &events));
    }

    #[test]
    fn a_layer_read_twice_is_not_more_than_it_is() {
        let mut events = layers();
        events.push(Event::Advanced { part: 1, bytes: 500_000_000 });
        assert!(screen(100, &events).contains("123 MB of 123 MB"));
    }

    #[test]
    fn when_all_is_read_the_step_is_told() {
        let mut events = layers();
        events.extend([0, 1].map(|part| Event::Ended { part, how: Ended::Kept }));
        assert_eq!(screen(100, &events), "taking inventory … 1.0 s\n");
        let folder =
            [Event::Planned { part: 0, name: "/x", bytes: None }, Event::Found { part: 0, entries: 12_345 }];
        assert_eq!(screen(100, &folder), "app.tar: 12,345 files and folders · 1.0 s\n");
    }
}
