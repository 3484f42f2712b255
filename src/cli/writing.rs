//! What the user says of the documents that are written.

use clap::Args;
use packlist::bom::Bom;
use packlist::emitter::budget;
use packlist::emitter::{Format, Stamp};

use super::failure::Failure;
use super::world;

/// Who answers for a document, and how long it may be.
#[derive(Debug, Args, Default)]
pub(super) struct Writing {
    /// Who answers for the list, as in "Example Ltd <sbom@example.org>"
    #[arg(long, value_name = "NAME <ADDRESS>")]
    author: Option<String>,
    /// Who supplies what the list is of, and the parts of it that are its own
    #[arg(long, value_name = "NAME <ADDRESS>")]
    supplier: Option<String>,
    /// The most bytes a document may have: 16MiB, 500kB; what helps least is left out, and it says so
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_bytes: Option<usize>,
}

impl Writing {
    /// Puts into the list what only its maker knows.
    pub(super) fn complete(&self, bom: &mut Bom) {
        let Some(supplier) = &self.supplier else { return };
        bom.subject.supplier = Some(supplier.clone());
        let own = bom.components.values_mut().filter(|component| component.first_party);
        for component in own.filter(|component| component.supplier.is_none()) {
            component.supplier = Some(supplier.clone());
        }
    }

    /// The list in one format.
    pub(super) fn emit(&self, bom: &Bom, stamp: Stamp, format: &Format) -> Result<String, Failure> {
        let stamp = Stamp { author: self.author.clone(), ..stamp };
        match self.max_bytes {
            None => Ok((format.emit)(bom, &stamp)),
            Some(most) => Self::fitted(bom, &stamp, format, most),
        }
    }

    /// The same in at most so many bytes, whatever the user allows.
    pub(super) fn emit_within(
        &self,
        bom: &Bom,
        stamp: Stamp,
        format: &Format,
        most: usize,
    ) -> Result<String, Failure> {
        let stamp = Stamp { author: self.author.clone(), ..stamp };
        Self::fitted(bom, &stamp, format, self.max_bytes.map_or(most, |allowed| allowed.min(most)))
    }

    fn fitted(bom: &Bom, stamp: &Stamp, format: &Format, most: usize) -> Result<String, Failure> {
        let fitted = budget::within(bom, stamp, format, most).map_err(|error| {
            Failure::usage(
                format!("{}: {error}", format.name),
                "allow more, or choose a shorter format: purls, csv",
            )
        })?;
        for what in &fitted.left_out {
            world::note(&format!("left out of {} to keep it short: {what}", format.name));
        }
        Ok(fitted.document)
    }

    /// The document, where it is no longer than allowed: one of which nothing can be left out.
    pub(super) fn fits(&self, name: &str, document: String) -> Result<String, Failure> {
        match self.max_bytes {
            Some(most) if document.len() > most => Err(Failure::usage(
                format!(
                    "{name}: {} bytes are the fewest it can have, and {most} are allowed",
                    document.len()
                ),
                "allow more, or choose a shorter format: purls, csv",
            )),
            _ => Ok(document),
        }
    }
}

/// `16MiB`, `500kB`, `1000`.
pub(super) fn size(text: &str) -> Result<usize, String> {
    const UNITS: &[(&str, usize)] = &[
        ("kib", 1 << 10),
        ("mib", 1 << 20),
        ("gib", 1 << 30),
        ("kb", 1000),
        ("mb", 1_000_000),
        ("gb", 1_000_000_000),
    ];
    let lower = text.trim().to_ascii_lowercase();
    let unit = UNITS.iter().find_map(|(name, bytes)| Some((lower.strip_suffix(name)?, *bytes)));
    let (number, bytes) = unit.unwrap_or((lower.as_str(), 1));
    let number = number.trim().parse::<usize>().ok().and_then(|number| number.checked_mul(bytes));
    number.ok_or_else(|| "write it as a number of bytes, or with kB, MB, KiB or MiB".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("16MiB"), Ok(16 << 20));
        assert_eq!(size("500 kB"), Ok(500_000));
        assert_eq!(size("12"), Ok(12));
        assert!(size("many").is_err() && size("MiB").is_err() && size("-1").is_err());
        assert!(size(&format!("{}gb", u64::MAX)).is_err());
    }
}
