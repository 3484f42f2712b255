//! A blob as it comes, taken up again where the connection broke off.

use std::io::{self, Read};
use std::ops::Range;
use std::thread;

use super::client::{Action, Call, Place, Registry};
use super::retry::Pauses;
use super::{Reference, RegistryError};
use crate::source::Digest;
use crate::source::http::Method;

/// How often one blob is taken up again, however much comes between.
const MOST_CUTS: u32 = 40;

/// The bytes of a blob. Their digest is for the reader to verify; their number is never larger than it should be.
pub struct BlobReader {
    registry: Registry,
    /// Where it may be had, the best first.
    places: Vec<Place>,
    digest: Digest,
    /// Where it ends, or what is asked of it does.
    size: Option<u64>,
    /// Whether only what lies between two places is asked for.
    is_part: bool,
    at: u64,
    body: Option<Box<dyn Read + Send>>,
    cuts: u32,
    /// Since something last came.
    pauses: Pauses,
    failed: Option<Failed>,
}

/// Who is told why a blob could not be read: an [`io::Error`] does not say enough.
pub(in crate::source) type Failed = Box<dyn FnOnce(RegistryError) + Send>;

impl BlobReader {
    pub(super) fn open(
        registry: Registry,
        reference: &Reference,
        digest: &Digest,
        size: Option<u64>,
    ) -> Result<Self, RegistryError> {
        let mut reader = Self {
            places: registry.places(reference),
            registry,
            digest: digest.clone(),
            size,
            is_part: false,
            at: 0,
            body: None,
            cuts: 0,
            pauses: Pauses::default(),
            failed: None,
        };
        reader.connect()?;
        Ok(reader)
    }

    /// A part of a blob. `None` where nobody gives parts.
    pub(super) fn open_part(
        registry: Registry,
        reference: &Reference,
        digest: &Digest,
        part: Range<u64>,
    ) -> Result<Option<Self>, RegistryError> {
        let mut reader = Self {
            places: registry.places(reference),
            registry,
            digest: digest.clone(),
            size: Some(part.end),
            is_part: true,
            at: part.start,
            body: None,
            cuts: 0,
            pauses: Pauses::default(),
            failed: None,
        };
        match reader.connect() {
            Ok(()) => Ok(Some(reader)),
            Err(RegistryError::NoRanges { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(in crate::source) fn tell(&mut self, failed: Failed) {
        self.failed = Some(failed);
    }

    /// Asks for what is left, at the first place that has it.
    fn connect(&mut self) -> Result<(), RegistryError> {
        loop {
            match self.ask(&self.places[0]) {
                Ok(body) => {
                    self.body = Some(body);
                    return Ok(());
                }
                Err(error) if self.places.len() > 1 => {
                    self.registry.pass_over(&self.places.remove(0), &error);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn ask(&self, place: &Place) -> Result<Box<dyn Read + Send>, RegistryError> {
        let last = self.size.filter(|_| self.is_part).map(|end| end.saturating_sub(1).to_string());
        let range = format!("bytes={}-{}", self.at, last.unwrap_or_default());
        let headers = [("range", range.as_str())];
        let path = format!("blobs/{}", self.digest);
        let is_ranged = self.at > 0 || self.is_part;
        let headers = if is_ranged { &headers[..] } else { &[] };
        let call = Call { headers, ..Call::new(Method::Get, &path) };
        let answer = self.registry.call(place, Action::Pull, &call)?;
        match answer.status {
            200 if self.is_part => Err(RegistryError::NoRanges { url: answer.url }),
            200 => {
                let mut body: Box<dyn Read + Send> = Box::new(answer.into_reader());
                // Who does not know ranges begins at the beginning.
                let skipped = io::copy(&mut (&mut body).take(self.at), &mut io::sink());
                match skipped {
                    Ok(count) if count == self.at => Ok(body),
                    Ok(_) => Err(self.cut(io::ErrorKind::UnexpectedEof.into())),
                    Err(error) => Err(self.cut(error)),
                }
            }
            206 if is_ranged => {
                let range = answer.header("content-range").unwrap_or_default().to_owned();
                let begins =
                    range.strip_prefix("bytes ").and_then(|rest| rest.split('-').next()?.parse().ok());
                if begins == Some(self.at) {
                    return Ok(Box::new(answer.into_reader()));
                }
                let reason = format!("it was asked for what follows byte {}, and gives `{range}`", self.at);
                Err(RegistryError::BadAnswer { url: answer.url, reason })
            }
            416 => Err(self.wrong_size(self.at)),
            _ => Err(place.refusal(answer, &self.what())),
        }
    }

    fn cut(&self, source: io::Error) -> RegistryError {
        RegistryError::Cut { what: self.what(), times: self.cuts.max(1), at: self.at, source }
    }

    fn wrong_size(&self, found: u64) -> RegistryError {
        RegistryError::WrongSize { what: self.what(), expected: self.size.unwrap_or_default(), found }
    }

    fn what(&self) -> String {
        format!("blob {}", self.digest)
    }

    /// Waits, and takes up what broke off.
    fn resume(&mut self, cause: io::Error) -> Result<(), RegistryError> {
        self.body = None;
        self.cuts += 1;
        let pause = self.pauses.next(None).filter(|_| self.cuts < MOST_CUTS);
        let Some(pause) = pause else { return Err(self.cut(cause)) };
        thread::sleep(pause);
        match self.connect() {
            Err(error @ RegistryError::Cut { .. }) => self.resume(io::Error::other(error)),
            other => other,
        }
    }

    fn next(&mut self, buffer: &mut [u8]) -> Result<usize, RegistryError> {
        loop {
            let Some(body) = &mut self.body else { return Ok(0) };
            let read = body.read(buffer);
            let is_whole = self.size.is_none_or(|size| self.at >= size);
            match read {
                Ok(0) if is_whole => {
                    self.body = None;
                    return Ok(0);
                }
                Ok(0) => self.resume(io::ErrorKind::UnexpectedEof.into())?,
                Ok(count) => {
                    self.at += count as u64;
                    self.pauses = Pauses::default();
                    return match self.size.filter(|size| self.at > *size) {
                        Some(_) => Err(self.wrong_size(self.at)),
                        None => Ok(count),
                    };
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.resume(error)?,
            }
        }
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.next(buffer).map_err(|error| {
            self.body = None;
            match self.failed.take() {
                None => io::Error::other(error),
                Some(failed) => {
                    let words = error.to_string();
                    failed(error);
                    io::Error::other(words)
                }
            }
        })
    }
}
