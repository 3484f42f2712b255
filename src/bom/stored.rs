//! A bill as bytes, to be kept between runs.
//!
//! The form is that of the types as they are, read by nobody else and by no other version; documents for others are
//! the emitters' affair.

use super::Bom;

/// The code and the tables that a bill depends on besides its subject: part of the name it is kept under. It changes
/// with every change of the rooms that take bills.
pub const TAKER: &str = env!("PACKLIST_TAKER");

impl Bom {
    /// Absent where there is no memory for it.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        postcard::to_stdvec(self).ok()
    }

    /// `None` for anything but what [`Self::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (bom, rest) = postcard::take_from_bytes(bytes).ok()?;
        rest.is_empty().then_some(bom)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Basis, Component, Gap, GapKind, LicenseClaim, Ref};
    use super::*;
    use crate::licenses::Expression;

    fn bom() -> Bom {
        let mut bom = Bom::default();
        bom.subject.name = "app:1.4".to_owned();
        bom.gaps.push(Gap { path: "a".into(), line: Some(3), kind: GapKind::LeftOut, reason: "none".into() });
        let purl: super::super::Purl = "pkg:npm/%40scope/name@1.0.0?a=b#c/d".parse().expect("a purl");
        let reference = Ref(purl.to_string().into());
        let mut component = Component::new("@scope/name");
        component.purl = Some(purl);
        component.cpes.push("cpe:2.3:a:b:c:1:*:*:*:*:*:*:*");
        component.licenses.push(LicenseClaim {
            text: "GPL-2+ or MIT".to_owned(),
            expression: Expression::parse("GPL-2.0-or-later WITH Classpath-exception-2.0 OR MIT").ok(),
            basis: Basis::Declared,
            path: None,
            line: Some(7),
        });
        bom.dependencies.entry(reference.clone()).or_default().insert(Ref("other".into()));
        bom.components.insert(reference, component);
        bom
    }

    #[test]
    fn a_bill_comes_back_as_it_was() {
        let bytes = bom().to_bytes().expect("memory");
        assert_eq!(Bom::from_bytes(&bytes), Some(bom()));
        assert!(bom().components.values().all(|component| component.licenses[0].expression.is_some()));
    }

    #[test]
    fn what_is_no_bill_is_refused() {
        let bytes = bom().to_bytes().expect("memory");
        for end in 0..bytes.len() {
            assert_eq!(Bom::from_bytes(&bytes[..end]), None, "the first {end} bytes");
        }
        assert_eq!(Bom::from_bytes(&[&bytes[..], b"x"].concat()), None);
        assert_eq!(Bom::from_bytes(&[0xff; 64]), None);
    }
}
