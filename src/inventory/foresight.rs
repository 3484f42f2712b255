//! Licences that are found while layers are still read.
//!
//! Layers are mostly waited for, and a licence's text is known as soon as it passed. What is found in a text is
//! remembered ([`crate::licenses`]), so that it is at hand when the inventory asks for it. Only texts are looked at
//! for which it will ask if nothing hides them; nothing is found that it would not find by itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};

use super::ecosystem::as_text;
use super::license_files::is_of_a_package;
use crate::crew;
use crate::layers::{Watcher, parent};
use crate::licenses::{copyright_statement, detect};

/// A longer text is left to the inventory: to look into it needs many times its size, while layers are held too.
const LONGEST: usize = 128 << 10;

/// Who looks for licences beforehand, until it is dropped. A thread of its own does, from the first text on.
pub struct Foresight {
    texts: OnceLock<Option<Sender<Text>>>,
    work: Arc<Work>,
    is_over: Arc<AtomicBool>,
}

struct Work {
    /// Done once, before the first text is looked at.
    before: Box<dyn Fn() + Send + Sync>,
    find: Box<dyn Fn(Text) + Send + Sync>,
}

enum Text {
    /// A `copyright` file of Debian's.
    Copyright(Arc<[u8]>),
    License(Arc<[u8]>),
}

impl Foresight {
    /// `before` is called before the first text is looked at; never, where there is none.
    pub fn new(before: impl Fn() + Send + Sync + 'static) -> Self {
        Self::of(Work { before: Box::new(before), find: Box::new(find) })
    }

    fn of(work: Work) -> Self {
        Self { texts: OnceLock::new(), work: Arc::new(work), is_over: Arc::default() }
    }

    /// Where texts go to be looked at. Absent where there is but one core, or no further thread to be had.
    fn texts(&self) -> Option<&Sender<Text>> {
        let begin = || {
            let (texts, open) = channel();
            let (work, is_over) = (Arc::clone(&self.work), Arc::clone(&self.is_over));
            crew::aside(move || work.off(&open, &is_over)).then_some(texts)
        };
        self.texts.get_or_init(begin).as_ref()
    }
}

impl Work {
    fn off(&self, texts: &Receiver<Text>, is_over: &AtomicBool) {
        (self.before)();
        while let Ok(text) = texts.recv() {
            if is_over.load(Ordering::Relaxed) {
                return;
            }
            (self.find)(text);
        }
    }
}

impl Watcher for Foresight {
    fn kept(&self, path: &str, content: &Arc<[u8]>) {
        if content.len() > LONGEST {
            return;
        }
        let content = || Arc::clone(content);
        let text = if is_of_debian(path) {
            Text::Copyright(content())
        } else if is_of_a_package(path) {
            Text::License(content())
        } else {
            return;
        };
        if let Some(texts) = self.texts() {
            // Where the thread is no more, the inventory finds what there is.
            let _ = texts.send(text);
        }
    }
}

impl Drop for Foresight {
    /// What was not looked at yet is left to the inventory, which has more threads.
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

fn find(text: Text) {
    match text {
        Text::Copyright(bytes) => drop(copyright_statement(&as_text(&bytes))),
        Text::License(bytes) => drop(detect(&as_text(&bytes))),
    }
}

/// `usr/share/doc/PACKAGE/copyright`, in whatever root file system.
fn is_of_debian(path: &str) -> bool {
    path.strip_suffix("/copyright").map(parent).is_some_and(|folder| {
        folder.strip_suffix("usr/share/doc").is_some_and(|root| root.is_empty() || root.ends_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_debian_says_of_a_package() {
        for path in ["usr/share/doc/zlib1g/copyright", "srv/root/usr/share/doc/dash/copyright"] {
            assert!(is_of_debian(path), "{path}");
        }
        let others = ["copyright", "usr/share/doc/copyright", "usr/share/doc/a/b/copyright"];
        for path in others.into_iter().chain(["xusr/share/doc/a/copyright"]) {
            assert!(!is_of_debian(path), "{path}");
        }
    }

    #[test]
    fn only_what_will_be_asked_for_is_looked_at() {
        let (told, heard) = channel();
        let (told, begun) = (Mutex::new(told.clone()), Mutex::new(told));
        let tell = |told: &Mutex<Sender<_>>, what: String| {
            told.lock().expect("one at a time").send(what).expect("somebody listens");
        };
        let foresight = Foresight::of(Work {
            before: Box::new(move || tell(&begun, "begun".to_owned())),
            find: Box::new(move |text| match text {
                Text::Copyright(bytes) => tell(&told, format!("copyright {}", bytes.len())),
                Text::License(bytes) => tell(&told, format!("license {}", bytes.len())),
            }),
        });
        let kept = |path: &str, length: usize| foresight.kept(path, &vec![0; length].into());
        kept("srv/LICENSE", 1);
        kept("srv/node_modules/x/index.js", 2);
        kept("usr/share/doc/x/copyright", 3);
        kept("srv/node_modules/x/LICENSE", 4);
        kept("srv/node_modules/y/LICENSE", LONGEST + 1);
        if crew::threads() > 1 {
            let next = || heard.recv_timeout(Duration::from_secs(60)).expect("it is looked at");
            assert_eq!([next(), next(), next()], ["begun", "copyright 3", "license 4"]);
        }
        drop(foresight);
        assert!(heard.recv_timeout(Duration::from_secs(60)).is_err(), "the thread has ended");
    }
}
